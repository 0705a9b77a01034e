package auth

import (
	"context"

	"patchbay"
)

// OperatorToken returns the token of this process for cli.json. Authenticate knows it
// until the process ends.
func (s *Service) OperatorToken() string { return s.operatorToken }

// ActAs returns the operator acting as a person (`--as EMAIL`). Each use is logged.
func (s *Service) ActAs(ctx context.Context, a patchbay.Actor, email string) (patchbay.Actor, error) {
	if !operator(a) {
		return patchbay.Actor{}, patchbay.Errorf(patchbay.CodeForbidden, "Only the shell on the machine itself can act as somebody else.")
	}
	u, _, err := s.store.UserByEmail(ctx, printable(email, maxEmail))
	if err != nil {
		return patchbay.Actor{}, err
	}
	if u.Disabled {
		return patchbay.Actor{}, patchbay.Errorf(patchbay.CodeForbidden, "This account is disabled. Enable it first.")
	}
	s.log.InfoContext(ctx, "operator acts as a person", "user", string(u.ID))
	a.User = u
	return a, nil
}
