package conn

import (
	"context"
	"slices"
	"sync"
	"time"

	"patchbay"
)

// children counts child processes against their limit. Who finds no place waits in
// line. Its lock is taken last.
type children struct {
	mu      sync.Mutex
	open    int
	leaving int             // of open, those that end to make room
	line    []chan struct{} // closed when the place is theirs
}

// takeChild takes a place for a child process. When there is none, the user's child
// that is idle longest ends to make room; when all are in use, it waits for patience.
func (p *Pool) takeChild(ctx context.Context, server string, patience time.Duration) error {
	place, ok := p.children.take(p.limits().StdioProcesses)
	if ok {
		return nil
	}
	p.makeRoom()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var err error
	select {
	case <-place:
		return nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-timer.C:
		err = &patchbay.ConnectError{
			Server: server, Reason: patchbay.ReasonCapacity, After: retryConnections,
			Message: "All places for child processes are in use (mcpSettings.limits.stdioProcesses). Try again when others have ended, or raise the limit.",
		}
	}
	p.children.leaveLine(place, p.limits().StdioProcesses)
	return err
}

// take takes a place at once, or a place in line.
func (c *children) take(limit int) (place chan struct{}, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if limit <= 0 || c.open < limit && len(c.line) == 0 {
		c.open++
		return nil, true
	}
	place = make(chan struct{})
	c.line = append(c.line, place)
	return place, false
}

// leaveLine gives up waiting; a place that was won meanwhile goes to the next.
func (c *children) leaveLine(place chan struct{}, limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.line, place); i >= 0 {
		c.line = slices.Delete(c.line, i, i+1)
		return
	}
	c.open--
	c.grant(limit)
}

// giveBack ends a place. left tells that it was to make room.
func (c *children) giveBack(left bool, limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if left {
		c.leaving--
	}
	c.grant(limit)
}

// grant hands free places to those in line. The caller holds the lock.
func (c *children) grant(limit int) {
	for len(c.line) > 0 && (limit <= 0 || c.open < limit) {
		c.open++
		close(c.line[0])
		c.line = slices.Delete(c.line, 0, 1)
	}
}

// recheck hands out places that a new limit makes.
func (c *children) recheck(limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grant(limit)
}

// wanted reports whether more places are wanted than are about to be free.
func (c *children) wanted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.line) > c.leaving
}

// leave counts a child that is about to end to make room, unless enough are.
func (c *children) leave() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.line) <= c.leaving {
		return false
	}
	c.leaving++
	return true
}

// makeRoom ends children of users that run nothing, the one idle longest first, as many
// as are waited for.
func (p *Pool) makeRoom() {
	for p.children.wanted() {
		var found *entry
		var since time.Time
		for _, e := range p.matching(func(k Key) bool { return k.level == patchbay.LevelUser }) {
			e.mu.Lock()
			if l := e.live; l.spare() && (found == nil || l.lastUse.Before(since)) {
				found, since = e, l.lastUse
			}
			e.mu.Unlock()
		}
		if found == nil {
			return // all are in use: who ends a call looks again
		}
		p.evict(found)
	}
}

// spare reports whether the connection is a child that runs nothing. The caller holds
// the entry's lock; l may be nil.
func (l *live) spare() bool { return l != nil && l.child && l.inflight == 0 && !l.closed }

// evict ends an entry's child, if it still runs nothing and is still wanted to.
func (p *Pool) evict(e *entry) {
	e.mu.Lock()
	l := e.live
	if !l.spare() || !p.children.leave() {
		e.mu.Unlock()
		return
	}
	l.leaving = true
	hangUp := l.retire()
	e.used = l.lastUse
	e.set(patchbay.PhaseIdle, nil)
	e.tools.stale = true
	p.letGo(e)
	e.mu.Unlock()
	hangUp()
	p.changed(e.key)
}
