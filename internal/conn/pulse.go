package conn

import (
	"context"
	"errors"
	"time"

	"patchbay"
	"patchbay/internal/transport"
)

// Figures of pings. With the default of Options.Ping, a far end that is gone is found
// within 40 seconds.
const (
	pulseStrikes = 2 // unanswered pings in a row
	pulseIdle    = 4 // an idle connection that nobody watches is pinged so much more rarely
	maxPings     = 256
)

// pulse is what is known of a connection's life from pings. Guarded by the entry's lock.
type pulse struct {
	at      time.Time // of the last sign of life
	strikes int
	busy    bool // it answers while calls run: then silence means something even so
	pinging bool
}

// pings asks connections that may be broken without showing it whether they live:
// legacy ones that hold a stream or a process, or that carry a call. A modern server
// has no ping; there and below TCP's own keepalive watches (see netguard).
func (p *Pool) pings(now time.Time) {
	p.sessions.Range(func(_, found any) bool {
		l := found.(*live)
		e := l.entry
		e.mu.Lock()
		due := p.pulsing.Load() < maxPings && e.live == l && l.pingDue(now, p.opts.Ping)
		if due {
			l.pulse.pinging = true
		}
		e.mu.Unlock()
		if !due {
			return true
		}
		p.pulsing.Add(1)
		if !p.spawn(func() { p.ping(p.life, l); p.pulsing.Add(-1) }) {
			p.pulsing.Add(-1)
		}
		return true
	})
}

// pingDue decides whether to ping. The caller holds the entry's lock.
func (l *live) pingDue(now time.Time, every time.Duration) bool {
	if l.meta != nil || l.pulse.pinging {
		return false
	}
	stream := l.target.Server.Transport != patchbay.TransportHTTP
	switch {
	case l.unlisten != nil, l.inflight > 0, stream && l.entry.key.level == patchbay.LevelApp:
	case stream:
		every *= pulseIdle
	default:
		return false
	}
	last := l.lastUse
	if l.pulse.at.After(last) {
		last = l.pulse.at
	}
	return now.Sub(last) >= every-every/10 // rounds come a little early or late
}

// ping sends one ping and judges the answer. A server that does not know pings lives. A
// server busy with a call may not be able to answer: its silence counts only when it
// once did answer while busy.
func (p *Pool) ping(ctx context.Context, l *live) {
	e := l.entry
	e.mu.Lock()
	busy := l.inflight > 0
	e.mu.Unlock()
	tctx, cancel := context.WithTimeout(ctx, p.opts.Ping*2/3)
	token := l.bearer()
	_, err := l.carrier.ask(tctx, "ping", l.params(""))
	renewed := false
	if l.signIn(err) {
		renewed, err = l.renew(ctx, token, err, 0)
	}
	late := err != nil && tctx.Err() != nil && ctx.Err() == nil
	cancel()
	var rpc *transport.RPCError
	var status *transport.HTTPError
	alive := err == nil || renewed || errors.As(err, &rpc) || errors.As(err, &status) && status.Status < 500
	e.mu.Lock()
	l.pulse.pinging = false
	if alive {
		l.pulse.at, l.pulse.strikes = time.Now(), 0
		l.pulse.busy = l.pulse.busy || busy && l.inflight > 0
	} else if l.inflight == 0 && !busy || l.pulse.busy {
		l.pulse.strikes++
	}
	dead := l.pulse.strikes >= pulseStrikes
	e.mu.Unlock()
	switch {
	case alive || ctx.Err() != nil:
	case dead:
		l.broke(&patchbay.ConnectError{
			Server: l.server(), Reason: patchbay.ReasonLost, Err: err,
			Message: "The server no longer answers, not even to pings.",
		})
		p.spawn(func() { _ = l.wire.Close() }) // what still waits on it gets its answer
	case !late:
		l.suffered(err)
	}
}
