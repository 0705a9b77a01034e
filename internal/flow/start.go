package flow

import (
	"context"
	"net/url"
	"slices"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
)

// SignIn is a pending sign-in, as its person is told of it.
type SignIn struct {
	FlowID   string
	URL      string // ours: where the person begins
	Provider string // the host that it leads to
	Timeout  time.Duration
}

// Start returns the actor's pending sign-in at a server, beginning one when there is none:
// it finds out who guards the server, and whether we can be a client there, so that what
// stands in the way is said now and not after the person has left. challenge is the
// WWW-Authenticate of the refusal; base our own absolute address, without a slash at its
// end. Errors are *patchbay.ConnectError or *patchbay.Error.
func (s *Service) Start(ctx context.Context, a patchbay.Actor, server *patchbay.Server, base string, challenge []string) (SignIn, error) {
	if a.User == nil {
		return SignIn{}, patchbay.Errorf(patchbay.CodeForbidden, "A sign-in belongs to a person; say which account you act as (--as EMAIL)")
	}
	if server.ForcedLevel == patchbay.LevelApp {
		return SignIn{}, &patchbay.ConnectError{
			Server: server.Name, Reason: patchbay.ReasonUnauthorized,
			Message: "The server wants a person to sign in, but its definition says `level: app`: one connection for everybody. Remove `level`, or give credentials in `headers`.",
		}
	}
	p := place{a.User.ID, server.ID}
	done, err := s.turns.take(ctx, p.key())
	if err != nil {
		return SignIn{}, err
	}
	defer done()
	ch := oauth.ReadChallenge(challenge)
	row, err := s.join(ctx, p, server, ch)
	if err == nil && row == nil {
		row, err = s.begin(ctx, a.User, server, base, ch)
	}
	if err != nil {
		return SignIn{}, connectError(server, err)
	}
	return s.signIn(row, server, base)
}

// signIn shows a row.
func (s *Service) signIn(row *store.Flow, server *patchbay.Server, base string) (SignIn, error) {
	k, err := s.open(row)
	if err != nil {
		return SignIn{}, err
	}
	query := url.Values{"userId": {string(row.User)}, "flowId": {row.ID}}
	return SignIn{
		FlowID: row.ID, URL: base + Path(server.Name, "initiate") + "?" + query.Encode(),
		Provider: providerOf(k.Discovery), Timeout: max(row.ExpiresAt.Sub(s.o.Now()), time.Second).Round(time.Second),
	}, nil
}

// Path is the path of a sign-in's route.
func Path(server, step string) string {
	return "/api/mcp/" + segment(server) + "/oauth/" + step
}

// segment escapes a name for one segment of a path. "." and ".." would be resolved away.
func segment(name string) string {
	switch name {
	case ".":
		return "%2E"
	case "..":
		return "%2E%2E"
	}
	return url.PathEscape(name)
}

func providerOf(d *oauth.Discovery) string {
	u, err := url.Parse(d.AuthServer.AuthorizationEndpoint)
	if err != nil {
		return ""
	}
	return u.Host
}

// join returns the pending row that this caller can share, or nil. One that cannot be
// shared any more is ended. The caller has the turn.
func (s *Service) join(ctx context.Context, p place, server *patchbay.Server, ch oauth.Challenge) (*store.Flow, error) {
	now := s.o.Now()
	row, err := s.o.Rows.ActiveFlow(ctx, p.user, p.server, now)
	switch {
	case patchbay.CodeOf(err) == patchbay.CodeNotFound:
		return nil, nil //nolint:nilnil // none is the usual case, and no error
	case err != nil:
		return nil, err
	case row.Status == store.FlowFinishing && now.Sub(row.UpdatedAt) < finishLimit+cancelLimit:
		s.index.put(p, row.ID, row.CreatedAt, row.ExpiresAt)
		return row, nil // on its last step: whoever asks waits for it
	}
	k, err := s.open(row)
	if err == nil && k.Definition == server.Hash && row.ExpiresAt.Sub(now) > almostOver && !wantsMore(k, ch) {
		if s.index.put(p, row.ID, row.CreatedAt, row.ExpiresAt) {
			s.o.Changed(p.user, p.server)
		}
		return row, nil
	}
	// Its definition changed, it is almost over, it asks for too little, or whoever took its
	// callback died over it.
	s.settle(ctx, row, store.FlowCancelled, "", ErrExpired, store.FlowPending, store.FlowFinishing)
	return nil, nil //nolint:nilnil // ended: a new one takes its place
}

