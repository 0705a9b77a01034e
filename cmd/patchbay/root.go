package main

import (
	"github.com/spf13/cobra"
)

func newRoot(sh *shell) *cobra.Command {
	root := &cobra.Command{
		Use:   "patchbay",
		Short: "A host for MCP servers, for many people at once",
		Long: `patchbay connects to the MCP servers of a librechat.yaml and gives each user their
tools, over connections, credentials and permissions of their own.`,
		Example: `  patchbay serve
  patchbay call demo add '{"a":1,"b":2}'`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.AddCommand(
		newServe(sh),
		newCheck(sh),
		newSchema(sh),
		newServers(sh),
		newTools(sh),
		newCall(sh), newDoctor(sh),
		newVars(sh),
		newUser(sh),
		newDemoServer(sh),
		newVersion(sh),
		newReaper(sh),
	)
	return root
}

// withJSON adds --json to a command that lists.
func (sh *shell) withJSON(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&sh.json, "json", false, "print JSON, for scripts")
	return cmd
}
