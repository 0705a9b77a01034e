package conn

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/transport"
)

// live is one open connection. What is below the blank line is guarded by the entry's
// lock.
type live struct {
	entry        *entry
	pool         *Pool
	target       Target // as it was opened; Target.User is whose data filled the placeholders
	timeout      time.Duration
	wire         transport.Wire
	carrier      *carrier
	session      *mcp.ClientSession
	meta         json.RawMessage // of our own requests; nil in the legacy era
	instructions string
	hasTools     bool        // the server says that it has tools
	changes      bool        // the server says that it tells of changes
	asks         bool        // an older server, whose questions somebody here answers
	child        bool        // it holds a place for a child process
	source       Source      // of its token; nil: nobody signs in
	token        string      // what it was opened with
	pinned       bool        // it carries token for life
	renewing     atomic.Bool // somebody sees to replacing it
	since        time.Time

	inflight int       // calls and lists under way
	lastUse  time.Time // when the last call ended
	draining bool      // takes no new calls; closes when the last has ended
	closed   bool
	leaving  bool               // it ends to make room for another child
	unlisten context.CancelFunc // ends the listener; nil: there is none
	deaf     bool               // there is nothing to listen to
	heard    time.Time          // when the listener last began to open its stream
	pulse    pulse
}

// server returns the server's name.
func (l *live) server() string { return l.target.Server.Name }

// leave gives back what acquire took.
func (l *live) leave() { l.part(true) }

// part ends one of what is under way. used tells that it was somebody's use.
func (l *live) part(used bool) {
	e := l.entry
	e.mu.Lock()
	l.inflight--
	if used {
		l.lastUse = time.Now()
	}
	idle := l.inflight == 0
	last := l.draining && idle && !l.closed
	if last {
		l.closed = true
	}
	e.mu.Unlock()
	switch {
	case last:
		l.hangUp()
	case idle && l.child && l.pool.children.wanted():
		l.pool.makeRoom()
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
	if l.unlisten != nil {
		l.unlisten()
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
	if l.child {
		l.entry.mu.Lock()
		l.entry.diary.keep(l.wire.Stderr())
		leaving := l.leaving
		l.entry.mu.Unlock()
		l.pool.children.giveBack(leaving, l.pool.limits().StdioProcesses)
	}
}

// broke notes that the connection is no use any more, because of err.
func (l *live) broke(err *patchbay.ConnectError) {
	p, e := l.pool, l.entry
	now := time.Now()
	e.mu.Lock()
	if e.live != l {
		e.mu.Unlock()
		return
	}
	if err.Reason == patchbay.ReasonLost && e.cuts.note(now.Sub(l.since)) {
		err = cutByProxy(err, e.cuts.last)
	}
	hangUp := l.retire()
	e.set(patchbay.PhaseFailed, err)
	e.tools.stale = true
	person := needsPerson(err.Reason)
	if !person {
		e.breaker.lost(now, rand.Float64())
	}
	again := e.breaker.failures > 1
	p.letGo(e)
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	if !person {
		p.reopen(e, l.target)
	}
	p.opts.Logger.Log(p.life, p.level(l.target.Server.ID, now, again), "Connection lost", "server", l.server(),
		"reason", string(err.Reason), "message", err.Message, "user", string(e.key.user))
	p.changed(e.key)
}

// ended notes that the wire broke by itself.
func (l *live) ended() {
	if err := l.wire.Err(); err != nil && !errors.Is(err, transport.ErrClosed) {
		l.broke(l.explain(err))
	}
}
