package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"patchbay"
)

func newVersion(sh *shell) *cobra.Command {
	return sh.withJSON(&cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: `  patchbay version`,
		Args:    cobra.NoArgs,
		RunE: sh.do(func(*cobra.Command, []string) error {
			if sh.json {
				return sh.printJSON(map[string]string{
					"version": patchbay.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
				})
			}
			fmt.Fprintf(sh.stdout, "patchbay %s (%s, %s/%s)\n", patchbay.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}),
	})
}
