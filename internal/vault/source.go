package vault

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
)

// Figures of refreshing ahead of expiry.
const (
	aheadMost  = time.Minute      // before the end, or a tenth of the token's life if that is less
	slackMost  = 2 * time.Second  // a token this close to its end is not used any more
	foreignFor = 2 * time.Second  // how long a missing sign-in is believed while other processes may bring one
	quietFirst = time.Second      // after a refresh that failed for now
	quietMost  = 30 * time.Second // and at most
	afterMost  = time.Minute      // and when the issuer asks for more time
	doubtMost  = time.Minute      // after a new token was refused like the old one, at most
	doubtSpan  = 5 * time.Minute  // how long such a refusal is remembered
	never      = int64(math.MaxInt64)
)

// Source is where the access token of one user at one server comes from; of the host
// itself for a server that it signs in to in its own name. There is one per credential in
// a process, whatever number of connections use it. All methods may be called
// concurrently.
type Source struct {
	vault  *Vault
	user   patchbay.UserID // "" for the host
	server patchbay.ServerID
	now    atomic.Pointer[held]
	asked  atomic.Pointer[asker] // nil until somebody connects

	mu       sync.Mutex
	lessee   string // see owner
	turn     uint64 // moves with every change made here
	job      *job   // a refresh under way
	failures int    // in a row
	quiet    time.Time
	failure  error     // what the last one said
	useless  int       // in a row, new tokens that were refused like the old one
	doubted  time.Time // when the last was
}

// asker is for whom, and by what definition, a token is wanted.
type asker struct {
	user   *patchbay.User // nil for the host
	server *patchbay.Server
}

// name is the server's name, for people.
func (s *Source) name() string {
	if a := s.asked.Load(); a != nil {
		return a.server.Name
	}
	return string(s.server)
}

// held is what is known of a credential. It is never changed once stored.
type held struct {
	token string // "" for none
	due   int64  // when Ready has something to do, in Unix nanoseconds
	end   int64  // when the token is over
	read  time.Time
	info  TokenInfo
}

// Token returns the access token of the moment, "" for none. It reads memory only.
func (s *Source) Token() string { return s.now.Load().token }

// Ready makes sure that the token may be used: it is called before each call and connect.
// Ahead of the token's end it starts a refresh and does not wait for it; at its end it
// waits. Without a sign-in a remote server is asked all the same, because only its answer
// says what it wants; a child is not started. Errors are *patchbay.ConnectError or ctx's.
func (s *Source) Ready(ctx context.Context) error {
	if h := s.now.Load(); h.due > s.vault.now().UnixNano() {
		return nil
	}
	return s.ready(ctx)
}

// rounds bounds how often Ready and Rejected look again: what another process brought may
// be at its end, too.
const rounds = 3

func (s *Source) ready(ctx context.Context) error {
	var err error
	for range rounds {
		h, now := s.now.Load(), s.vault.now().UnixNano()
		switch {
		case h.due > now:
			return nil
		case h.info.State != TokenLive && !s.machine():
			if !s.vault.store.Shared() || s.vault.now().Sub(h.read) < foreignFor {
				return s.ended(h.info.State)
			}
			if err := s.load(ctx); err != nil {
				return err
			}
			if h = s.now.Load(); h.info.State != TokenLive {
				if h.due > now {
					return nil
				}
				return s.ended(h.info.State)
			}
			continue
		case h.token != "" && now < h.end:
			_, _ = s.begin(ctx, h.token) // when it cannot begin, the token still works
			return nil
		}
		if h.info.State == TokenLive && s.begun() {
			s.vault.log.Info("Access token missing", "server", s.name(), "user", string(s.user))
		}
		if err = s.renew(ctx, h.token); err != nil {
			return err
		}
	}
	return nil
}

// begun reports whether no refresh is under way, so that its beginning is worth a line.
func (s *Source) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.job == nil && !s.vault.now().Before(s.quiet)
}

// Rejected is called when a server answered 401 to used. It returns nil when there is
// another token now, so that the request may be sent once more: nothing was executed.
// Errors are *patchbay.ConnectError or ctx's.
func (s *Source) Rejected(ctx context.Context, used string) error {
	if h := s.now.Load(); h.token != "" && h.token != used {
		return nil
	}
	if err := s.renew(ctx, used); err != nil {
		return err
	}
	h := s.now.Load()
	if h.token != "" && h.token != used {
		return nil
	}
	return s.ended(h.info.State)
}

