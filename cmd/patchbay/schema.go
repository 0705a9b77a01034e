package main

import (
	"github.com/spf13/cobra"

	"patchbay/internal/config"
)

func newSchema(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of librechat.yaml, for editors",
		Example: `  patchbay schema > librechat.schema.json
  # and as the first line of librechat.yaml:
  # yaml-language-server: $schema=librechat.schema.json`,
		Args: cobra.NoArgs,
		RunE: sh.do(func(*cobra.Command, []string) error {
			data, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = sh.stdout.Write(data)
			return err
		}),
	}
}
