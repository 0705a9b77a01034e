package conn

import (
	"context"
	"errors"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/transport"
)

// live is one open connection. Its counters are guarded by the entry's lock.
type live struct {
	entry        *entry
	pool         *Pool
	hash         string         // of the definition it was opened with
	server       string         // name
	user         *patchbay.User // whose data filled the placeholders; nil at app level
	timeout      time.Duration
	wire         transport.Wire
	carrier      *carrier
	session      *mcp.ClientSession
	instructions string

	inflight int       // calls and lists under way
	lastUse  time.Time // when the last of them ended
	draining bool      // takes no new calls; closes when the last has ended
	closed   bool
}

// leave gives back what acquire took.
func (l *live) leave() {
	e := l.entry
	e.mu.Lock()
	l.inflight--
	l.lastUse = time.Now()
	last := l.draining && l.inflight == 0 && !l.closed
	if last {
		l.closed = true
	}
	e.mu.Unlock()
	if last {
		l.hangUp()
	}
}

// retire takes the connection out of use: at once when nothing runs on it, else when
// the last call has ended. The caller holds the entry's lock and calls the returned
// function, if any, after releasing it.
func (l *live) retire() func() {
	l.draining = true
	if l.entry.live == l {
		l.entry.live = nil
	}
	if l.inflight > 0 || l.closed {
		return nil
	}
	l.closed = true
	return l.hangUp
}

// hangUp closes the wire in the background, so that nobody waits for a slow goodbye.
func (l *live) hangUp() {
	if !l.pool.spawn(l.close) {
		l.close()
	}
}

// close ends session and wire. The wire bounds its own goodbye.
func (l *live) close() {
	l.pool.sessions.Delete(l.session)
	_ = l.session.Close() // the far end may be gone already; nothing depends on its answer
	_ = l.wire.Close()
}

// broke notes that the connection is no use any more, because of err.
func (l *live) broke(err *patchbay.ConnectError) {
	e := l.entry
	e.mu.Lock()
	if e.live != l {
		e.mu.Unlock()
		return
	}
	hangUp := l.retire()
	e.set(patchbay.PhaseFailed, err)
	e.tools.stale = true
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	l.pool.opts.Logger.Warn("Connection lost", "server", l.server, "reason", string(err.Reason), "user", string(e.key.user))
	l.pool.changed(e.key)
}

// watch waits for the wire to break by itself and notes it. Only wires that a far end
// can break while idle have a Done that fires (children, sockets).
func (l *live) watch(ctx context.Context) {
	select {
	case <-l.wire.Done():
	case <-ctx.Done():
		return
	}
	err := l.wire.Err()
	if err == nil || errors.Is(err, transport.ErrClosed) {
		return // closed by us
	}
	l.broke(explain(l.server, err))
}
