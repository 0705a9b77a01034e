package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// TokenRequest is what a new API token is made of.
type TokenRequest struct {
	Name      string
	Scopes    []patchbay.Scope // none: all that the actor has
	ExpiresAt time.Time        // zero: never
}

// CreateToken makes an API token for the actor. The token is shown here and never
// again. A token made with a token has no more scopes than that one.
func (s *Service) CreateToken(ctx context.Context, a patchbay.Actor, r TokenRequest) (token string, t *store.APIToken, err error) {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return "", nil, err
	}
	r.Name = strings.TrimSpace(r.Name)
	if err := r.check(a, s.now()); err != nil {
		return "", nil, err
	}
	scopes := a.Scopes
	if len(r.Scopes) > 0 {
		scopes = slices.Clone(r.Scopes)
		slices.Sort(scopes)
		scopes = slices.Compact(scopes)
	}
	token, hash := MintAPIToken()
	t = &store.APIToken{
		User: u.ID, Hash: hash, Name: r.Name, Scopes: scopes,
		CreatedAt: s.now(), ExpiresAt: r.ExpiresAt,
	}
	if err := s.store.CreateAPIToken(ctx, t); err != nil {
		return "", nil, err
	}
	return token, t, nil
}

func (r TokenRequest) check(a patchbay.Actor, now time.Time) error {
	var v invalid
	if r.Name == "" || !validText(r.Name, maxTokenName) {
		v.add("name", "must have 1 to 100 characters, and no control characters")
	}
	known := patchbay.Scopes()
	for _, scope := range r.Scopes {
		switch {
		case !slices.Contains(known, scope):
			v.add("scopes", "must be some of "+names(known))
		case !a.Has(scope):
			v.add("scopes", "must not go beyond those of the token in use")
		default:
			continue
		}
		break
	}
	if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(now) {
		v.add("expiresAt", "must be in the future")
	}
	return v.err()
}

func names(scopes []patchbay.Scope) string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

// ListTokens returns the actor's own API tokens, newest first.
func (s *Service) ListTokens(ctx context.Context, a patchbay.Actor) ([]*store.APIToken, error) {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return nil, err
	}
	return s.store.APITokens(ctx, u.ID)
}

// DeleteToken revokes one of the actor's own API tokens.
func (s *Service) DeleteToken(ctx context.Context, a patchbay.Actor, id string) error {
	u, err := person(a, patchbay.ScopeAccount)
	if err != nil {
		return err
	}
	if err := s.store.DeleteAPIToken(ctx, u.ID, id); err != nil {
		return err
	}
	s.changed(u.ID)
	return nil
}
