package conn

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"patchbay"
)

// attempt is one connect under way. All who want the same key wait for the same one.
type attempt struct {
	done    chan struct{} // closed when live or err is set
	hash    string
	waiters int // guarded by the entry's lock; the last one leaving cancels
	cancel  context.CancelCauseFunc
	live    *live
	err     error
}

var (
	errStopping  = patchbay.Errorf(patchbay.CodeUnavailable, "The host is stopping. Try again in a moment.")
	errAbandoned = errors.New("nobody waits for this connection any more")
	errReplaced  = errors.New("the connection was closed while it was being opened")
	errCancelled = errors.New("a person cancelled the connect")
)

// Connect opens the connection of t anew, closing the one there is when its calls have
// ended, and returns when it is open. It is what a person's click does: the breaker
// does not stop it.
func (p *Pool) Connect(ctx context.Context, t Target) error {
	e, err := p.entryOf(t.Key)
	if err != nil {
		return err
	}
	e.mu.Lock()
	var hangUp func()
	if e.live != nil {
		hangUp = e.live.retire()
	}
	e.breaker.reset()
	e.quiet = time.Time{}
	p.letGo(e)
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	return p.Open(ctx, t)
}

// Open makes sure that the connection of t is open.
func (p *Pool) Open(ctx context.Context, t Target) error {
	l, err := p.acquire(ctx, t)
	if err != nil {
		return err
	}
	l.leave()
	return nil
}

// Cancel ends the connect of a key that is under way, for all who wait for it, because
// a person does not want it any more. It reports whether there was one.
func (p *Pool) Cancel(k Key) bool {
	e := p.peek(k)
	if e == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.attempt == nil {
		return false
	}
	e.attempt.cancel(errCancelled)
	return true
}

// acquire returns the live connection of t, opening it when there is none that was made
// from this definition. The caller must leave it. Errors are *patchbay.ConnectError,
// *patchbay.Error or ctx's.
func (p *Pool) acquire(ctx context.Context, t Target) (*live, error) {
	for {
		e, err := p.entryOf(t.Key)
		if err != nil {
			return nil, err
		}
		e.mu.Lock()
		if e.gone {
			e.mu.Unlock()
			continue // swept away between lookup and lock: look again
		}
		if l := e.live; l != nil && l.target.Server.Hash == t.Server.Hash {
			l.inflight++
			e.mu.Unlock()
			return l, nil
		}
		a, err := p.join(e, t)
		if err != nil {
			e.mu.Unlock()
			return nil, err
		}
		e.mu.Unlock()
		l, err := p.await(ctx, e, a)
		if errors.Is(err, errReplaced) && ctx.Err() == nil {
			continue
		}
		return l, err
	}
}

