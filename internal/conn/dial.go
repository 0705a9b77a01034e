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
// definition's ConnectTimeout.
func (p *Pool) dial(ctx context.Context, e *entry, t Target) (*live, error) {
	values, err := p.opts.Values(ctx, t)
	if err != nil {
		return nil, err
	}
	ep, err := expand.Server(t.Server, values)
	if err != nil {
		return nil, err
	}
	tctx, cancel := context.WithTimeout(ctx, ep.ConnectTimeout)
	defer cancel()
	l := &live{entry: e, pool: p, hash: t.Server.Hash, server: t.Server.Name, user: t.User, timeout: ep.CallTimeout}
	era := p.eras.get(t.Server)
	silent, err := p.open(tctx, ep, l, era)
	if err != nil && era == eraUnknown && silent && tctx.Err() == nil {
		era = eraLegacy
		_, err = p.open(tctx, ep, l, era)
	}
	if err != nil {
		p.eras.forget(t.Server)
		if tctx.Err() != nil && ctx.Err() == nil {
			return nil, connectTimedOut(t.Server.Name, ep, err)
		}
		return nil, explain(t.Server.Name, err)
	}
	p.eras.learn(t.Server, l.wire.ProtocolVersion())
	return l, nil
}

// open opens one wire and shakes hands on it. silent reports that a far end of unknown
// era said nothing to server/discover, or hung up on it.
func (p *Pool) open(ctx context.Context, ep *expand.Endpoint, l *live, era era) (silent bool, err error) {
	wire, err := p.opts.Opener.Open(ctx, ep, transport.OpenOptions{Server: l.server})
	if err != nil {
		return false, err
	}
	c := &carrier{Wire: wire}
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
	session, err := p.client.Connect(ctx, c, &so)
	if err != nil {
		cause := wire.Err()
		_ = wire.Close()
		if cause != nil && !errors.Is(cause, transport.ErrClosed) {
			err = cause // what broke the wire says more than the SDK's "connection closed"
		}
		silent = gaveUp.Load() || !c.heard.Load() && (exited(cause) || errors.Is(cause, transport.ErrLost))
		return silent, err
	}
	l.wire, l.session, l.carrier = wire, session, c
	if res := session.InitializeResult(); res != nil {
		l.instructions = strings.ToValidUTF8(res.Instructions[:min(len(res.Instructions), maxInstruction)], "")
	}
	p.sessions.Store(session, l)
	return false, nil
}

// connectTimedOut says that the server did not get ready in time, and what to do.
func connectTimedOut(server string, ep *expand.Endpoint, err error) *patchbay.ConnectError {
	return &patchbay.ConnectError{
		Server: server, Reason: patchbay.ReasonTimeout, Err: err,
		Message: "The server did not get ready within " + ep.ConnectTimeout.String() + ". If it is slow to start, raise `initTimeout`.",
	}
}
