package main

import (
	"context"

	"patchbay"
	"patchbay/internal/client"
)

// remoteAccounts works through a running instance, so that what it keeps in memory of an
// account is dropped at once.
type remoteAccounts struct {
	c *client.Client
	// as returns a client that acts for a person; nil when the token is not the operator's.
	as func(email string) (*client.Client, error)
}

var _ accounts = (*remoteAccounts)(nil)

func (r *remoteAccounts) Add(ctx context.Context, u client.NewUser) (*client.User, error) {
	return r.c.AddUser(ctx, u)
}

func (r *remoteAccounts) List(ctx context.Context) ([]client.User, error) {
	return r.c.Users(ctx, "")
}

func (r *remoteAccounts) SetRole(ctx context.Context, email string, role patchbay.Role) error {
	u, err := r.c.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	return r.c.SetRole(ctx, u.ID, role)
}

func (r *remoteAccounts) Disable(ctx context.Context, email string) error {
	u, err := r.c.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	return r.c.SetDisabled(ctx, u.ID, true)
}

func (r *remoteAccounts) Token(ctx context.Context, email string, t client.NewToken) (string, error) {
	c, err := r.as(email)
	if err != nil {
		return "", err
	}
	defer c.Close()
	token, err := c.AddToken(ctx, t)
	if err != nil {
		return "", err
	}
	return token.Secret, nil
}

func (r *remoteAccounts) Close() error {
	r.c.Close()
	return nil
}
