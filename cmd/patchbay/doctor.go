package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patchbay"
)

func newDoctor(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor SERVER",
		Short: "Find out what keeps a server from working",
		Long: `Walks the way that a connection takes, and says of each step what was asked and what
came back: the definition, the address, who guards the server, the sign-in, the handshake,
the tools. At the end stands the one next thing to do. A connection that works is left as
it is. Exit code 1 says that something is wrong.`,
		Example: `  patchbay doctor demo
  patchbay doctor github --as ada@example.com
  patchbay doctor github --json | jq '.steps[] | select(.ok | not)'`,
		Args: cobra.ExactArgs(1),
		RunE: sh.do(func(cmd *cobra.Command, args []string) error {
			c, err := sh.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			report, err := c.Doctor(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if sh.json {
				if err := sh.printJSON(report.Raw); err != nil {
					return err
				}
				return doctorVerdict(report.OK)
			}
			rows := make([][]string, 0, len(report.Steps))
			for _, s := range report.Steps {
				verdict := "ok"
				if !s.OK {
					verdict = "FAILED"
				}
				status := "-"
				if s.Status != 0 {
					status = strconv.Itoa(s.Status)
				}
				rows = append(rows, []string{verdict, s.Name, orDash(s.Asked), status, s.Answer})
			}
			sh.table([]string{"", "STEP", "ASKED", "HTTP", "ANSWER"}, rows)
			fmt.Fprintf(sh.stdout, "\nNext: %s\n", clean(report.Next))
			if report.Action == patchbay.ActionAuthenticate {
				if answer, err := c.Reinitialize(cmd.Context(), args[0]); err == nil && answer.OAuthURL != "" {
					fmt.Fprintf(sh.stdout, "Open this address in your browser: %s\n", clean(answer.OAuthURL))
				}
			}
			return doctorVerdict(report.OK)
		}),
	}
	return sh.withJSON(sh.withInstance(cmd))
}

// doctorVerdict is the exit code of what was said already.
func doctorVerdict(ok bool) error {
	if ok {
		return nil
	}
	return errSilent
}
