package flow

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
	"patchbay/internal/vault"
)

// Callback takes what came back with a person. It returns the address to send them on to
// when the issuer had forgotten our client and they have to go round once more, "" when
// they are signed in: the token is durable then, and a connection is being opened. The
// error is a *Failure.
//
// The state finds the row and proves nothing: the row must be of the person who is logged
// in, of the browser that was sent away, and of the server that the path names. Whoever
// brings a state that is not theirs has used it up.
func (s *Service) Callback(ctx context.Context, v Visit, query url.Values) (again string, err error) {
	state := query.Get("state")
	if state == "" || len(query["state"]) != 1 {
		return "", failure(Unknown, nil, "The answer belongs to no sign-in. Start it again.")
	}
	row, err := s.o.Rows.FlowByState(ctx, digest(state))
	if err != nil {
		if patchbay.CodeOf(err) == patchbay.CodeNotFound {
			return "", failure(Unknown, err, "The answer belongs to no sign-in, or was used already. Start it again.")
		}
		return "", failureOf(err)
	}
	if f := s.notTheirs(v, row); f != nil {
		s.fail(ctx, row, f, store.FlowPending)
		return "", f
	}
	row, err = s.o.Rows.TakeFlow(ctx, digest(state), s.o.Now())
	if err != nil {
		if patchbay.CodeOf(err) == patchbay.CodeNotFound {
			return "", failure(Expired, err, "This sign-in is over. Start it again.")
		}
		return "", failureOf(err)
	}
	return s.finish(ctx, v, row, query)
}

// notTheirs says why somebody may not finish a row; nil when they may.
func (s *Service) notTheirs(v Visit, row *store.Flow) *Failure {
	switch {
	case v.Actor.Kind != patchbay.ActorUser || v.Actor.User == nil || v.Actor.User.ID != row.User:
		return failure(Person, nil, "This sign-in was begun by another account. Nothing was stored.")
	case row.Server != v.Server.ID:
		return failure(Unknown, nil, "This sign-in was begun for another server. Nothing was stored.")
	case row.BrowserHash == "" || subtle.ConstantTimeCompare([]byte(row.BrowserHash), []byte(digest(v.Browser))) != 1:
		return failure(Browser, nil, "This sign-in was begun in another browser. Nothing was stored; start it again here.")
	}
	return nil
}

// finish works on a row that this process has taken. It goes on when the browser hangs up:
// a code can be used once only.
func (s *Service) finish(ctx context.Context, v Visit, row *store.Flow, query url.Values) (string, error) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	ctx, stop := context.WithTimeout(ctx, finishLimit)
	defer stop()
	defer context.AfterFunc(s.life, func() { cancel(context.Canceled) })()
	e := &exchange{cancel: cancel, done: make(chan struct{})}
	defer close(e.done)
	s.index.put(placeOf(row), row.ID, row.CreatedAt, row.ExpiresAt)
	s.index.run(placeOf(row), row.ID, e)

	again, err := s.redeem(ctx, v, row, query)
	if err == nil {
		return again, nil
	}
	if errors.Is(context.Cause(ctx), ErrCancelled) {
		return "", failure(Expired, err, "The sign-in was cancelled.")
	}
	f := failureOf(err)
	s.fail(ctx, row, f, store.FlowFinishing)
	return "", f
}

// redeem turns the callback's code into a token that is kept.
func (s *Service) redeem(ctx context.Context, v Visit, row *store.Flow, query url.Values) (again string, err error) {
	k, err := s.open(row)
	if err != nil {
		return "", err
	}
	if k.Pending == nil || k.Registration == nil {
		return "", failure(Unknown, nil, "The answer belongs to no sign-in. Start it again.")
	}
	at := s.Address(v.Server, v.Base)
	if at.RedirectURI != k.Pending.RedirectURI {
		return "", failure(Browser, nil, "This sign-in was begun at another address of this host. Start it again there, or here.")
	}
	c, err := s.o.Clients.Client(ctx, v.Actor.User, v.Server, at, nil)
	if err != nil {
		return "", err
	}
	if k.Definition != v.Server.Hash && !c.Bound(k.Pending.Binding) {
		return "", failure(Changed, nil, "The server's definition was changed since this sign-in began. Start it again.")
	}
	code, err := oauth.CheckCallback(k.Pending, query)
	var token *oauth.Token
	if err == nil {
		token, err = c.Exchange(ctx, k.Pending, k.Registration, code)
	}
	if err != nil {
		if e, ok := oauth.As(err); ok && e.Forgotten && k.Registration.Source == oauth.Dynamic && k.Renewals < maxRenewals {
			return s.goRoundAgain(ctx, v, row, k)
		}
		return "", err
	}
	return "", s.keep(ctx, v, row, k, token, c)
}

