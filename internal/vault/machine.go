package vault

import (
	"context"
	"errors"

	"patchbay"
	"patchbay/internal/oauth"
)

// renewOwn forgets the token that the host got in its own name by an older definition.
// Such tokens are not stored: whoever has the client's secret gets another at any time.
func (s *Source) renewOwn(old *asker) {
	now := s.asked.Load()
	if old != nil && old.server.Hash == now.server.Hash {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	s.set(s.heldNothing(TokenNone))
}

// fetch gets a token in the host's own name (RFC 6749 4.4).
func (s *Source) fetch(ctx context.Context) error {
	asked := s.asked.Load()
	s.vault.log.Info("Signing in in the host's own name", "server", s.name())
	g, err := s.ownGrant(ctx)
	if err != nil {
		ce := &patchbay.ConnectError{Server: s.name(), Reason: patchbay.ReasonUnauthorized, Message: "The host could not sign in in its own name.", Err: err}
		var known *patchbay.ConnectError
		if errors.As(err, &known) {
			ce = known
		}
		if oe, ok := oauth.As(err); ok {
			ce.Reason, ce.Message, ce.After = oe.Reason, oe.Message, oe.RetryAfter
			if ce.Reason == patchbay.ReasonSigninRequired || ce.Reason == patchbay.ReasonSigninExpired {
				ce.Reason = patchbay.ReasonUnauthorized // no person can help here
			}
		}
		return ce
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked.Load().server.Hash == asked.server.Hash {
		s.turn++
		s.set(s.heldGrant(g, s.vault.now()))
	}
	return nil
}

func (s *Source) ownGrant(ctx context.Context) (*Grant, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	ch, err := client.Probe(ctx)
	if err != nil {
		return nil, err
	}
	d, err := client.Discover(ctx, ch)
	if err != nil {
		return nil, err
	}
	reg, err := s.ownClient(ctx, client, d)
	if err != nil {
		return nil, err
	}
	tok, binding, err := client.ClientCredentials(ctx, d, reg, nil, client.Scopes(d, nil))
	if oe, ok := oauth.As(err); ok && oe.Forgotten && reg.Source == oauth.Dynamic {
		if err := s.vault.DropRegistration(ctx, s.server, reg); err != nil {
			return nil, err
		}
		if reg, err = s.ownClient(ctx, client, d); err != nil {
			return nil, err
		}
		tok, binding, err = client.ClientCredentials(ctx, d, reg, nil, client.Scopes(d, nil))
	}
	if err != nil {
		return nil, err
	}
	return &Grant{Token: *tok, Binding: binding, Registration: *reg}, nil
}

// ownClient returns the client that the host signs in with: a registration that was made
// before, when it still counts.
func (s *Source) ownClient(ctx context.Context, client Client, d *oauth.Discovery) (*oauth.Registration, error) {
	source, err := client.SourceFor(d, true)
	if err != nil {
		return nil, err
	}
	if source != oauth.Dynamic {
		return client.Register(ctx, d, true)
	}
	key := oauth.RegistrationKey{Issuer: d.AuthServer.Issuer, RedirectURI: ownRedirect, Source: source}
	if reg, err := s.vault.Registration(ctx, s.server, key); err == nil && reg.Usable(s.vault.now()) {
		return reg, nil
	}
	reg, err := client.Register(ctx, d, true)
	if err != nil {
		return nil, err
	}
	reg.RedirectURI = ownRedirect
	return reg, s.vault.StoreRegistration(ctx, s.server, reg)
}

// ownRedirect stands where a person's sign-in has its callback address, so that the two
// kinds of clients are kept apart.
const ownRedirect = "own-name"
