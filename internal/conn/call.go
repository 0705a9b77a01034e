package conn

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"patchbay"
	"patchbay/internal/transport"
)

// Request is one tools/call.
type Request struct {
	Tool string
	Args json.RawMessage
	Meta json.RawMessage
	// Answers and State continue a call that ended in a question.
	Answers json.RawMessage
	State   json.RawMessage
	// Observer sees progress and log lines in wire order, before the result.
	Observer func(patchbay.Note)
}

// Call calls a tool on the connection of t, opening it when need be. Time spent
// connecting does not count for the call's timeout; each progress notification starts
// the timeout anew, up to ten times its length in all.
//
// A call that was not written, or that the server turned away because it no longer
// knew the session, is sent once more on a new connection; one that was turned away for
// its token once more with another token. One that may have been executed never is: its
// error has CodeUnknownFate.
//
// It counts for the limits of t.Caller; over one of them the error has CodeRateLimited.
func (p *Pool) Call(ctx context.Context, t Target, r Request) (*transport.Result, error) {
	who, err := p.admit(t.Caller)
	if err != nil {
		return nil, err
	}
	defer who.done()
	for again, tokens := false, 0; ; {
		l, err := p.use(ctx, t)
		if err != nil {
			return nil, err
		}
		begin, token := time.Now(), l.bearer()
		res, err := p.callOn(ctx, l, &r)
		if err == nil {
			l.leave()
			return res, nil
		}
		if l.signIn(err) {
			renewed, why := l.renew(ctx, token, err, tokens)
			l.leave()
			if !renewed {
				return nil, why
			}
			tokens++
			continue
		}
		l.leave()
		if again || !repeatable(err) || ctx.Err() != nil {
			return nil, l.explainCall(r.Tool, err, time.Since(begin))
		}
		again = true
	}
}

// callOn makes one attempt on one connection.
func (p *Pool) callOn(ctx context.Context, l *live, r *Request) (*transport.Result, error) {
	if err := p.checkTool(ctx, l, r.Tool); err != nil {
		return nil, err
	}
	o := startOuting(ctx, l.timeout, r)
	res, err := l.wire.Call(o.ctx, &o.call)
	if err == nil {
		o.finish(true)
		return res, nil
	}
	timedOut := errors.Is(context.Cause(o.ctx), errCallTimeout)
	o.finish(false)
	if timedOut {
		return nil, errCallTimeout
	}
	if l.signIn(err) {
		return nil, err // Call sees to it
	}
	l.suffered(err)
	if unknownTool := p.unknownTool(ctx, l, r.Tool, err); unknownTool != nil {
		return nil, unknownTool
	}
	return nil, err
}

// unknownTool tells whether a server's refusal means that it has no such tool: servers
// have different words for it, so their list decides. It is read when it was not yet.
func (p *Pool) unknownTool(ctx context.Context, l *live, name string, err error) error {
	var rpc *transport.RPCError
	if !errors.As(err, &rpc) || rpc.Code != jsonrpc.CodeInvalidParams && rpc.Code != jsonrpc.CodeMethodNotFound {
		return nil
	}
	l.entry.mu.Lock()
	known := l.entry.tools.known && !l.entry.tools.stale
	l.entry.mu.Unlock()
	if !known && p.readTools(ctx, l, false) != nil {
		return nil // the server's own words will do
	}
	return p.checkTool(ctx, l, name)
}

// repeatable reports whether a failed call was certainly not executed, and a new
// connection may help.
func repeatable(err error) bool {
	var ce *transport.CallError
	if !errors.As(err, &ce) || ce.Sent {
		return false
	}
	return errors.Is(err, transport.ErrSessionGone) || errors.Is(err, transport.ErrClosed) || errors.Is(err, transport.ErrLost) || exited(err)
}

func exited(err error) bool {
	var e *transport.ExitError
	return errors.As(err, &e)
}

// suffered takes the connection out of use when err says that it is no good any more.
func (l *live) suffered(err error) {
	var auth *transport.AuthError
	var status *transport.HTTPError
	switch {
	case errors.As(err, &auth):
		l.broke(l.explain(err))
	case errors.Is(err, transport.ErrSessionGone):
		l.replace()
	case errors.As(err, &status) && status.RetryAfter > 0:
		l.hush(status.RetryAfter)
	default:
		l.ended()
	}
}

// maxHush is how long a server's Retry-After keeps calls from it at most.
const maxHush = 5 * time.Minute

// hush keeps the user's calls from a server that asked for it. A shared connection is
// not hushed: what one user's call met says nothing of another's.
func (l *live) hush(after time.Duration) {
	if l.entry.key.level == patchbay.LevelApp {
		return
	}
	e := l.entry
	e.mu.Lock()
	e.quiet = time.Now().Add(min(after, maxHush))
	e.mu.Unlock()
}

// replace retires the connection without calling it a failure: the next use opens
// another one.
func (l *live) replace() {
	e := l.entry
	e.mu.Lock()
	var hangUp func()
	found := e.live == l
	if found {
		hangUp = l.retire()
		e.set(patchbay.PhaseIdle, nil)
		e.tools.stale = true
		l.pool.letGo(e)
	}
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	if found {
		l.pool.reopen(e, l.target)
		l.pool.changed(e.key)
	}
}
