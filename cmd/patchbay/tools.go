package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"patchbay/internal/client"
)

func newTools(sh *shell) *cobra.Command {
	var connect bool
	cmd := &cobra.Command{
		Use:   "tools [SERVER]",
		Short: "List the tools you may use",
		Long: `Lists the tools of one server, or of all. Servers that are not connected yet are
connected first when that needs no person; --connect=false lists only what is known.`,
		Example: `  patchbay tools
  patchbay tools demo
  patchbay tools demo --json | jq '.[] | select(.name == "add").inputSchema'`,
		Args: cobra.MaximumNArgs(1),
		RunE: sh.do(func(cmd *cobra.Command, args []string) error {
			c, err := sh.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			server := ""
			if len(args) == 1 {
				server = args[0]
				if _, err := c.Server(cmd.Context(), server); err != nil {
					return err
				}
			}
			tools, err := c.Tools(cmd.Context(), server, connect)
			if err != nil {
				return err
			}
			if sh.json {
				if tools == nil {
					tools = []client.Tool{}
				}
				return sh.printJSON(tools)
			}
			if len(tools) == 0 {
				fmt.Fprintln(sh.stderr, "No tools; `patchbay servers` says why.")
				return nil
			}
			rows := make([][]string, 0, len(tools))
			for _, t := range tools {
				name := t.Name
				if t.Stale {
					name += " (stale)"
				}
				rows = append(rows, []string{t.ServerName, name, t.Description})
			}
			sh.table([]string{"SERVER", "TOOL", "DESCRIPTION"}, rows)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&connect, "connect", true, "connect servers that are not, where no person is needed for it")
	return sh.withJSON(sh.withInstance(cmd))
}
