package auth

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/store"
)

// ListUsers returns a page of accounts and the cursor of the next one. For
// administrators and the operator.
func (s *Service) ListUsers(ctx context.Context, a patchbay.Actor, f store.UserFilter) (users []*patchbay.User, next string, err error) {
	if err := mayAdminister(a); err != nil {
		return nil, "", err
	}
	return s.store.ListUsers(ctx, f)
}

// FindPeople returns colleagues whose e-mail, name or username holds search, for whoever
// wants to share something: at least two characters, so that it is no list of everybody.
func (s *Service) FindPeople(ctx context.Context, a patchbay.Actor, search string, limit int) ([]*patchbay.User, error) {
	search = strings.TrimSpace(printable(search, maxEmail))
	if a.User == nil || utf8.RuneCountInString(search) < 2 {
		return nil, patchbay.Errorf(patchbay.CodeInvalid, "Give at least two characters of a name or an e-mail address.")
	}
	users, _, err := s.store.ListUsers(ctx, store.UserFilter{Search: search, Limit: min(max(limit, 1), 25)})
	return slices.DeleteFunc(users, func(u *patchbay.User) bool { return u.Disabled }), err
}

// UserByEmail returns the account with an e-mail address. For administrators and the
// operator.
func (s *Service) UserByEmail(ctx context.Context, a patchbay.Actor, email string) (*patchbay.User, error) {
	if err := mayAdminister(a); err != nil {
		return nil, err
	}
	u, _, err := s.store.UserByEmail(ctx, printable(email, maxEmail))
	return u, err
}

// AddUser makes an account whose e-mail address counts as verified, because an
// administrator or the operator wrote it. An empty role is USER.
func (s *Service) AddUser(ctx context.Context, a patchbay.Actor, account Account, role patchbay.Role) (*patchbay.User, error) {
	if err := mayAdminister(a); err != nil {
		return nil, err
	}
	if role == "" {
		role = patchbay.RoleUser
	}
	if err := checkRole(role); err != nil {
		return nil, err
	}
	u, hash, err := s.newUser(ctx, account)
	if err != nil {
		return nil, err
	}
	u.EmailVerified, u.Role = true, role
	if err := insert(ctx, s.store.CreateUser, u, hash); err != nil {
		return nil, err
	}
	s.log.InfoContext(ctx, "account added", "user", string(u.ID), "role", string(role), "by", by(a))
	return u, nil
}

// SetRole changes an account's role. The last administrator keeps theirs.
func (s *Service) SetRole(ctx context.Context, a patchbay.Actor, id patchbay.UserID, role patchbay.Role) error {
	if err := mayAdminister(a); err != nil {
		return err
	}
	if err := checkRole(role); err != nil {
		return err
	}
	if err := s.store.SetRole(ctx, id, role, s.now()); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "role changed", "user", string(id), "role", string(role), "by", by(a))
	s.changed(id)
	return nil
}

// SetDisabled disables or enables an account. Disabling ends its logins and refuses
// its API tokens. The last administrator stays enabled.
func (s *Service) SetDisabled(ctx context.Context, a patchbay.Actor, id patchbay.UserID, disabled bool) error {
	if err := mayAdminister(a); err != nil {
		return err
	}
	if err := s.store.SetDisabled(ctx, id, disabled, s.now()); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "account disabled or enabled", "user", string(id), "disabled", disabled, "by", by(a))
	s.changed(id)
	return nil
}

func checkRole(r patchbay.Role) error {
	if r == patchbay.RoleAdmin || r == patchbay.RoleUser {
		return nil
	}
	var v invalid
	v.add("role", "must be ADMIN or USER")
	return v.err()
}

func mayAdminister(a patchbay.Actor) error {
	if a.Admin() || operator(a) {
		return nil
	}
	if a.User == nil {
		return errToken()
	}
	return patchbay.Errorf(patchbay.CodeForbidden, "This is for administrators.")
}

// operator reports whether a is the shell on the same machine, acting as nobody.
func operator(a patchbay.Actor) bool {
	return a.Kind == patchbay.ActorOperator && a.User == nil
}

// by names who did something, for the log.
func by(a patchbay.Actor) string {
	if a.User == nil {
		return string(a.Kind)
	}
	return string(a.User.ID)
}
