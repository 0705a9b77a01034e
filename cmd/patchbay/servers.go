package main

import (
	"encoding/json"
	"strconv"

	"github.com/spf13/cobra"

	"patchbay/internal/client"
)

func newServers(sh *shell) *cobra.Command {
	var search string
	cmd := &cobra.Command{
		Use:   "servers",
		Short: "List the MCP servers you may see, with their status",
		Example: `  patchbay servers
  patchbay servers --as ada@example.com
  patchbay servers --json | jq -r '.[] | select(.status == "error") | .name'`,
		Args: cobra.NoArgs,
		RunE: sh.do(func(cmd *cobra.Command, _ []string) error {
			c, err := sh.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			servers, err := c.Servers(cmd.Context(), search)
			if err != nil {
				return err
			}
			statuses, err := c.Status(cmd.Context())
			if err != nil {
				return err
			}
			if sh.json {
				return sh.serversJSON(servers, statuses)
			}
			rows := make([][]string, 0, len(servers))
			for _, s := range servers {
				st := statuses[s.Name]
				rows = append(rows, []string{
					s.Name, string(st.Status.Status), strconv.Itoa(st.ToolCount),
					orDash(string(st.Reason)), orDash(string(st.Action)), st.Message,
				})
			}
			sh.table([]string{"NAME", "STATUS", "TOOLS", "REASON", "ACTION", "MESSAGE"}, rows)
			return nil
		}),
	}
	cmd.Flags().StringVar(&search, "search", "", "only those whose name, title or description contains this")
	return sh.withJSON(sh.withInstance(cmd))
}

// serversJSON prints the API's own members of each server, and those of its status.
func (sh *shell) serversJSON(servers []client.Server, statuses map[string]client.ServerStatus) error {
	all := make([]map[string]any, 0, len(servers))
	for _, s := range servers {
		members := map[string]any{}
		for _, part := range []any{s.Raw, statuses[s.Name]} {
			data, err := json.Marshal(part)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(data, &members); err != nil {
				return err
			}
		}
		all = append(all, members)
	}
	return sh.printJSON(all)
}

func orDash(s string) string {
	if s == "" || s == "none" {
		return "-"
	}
	return s
}
