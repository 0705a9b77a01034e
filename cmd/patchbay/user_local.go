package main

import (
	"context"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/client"
	"patchbay/internal/store"
)

// localAccounts works on the data folder itself. The store takes the folder for this
// process, so nothing can be running on it meanwhile.
type localAccounts struct {
	store *store.Store
	auth  *auth.Service
}

var _ accounts = (*localAccounts)(nil)

func openLocalAccounts(ctx context.Context, dataDir, databaseURL string) (*localAccounts, error) {
	s, err := store.Open(ctx, store.Options{DataDir: dataDir, DatabaseURL: databaseURL})
	if err != nil {
		return nil, err
	}
	a, err := auth.New(auth.Options{Store: s})
	if err != nil {
		_ = s.Close() // nothing was written; err says what is wrong
		return nil, err
	}
	return &localAccounts{store: s, auth: a}, nil
}

// operator is who acts: whoever may open the folder.
func (l *localAccounts) operator() patchbay.Actor {
	return patchbay.Actor{Kind: patchbay.ActorOperator, Door: patchbay.DoorShell}
}

func (l *localAccounts) Add(ctx context.Context, u client.NewUser) (*client.User, error) {
	made, err := l.auth.AddUser(ctx, l.operator(), auth.Account{
		Email: u.Email, Name: u.Name, Username: u.Username, Password: u.Password,
	}, u.Role)
	if err != nil {
		return nil, err
	}
	shown := showUser(made)
	return &shown, nil
}

func (l *localAccounts) List(ctx context.Context) ([]client.User, error) {
	var all []client.User
	filter := store.UserFilter{Limit: 100}
	for {
		users, next, err := l.auth.ListUsers(ctx, l.operator(), filter)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			all = append(all, showUser(u))
		}
		if next == "" {
			return all, nil
		}
		filter.After = next
	}
}

func (l *localAccounts) SetRole(ctx context.Context, email string, role patchbay.Role) error {
	u, err := l.auth.UserByEmail(ctx, l.operator(), email)
	if err != nil {
		return err
	}
	return l.auth.SetRole(ctx, l.operator(), u.ID, role)
}

func (l *localAccounts) Disable(ctx context.Context, email string) error {
	u, err := l.auth.UserByEmail(ctx, l.operator(), email)
	if err != nil {
		return err
	}
	return l.auth.SetDisabled(ctx, l.operator(), u.ID, true)
}

func (l *localAccounts) Token(ctx context.Context, email string, t client.NewToken) (string, error) {
	person, err := l.auth.ActAs(ctx, l.operator(), email)
	if err != nil {
		return "", err
	}
	request := auth.TokenRequest{Name: t.Name, Scopes: t.Scopes}
	if t.ExpiresAt != nil {
		request.ExpiresAt = *t.ExpiresAt
	}
	secret, _, err := l.auth.CreateToken(ctx, person, request)
	return secret, err
}

func (l *localAccounts) Close() error { return l.store.Close() }

func showUser(u *patchbay.User) client.User {
	return client.User{
		ID: u.ID, Email: u.Email, EmailVerified: u.EmailVerified, Name: u.Name, Username: u.Username,
		Role: u.Role, Disabled: u.Disabled, CreatedAt: u.CreatedAt,
	}
}
