package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"patchbay"
	"patchbay/internal/client"
)

// instanceFlags say which instance a command talks to, and as whom.
type instanceFlags struct {
	url, token, as, data string
}

// withInstance adds the flags to a command that talks to an instance.
func (sh *shell) withInstance(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.StringVar(&sh.flags.url, "url", "", "address of the instance (default $PATCHBAY_URL, else the one that runs on --data)")
	f.StringVar(&sh.flags.token, "token", "", "API token (default $PATCHBAY_TOKEN, or the file $PATCHBAY_TOKEN_FILE)")
	f.StringVar(&sh.flags.as, "as", "", "act for the person with this e-mail address (operator only)")
	sh.withData(cmd)
	return cmd
}

func (sh *shell) withData(cmd *cobra.Command) {
	cmd.Flags().StringVar(&sh.flags.data, "data", "", "data folder (default $PATCHBAY_DATA, else ./data)")
}

// connect finds the instance. On the machine where it runs, cli.json in the data folder
// gives address and token; a token that was given wins over the one there.
func (sh *shell) connect() (*client.Client, error) {
	env, err := sh.environ()
	if err != nil {
		return nil, err
	}
	dir, err := sh.dataDir()
	if err != nil {
		return nil, err
	}
	o := client.Options{BaseURL: sh.flags.url, Token: sh.flags.token, As: sh.flags.as}
	if o.BaseURL == "" {
		o.BaseURL = env.Get("PATCHBAY_URL")
	}
	if o.Token == "" {
		if o.Token, err = env.Secret("PATCHBAY_TOKEN"); err != nil {
			return nil, err
		}
	}
	local, err := client.ReadLocal(dir)
	switch {
	case errors.Is(err, client.ErrNotRunning) && o.BaseURL == "":
		return nil, patchbay.Errorf(patchbay.CodeUnavailable,
			"No patchbay runs on the data folder %s. Start one there (patchbay serve), name its folder (--data), or name an instance elsewhere (--url and --token)", dir)
	case err != nil && o.BaseURL == "":
		return nil, err
	case o.BaseURL == "":
		o.BaseURL = local.Address
		if o.Token == "" {
			o.Token = local.Token
		}
	case err == nil && o.Token == "" && sameAddress(o.BaseURL, local.Address):
		o.Token = local.Token
	}
	if o.Token == "" {
		return nil, patchbay.Errorf(patchbay.CodeUnauthenticated, "There is no token for %s. Give one by --token or $PATCHBAY_TOKEN", o.BaseURL)
	}
	return client.New(o)
}

// sameAddress compares two base URLs. The operator's token must reach nobody else, so
// only the very same address counts.
func sameAddress(a, b string) bool {
	return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}
