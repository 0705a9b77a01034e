package conn

import (
	"time"

	"patchbay"
)

// keepEvery is how often kept connections are looked after.
const keepEvery = time.Second

// Keep replaces the set of connections that are to be open whether anybody uses them
// or not: those at app level. Run opens them, side by side, and opens them again when
// they are lost, at the breaker's pace. Taking one out of the set does not close it.
func (p *Pool) Keep(targets []Target) {
	kept := make(map[Key]Target, len(targets))
	for _, t := range targets {
		kept[t.Key] = t
	}
	p.mu.Lock()
	p.kept = kept
	p.mu.Unlock()
}

// reopen makes Run open a user's connection again that was lost while they watch. One
// that nobody watches is opened by its next use.
func (p *Pool) reopen(e *entry, t Target) {
	if t.Key.level != patchbay.LevelUser || !p.watched(t.Key, time.Now()) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.entries[t.Key] == e { // else its definition may be another by now
		p.lost[t.Key] = t
	}
}

// want is a connection that wants to be opened in the background.
type want struct {
	target Target
	tried  time.Time // last
}

// tend starts connects in the background: of connections that are kept, and of those
// lost while somebody watches.
func (p *Pool) tend(now time.Time) {
	due, open := p.due(now)
	for _, t := range pace(due, open) {
		e := p.peek(t.Key)
		if e == nil {
			continue // closed meanwhile
		}
		e.mu.Lock()
		e.tried = now
		e.mu.Unlock()
		p.spawn(func() { _ = p.Open(p.life, t) }) // the entry keeps why it failed
	}
}

// pace chooses which of the connections that are due to open now. A server in trouble
// (open) is tried with one of them only, so once at each round of keepEvery for all its
// users together; they take turns.
func pace(due []want, open map[patchbay.ServerID]bool) []Target {
	var chosen []Target
	turn := map[patchbay.ServerID]want{}
	for _, w := range due {
		id := w.target.Key.server
		if !open[id] {
			chosen = append(chosen, w.target)
			continue
		}
		if other, ok := turn[id]; !ok || w.tried.Before(other.tried) {
			turn[id] = w
		}
	}
	for _, w := range turn {
		chosen = append(chosen, w.target)
	}
	return chosen
}

// due returns what may be opened in the background at now, and the servers among those
// that are in trouble.
func (p *Pool) due(now time.Time) (due []want, open map[patchbay.ServerID]bool) {
	p.mu.RLock()
	targets := make([]Target, 0, len(p.kept)+len(p.lost))
	for _, t := range p.kept {
		targets = append(targets, t)
	}
	for _, t := range p.lost {
		targets = append(targets, t)
	}
	p.mu.RUnlock()
	open = map[patchbay.ServerID]bool{}
	for _, t := range targets {
		e, err := p.entryOf(t.Key)
		if err != nil {
			return nil, nil // stopping
		}
		e.mu.Lock()
		wanted, may := e.due(t.Server, now)
		tried := e.tried
		e.mu.Unlock()
		if t.Key.level == patchbay.LevelUser && (!wanted || !p.watched(t.Key, now)) {
			p.mu.Lock()
			delete(p.lost, t.Key)
			p.mu.Unlock()
			continue
		}
		if may {
			due = append(due, want{t, tried})
			open[t.Key.server] = false
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	for _, e := range p.matching(func(k Key) bool { _, ok := open[k.server]; return ok }) {
		e.mu.Lock()
		trouble := e.breaker.open(now)
		e.mu.Unlock()
		if trouble {
			open[e.key.server] = true
		}
	}
	return due, open
}

// due reports whether a connection is still to be opened in the background, and whether
// it may be now. The caller holds e.mu.
func (e *entry) due(s *patchbay.Server, now time.Time) (wanted, may bool) {
	if e.live != nil && e.live.target.Server.Hash == s.Hash {
		return false, false
	}
	if e.err != nil && needsPerson(e.err.Reason) {
		return false, false
	}
	return true, e.attempt == nil && e.breaker.due(now)
}
