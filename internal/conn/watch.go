package conn

import (
	"sync"
	"time"

	"patchbay"
)

// watchLinger is how long watching outlasts the last who watched: a page that is loaded
// anew comes back at once.
const watchLinger = 30 * time.Second

// Watch makes the pool hear at once of changes at the servers of a user, and of those
// that all share, and open the user's lost connections again, until release is called.
// user may be "", for somebody who sees shared servers only.
func (p *Pool) Watch(user patchbay.UserID) (release func()) {
	w := p.people.of(user)
	w.watchers++
	first := w.watchers == 1
	w.mu.Unlock()
	if p.watchers.Add(1) == 1 || first {
		p.hark(user)
	}
	return sync.OnceFunc(func() { p.unwatch(user, time.Now()) })
}

func (p *Pool) unwatch(user patchbay.UserID, now time.Time) {
	until := now.Add(watchLinger)
	w := p.people.of(user)
	if w.watchers--; w.watchers == 0 {
		w.until = until
		p.fading.Store(user, until)
	}
	w.mu.Unlock()
	p.lastWatch.Store(until.UnixNano())
	p.watchers.Add(-1)
}

// watched reports whether somebody watches the connection of a key.
func (p *Pool) watched(k Key, now time.Time) bool {
	switch k.level {
	case patchbay.LevelApp:
		return p.watchers.Load() > 0 || now.UnixNano() < p.lastWatch.Load()
	case patchbay.LevelUser:
		w := p.people.peek(k.user)
		if w == nil {
			return false
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.watchers > 0 || now.Before(w.until)
	}
	return false
}

// hark starts the listeners that a user who begins to watch wants.
func (p *Pool) hark(user patchbay.UserID) {
	for _, e := range p.matching(seenBy(user)) {
		e.mu.Lock()
		l := e.live
		e.mu.Unlock()
		if l != nil {
			p.listen(l)
		}
	}
}

// unlisten ends the listeners that nobody wants any more at now.
func (p *Pool) unlisten(now time.Time) {
	p.fading.Range(func(user, until any) bool {
		if now.Before(until.(time.Time)) {
			return true
		}
		p.fading.CompareAndDelete(user, until)
		p.faded(user.(patchbay.UserID), now)
		for _, e := range p.matching(seenBy(user.(patchbay.UserID))) {
			if p.watched(e.key, now) {
				continue
			}
			e.mu.Lock()
			if e.live != nil && e.live.unlisten != nil {
				e.live.unlisten()
			}
			e.mu.Unlock()
		}
		return true
	})
}

// faded ends the time that a user's watching lasted beyond its end.
func (p *Pool) faded(user patchbay.UserID, now time.Time) {
	w := p.people.of(user)
	if !now.Before(w.until) {
		w.until = time.Time{}
	}
	w.mu.Unlock()
	if last := p.lastWatch.Load(); now.UnixNano() >= last {
		p.lastWatch.CompareAndSwap(last, 0)
	}
}

// seenBy chooses the connections whose changes a user sees.
func seenBy(user patchbay.UserID) func(Key) bool {
	return func(k Key) bool {
		return k.level == patchbay.LevelApp || k.level == patchbay.LevelUser && k.user == user
	}
}
