package auth

import (
	"context"

	"patchbay"
	"patchbay/internal/store"
)

// LoggedIn is a new login. Token is shown to its owner here and never again.
type LoggedIn struct {
	Token string
	Login *store.Login
	User  *patchbay.User
}

// Login checks a password and makes a login. An unknown e-mail address, an account
// without a password and a wrong password are one error that takes one time. Failed
// tries are limited per address and per client.
func (s *Service) Login(ctx context.Context, email, password string, from Origin) (*LoggedIn, error) {
	email = patchbay.NormalEmail(email)
	if err := s.attempt(ctx, keyLoginIP(from), s.limits.LoginTriesIP, s.limits.LoginWindow); err != nil {
		return nil, err
	}
	if err := s.attempt(ctx, keyEmail(email), s.limits.LoginTries, s.limits.LoginWindow); err != nil {
		return nil, err
	}
	u, hash, err := s.store.UserByEmail(ctx, printable(email, maxEmail))
	if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
		return nil, err
	}
	if len(password) > maxPassword {
		password, hash = "", ""
	}
	right, err := s.hasher.verify(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, patchbay.Errorf(patchbay.CodeUnauthenticated, "E-mail address or password is wrong.")
	}
	if err := s.forgive(ctx, email, from); err != nil {
		return nil, err
	}
	if u.Disabled {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This account is disabled. Ask an administrator.")
	}
	return s.newLogin(ctx, u, from)
}

// forgive takes back the tries of somebody who knows the password: only failed ones
// count.
func (s *Service) forgive(ctx context.Context, email string, from Origin) error {
	if err := s.store.ForgetAttempts(ctx, keyEmail(email)); err != nil {
		return err
	}
	return s.store.ReturnAttempt(ctx, keyLoginIP(from))
}

func (s *Service) newLogin(ctx context.Context, u *patchbay.User, from Origin) (*LoggedIn, error) {
	token := mint(prefixLogin)
	h, _ := hashToken(token) // one that was just made has the right length
	now := s.now()
	from = from.clean()
	l := &store.Login{
		User: u.ID, Hash: h.hex(), IP: from.IP, UserAgent: from.UserAgent,
		CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(s.loginTTL),
	}
	if err := s.store.CreateLogin(ctx, l); err != nil {
		return nil, err
	}
	return &LoggedIn{Token: token, Login: l, User: u}, nil
}

// Logout ends the login that the actor came with. An API token is not a login: it is
// deleted, not logged out.
func (s *Service) Logout(ctx context.Context, a patchbay.Actor) error {
	if a.User == nil || a.LoginID == "" {
		return patchbay.Errorf(patchbay.CodeBadRequest, "This is no login. An API token is deleted in the account's settings.")
	}
	return s.endLogin(ctx, a.User.ID, a.LoginID)
}

// ListLogins returns the actor's own logins, newest first; the one with the id
// a.LoginID is the one that asks.
func (s *Service) ListLogins(ctx context.Context, a patchbay.Actor) ([]*store.Login, error) {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return nil, err
	}
	return s.store.Logins(ctx, u.ID, s.now())
}

// EndLogin ends one of the actor's own logins.
func (s *Service) EndLogin(ctx context.Context, a patchbay.Actor, id string) error {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return err
	}
	return s.endLogin(ctx, u.ID, id)
}

func (s *Service) endLogin(ctx context.Context, user patchbay.UserID, id string) error {
	if err := s.store.DeleteLogin(ctx, user, id); err != nil {
		return err
	}
	s.changed(user)
	return nil
}

// EndOtherLogins ends all of the actor's own logins but the one that asks.
func (s *Service) EndOtherLogins(ctx context.Context, a patchbay.Actor) error {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return err
	}
	if err := s.store.DeleteOtherLogins(ctx, u.ID, a.LoginID); err != nil {
		return err
	}
	s.changed(u.ID)
	return nil
}

// person returns the actor's user, when there is one and its scopes include scope.
func person(a patchbay.Actor, scope patchbay.Scope) (*patchbay.User, error) {
	switch {
	case a.User == nil && a.Kind == patchbay.ActorOperator:
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This belongs to a person. Say which one with --as EMAIL.")
	case a.User == nil:
		return nil, errToken()
	case !a.Has(scope):
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This token lacks the scope %s.", scope)
	}
	return a.User, nil
}
