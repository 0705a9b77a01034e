package conn

import (
	"context"
	"time"

	"patchbay"
)

// Run keeps kept connections open, closes idle ones, and pings those that may be broken
// without showing it, until ctx ends. Connections at user level are idle when no call
// runs on them and none ended within Options.Idle; app level never is.
func (p *Pool) Run(ctx context.Context) error {
	sweep := time.NewTicker(max(min(p.opts.Idle/4, maxSweep), 10*time.Millisecond))
	defer sweep.Stop()
	keep := time.NewTicker(keepEvery)
	defer keep.Stop()
	ping := time.NewTicker(p.opts.Ping)
	defer ping.Stop()
	p.tend(time.Now())
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-sweep.C:
			p.sweep(now)
		case now := <-keep.C:
			p.tend(now)
			p.unlisten(now)
			p.renewPinned(now)
			p.children.recheck(p.limits().StdioProcesses)
		case now := <-ping.C:
			p.pings(now)
		}
	}
}

// sweep closes what is idle at now and forgets entries that nobody used for long.
func (p *Pool) sweep(now time.Time) {
	for _, e := range p.matching(func(k Key) bool { return k.level != patchbay.LevelApp }) {
		e.mu.Lock()
		var hangUp func()
		l := e.live
		idle := l != nil && l.inflight == 0 && now.Sub(l.lastUse) >= p.opts.Idle
		if idle {
			hangUp = l.retire()
			e.used = l.lastUse
			e.set(patchbay.PhaseIdle, nil)
			e.tools.stale = true
			p.letGo(e)
		}
		forgotten := e.live == nil && e.attempt == nil && now.Sub(e.used) >= forgetAfter
		e.mu.Unlock()
		if hangUp != nil {
			hangUp()
		}
		if idle {
			p.changed(e.key)
		}
		if forgotten {
			p.forget(e, now)
		}
	}
	p.people.sweep(now, p.clock())
}

// forget drops an entry, unless somebody wanted it meanwhile.
func (p *Pool) forget(e *entry, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.live == nil && e.attempt == nil && now.Sub(e.used) >= forgetAfter {
		e.gone = true
		delete(p.entries, e.key)
		delete(p.lost, e.key)
	}
}
