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

// tend starts a connect for each kept connection that is not open and may be tried.
func (p *Pool) tend(now time.Time) {
	p.mu.RLock()
	targets := make([]Target, 0, len(p.kept))
	for _, t := range p.kept {
		targets = append(targets, t)
	}
	p.mu.RUnlock()
	for _, t := range targets {
		e, err := p.entryOf(t.Key)
		if err != nil {
			return // stopping
		}
		e.mu.Lock()
		due := e.due(t.Server, now)
		e.mu.Unlock()
		if due {
			p.spawn(func() { _ = p.Open(p.life, t) }) // the entry keeps why it failed
		}
	}
}

// due reports whether a kept connection wants a connect now. The caller holds e.mu.
func (e *entry) due(s *patchbay.Server, now time.Time) bool {
	if e.attempt != nil || e.live != nil && e.live.hash == s.Hash {
		return false
	}
	if e.err != nil && (signInReason(e.err.Reason) || e.err.Reason == patchbay.ReasonNeedsVariables) {
		return false // it takes a person
	}
	_, ok := e.breaker.allow(now)
	return ok
}
