package conn

import (
	"fmt"
	"time"

	"patchbay"
)

// Limits is `mcpSettings.limits`: how much there may be at once. 0 means no limit;
// everything is counted all the same.
type Limits struct {
	UserConnections     int // open connections of one user
	UserConcurrentCalls int // calls of one user at the same time
	UserCallsPerMinute  int
	ServerConnections   int // open connections to one server, all users together
	StdioProcesses      int // child processes in all
}

func (p *Pool) limits() Limits {
	if p.opts.Limits == nil {
		return Limits{}
	}
	return p.opts.Limits()
}

// limited is the refusal of one limit.
func limited(after time.Duration, format string, args ...any) *patchbay.Error {
	e := patchbay.Errorf(patchbay.CodeRateLimited, format, args...)
	e.RetryAfter = max(after, time.Second)
	return e
}

// admit counts a call of a user, or refuses it. The caller calls done on the person,
// who is nil for nobody: an operator who acts for no user has no limits.
func (p *Pool) admit(user patchbay.UserID) (*person, error) {
	if user == "" {
		return nil, nil //nolint:nilnil // a call of nobody is admitted and counted for nobody
	}
	l := p.limits()
	who := p.people.of(user)
	defer who.mu.Unlock()
	if m := l.UserConcurrentCalls; m > 0 && who.calls >= m {
		return nil, limited(time.Second, "You have %d tool calls running, as many as one user may (mcpSettings.limits.concurrentCalls). Try again when one has ended.", who.calls)
	}
	now := p.clock()
	if wait := who.minute.wait(now, l.UserCallsPerMinute); wait > 0 {
		return nil, limited(wait, "You made %d tool calls in the last minute, as many as one user may (mcpSettings.limits.callsPerMinute). Try again in %s.", who.minute.sum, inSeconds(wait))
	}
	who.minute.add(now)
	who.calls++
	return who, nil
}

// done ends what admit began.
func (w *person) done() {
	if w == nil {
		return
	}
	w.mu.Lock()
	w.calls--
	w.mu.Unlock()
}

// hold takes the places that an open connection needs: one of its user's and one of
// its server's. An entry holds them as long as it has a connection or an attempt. The
// caller holds e.mu.
func (p *Pool) hold(e *entry, server string) error {
	if e.held {
		return nil
	}
	l := p.limits()
	if err := p.servers.take(e.key.server, server, l.ServerConnections); err != nil {
		return err
	}
	if e.key.user != "" {
		who := p.people.of(e.key.user)
		if m := l.UserConnections; m > 0 && who.conns >= m {
			who.mu.Unlock()
			p.servers.giveBack(e.key.server)
			return limited(retryConnections, "You have %d connections open, as many as one user may (mcpSettings.limits.connections). Those that are not used close by themselves; try again later.", m)
		}
		who.conns++
		who.mu.Unlock()
		e.owner = who
	}
	e.held = true
	return nil
}

// letGo gives the places back when the entry has no use for them any more. The caller
// holds e.mu.
func (p *Pool) letGo(e *entry) {
	if !e.held || e.live != nil || e.attempt != nil {
		return
	}
	e.held = false
	p.servers.giveBack(e.key.server)
	if who := e.owner; who != nil {
		e.owner = nil
		who.mu.Lock()
		who.conns--
		who.mu.Unlock()
	}
}

// retryConnections is when a refused connection is worth another try: which of the open
// ones ends when is up to those who use them.
const retryConnections = 30 * time.Second

// inSeconds is a wait in words, rounded up: who comes back then is let in.
func inSeconds(d time.Duration) string {
	if n := int((d + time.Second - 1) / time.Second); n != 1 {
		return fmt.Sprintf("%d seconds", n)
	}
	return "1 second"
}
