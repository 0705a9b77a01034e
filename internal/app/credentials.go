package app

import (
	"context"

	"patchbay/internal/conn"
	"patchbay/internal/vault"
)

// credentials is the view that connections have of the vault.
type credentials struct{ vault *vault.Vault }

var _ conn.Credentials = credentials{}

// Source returns where the token of a connection comes from.
func (c credentials) Source(ctx context.Context, t conn.Target) (conn.Source, error) {
	s, err := c.vault.Source(ctx, t.User, t.Server)
	if err != nil || s == nil {
		return nil, err // not s: a nil pointer in an interface is none
	}
	return s, nil
}