// goRoundAgain registers anew, because the issuer does not know our client any more, and
// sends the person once more. The row goes back to waiting for them.
func (s *Service) goRoundAgain(ctx context.Context, v Visit, row *store.Flow, k *kept) (string, error) {
	if err := s.o.Vault.DropRegistration(ctx, v.Server.ID, k.Registration); err != nil {
		return "", err
	}
	s.log(v.Server, row.User).InfoContext(ctx, "The authorization server has forgotten our client: registering anew", "flow", row.ID)
	k.Renewals++
	now := s.o.Now()
	if _, err := s.o.Rows.EndFlow(ctx, row.ID, store.FlowFailed, "", now, store.FlowFinishing); err != nil {
		return "", err
	}
	next := &store.Flow{ID: store.NewID(), User: row.User, Server: row.Server, BrowserHash: row.BrowserHash, ExpiresAt: now.Add(TTL)}
	if err := s.seal(next, k); err != nil {
		return "", err
	}
	next, created, err := s.o.Rows.CreateFlow(ctx, next, now)
	if err != nil {
		return "", err
	}
	s.index.follow(placeOf(row), row.ID, next.ID, next.ExpiresAt)
	if !created {
		return "", failure(Expired, nil, "This sign-in was begun elsewhere meanwhile. Go on there.")
	}
	to, err := s.sendAnew(ctx, v, next, k, true)
	if err != nil {
		s.fail(ctx, next, failureOf(err), store.FlowPending)
	}
	return to, err
}

// keep makes the token durable, which ends the row in the same commit; then who waits is
// woken, then the connection is opened.
func (s *Service) keep(ctx context.Context, v Visit, row *store.Flow, k *kept, token *oauth.Token, c *oauth.Client) error {
	err := s.o.Vault.StoreToken(ctx, row.User, row.Server, vault.Grant{
		Token: *token, Binding: k.Pending.Binding, Registration: *k.Registration, StepUps: k.StepUps,
	}, row.ID)
	if err != nil {
		// Cancelled in the last moment, or not stored: nobody may hold what nobody keeps.
		if rerr := c.Revoke(context.WithoutCancel(ctx), k.Pending.Binding, k.Registration, token); rerr != nil {
			s.log(v.Server, row.User).WarnContext(ctx, "A token that was not kept could not be revoked", "flow", row.ID, "error", rerr)
		}
		if patchbay.CodeOf(err) == patchbay.CodeNotFound {
			return failure(Expired, err, "The sign-in was cancelled. Nothing was stored.")
		}
		return err
	}
	p := placeOf(row)
	s.log(v.Server, row.User).InfoContext(ctx, "Signed in", "flow", row.ID, "issuer", k.Pending.Issuer, "refreshable", token.Refresh != "")
	s.index.finish(p, row.ID, nil, "", s.o.Now())
	s.o.Changed(p.user, p.server)
	s.reconnect(v.Actor, v.Server)
	return nil
}

// reconnect opens the connection that the sign-in was for, in the background: the person
// sees its status.
func (s *Service) reconnect(a patchbay.Actor, server *patchbay.Server) {
	if server.Level == patchbay.LevelRun || s.life.Err() != nil {
		return // one of a run is opened by the run
	}
	s.work.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, connectLimit)
		defer cancel()
		if err := s.o.Connections.Connect(ctx, a, server); err != nil {
			s.log(server, a.ID()).DebugContext(ctx, "The connect after a sign-in failed; the status says why", "error", err)
		}
	})
}