// Useless is called when a server answered 401 to a token that had just replaced one it
// refused, too: another would be no better, so none is asked for before some time has
// passed, longer each time it happens.
func (s *Source) Useless(used string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.vault.now()
	if used == "" || s.now.Load().token != used || now.Before(s.quiet) {
		return
	}
	if now.Sub(s.doubted) > doubtSpan {
		s.useless = 0
	}
	s.quiet, s.failure = now.Add(min(quietFirst<<min(s.useless, 10), doubtMost)), s.ended(TokenNone)
	s.useless++
	s.doubted = now
}

// ExpiresAt is when the token of the moment ends; zero when it is not known.
func (s *Source) ExpiresAt() time.Time { return s.now.Load().info.ExpiresAt }

// StepUp is told that the server turned a good token down for its scopes. The error is
// never nil: signin_required with what the person is to be asked for, or, when that would
// gain nothing or was done often enough, unauthorized.
func (s *Source) StepUp(ctx context.Context, challenge []string) error {
	if s.machine() {
		return &patchbay.ConnectError{
			Server: s.name(), Reason: patchbay.ReasonUnauthorized, Challenge: challenge,
			Message: "The scopes that the host was given in its own name are too few. Extend `oauth.scopes`.",
		}
	}
	_, _, again, err := s.vault.StepUp(ctx, s.user, s.server, oauth.ReadChallenge(challenge))
	switch {
	case err != nil:
		return err
	case !again:
		return &patchbay.ConnectError{
			Server: s.name(), Reason: patchbay.ReasonUnauthorized, Challenge: challenge,
			Message: "The server refuses this although you gave it every right that it asked for.",
		}
	}
	return &patchbay.ConnectError{
		Server: s.name(), Reason: patchbay.ReasonSigninRequired, Challenge: challenge,
		Message: "The server wants more rights for this than you gave it. Sign in again to give them.",
	}
}

// ended says that only a person can go on.
func (s *Source) ended(state TokenState) *patchbay.ConnectError {
	if state == TokenExpired {
		return &patchbay.ConnectError{
			Server: s.name(), Reason: patchbay.ReasonSigninExpired, Message: "Your sign-in has ended. Sign in again.",
		}
	}
	return &patchbay.ConnectError{
		Server: s.name(), Reason: patchbay.ReasonSigninRequired, Message: "The server wants you to sign in.",
	}
}

// set puts what is known in force. The caller holds s.mu.
func (s *Source) set(h *held) {
	old := s.now.Swap(h)
	if old != nil && (old.info.State != h.info.State || !old.info.ExpiresAt.Equal(h.info.ExpiresAt)) {
		s.vault.changedToken(s.user, s.server)
	}
}

// owner is whose this source's leases are. Most never need one.
func (s *Source) owner() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lessee == "" {
		s.lessee = s.vault.process + "/" + store.NewID()
	}
	return s.lessee
}

// heldNothing is what is known when there is no token.
func (s *Source) heldNothing(state TokenState) *held {
	if state == TokenNone && !s.vault.store.Shared() && !s.machine() && !s.child() {
		return s.vault.nothing // most users of most servers: one for all
	}
	h := &held{read: s.vault.now(), info: TokenInfo{State: state}, end: never}
	if state == TokenNone && !s.machine() && !s.child() {
		h.due = never
	}
	return h
}

// heldGrant is what is known of a grant that was stored at since.
func (s *Source) heldGrant(g *Grant, since time.Time) *held {
	t := &g.Token
	h := &held{token: t.Access, due: never, end: never, read: s.vault.now(), info: TokenInfo{
		State: TokenLive, ExpiresAt: t.ExpiresAt, Refreshable: t.Refresh != "" || s.machine(), Scopes: slices.Clone(t.Scopes),
		Issuer: g.Binding.Issuer, StepUps: g.StepUps, Since: since, steppedUp: g.SteppedUp,
	}}
	if t.ExpiresAt.IsZero() {
		return h
	}
	end := t.ExpiresAt.UnixNano()
	if !h.info.Refreshable {
		h.end, h.due = end, end // used to the last, since nothing comes after it
		return h
	}
	ahead := aheadOf(t)
	h.end = end - int64(min(slackMost, ahead/2))
	h.due = end - int64(float64(ahead)*(0.8+0.2*rand.Float64())) // not all at once
	return h
}

// aheadOf is how long before its end a token is replaced.
func aheadOf(t *oauth.Token) time.Duration {
	life := t.ExpiresAt.Sub(t.Issued)
	if t.Issued.IsZero() || life <= 0 {
		return aheadMost
	}
	return min(aheadMost, life/10)
}

// child reports whether the token is for a program's environment.
func (s *Source) child() bool {
	a := s.asked.Load()
	return a != nil && a.server.Transport == patchbay.TransportStdio
}

// machine reports whether the host signs in in its own name.
func (s *Source) machine() bool {
	a := s.asked.Load()
	return a != nil && expand.OwnName(a.server)
}
