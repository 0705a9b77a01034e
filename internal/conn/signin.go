package conn

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/oauth"
	"patchbay/internal/transport"
)

// Credentials knows where the token of a connection comes from.
type Credentials interface {
	// Source returns the source for t, nil when signing in has nothing to do with it. It is
	// asked once per connect, before anything is sent, and may do I/O. The error is a
	// *patchbay.ConnectError.
	Source(ctx context.Context, t Target) (Source, error)
}

// Source is where one user's token for one server comes from. All methods may be called
// concurrently, from any number of connections.
type Source interface {
	// Token returns the access token of the moment, "" for none. It reads memory only.
	Token() string
	// ExpiresAt is when that token ends; zero when it is not known. It reads memory only.
	ExpiresAt() time.Time
	// Ready makes sure, before each call and connect, that the token may be used. It costs
	// nothing while the token is good. The error is a *patchbay.ConnectError or ctx's.
	Ready(ctx context.Context) error
	// Rejected is told that a server answered 401 to used. Nil means that there is another
	// token now. The error is a *patchbay.ConnectError or ctx's.
	Rejected(ctx context.Context, used string) error
	// Useless is told that a server answered 401 to a token that it was just sent in place
	// of another.
	Useless(used string)
	// StepUp is told that a server turned a good token down because its scopes are too few.
	// The error is never nil, and a *patchbay.ConnectError: signin_required when asking the
	// person for more may help.
	StepUp(ctx context.Context, challenge []string) error
}

// tokenTries bounds how often one request is sent with another token. The first time a
// new one is asked for; after that only one that came by itself counts.
const tokenTries = 3

// source returns the source for t, ready.
func (p *Pool) source(ctx context.Context, t Target) (Source, error) {
	if p.opts.Credentials == nil {
		return nil, nil //nolint:nilnil // no sign-in is no error
	}
	s, err := p.opts.Credentials.Source(ctx, t)
	if err != nil || s == nil {
		return nil, err
	}
	return s, s.Ready(ctx)
}

// bearer is the token that a request sent now carries.
func (l *live) bearer() string {
	if l.source == nil {
		return ""
	}
	return l.source.Token()
}

// take puts the token into what is about to be opened. A child gets it in its environment,
// a websocket at its handshake: both keep it for life.
func (l *live) take(ep *expand.Endpoint) (opts transport.OpenOptions) {
	opts.Server = l.server()
	if l.source == nil {
		return opts
	}
	l.token = l.source.Token()
	switch ep.Transport {
	case patchbay.TransportStdio:
		l.pinned = true
		if o := l.target.Server.OAuth; o != nil && o.TokenEnv != "" && l.token != "" {
			ep.Env = append(slices.Clone(ep.Env), o.TokenEnv+"="+l.token)
		}
	case patchbay.TransportWebSocket:
		l.pinned = true
		opts.Token = func() string { return l.token }
	default:
		opts.Token = l.source.Token
	}
	return opts
}

// use is acquire, with a token that may be used. A connection that keeps an older token
// for life is replaced: its calls end on it.
func (p *Pool) use(ctx context.Context, t Target) (*live, error) {
	for again := false; ; again = true {
		l, err := p.acquire(ctx, t)
		if err != nil || l.source == nil {
			return l, err
		}
		if err := l.source.Ready(ctx); err != nil {
			l.signedOut(err)
			l.leave()
			return nil, err
		}
		if !l.pinned || again || l.source.Token() == l.token {
			return l, nil
		}
		l.replace()
		l.leave()
	}
}

// signIn reports whether err is about the token and renew did not judge it yet.
func (l *live) signIn(err error) bool {
	var auth *transport.AuthError
	var known *patchbay.ConnectError
	return l.source != nil && !errors.As(err, &known) && errors.As(err, &auth) &&
		(auth.Status == http.StatusUnauthorized || oauth.ReadChallenge(auth.Challenge).InsufficientScope())
}

// renew decides what follows from a refusal that signIn knows, of a request that carried
// used. again tells that it may be sent once more, with another token: it was not
// executed. Else the error says why not, and the connection is out of use when only a
// person can go on. tries is how often it was sent anew already.
func (l *live) renew(ctx context.Context, used string, err error, tries int) (again bool, _ error) {
	var auth *transport.AuthError
	errors.As(err, &auth)
	if used != "" && oauth.ReadChallenge(auth.Challenge).InsufficientScope() {
		return false, challenged(l.source.StepUp(ctx, auth.Challenge), auth)
	}
	changed := l.source.Token() != used
	switch {
	case tries == 0:
		err = l.source.Rejected(ctx, used)
		again = err == nil
	case changed && tries < tokenTries:
		again = true
	default:
		l.source.Useless(used)
		err = l.explain(err)
	}
	if again {
		if l.pinned {
			l.replace()
		}
		return true, nil
	}
	err = challenged(err, auth)
	l.signedOut(err)
	return false, err
}

// signedOut takes the connection out of use when err says that only a person can go on.
func (l *live) signedOut(err error) {
	var ce *patchbay.ConnectError
	if errors.As(err, &ce) && needsPerson(ce.Reason) {
		l.broke(ce)
	}
}

// challenged adds what the server said to an error that a sign-in cures.
func challenged(err error, auth *transport.AuthError) error {
	var ce *patchbay.ConnectError
	if !errors.As(err, &ce) || !needsPerson(ce.Reason) {
		return err
	}
	said := *ce
	said.Challenge = auth.Challenge
	return &said
}

// explain is explain for a connection: a 401 means different things where somebody can
// sign in and where nobody can.
func (l *live) explain(err error) *patchbay.ConnectError {
	ce := explain(l.server(), err)
	var auth *transport.AuthError
	if ce.Reason != patchbay.ReasonSigninRequired || l.pool.opts.Credentials == nil || !errors.As(err, &auth) {
		return ce
	}
	def := l.target.Server
	switch {
	case expand.OwnName(def):
		ce.Reason, ce.Message = patchbay.ReasonUnauthorized, "The server refuses the token that the host got in its own name (HTTP 401). Check client_id, scopes and audience of the oauth block."
	case !expand.MaySignIn(def):
		ce.Reason, ce.Message = patchbay.ReasonUnauthorized, "The server refuses the credentials that the definition sends (HTTP 401). Check them; to let people sign in, take them out and set `requiresOAuth: true`."
	case l.entry.key.level == patchbay.LevelApp && def.ForcedLevel == patchbay.LevelApp:
		ce.Reason, ce.Message = patchbay.ReasonUnauthorized, "The server wants each person to sign in, and `level: app` leaves no room for it. Take `level` out of the definition."
	}
	return ce
}

// renewPinned replaces, ahead of the token's end, the websockets that somebody uses.
func (p *Pool) renewPinned(now time.Time) {
	p.sessions.Range(func(_, found any) bool {
		l := found.(*live)
		if !l.pinned || l.child || now.Before(l.source.ExpiresAt().Add(-renewAhead)) {
			return true
		}
		e := l.entry
		e.mu.Lock()
		current, busy := e.live == l, l.inflight > 0
		e.mu.Unlock()
		if current && (busy || p.watched(e.key, now)) && l.renewing.CompareAndSwap(false, true) {
			if !p.spawn(func() {
				defer l.renewing.Store(false)
				if l.source.Ready(p.life) == nil && l.source.Token() != l.token {
					l.replace()
				}
			}) {
				return false
			}
		}
		return true
	})
}

// renewAhead is when renewPinned begins to look at a token; the source knows better when
// it is due.
const renewAhead = 2 * time.Minute
