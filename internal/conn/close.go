package conn

import (
	"context"
	"time"

	"patchbay"
)

// CloseServer closes every connection of a server, because its definition changed or
// is gone. Calls that run end on the connection they began on.
func (p *Pool) CloseServer(id patchbay.ServerID) {
	p.shelf.clear(id)
	p.drop(func(k Key) bool { return k.server == id })
}

// CloseUser closes every connection of a user, because what fills their placeholders
// changed or the account is gone.
func (p *Pool) CloseUser(id patchbay.UserID) {
	p.drop(func(k Key) bool { return id != "" && k.user == id })
}

// CloseChanged closes the connections of a user that were opened when the account was
// another: with another role, name or e-mail address.
func (p *Pool) CloseChanged(u *patchbay.User) {
	p.drop(func(k Key) bool {
		if k.user != u.ID {
			return false
		}
		e := p.entries[k] // drop asks under the pool's lock
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.live != nil && !samePerson(e.live.target.User, u)
	})
}

// samePerson reports whether two states of an account fill placeholders alike.
func samePerson(a, b *patchbay.User) bool {
	if a == nil {
		return true
	}
	x, y := *a, *b
	x.UpdatedAt, y.UpdatedAt = time.Time{}, time.Time{}
	x.CreatedAt, y.CreatedAt = time.Time{}, time.Time{}
	equal := x.TermsAcceptedAt.Equal(y.TermsAcceptedAt)
	x.TermsAcceptedAt, y.TermsAcceptedAt = time.Time{}, time.Time{}
	return equal && x == y
}

// CloseKey closes one connection and forgets it.
func (p *Pool) CloseKey(k Key) {
	p.drop(func(other Key) bool { return other == k })
}

// drop removes entries from the pool and retires what they hold.
func (p *Pool) drop(want func(Key) bool) {
	for _, e := range p.matching(want) {
		p.mu.Lock()
		if p.entries[e.key] == e {
			delete(p.entries, e.key)
			delete(p.lost, e.key)
		}
		p.mu.Unlock()
		e.mu.Lock()
		e.gone = true
		var hangUp func()
		if e.live != nil {
			hangUp = e.live.retire()
		}
		if e.attempt != nil {
			e.attempt.cancel(errReplaced)
		}
		p.letGo(e)
		e.mu.Unlock()
		if hangUp != nil {
			hangUp()
		}
		p.changed(e.key)
	}
}

// Close takes no new calls, waits for those that run until ctx ends, closes every
// connection and waits for all goroutines of the pool.
func (p *Pool) Close(ctx context.Context) {
	p.workMu.Lock()
	p.stopping.Store(true)
	p.workMu.Unlock()
	for _, e := range p.matching(func(Key) bool { return true }) {
		e.mu.Lock()
		if e.attempt != nil {
			e.attempt.cancel(errStopping)
		}
		e.mu.Unlock()
	}
	var open []*live // those that only finish old calls included
	p.sessions.Range(func(_, l any) bool {
		open = append(open, l.(*live))
		return true
	})
	p.settle(ctx, open)
	p.end(errStopping)
	for _, l := range open {
		e := l.entry
		e.mu.Lock()
		closing := !l.closed
		l.closed = true
		e.mu.Unlock()
		if closing {
			// The pool takes no goroutines any more, but goodbyes must not queue up.
			p.work.Go(l.close)
		}
	}
	p.work.Wait()
}

// settle waits until no call runs on the connections, or ctx ends.
func (p *Pool) settle(ctx context.Context, conns []*live) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		busy := false
		for _, l := range conns {
			l.entry.mu.Lock()
			r := l.entry.tools.reading
			list := r != nil && r.live == l && l.inflight == 1 // nobody's call
			busy = busy || l.inflight > 0 && !list
			l.entry.mu.Unlock()
		}
		if !busy {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
