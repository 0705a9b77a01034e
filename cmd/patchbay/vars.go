package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

func newVars(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vars SERVER [set NAME | unset NAME]",
		Short: "Show, set and forget your variables for a server",
		Long: `Shows which of a server's variables you have given; values are never shown. ` + "`set`" + `
reads the value from stdin, and from a terminal without showing it.`,
		Example: `  patchbay vars issues
  patchbay vars issues set ISSUES_TOKEN < token.txt
  patchbay vars issues unset ISSUES_TOKEN --as ada@example.com`,
		Args: varsArgs,
		RunE: sh.do(func(cmd *cobra.Command, args []string) error {
			c, err := sh.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			server := args[0]
			if len(args) == 1 {
				flags, err := c.AuthValues(cmd.Context(), server)
				if err != nil {
					return err
				}
				return sh.printVars(flags)
			}
			name := args[2]
			if args[1] == "unset" {
				if err := c.UnsetAuthValue(cmd.Context(), server, name); err != nil {
					return err
				}
				fmt.Fprintf(sh.stderr, "%s is no longer set.\n", clean(name))
				return nil
			}
			value, err := sh.readSecret(name + ": ")
			if err != nil {
				return err
			}
			if err := c.SetAuthValues(cmd.Context(), server, map[string]string{name: value}); err != nil {
				return err
			}
			fmt.Fprintf(sh.stderr, "%s is set.\n", clean(name))
			return nil
		}),
	}
	return sh.withJSON(sh.withInstance(cmd))
}

func varsArgs(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 1:
		return nil
	case len(args) == 3 && (args[1] == "set" || args[1] == "unset"):
		return nil
	case len(args) > 3 && args[1] == "set":
		return usagef("the value is read from stdin, where it does not show in the list of processes")
	}
	return usagef("needs SERVER, or SERVER set NAME, or SERVER unset NAME")
}

func (sh *shell) printVars(flags map[string]bool) error {
	if sh.json {
		return sh.printJSON(flags)
	}
	if len(flags) == 0 {
		fmt.Fprintln(sh.stderr, "This server asks for no variables.")
		return nil
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		set := "no"
		if flags[name] {
			set = "yes"
		}
		rows = append(rows, []string{name, set})
	}
	sh.table([]string{"NAME", "SET"}, rows)
	return nil
}
