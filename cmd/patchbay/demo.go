package main

import (
	"github.com/spf13/cobra"

	"patchbay"
	"patchbay/internal/demo"
)

func newDemoServer(sh *shell) *cobra.Command {
	var listen, transport string
	cmd := &cobra.Command{
		Use:   "demo-server",
		Short: "Run the demo MCP server",
		Long: `Runs an MCP server to try things with: numbers to add, a countdown with progress, a
picture, a table, a question, a failure. It speaks on stdin and stdout, or with --listen
over the network.`,
		Example: `  patchbay demo-server
  patchbay demo-server --listen 127.0.0.1:8931 --transport streamable-http`,
		Args: cobra.NoArgs,
		RunE: sh.do(func(cmd *cobra.Command, _ []string) error {
			return demo.Run(cmd.Context(), demo.Options{
				Listen: listen, Transport: patchbay.Transport(transport),
				Stdin: sh.stdin, Stdout: sh.stdout, Stderr: sh.stderr, Version: patchbay.Version,
			})
		}),
	}
	cmd.Flags().StringVar(&listen, "listen", "", "HOST:PORT to serve on")
	cmd.Flags().StringVar(&transport, "transport", "", "stdio, streamable-http, sse or websocket (default stdio, with --listen streamable-http)")
	return cmd
}