// join returns the attempt under way for t, or starts one. The caller holds e.mu.
func (p *Pool) join(e *entry, t Target) (*attempt, error) {
	now := time.Now()
	e.used = now
	if a := e.attempt; a != nil && a.hash == t.Server.Hash {
		a.waiters++
		return a, nil
	}
	if wait, ok := e.breaker.allow(now); !ok && e.err != nil {
		again := *e.err
		again.After = wait
		return nil, &again
	}
	if err := p.hold(e, t.Server.Name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(p.life)
	a := &attempt{done: make(chan struct{}), hash: t.Server.Hash, waiters: 1, cancel: cancel}
	if !p.spawn(func() { p.run(ctx, e, a, t) }) {
		cancel(nil)
		p.letGo(e)
		return nil, errStopping
	}
	if old := e.attempt; old != nil {
		old.cancel(errReplaced) // it was opening an older definition
	}
	e.attempt = a
	e.set(patchbay.PhaseConnecting, nil)
	return a, nil
}

// await waits for the attempt on behalf of one caller.
func (p *Pool) await(ctx context.Context, e *entry, a *attempt) (*live, error) {
	select {
	case <-a.done:
	case <-ctx.Done():
		e.mu.Lock()
		a.waiters--
		if a.waiters == 0 && e.attempt == a {
			a.cancel(errAbandoned)
		}
		if a.live != nil { // it was won at the same moment: give our share back
			e.mu.Unlock()
			a.live.leave()
			return nil, context.Cause(ctx)
		}
		e.mu.Unlock()
		return nil, context.Cause(ctx)
	}
	if a.err != nil {
		return nil, a.err
	}
	return a.live, nil
}

// run opens the connection and settles the attempt.
func (p *Pool) run(ctx context.Context, e *entry, a *attempt, t Target) {
	defer a.cancel(nil)
	p.changed(t.Key) // initializing
	l, err := p.dial(ctx, e, t)
	now := time.Now()
	e.mu.Lock()
	current := e.attempt == a
	if current {
		e.attempt = nil
	}
	current = current && !e.gone
	var hangUp func()
	flaps := e.breaker.failures > 0
	switch {
	case err == nil && !current:
		l.closed = true
		hangUp, a.err = l.hangUp, errReplaced
	case err == nil:
		if old := e.live; old != nil {
			hangUp = old.retire()
		}
		l.inflight, l.lastUse, l.since = a.waiters, now, now
		a.live, e.live = l, l
		e.protocol = l.wire.ProtocolVersion()
		e.breaker.connected(now)
		e.failure = nil
		e.set(patchbay.PhaseConnected, nil)
	case current:
		a.err = p.note(ctx, e, t, err)
	default:
		a.err = errReplaced
	}
	p.letGo(e)
	close(a.done)
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	if a.live != nil {
		p.opened(l, flaps)
	}
	p.changed(t.Key)
}

// note keeps why an attempt failed, and returns what those who waited are told. The
// caller holds e.mu.
func (p *Pool) note(ctx context.Context, e *entry, t Target, err error) error {
	var ce *patchbay.ConnectError
	switch {
	case errors.Is(context.Cause(ctx), errCancelled):
		// Not the server's fault, and not to be tried again before somebody wants it.
		ce = &patchbay.ConnectError{
			Server: t.Server.Name, Reason: patchbay.ReasonCancelled, Err: err,
			Message: "The connect was cancelled. It opens again at the next use.",
		}
		e.set(patchbay.PhaseFailed, ce)
		return ce
	case errors.Is(context.Cause(ctx), errAbandoned):
		// Not the server's fault: it is as if nobody had asked.
		if e.tools.known {
			e.set(patchbay.PhaseIdle, nil)
		} else {
			e.set(patchbay.PhaseNever, nil)
		}
	case errors.As(err, &ce):
		again := e.failure != nil && e.failure.Reason == ce.Reason && e.failure.Message == ce.Message
		e.set(patchbay.PhaseFailed, ce)
		e.failure = ce
		if !needsPerson(ce.Reason) && ce.Reason != patchbay.ReasonCapacity {
			e.breaker.failed(time.Now(), ce.After, rand.Float64())
		}
		p.opts.Logger.Log(ctx, p.level(t.Server.ID, time.Now(), again), "Connection failed", "server", ce.Server, "reason", string(ce.Reason),
			"message", ce.Message, "user", string(e.key.user))
	default:
		e.set(patchbay.PhaseFailed, nil)
	}
	return err
}

// needsPerson reports whether a failure is cured by a person, so that trying again by
// ourselves is of no use and no sign of the server's health.
func needsPerson(r patchbay.Reason) bool {
	switch r {
	case patchbay.ReasonSigninRequired, patchbay.ReasonSigninExpired, patchbay.ReasonNeedsVariables, patchbay.ReasonCancelled:
		return true
	}
	return false
}

// opened starts what a new connection needs, beside its first call. flaps tells that
// the one before did not live long.
func (p *Pool) opened(l *live, flaps bool) {
	level := p.good(l.target.Server.ID, time.Now(), flaps)
	about := []any{"server", l.server(), "protocol", l.wire.ProtocolVersion(), "user", string(l.entry.key.user)}
	if l.token == "" {
		p.opts.Logger.Log(p.life, level, "Connected", about...)
	} else { // LibreChat's words for a server with sign-in
		p.opts.Logger.Log(p.life, level, "✓ Initialized", about...)
	}
	l.carrier.owner.Store(l)
	if l.wire.Err() != nil {
		p.spawn(l.ended) // before the carrier knew whom to tell
	}
	p.listen(l)
	p.refreshTools(l, false)
}
