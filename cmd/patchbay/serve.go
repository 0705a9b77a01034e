package main

import (
	"errors"

	"github.com/spf13/cobra"

	"patchbay"
	"patchbay/internal/app"
	"patchbay/internal/config"
)

func newServe(sh *shell) *cobra.Command {
	var file, listen, logFormat string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run an instance",
		Long: `Runs an instance until it is told to stop (Ctrl-C, SIGTERM): calls in flight get 30
seconds to end. A second signal ends it at once. Saving librechat.yaml applies it.`,
		Example: `  patchbay serve
  patchbay serve --config librechat.yaml --listen 0.0.0.0:3080 --data /var/lib/patchbay`,
		Args: cobra.NoArgs,
		RunE: sh.do(func(cmd *cobra.Command, _ []string) (err error) {
			if logFormat != "" && logFormat != "text" && logFormat != "json" {
				return usagef("--log-format is text or json")
			}
			place, err := config.SystemOptions(file)
			if err != nil {
				return err
			}
			a, err := app.New(cmd.Context(), app.Options{
				ConfigFlag: file, Listen: listen, DataDir: sh.flags.data, LogFormat: logFormat, Version: patchbay.Version,
				Environ: sh.env, WorkDir: place.WorkDir, Home: place.Home, Program: place.Executable,
				Stdout: sh.stdout, Stderr: sh.stderr,
			})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			return a.Run(cmd.Context())
		}),
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration file (default $CONFIG_PATH, ./librechat.yaml, …)")
	f.StringVar(&listen, "listen", "", "HOST:PORT (default $HOST:$PORT, else 127.0.0.1:3080)")
	f.StringVar(&logFormat, "log-format", "", "text or json (default $LOG_FORMAT, else text)")
	sh.withData(cmd)
	return cmd
}
