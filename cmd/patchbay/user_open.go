package main

import (
	"context"
	"errors"

	"patchbay"
	"patchbay/internal/client"
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
	_, err = client.ReadLocal(dir)
	if errors.Is(err, client.ErrNotRunning) && sh.flags.url == "" && env.Get("PATCHBAY_URL") == "" {
		databaseURL, err := env.Secret("DATABASE_URL")
		if err != nil {
			return nil, err
		}
		return openLocalAccounts(ctx, dir, databaseURL)
	}
	c, err := sh.connect()
	if err != nil {
		return nil, err
	}
	return &remoteAccounts{c: c, as: sh.connectAs}, nil
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
