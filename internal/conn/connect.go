package conn

import (
	"context"
	"errors"
	"log/slog"
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
	e.breaker.until = time.Time{}
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	l, err := p.acquire(ctx, t)
	if err != nil {
		return err
	}
	l.leave()
	return nil
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
		if l := e.live; l != nil && l.hash == t.Server.Hash {
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
	if _, ok := e.breaker.allow(now); !ok && e.err != nil {
		return nil, e.err
	}
	ctx, cancel := context.WithCancelCause(p.life)
	a := &attempt{done: make(chan struct{}), hash: t.Server.Hash, waiters: 1, cancel: cancel}
	if !p.spawn(func() { p.run(ctx, e, a, t) }) {
		cancel(nil)
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
	e.mu.Lock()
	current := e.attempt == a && !e.gone
	if current {
		e.attempt = nil
	}
	var hangUp func()
	switch {
	case err == nil && !current:
		l.closed = true
		hangUp, a.err = l.hangUp, errReplaced
	case err == nil:
		if old := e.live; old != nil {
			hangUp = old.retire()
		}
		l.inflight, l.lastUse = a.waiters, time.Now()
		a.live, e.live = l, l
		e.protocol = l.wire.ProtocolVersion()
		e.breaker.worked()
		e.failure = nil
		e.set(patchbay.PhaseConnected, nil)
	default:
		a.err = err
		if current {
			p.note(ctx, e, err)
		} else {
			a.err = errReplaced
		}
	}
	close(a.done)
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	if a.live != nil {
		p.opened(l)
	}
	p.changed(t.Key)
}

// note keeps why an attempt failed. The caller holds e.mu.
func (p *Pool) note(ctx context.Context, e *entry, err error) {
	var ce *patchbay.ConnectError
	switch {
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
		if ce.Reason != patchbay.ReasonNeedsVariables && !signInReason(ce.Reason) {
			e.breaker.failed(time.Now(), ce.After, rand.Float64())
		}
		level := slog.LevelWarn
		if again {
			level = slog.LevelDebug // said already: a dead server must not fill the log
		}
		p.opts.Logger.Log(ctx, level, "Connection failed", "server", ce.Server, "reason", string(ce.Reason),
			"message", ce.Message, "user", string(e.key.user))
	default:
		e.set(patchbay.PhaseFailed, nil)
	}
}

func signInReason(r patchbay.Reason) bool {
	return r == patchbay.ReasonSigninRequired || r == patchbay.ReasonSigninExpired
}

// opened starts what a new connection needs, beside its first call.
func (p *Pool) opened(l *live) {
	p.opts.Logger.Info("Connected", "server", l.server, "protocol", l.wire.ProtocolVersion(), "user", string(l.entry.key.user))
	if done := l.wire.Done(); done != nil {
		p.spawn(func() { l.watch(p.life) })
	}
	p.spawn(func() { p.refreshTools(l) })
}
