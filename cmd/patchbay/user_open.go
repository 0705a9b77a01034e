package main

import (
	"context"
	"errors"

	"patchbay"
	"patchbay/internal/client"
	"patchbay/internal/config"
)

// openAccounts returns the accounts of the instance that the flags name or that runs on
// the data folder, else those of the folder itself.
func (sh *shell) openAccounts(ctx context.Context) (accounts, error) {
	env, err := sh.environ()
	if err != nil {
		return nil, err
	}
	dir, err := sh.dataDir()
	if err != nil {
		return nil, err
	}
	named := sh.flags.url != "" || env.Get("PATCHBAY_URL") != ""
	if _, err := client.ReadLocal(dir); errors.Is(err, client.ErrNotRunning) && !named {
		return openFolder(ctx, env, dir)
	}
	c, err := sh.connect()
	if err != nil {
		return nil, err
	}
	// An instance that was killed leaves its cli.json behind. That nothing else has the
	// folder is for the store to find out.
	if !named && errors.Is(c.Ready(ctx), client.ErrUnreachable) {
		c.Close()
		return openFolder(ctx, env, dir)
	}
	return &remoteAccounts{c: c, as: sh.connectAs}, nil
}

func openFolder(ctx context.Context, env *config.Env, dir string) (accounts, error) {
	databaseURL, err := env.Secret("DATABASE_URL")
	if err != nil {
		return nil, err
	}
	return openLocalAccounts(ctx, dir, databaseURL)
}

// connectAs is connect as another person, which only the operator may be.
func (sh *shell) connectAs(email string) (*client.Client, error) {
	if sh.flags.as != "" && patchbay.NormalEmail(sh.flags.as) != patchbay.NormalEmail(email) {
		return nil, usagef("--as and --email name different people")
	}
	acting := *sh
	acting.flags.as = email
	return acting.connect()
}
