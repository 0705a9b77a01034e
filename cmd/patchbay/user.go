package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patchbay"
	"patchbay/internal/client"
)

// accounts is what `user` does, through a running instance or on the data folder. Calls
// come one after the other; Close ends it.
type accounts interface {
	Add(ctx context.Context, u client.NewUser) (*client.User, error)
	List(ctx context.Context) ([]client.User, error)
	SetRole(ctx context.Context, email string, role patchbay.Role) error
	Disable(ctx context.Context, email string) error
	// Token makes an API token for a person and returns its secret.
	Token(ctx context.Context, email string, t client.NewToken) (string, error)
	Close() error
}

func newUser(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Manage accounts and API tokens",
		Long: `Manages accounts through the running instance, or on the data folder itself when
nothing runs there.`,
		Example: `  patchbay user add --email ada@example.com --name Ada --password-stdin < password.txt
  patchbay user list
  patchbay user token --email ada@example.com --name laptop --expires 90d`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("say what to do: add, list, role, disable or token")
		},
	}
	cmd.AddCommand(newUserAdd(sh), newUserList(sh), newUserRole(sh), newUserDisable(sh), newUserToken(sh))
	return cmd
}

// withAccounts runs f with the accounts of the instance or folder that the flags name.
func (sh *shell) withAccounts(f func(ctx context.Context, a accounts, args []string) error) func(*cobra.Command, []string) error {
	return sh.do(func(cmd *cobra.Command, args []string) error {
		a, err := sh.openAccounts(cmd.Context())
		if err != nil {
			return err
		}
		err = f(cmd.Context(), a, args)
		if closed := a.Close(); err == nil {
			err = closed
		}
		return err
	})
}

func newUserAdd(sh *shell) *cobra.Command {
	var u client.NewUser
	var role string
	var stdin bool
	cmd := &cobra.Command{
		Use:     "add",
		Short:   "Make an account",
		Example: `  patchbay user add --email ada@example.com --role ADMIN --password-stdin < password.txt`,
		Args:    cobra.NoArgs,
	}
	cmd.RunE = sh.do(func(cmd *cobra.Command, args []string) error {
		var err error
		if u.Role, err = parseRole(role); err != nil {
			return err
		}
		if !stdin && !isTerminal(sh.stdin) {
			return usagef("stdin is not a terminal: give the password there, with --password-stdin")
		}
		if u.Password, err = sh.readSecret("Password for " + u.Email + ": "); err != nil {
			return err
		}
		return sh.withAccounts(func(ctx context.Context, a accounts, _ []string) error {
			made, err := a.Add(ctx, u)
			if err != nil {
				return err
			}
			fmt.Fprintf(sh.stdout, "%s %s\n", made.Email, made.Role)
			return nil
		})(cmd, args)
	})
	f := cmd.Flags()
	f.StringVar(&u.Email, "email", "", "e-mail address, which counts as verified")
	f.StringVar(&u.Name, "name", "", "name")
	f.StringVar(&u.Username, "username", "", "username (default: from the e-mail address)")
	f.StringVar(&role, "role", string(patchbay.RoleUser), "USER or ADMIN")
	f.BoolVar(&stdin, "password-stdin", false, "read the password from stdin")
	must(cmd.MarkFlagRequired("email"))
	return sh.withInstance(cmd)
}

func newUserList(sh *shell) *cobra.Command {
	return sh.withJSON(sh.withInstance(&cobra.Command{
		Use:     "list",
		Short:   "List accounts",
		Example: `  patchbay user list --json`,
		Args:    cobra.NoArgs,
		RunE: sh.withAccounts(func(ctx context.Context, a accounts, _ []string) error {
			users, err := a.List(ctx)
			if err != nil {
				return err
			}
			if sh.json {
				if users == nil {
					users = []client.User{}
				}
				return sh.printJSON(users)
			}
			var rows [][]string
			for _, u := range users {
				rows = append(rows, []string{u.Email, u.Username, string(u.Role), yesNo(u.Disabled), u.CreatedAt.Format(time.DateOnly), u.Name})
			}
			sh.table([]string{"EMAIL", "USERNAME", "ROLE", "DISABLED", "SINCE", "NAME"}, rows)
			return nil
		}),
	}))
}

