package conn

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
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

// maxExtension is how many times its timeout a call that reports progress may take.
const maxExtension = 10

var errCallTimeout = errors.New("no answer in time")

// Call calls a tool on the connection of t, opening it when need be. Time spent
// connecting does not count for the call's timeout; each progress notification starts
// the timeout anew, up to ten times its length in all.
//
// A call that was not written, or that the server turned away because it no longer
// knew the session, is sent once more on a new connection. One that may have been
// executed never is: its error has CodeUnknownFate.
func (p *Pool) Call(ctx context.Context, t Target, r Request) (*transport.Result, error) {
	for again := false; ; again = true {
		l, err := p.acquire(ctx, t)
		if err != nil {
			return nil, err
		}
		res, err := p.callOn(ctx, l, r)
		l.leave()
		if err == nil {
			return res, nil
		}
		if again || !repeatable(err) || ctx.Err() != nil {
			return nil, l.explainCall(r, err)
		}
	}
}

// callOn makes one attempt on one connection.
func (p *Pool) callOn(ctx context.Context, l *live, r Request) (*transport.Result, error) {
	if err := p.checkTool(ctx, l, r.Tool); err != nil {
		return nil, err
	}
	cctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d := startDeadline(l.timeout, cancel)
	defer d.timer.Stop()
	res, err := l.wire.Call(cctx, &transport.Call{
		Name: r.Tool, Args: r.Args, Meta: r.Meta,
		InputResponses: r.Answers, RequestState: r.State,
		Observer: func(n patchbay.Note) {
			if n.Kind == patchbay.NoteProgress {
				d.extend()
			}
			if r.Observer != nil {
				r.Observer(n)
			}
		},
	})
	if err != nil {
		if errors.Is(context.Cause(cctx), errCallTimeout) {
			return nil, errCallTimeout
		}
		l.suffered(err)
		if unknownTool := p.unknownTool(ctx, l, r.Tool, err); unknownTool != nil {
			return nil, unknownTool
		}
		return nil, err
	}
	return res, nil
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
	if !known && p.readTools(ctx, l) != nil {
		return nil // the server's own words will do
	}
	return p.checkTool(ctx, l, name)
}

// deadline ends a call that is silent for too long.
type deadline struct {
	timeout time.Duration
	timer   *time.Timer
	mu      sync.Mutex
	last    time.Time // not after this, whatever progress says
}

func startDeadline(timeout time.Duration, cancel context.CancelCauseFunc) *deadline {
	return &deadline{
		timeout: timeout, last: time.Now().Add(maxExtension * timeout),
		timer: time.AfterFunc(timeout, func() { cancel(errCallTimeout) }),
	}
}

// extend starts the timeout anew.
func (d *deadline) extend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if left := time.Until(d.last); left > 0 && d.timer.Stop() {
		d.timer.Reset(min(d.timeout, left))
	}
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
	switch {
	case errors.As(err, &auth):
		l.broke(explain(l.server, err))
	case errors.Is(err, transport.ErrSessionGone):
		l.replace()
	default:
		if cause := l.wire.Err(); cause != nil && !errors.Is(cause, transport.ErrClosed) {
			l.broke(explain(l.server, cause))
		}
	}
}

// replace retires the connection without calling it a failure: the next use opens
// another one.
func (l *live) replace() {
	e := l.entry
	e.mu.Lock()
	var hangUp func()
	if e.live == l {
		hangUp = l.retire()
		e.set(patchbay.PhaseIdle, nil)
		e.tools.stale = true
	}
	e.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
}
