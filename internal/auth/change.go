package auth

import (
	"context"

	"patchbay"
)

// ChangePassword changes the actor's own password, which needs the present one, and
// ends all other logins.
func (s *Service) ChangePassword(ctx context.Context, a patchbay.Actor, current, next string) error {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return err
	}
	var v invalid
	checkPassword(&v, "newPassword", next)
	if err := v.err(); err != nil {
		return err
	}
	key := keyPassword(u.ID)
	if err := s.attempt(ctx, key, s.limits.LoginTries, s.limits.LoginWindow); err != nil {
		return err
	}
	old, err := s.store.PasswordHash(ctx, u.ID)
	if err != nil {
		return err
	}
	if len(current) > maxPassword {
		current, old = "", ""
	}
	right, err := s.hasher.verify(ctx, current, old)
	if err != nil {
		return err
	}
	if !right {
		return &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "The present password is wrong.",
			Fields: []patchbay.FieldError{{Path: "body.currentPassword", Message: "is wrong"}},
		}
	}
	if err := s.setPassword(ctx, u.ID, next, a.LoginID); err != nil {
		return err
	}
	return s.store.ForgetAttempts(ctx, key)
}

// SetPassword sets anybody's password and ends all their logins. It is the
// operator's alone: an administrator who could set passwords could act as anybody.
func (s *Service) SetPassword(ctx context.Context, a patchbay.Actor, id patchbay.UserID, password string) error {
	if !operator(a) {
		return patchbay.Errorf(patchbay.CodeForbidden, "Passwords of others are set by the shell on the machine itself.")
	}
	var v invalid
	checkPassword(&v, "password", password)
	if err := v.err(); err != nil {
		return err
	}
	if err := s.setPassword(ctx, id, password, ""); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "password set by the operator", "user", string(id))
	return nil
}

func (s *Service) setPassword(ctx context.Context, id patchbay.UserID, password, keepLogin string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.store.SetPassword(ctx, id, hash, keepLogin, s.now()); err != nil {
		return err
	}
	s.changed(id)
	return nil
}