func newUserRole(sh *shell) *cobra.Command {
	return sh.withInstance(&cobra.Command{
		Use:     "role EMAIL ROLE",
		Short:   "Give an account the role ADMIN or USER",
		Example: `  patchbay user role ada@example.com ADMIN`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(2)(cmd, args); err != nil {
				return err
			}
			_, err := parseRole(args[1])
			return err
		},
		RunE: sh.withAccounts(func(ctx context.Context, a accounts, args []string) error {
			role, err := parseRole(args[1])
			if err != nil {
				return err
			}
			if err := a.SetRole(ctx, args[0], role); err != nil {
				return err
			}
			fmt.Fprintf(sh.stderr, "%s is now %s.\n", clean(args[0]), role)
			return nil
		}),
	})
}

func newUserDisable(sh *shell) *cobra.Command {
	return sh.withInstance(&cobra.Command{
		Use:     "disable EMAIL",
		Short:   "Close an account: its logins and tokens end at once",
		Example: `  patchbay user disable ada@example.com`,
		Args:    cobra.ExactArgs(1),
		RunE: sh.withAccounts(func(ctx context.Context, a accounts, args []string) error {
			if err := a.Disable(ctx, args[0]); err != nil {
				return err
			}
			fmt.Fprintf(sh.stderr, "%s is disabled.\n", clean(args[0]))
			return nil
		}),
	})
}

func newUserToken(sh *shell) *cobra.Command {
	var email, name, expires string
	var scopes []string
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make an API token, and print it this once",
		Example: `  patchbay user token --email ada@example.com --name laptop --expires 90d
  patchbay user token --email ada@example.com --name ci --scopes servers:read,tools:call`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = sh.do(func(cmd *cobra.Command, args []string) error {
		at, err := parseExpiry(expires, time.Now())
		if err != nil {
			return err
		}
		t := client.NewToken{Name: name, ExpiresAt: at}
		for _, s := range scopes {
			t.Scopes = append(t.Scopes, patchbay.Scope(s))
		}
		return sh.withAccounts(func(ctx context.Context, a accounts, _ []string) error {
			secret, err := a.Token(ctx, email, t)
			if err != nil {
				return err
			}
			fmt.Fprintln(sh.stdout, secret)
			return nil
		})(cmd, args)
	})
	f := cmd.Flags()
	f.StringVar(&email, "email", "", "whose token")
	f.StringVar(&name, "name", "", "what it is for")
	f.StringVar(&expires, "expires", "", "when it ends: 12h, 90d, 1y or 2027-01-31 (default: never)")
	f.StringSliceVar(&scopes, "scopes", nil, "what it may do at most: "+scopeNames()+" (default: everything its owner may)")
	must(cmd.MarkFlagRequired("email"))
	must(cmd.MarkFlagRequired("name"))
	return sh.withInstance(cmd)
}

func scopeNames() string {
	var names []string
	for _, s := range patchbay.Scopes() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func parseRole(s string) (patchbay.Role, error) {
	role := patchbay.Role(strings.ToUpper(s))
	if role != patchbay.RoleAdmin && role != patchbay.RoleUser {
		return "", usagef("a role is ADMIN or USER")
	}
	return role, nil
}

// parseExpiry reads a length of time from now, or a date (its midnight, UTC); nil for "".
func parseExpiry(s string, now time.Time) (*time.Time, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no expiry is a value of its own
	}
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return future(at, now)
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return future(at, now)
	}
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'y': 365 * 24 * time.Hour}
	unit, ok := units[s[len(s)-1]]
	n, err := strconv.Atoi(s[:len(s)-1])
	if !ok || err != nil || n < 1 || n > 100*365*24 {
		return nil, usagef("--expires takes 12h, 90d, 4w, 1y or a date such as 2027-01-31")
	}
	return future(now.Add(time.Duration(min(n, 100*365*24))*unit), now)
}

func future(at, now time.Time) (*time.Time, error) {
	if !at.After(now) {
		return nil, usagef("--expires lies in the past")
	}
	at = at.UTC().Truncate(time.Second)
	return &at, nil
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// must is for what fails only when the code above it is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
