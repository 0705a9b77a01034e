package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"patchbay"
)

// Tries at the setup token, per client.
const (
	setupTries  = 5
	setupWindow = time.Minute
)

// SetupToken returns the token of the setup link, "" once an administrator exists.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	done, err := s.isSetup(ctx)
	if err != nil || done {
		return "", err
	}
	return s.setupToken, nil
}

// isSetup asks the store until there is an administrator; there is one from then on.
func (s *Service) isSetup(ctx context.Context) (bool, error) {
	if s.setupDone.Load() {
		return true, nil
	}
	done, err := s.store.AdminExists(ctx)
	if err != nil {
		return false, err
	}
	if done {
		s.setupDone.Store(true)
	}
	return done, nil
}

// Setup makes the first account, an administrator, and logs it in. It needs the
// setup token, and works once.
func (s *Service) Setup(ctx context.Context, token string, a Account, from Origin) (*LoggedIn, error) {
	done, err := s.isSetup(ctx)
	if err != nil {
		return nil, err
	}
	if done {
		return nil, patchbay.Errorf(patchbay.CodeConflict, "Setup is done: an administrator exists already. Log in instead.")
	}
	if err := s.attempt(ctx, keySetup(from), setupTries, setupWindow); err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.setupToken)) != 1 {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This setup link is not valid. Open the one that the newest start printed in its log.")
	}
	u, hash, err := s.newUser(ctx, a)
	if err != nil {
		return nil, err
	}
	u.EmailVerified = true // who reads the log runs the instance
	if err := insert(ctx, s.store.CreateFirstAdmin, u, hash); err != nil {
		return nil, err
	}
	s.setupDone.Store(true)
	s.log.InfoContext(ctx, "first administrator made", "user", string(u.ID))
	s.changed(u.ID)
	return s.newLogin(ctx, u, from)
}

// Register makes an account for somebody unknown, when the policy allows it, and logs
// it in. The e-mail address counts as unverified.
func (s *Service) Register(ctx context.Context, a Account, from Origin) (*LoggedIn, error) {
	policy := s.registration.Load()
	if !policy.Allowed {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "Registration is closed. Ask an administrator for an account.")
	}
	done, err := s.isSetup(ctx)
	if err != nil {
		return nil, err
	}
	if !done {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This instance is not set up yet. Open the setup link that its log prints.")
	}
	a, err = a.normal()
	if err != nil {
		return nil, err
	}
	if !policy.allows(a.Email) {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "Registration is not open to e-mail addresses of this domain.")
	}
	if err := s.attempt(ctx, keyRegister(from), s.limits.RegisterTries, s.limits.RegisterWindow); err != nil {
		return nil, err
	}
	u, hash, err := s.newUser(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := insert(ctx, s.store.CreateUser, u, hash); err != nil {
		return nil, err
	}
	return s.newLogin(ctx, u, from)
}

// allows reports whether an e-mail address is of an allowed domain.
func (r *Registration) allows(email string) bool {
	if len(r.AllowedDomains) == 0 {
		return true
	}
	domain := email[strings.LastIndexByte(email, '@')+1:]
	return slices.ContainsFunc(r.AllowedDomains, func(d string) bool {
		return strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(d), "@"), domain)
	})
}

// newUser checks an account and hashes its password. It writes nothing.
func (s *Service) newUser(ctx context.Context, a Account) (*patchbay.User, string, error) {
	a, err := a.normal()
	if err != nil {
		return nil, "", err
	}
	hash, err := s.hasher.hash(ctx, a.Password)
	if err != nil {
		return nil, "", err
	}
	now := s.now()
	return &patchbay.User{
		Email: a.Email, Name: a.Name, Username: a.Username, Role: patchbay.RoleUser,
		CreatedAt: now, UpdatedAt: now,
	}, hash, nil
}

// usernameTries bounds the usernames that are made up for one account.
const usernameTries = 5

// insert writes an account by one of the store's ways. When nobody chose a username
// it is made of the e-mail address, with a random end when that one is taken.
func insert(ctx context.Context, create func(context.Context, *patchbay.User, string) error, u *patchbay.User, hash string) error {
	if u.Username != "" {
		return create(ctx, u, hash)
	}
	plain := usernameOf(u.Email)
	u.Username = plain
	var err error
	for range usernameTries {
		if err = create(ctx, u, hash); !usernameTaken(err) {
			return err
		}
		var end [3]byte
		_, _ = rand.Read(end[:]) // never fails: it ends the process instead
		u.Username = plain + "-" + hex.EncodeToString(end[:])
	}
	return err
}

func usernameTaken(err error) bool {
	var e *patchbay.Error
	return errors.As(err, &e) && e.Code == patchbay.CodeConflict && len(e.Fields) == 1 && e.Fields[0].Path == "body.username"
}