// wantsMore reports whether a challenge asks for scopes that a pending sign-in will not
// bring.
func wantsMore(k *kept, ch oauth.Challenge) bool {
	for _, scope := range ch.Scopes {
		if !slices.Contains(k.Discovery.Challenge.Scopes, scope) && !slices.Contains(k.Granted, scope) {
			return true
		}
	}
	return false
}

// begin makes a row. The caller has the turn.
func (s *Service) begin(ctx context.Context, user *patchbay.User, server *patchbay.Server, base string, ch oauth.Challenge) (*store.Flow, error) {
	c, err := s.o.Clients.Client(ctx, user, server, s.Address(server, base), nil)
	if err != nil {
		return nil, err
	}
	k := &kept{Definition: server.Hash}
	if k.Discovery, err = c.Discover(ctx, ch); err != nil {
		return nil, err
	}
	if _, err := c.SourceFor(k.Discovery, false); err != nil {
		return nil, err
	}
	if ch.InsufficientScope() {
		if err := s.stepUp(ctx, user, server, ch, k); err != nil {
			return nil, err
		}
	}
	now := s.o.Now()
	row := &store.Flow{ID: store.NewID(), User: user.ID, Server: server.ID, ExpiresAt: now.Add(TTL)}
	if err := s.seal(row, k); err != nil {
		return nil, err
	}
	row, created, err := s.o.Rows.CreateFlow(ctx, row, now)
	if err != nil {
		return nil, err
	}
	s.index.put(placeOf(row), row.ID, row.CreatedAt, row.ExpiresAt)
	s.o.Changed(user.ID, server.ID)
	if created {
		s.log(server, user.ID).InfoContext(ctx, "Sign-in asked for", "flow", row.ID, "provider", providerOf(k.Discovery), "issuer", k.Discovery.AuthServer.Issuer)
	}
	return row, nil
}

// settle ends a row and everything that hangs on it, if it is still in one of from.
func (s *Service) settle(ctx context.Context, row *store.Flow, to store.FlowStatus, problem string, how error, from ...store.FlowStatus) bool {
	now := s.o.Now()
	// The caller may be gone; a row that stays open would be offered to the next one.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelLimit)
	defer cancel()
	_, err := s.o.Rows.EndFlow(ctx, row.ID, to, problem, now, from...)
	if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
		s.o.Logger.ErrorContext(ctx, "A sign-in could not be ended; it ends when its time is up", "flow", row.ID, "error", err)
	}
	ended := err == nil
	if s.index.finish(placeOf(row), row.ID, how, problem, now) {
		s.o.Changed(row.User, row.Server)
	}
	return ended
}

// stepUp notes what a token that was too weak could do, so that the next one can do no
// less. A server that was obeyed often enough is taken at its word.
func (s *Service) stepUp(ctx context.Context, user *patchbay.User, server *patchbay.Server, ch oauth.Challenge, k *kept) error {
	scopes, stepUps, again, err := s.o.Vault.StepUp(ctx, user.ID, server.ID, ch)
	if err != nil {
		return err
	}
	if !again {
		return &patchbay.ConnectError{
			Server: server.Name, Reason: patchbay.ReasonUnauthorized,
			Message: "The server asks for rights that signing in again does not bring. Ask who runs it for them.",
		}
	}
	k.Granted, k.StepUps = scopes, stepUps
	return nil
}
