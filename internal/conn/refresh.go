package conn

import "time"

// Figures of reading a list again because the server said that it changed.
const (
	refreshPause  = 250 * time.Millisecond // between two, at first
	refreshMax    = 5 * time.Second        // and at most: a server may say it without end
	refreshErrors = 3                      // failures in a row after which the next use has to see to it
)

// refreshTools reads the list because it is new or the server said that it changed.
// Many such wishes become few lists: one at once, then one after a pause for all that
// came meanwhile.
//
// anew asks for a list that begins now; what is under way on this connection will not do.
func (p *Pool) refreshTools(l *live, anew bool) {
	e := l.entry
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.live != l:
	case e.tools.refresh:
		e.tools.dirty = true
	default:
		e.tools.refresh = p.spawn(func() { p.refresh(e, anew) })
	}
}

// refresh reads the list of the entry's connection until it is up to date.
func (p *Pool) refresh(e *entry, anew bool) {
	failures := 0
	for pause := refreshPause; ; pause = min(2*pause, refreshMax) {
		e.mu.Lock()
		l := e.live
		if l == nil {
			e.tools.refresh, e.tools.dirty = false, false
			e.mu.Unlock()
			return
		}
		e.tools.dirty = false
		e.mu.Unlock()
		err := p.readTools(p.life, l, anew)
		anew = true
		if err != nil {
			failures++
		} else {
			failures = 0
		}
		e.mu.Lock()
		again := e.tools.dirty || err != nil && failures < refreshErrors
		if !again || p.life.Err() != nil {
			e.tools.refresh = false
		}
		over := !e.tools.refresh
		e.mu.Unlock()
		if over {
			if err != nil && p.life.Err() == nil {
				p.opts.Logger.Log(p.life, p.level(e.key.server, time.Now(), false), "Tool list could not be read",
					"server", l.server(), "error", clip(err.Error(), 200), "user", string(e.key.user))
			}
			return
		}
		p.rest(pause, l) // cut short, the next round sees why
	}
}

// rest waits for d, unless the connection or the pool ends before.
func (p *Pool) rest(d time.Duration, l *live) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.wire.Done():
	case <-p.life.Done():
	}
}

// told is what a server says of its own accord about its lists.
func (p *Pool) told(l *live, method string) bool {
	switch method {
	case "notifications/tools/list_changed":
		p.refreshTools(l, true)
		return true
	case "notifications/subscriptions/acknowledged":
		p.relist(l)
		return true
	case "notifications/prompts/list_changed", "notifications/resources/list_changed", "notifications/resources/updated":
		return true // nobody is shown prompts and resources yet
	}
	return false
}
