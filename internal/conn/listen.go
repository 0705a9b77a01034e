package conn

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"patchbay/internal/transport"
)

// Figures of listeners: one goroutine and at most one socket each.
const (
	maxListeners = 4096                   // beyond, a list is read again at its next use only
	listenStood  = 30 * time.Second       // a stream that stood this long was no failure
	listenFirst  = 500 * time.Millisecond // before it is opened again
	listenMax    = 30 * time.Second       // and at most
	listenOpens  = time.Second            // by then an old server's stream is taken to stand
)

// listen starts the listener of a connection whose server tells of changes, or may ask on
// it, when there is somebody to tell or to ask.
func (p *Pool) listen(l *live) {
	e := l.entry
	if !l.changes && !l.asks || !p.watched(e.key, time.Now()) {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.live != l || l.unlisten != nil || l.deaf {
		return
	}
	if p.listeners.Add(1) > maxListeners {
		p.listeners.Add(-1)
		return
	}
	ctx, cancel := context.WithCancel(p.life)
	if !p.spawn(func() { p.hear(ctx, l) }) {
		cancel()
		p.listeners.Add(-1)
		return
	}
	l.unlisten = cancel
}

// hear holds the stream open until nobody wants it, there is none, or the connection
// ends.
func (p *Pool) hear(ctx context.Context, l *live) {
	deaf := p.hearOn(ctx, l)
	p.listeners.Add(-1)
	l.entry.mu.Lock()
	l.unlisten()
	l.unlisten = nil
	l.deaf = l.deaf || deaf
	l.entry.mu.Unlock()
	if ctx.Err() != nil {
		p.listen(l) // somebody may have begun to watch just now
	}
}

// hearOn reports whether there is nothing to listen to.
func (p *Pool) hearOn(ctx context.Context, l *live) (deaf bool) {
	stood := false
	for failures := 0; ; {
		begin := time.Now()
		l.entry.mu.Lock()
		l.heard = begin
		l.entry.mu.Unlock()
		// A modern server says when the stream stands (see told), an older one does not.
		opened := time.AfterFunc(listenOpens, func() { p.relist(l) })
		token := l.bearer()
		err := l.wire.Listen(ctx)
		opened.Stop()
		if ctx.Err() != nil || l.wire.Err() != nil {
			return false
		}
		var auth *transport.AuthError
		var rpc *transport.RPCError
		var status *transport.HTTPError
		wait := time.Duration(0)
		switch {
		case errors.Is(err, transport.ErrSessionGone):
			l.suffered(err)
			return false
		case errors.Is(err, transport.ErrNoListener):
			if stood { // a session that is gone has no stream either
				p.ping(ctx, l)
			}
			return true
		case errors.As(err, &auth) && auth.Status == http.StatusUnauthorized && l.source != nil && l.source.Rejected(ctx, token) == nil:
			// With the new token once more, after the pause.
		case errors.As(err, &auth), errors.As(err, &rpc):
			return true // the next call shows whether more is wrong than this stream
		case errors.As(err, &status):
			wait = status.RetryAfter
		}
		if time.Since(begin) >= listenStood {
			failures = 0
		}
		stood = stood || err == nil || failures == 0
		wait = max(wait, min(listenFirst<<min(failures, 10), listenMax))
		failures++
		pause := time.NewTimer(wait + rand.N(wait/2))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return false
		}
	}
}

// relist reads the list of a connection again if that was not done since its listener
// began to open its stream: what changed in between nobody told.
func (p *Pool) relist(l *live) {
	l.entry.mu.Lock()
	missed := l.entry.tools.known && l.entry.tools.at.Before(l.heard)
	l.entry.mu.Unlock()
	if missed {
		p.refreshTools(l, true)
	}
}
