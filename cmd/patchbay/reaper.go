package main

import (
	"github.com/spf13/cobra"

	"patchbay/internal/transport"
)

// newReaper is the helper process of serve: it reads on stdin which process groups serve
// started, and kills what is left of them when serve is gone.
func newReaper(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:    "reaper",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: sh.do(func(*cobra.Command, []string) error {
			return transport.RunReaper(sh.stdin)
		}),
	}
}
