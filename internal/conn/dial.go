package conn

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/transport"
)

// discoverTimeout is how long a server of unknown era may stay silent to
// server/discover before it is asked again, on a new wire, in the old way. A stdio
// server that ignores unknown methods would otherwise use up all of initTimeout.
const discoverTimeout = 2 * time.Second

// dial expands the definition, opens a wire and shakes hands on it, within the
// definition's ConnectTimeout. Waiting for a place for a child comes before that, and
// takes as long at most.
func (p *Pool) dial(ctx context.Context, e *entry, t Target) (*live, error) {
	values, err := p.opts.Values(ctx, t)
	if err != nil {
		return nil, err
	}
	ep, err := expand.Server(t.Server, values)
	if err != nil {
		return nil, err
	}
	source, err := p.source(ctx, t)
	if err != nil {
		return nil, err
	}
	child := ep.Transport == patchbay.TransportStdio
	if child {
		if err := p.takeChild(ctx, t.Server.Name, ep.ConnectTimeout); err != nil {
			return nil, err
		}
	}
	l := &live{entry: e, pool: p, target: t, timeout: ep.CallTimeout, child: child, source: source}
	wire, err := p.shake(ctx, ep, l)
	for tokens := 0; l.signIn(err); tokens++ { // a child never says so
		p.discard(e, wire, false)
		wire = nil
		var renewed bool
		if renewed, err = l.renew(ctx, l.token, err, tokens); renewed {
			wire, err = p.shake(ctx, ep, l)
		}
	}
	if err != nil {
		p.discard(e, wire, child)
		p.eras.forget(t.Server)
		return nil, l.explain(err)
	}
	p.eras.learn(t.Server, wire.ProtocolVersion())
	return l, nil
}

// shake opens a wire and shakes hands on it, in the way of the server's era.
func (p *Pool) shake(ctx context.Context, ep *expand.Endpoint, l *live) (transport.Wire, error) {
	tctx, cancel := context.WithTimeout(ctx, ep.ConnectTimeout)
	defer cancel()
	era := p.eras.get(l.target.Server)
	wire, silent, err := p.open(tctx, ep, l, era)
	if err != nil && era == eraUnknown && silent && tctx.Err() == nil {
		_ = wire.Close() // not two children at a time; it said nothing, so its goodbye says nothing
		era = eraLegacy
		wire, _, err = p.open(tctx, ep, l, era)
	}
	if err != nil && tctx.Err() != nil && ctx.Err() == nil {
		err = connectTimedOut(l.server(), ep, err)
	}
	return wire, err
}

// discard closes a wire that is of no use, in the background: a child may take its time
// to end. wire may be nil.
func (p *Pool) discard(e *entry, wire transport.Wire, child bool) {
	end := func() {
		if wire != nil {
			_ = wire.Close() // of no use, whatever its goodbye
			e.mu.Lock()
			e.diary.keep(wire.Stderr())
			e.mu.Unlock()
		}
		if child {
			p.children.giveBack(false, p.limits().StdioProcesses)
		}
	}
	if wire == nil || !p.spawn(end) {
		end()
	}
}

// open opens one wire and shakes hands on it. silent reports that a far end of unknown
// era said nothing to server/discover, or hung up on it. With an error, the wire, if
// there is one, is the caller's to close.
func (p *Pool) open(ctx context.Context, ep *expand.Endpoint, l *live, era era) (wire transport.Wire, silent bool, err error) {
	at := *ep
	wire, err = p.opts.Opener.Open(ctx, &at, l.take(&at))
	if err != nil {
		return nil, false, err
	}
	c := &carrier{Wire: wire, spawn: p.spawn}
	var so mcp.ClientSessionOptions
	if era == eraLegacy {
		so.ProtocolVersion = latestLegacy
	}
	var gaveUp atomic.Bool
	if era == eraUnknown {
		timer := time.AfterFunc(discoverTimeout, func() {
			if !c.heard.Load() {
				gaveUp.Store(true)
				_ = wire.Close() // the handshake below fails
			}
		})
		defer timer.Stop()
	}
	during := newShaking(ctx)
	session, err := p.client.Connect(during, c, &so)
	if err != nil {
		cause := wire.Err()
		if cause != nil && !errors.Is(cause, transport.ErrClosed) {
			err = cause // what broke the wire says more than the SDK's "connection closed"
		}
		silent = gaveUp.Load() || !c.heard.Load() && (exited(cause) || errors.Is(cause, transport.ErrLost))
		return wire, silent, err
	}
	during.over()
	l.wire, l.session, l.carrier = wire, session, c
	l.meta = p.metaFor(wire.ProtocolVersion())
	l.learn(session.InitializeResult())
	p.sessions.Store(session, l)
	return wire, false, nil
}

// learn keeps what matters of what the server said of itself, and lets go of the rest,
// which may be large: there is one for each connection.
func (l *live) learn(res *mcp.InitializeResult) {
	l.hasTools = true
	if res == nil {
		return
	}
	l.instructions = strings.Clone(strings.ToValidUTF8(res.Instructions[:min(len(res.Instructions), maxInstruction)], ""))
	if c := res.Capabilities; c != nil {
		l.hasTools = c.Tools != nil
		l.changes = c.Tools != nil && c.Tools.ListChanged || c.Prompts != nil && c.Prompts.ListChanged ||
			c.Resources != nil && (c.Resources.ListChanged || c.Resources.Subscribe)
	}
	l.asks = l.pool.opts.Question != nil && l.entry.key.level != patchbay.LevelApp && res.ProtocolVersion <= latestLegacy
	res.Capabilities, res.Instructions, res.ServerInfo, res.Meta = nil, "", nil, nil
}

// connectTimedOut says that the server did not get ready in time, and what to do.
func connectTimedOut(server string, ep *expand.Endpoint, err error) *patchbay.ConnectError {
	return &patchbay.ConnectError{
		Server: server, Reason: patchbay.ReasonTimeout, Err: err,
		Message: "The server did not get ready within " + ep.ConnectTimeout.String() + ". If it is slow to start, raise `initTimeout`.",
	}
}
