package flow

import (
	"context"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
)

// Visit is a browser that stands at one of our routes.
type Visit struct {
	Actor   patchbay.Actor
	Server  *patchbay.Server
	Browser string // its binding cookie; 256 bits
	Base    string // our address as this browser knows it, without a slash at its end
}

// Initiate sends a person to the authorization server: it returns the address. userID and
// flowID are those of the link; they must be of the person who is logged in. The error is
// a *Failure.
func (s *Service) Initiate(ctx context.Context, v Visit, userID, flowID string) (string, error) {
	if v.Actor.Kind != patchbay.ActorUser || v.Actor.User == nil || userID != string(v.Actor.User.ID) {
		return "", failure(Person, nil, "This link is for another account. Log in as the one who asked for it, or ask for a link of your own.")
	}
	done, err := s.turns.take(ctx, place{v.Actor.User.ID, v.Server.ID}.key())
	if err != nil {
		return "", failureOf(err)
	}
	defer done()
	row, err := s.o.Rows.Flow(ctx, flowID)
	if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
		return "", failureOf(err)
	}
	if err != nil || row.User != v.Actor.User.ID || row.Server != v.Server.ID {
		return "", failure(Unknown, err, "There is no such sign-in. Start it again.")
	}
	if row.Status != store.FlowPending || !s.o.Now().Before(row.ExpiresAt) {
		return "", failure(Expired, nil, "This sign-in is over. Start it again.")
	}
	k, err := s.open(row)
	if err != nil {
		s.fail(ctx, row, failureOf(err), store.FlowPending)
		return "", failureOf(err)
	}
	to, err := s.send(ctx, v, row, k)
	if err != nil {
		s.fail(ctx, row, failureOf(err), store.FlowPending)
		return "", failureOf(err)
	}
	return to, nil
}

// send makes state and verifier, keeps them, and returns where the person goes. Somebody
// who comes by a second time with the same browser gets the same address, so that either
// of two tabs can finish; unless the way there may not work: then the next rung of the
// ladder is tried. The caller has the turn.
func (s *Service) send(ctx context.Context, v Visit, row *store.Flow, k *kept) (string, error) {
	if k.Definition != v.Server.Hash {
		return "", failure(Changed, nil, "The server's definition was changed since this sign-in began. Start it again.")
	}
	now := s.o.Now()
	at := s.Address(v.Server, v.Base)
	renew := false
	if k.Pending != nil && k.Pending.RedirectURI == at.RedirectURI {
		doubtful := now.Sub(k.SentAt) >= resend && k.Registration.Source != oauth.Preregistered && !k.Fresh
		if !doubtful && row.BrowserHash == digest(v.Browser) {
			return k.URL, nil
		}
		if doubtful {
			k.SkipDocument = k.Registration.Source == oauth.ClientDocument
			renew = k.Registration.Source == oauth.Dynamic
		}
	}
	return s.sendAnew(ctx, v, row, k, renew)
}

// sendAnew is send with a new state, under a new registration when renew is set.
func (s *Service) sendAnew(ctx context.Context, v Visit, row *store.Flow, k *kept, renew bool) (string, error) {
	at := s.Address(v.Server, v.Base)
	c, err := s.o.Clients.Client(ctx, v.Actor.User, v.Server, at, nil)
	if err != nil {
		return "", err
	}
	reg, fresh, err := s.register(ctx, c, v.Server, k, at.RedirectURI, renew)
	if err != nil {
		return "", err
	}
	pending, to, err := c.Authorize(k.Discovery, reg, c.Scopes(k.Discovery, k.Granted))
	if err != nil {
		return "", err
	}
	now, old := s.o.Now(), row.StateHash
	k.Pending, k.Registration, k.Fresh, k.URL, k.SentAt = pending, reg, fresh, to, now
	row.StateHash, row.BrowserHash, row.ExpiresAt = digest(pending.State), digest(v.Browser), now.Add(TTL)
	if err := s.seal(row, k); err != nil {
		return "", err
	}
	if err := s.o.Rows.UpdateFlow(ctx, row, old, now); err != nil {
		if patchbay.CodeOf(err) == patchbay.CodeNotFound || patchbay.CodeOf(err) == patchbay.CodeStale {
			return "", failure(Expired, err, "This sign-in was ended or begun elsewhere meanwhile. Start it again.")
		}
		return "", err
	}
	if s.index.put(placeOf(row), row.ID, row.CreatedAt, row.ExpiresAt) {
		s.o.Changed(row.User, row.Server)
	}
	s.log(v.Server, row.User).InfoContext(ctx, "Sign-in page opened", "flow", row.ID, "provider", pending.AuthHost, "registration", string(reg.Source))
	return to, nil
}

// fail ends a sign-in that cannot go on, and says why once.
func (s *Service) fail(ctx context.Context, row *store.Flow, f *Failure, from ...store.FlowStatus) {
	server := s.serverOf(row)
	s.settle(ctx, row, store.FlowFailed, f.Message, errFailed, from...)
	s.log(server, row.User).WarnContext(ctx, "Sign-in failed", "flow", row.ID, "outcome", string(f.Outcome), "message", f.Message, "error", f.Err)
}
