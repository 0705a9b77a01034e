package vault

import (
	"context"
	"errors"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
)

// Figures of one refresh. The lease outlasts the exchange, so that nobody takes it for
// abandoned while the answer may still come.
const (
	exchangeMost = 10 * time.Second
	leaseFor     = 20 * time.Second
	waitFirst    = 50 * time.Millisecond // between looks at a credential that somebody else refreshes
	waitMost     = time.Second
	commitTries  = 5 // to write what was got: it exists nowhere else
	refreshMost  = time.Minute
)

// job is one refresh, for all who wait for it.
type job struct {
	done chan struct{} // closed when err is set
	err  error
}

// renew replaces used, once for all who want it, and waits until ctx ends.
func (s *Source) renew(ctx context.Context, used string) error {
	j, err := s.begin(ctx, used)
	if err != nil || j == nil {
		return err
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begin starts to replace used, or joins who does. The job is nil when used is replaced
// already. The work does not end with the caller: a refresh that was sent must be heard
// to its end, or its tokens are lost.
func (s *Source) begin(ctx context.Context, used string) (*job, error) {
	v := s.vault
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.job != nil {
		return s.job, nil
	}
	if h := s.now.Load(); h.token != used {
		return nil, nil //nolint:nilnil // nothing is left to do
	}
	now := v.now()
	if now.Before(s.quiet) {
		return nil, s.failure
	}
	j := &job{done: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshMost)
	if !v.spawn(func() {
		defer cancel()
		s.finish(j, s.work(ctx, used))
	}) {
		cancel()
		return nil, errStopping
	}
	s.job = j
	return j, nil
}

var errStopping = patchbay.Errorf(patchbay.CodeUnavailable, "The host is stopping. Try again in a moment.")

// finish settles a job.
func (s *Source) finish(j *job, err error) {
	s.mu.Lock()
	now := s.vault.now()
	var ce *patchbay.ConnectError
	switch {
	case err == nil:
		s.failures, s.quiet, s.failure = 0, time.Time{}, nil
	case s.now.Load().info.State != TokenLive && !s.machine():
		s.failures = 0 // only a person can go on: there is nothing to try again
	default:
		errors.As(err, &ce)
		wait := min(quietFirst<<min(s.failures, 10), quietMost)
		if ce != nil {
			wait = max(wait, min(ce.After, afterMost))
		}
		s.failures++
		s.quiet, s.failure = now.Add(wait), err
	}
	s.job = nil
	j.err = err
	close(j.done)
	s.mu.Unlock()
}

func (s *Source) work(ctx context.Context, used string) error {
	if s.machine() {
		return s.fetch(ctx)
	}
	return s.refresh(ctx, used)
}

// refresh replaces used by what another process got meanwhile, else by asking the issuer,
// which of all processes only the one with the lease does.
func (s *Source) refresh(ctx context.Context, used string) error {
	wait := waitFirst
	for {
		row, g, err := s.read(ctx)
		switch {
		case err != nil:
			return s.storeFailed(err)
		case g == nil:
			return s.ended(s.now.Load().info.State)
		case g.Token.Access != used:
			return nil // somebody else was quicker: adopted
		}
		client, err := s.client(ctx)
		if err != nil {
			return err
		}
		switch {
		case !client.Bound(g.Binding):
			return s.drop(ctx, row)
		case g.Token.Refresh == "":
			return s.end(ctx, row, "the server gave no refresh token")
		}
		ok, err := s.vault.store.LeaseOAuthToken(ctx, s.user, s.server, row.Version, s.owner(), leaseFor)
		if err != nil {
			return s.storeFailed(err)
		}
		if ok {
			over, err := s.exchange(ctx, client, row, g)
			if over || err != nil {
				return err
			}
			wait = waitFirst
			continue
		}
		if err := pause(ctx, wait); err != nil {
			return s.unreachable("The sign-in is being renewed elsewhere and that takes too long. Try again in a moment.", err)
		}
		wait = min(2*wait, waitMost)
	}
}

// exchange asks the issuer, holding the lease of row. over is false when somebody else
// took the credential over meanwhile: then look again.
func (s *Source) exchange(ctx context.Context, client Client, row *store.OAuthToken, g *Grant) (over bool, err error) {
	v := s.vault
	v.log.Info("Attempting to refresh token", "server", s.name(), "user", string(s.user))
	tok, err := s.ask(ctx, client, g)
	if oe, ok := oauth.As(err); ok && oe.Lost && oe.RetryAfter == 0 {
		// It may have been carried out. Some issuers take the old refresh token once more
		// for just this; of the others we learn now that it is used up.
		v.log.Warn("The answer to a refresh was lost, asking once more", "server", s.name(), "user", string(s.user))
		held, lerr := v.store.LeaseOAuthToken(ctx, s.user, s.server, row.Version, s.owner(), leaseFor)
		if lerr != nil {
			return true, s.storeFailed(lerr)
		}
		if !held {
			return false, nil
		}
		tok, err = s.ask(ctx, client, g)
	}
	if err != nil {
		return s.refused(ctx, row, g, err)
	}
	next := *g
	next.Token = *tok
	if next.Token.Refresh == "" {
		next.Token.Refresh = g.Token.Refresh
	}
	if len(next.Token.Scopes) == 0 {
		next.Token.Scopes = g.Token.Scopes
	}
	ok, err := s.commit(ctx, row, &next)
	if err != nil {
		v.log.Error("A refreshed token could not be stored and is not used", "server", s.name(), "user", string(s.user), "error", err)
		return true, s.storeFailed(err)
	}
	if !ok {
		// Signed out, or signed in anew, while we asked: nobody has use for what we got.
		s.vault.forsake(ctx, client, &next)
		return false, nil
	}
	v.log.Info("Successfully refreshed and stored OAuth tokens", "server", s.name(), "user", string(s.user))
	return true, nil
}

// ask makes one exchange.
func (s *Source) ask(ctx context.Context, client Client, g *Grant) (*oauth.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeMost)
	defer cancel()
	reg, err := current(ctx, client, g)
	if err != nil {
		return nil, err
	}
	return client.Refresh(ctx, g.Binding, reg, &g.Token)
}

// current is the client that a grant was got with; of one that the operator registered,
// with the secret that stands in the definition now.
func current(ctx context.Context, client Client, g *Grant) (*oauth.Registration, error) {
	if g.Registration.Source != oauth.Preregistered {
		return &g.Registration, nil
	}
	b := &g.Binding
	return client.Register(ctx, &oauth.Discovery{Server: b.Server, Resource: b.Resource, AuthServer: oauth.AuthServer{
		Issuer: b.Issuer, Origin: b.Origin, TokenEndpoint: b.TokenEndpoint, AuthMethods: []string{g.Registration.AuthMethod},
	}}, true)
}

// commit makes the new pair durable, and puts it in force after that.
func (s *Source) commit(ctx context.Context, row *store.OAuthToken, g *Grant) (ok bool, err error) {
	next, err := s.vault.sealGrant(s.user, s.server, g)
	if err != nil {
		return false, err
	}
	next.Version = row.Version
	wait := waitFirst
	for try := 1; ; try++ {
		ok, err = s.vault.store.CommitOAuthToken(ctx, next)
		if err == nil || try == commitTries || pause(ctx, wait) != nil {
			break
		}
		wait = min(4*wait, waitMost)
	}
	if ok {
		s.mu.Lock()
		s.turn++
		s.set(s.heldGrant(g, next.UpdatedAt))
		s.mu.Unlock()
	}
	return ok, err
}

// refused decides what an issuer's no means.
func (s *Source) refused(ctx context.Context, row *store.OAuthToken, g *Grant, err error) (over bool, _ error) {
	v := s.vault
	oe, ok := oauth.As(err)
	if ok && (oe.InvalidGrant || oe.Forgotten && g.Registration.Source != oauth.Preregistered) {
		if oe.Forgotten && !oe.InvalidGrant {
			if err := v.DropRegistration(ctx, s.server, &g.Registration); err != nil {
				v.log.Error("A registration could not be dropped", "server", s.name(), "error", err)
			}
		}
		return s.endAs(ctx, row, oe.Error())
	}
	if err := v.store.ReleaseOAuthToken(ctx, s.user, s.server, s.owner()); err != nil {
		v.log.Error("A lease could not be given back; it ends by itself", "server", s.name(), "error", err)
	}
	ce := &patchbay.ConnectError{Server: s.name(), Reason: patchbay.ReasonUnreachable, Err: err, Message: "The sign-in could not be renewed. Try again."}
	if ok {
		ce.Reason, ce.Message, ce.After = oe.Reason, oe.Message, oe.RetryAfter
	}
	v.log.Warn("Token could not be refreshed", "server", s.name(), "user", string(s.user), "reason", string(ce.Reason), "message", ce.Message)
	return true, ce
}

// end notes that only a new sign-in helps.
func (s *Source) end(ctx context.Context, row *store.OAuthToken, why string) error {
	over, err := s.endAs(ctx, row, why)
	if !over && err == nil {
		return nil // somebody signed in anew: adopted by who looks again
	}
	return err
}

// endAs is end; over is false when the credential is another by now.
func (s *Source) endAs(ctx context.Context, row *store.OAuthToken, why string) (over bool, err error) {
	ok, err := s.vault.store.CommitOAuthToken(ctx, &store.OAuthToken{User: s.user, Server: s.server, Version: row.Version, UpdatedAt: s.vault.now()})
	if err != nil {
		return true, s.storeFailed(err)
	}
	if !ok {
		_, _, err := s.read(ctx)
		return false, err
	}
	s.mu.Lock()
	s.turn++
	s.set(s.heldNothing(TokenExpired))
	s.mu.Unlock()
	s.vault.log.Info("The sign-in has ended; a new one is needed", "server", s.name(), "user", string(s.user), "reason", why)
	return true, s.ended(TokenExpired)
}

// drop forgets a credential of a destination that the definition no longer has.
func (s *Source) drop(ctx context.Context, row *store.OAuthToken) error {
	if err := s.vault.store.DeleteOAuthToken(ctx, s.user, s.server, row.Version); err != nil {
		return s.storeFailed(err)
	}
	s.mu.Lock()
	s.turn++
	s.set(s.heldNothing(TokenNone))
	s.mu.Unlock()
	s.vault.log.Info("The server's definition leads elsewhere now: its sign-in was dropped", "server", s.name(), "user", string(s.user))
	return s.ended(TokenNone)
}

func (s *Source) storeFailed(err error) *patchbay.ConnectError {
	return s.unreachable("The sign-in could not be read or stored. Try again in a moment.", err)
}

func (s *Source) unreachable(message string, err error) *patchbay.ConnectError {
	return &patchbay.ConnectError{Server: s.name(), Reason: patchbay.ReasonUnreachable, Message: message, Err: err}
}

// client is the wire side of the definition that was asked with last.
func (s *Source) client(ctx context.Context) (Client, error) {
	a := s.asked.Load()
	if a == nil {
		return nil, s.unreachable("The server was not asked for yet. Try again.", nil)
	}
	return s.vault.clients(ctx, a.user, a.server)
}

// pause waits for d or for ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
