package transport

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"patchbay"
)

// pipe is what the wires have in common that carry all messages over one stream each
// way: stdio, websocket, sse. Answers find their calls by id.
type pipe struct {
	core
	server string
	logger *slog.Logger
	// send passes a message on its way without waiting for the far end. data is the
	// carrier's from then on when it succeeds.
	send func(m *outgoing) error
	// recall takes back a message that is not yet on its way.
	recall func(m *outgoing) bool
	tells  bool // the carrier finds out when a single message does not get through

	mu      sync.Mutex
	waiting map[int64]*waiter
	calls   int // of waiting, those of people
}

// outgoing is one message on its way out.
type outgoing struct {
	data    []byte
	buf     *[]byte // data's home, to be put back once written; nil when it has none
	written atomic.Bool
	// failed is told, by carriers that find out, that this message alone did not get
	// through. Nil when nobody waits for it.
	failed func(sent bool, err error)
}

// done gives the message's buffer back.
func (m *outgoing) done() {
	if m.buf != nil {
		putBuffer(m.buf)
	}
	m.buf, m.data = nil, nil
}

// waiter waits for the answer to one lane request.
type waiter struct {
	outgoing
	answer chan laneMessage // capacity one

	mu       sync.Mutex
	observer func(patchbay.Note)
}

// laneMessage is an answer, copied but not yet judged: that is the caller's work. Or it
// says that there will be none.
type laneMessage struct {
	result, err []byte

	failure error
	sent    bool
}

func (p *pipe) init(server string, logger *slog.Logger, maxMessage int) {
	p.core.init(maxMessage)
	p.server, p.logger = server, logger
	p.waiting = map[int64]*waiter{}
}

// Call implements Wire.
func (p *pipe) Call(ctx context.Context, c *Call) (*Result, error) {
	id := p.ids.Add(1)
	w := &waiter{answer: make(chan laneMessage, 1), observer: c.Observer}
	w.buf = getBuffer()
	data, err := appendCall((*w.buf)[:0], id, c, metaOf(p.now.Load()))
	if err != nil {
		w.done()
		return nil, &CallError{Err: err}
	}
	*w.buf, w.data = data, data
	if err := ctx.Err(); err != nil {
		w.done()
		return nil, &CallError{Err: err}
	}
	a, sent, err := p.ask(ctx, id, w, true)
	if err != nil {
		return nil, &CallError{Sent: sent, Err: err}
	}
	r, err := laneAnswer(&envelope{result: a.result, err: a.err}, true)
	if err != nil {
		return nil, &CallError{Sent: true, Err: err}
	}
	return r, nil
}

// ask sends a lane request and waits for its answer.
func (p *pipe) ask(ctx context.Context, id int64, w *waiter, isCall bool) (a laneMessage, sent bool, err error) {
	p.mu.Lock()
	p.waiting[id] = w
	if isCall {
		p.calls++
	}
	p.mu.Unlock()
	defer p.forget(id, w, isCall)
	if p.tells {
		w.failed = func(sent bool, err error) {
			select {
			case w.answer <- laneMessage{failure: err, sent: sent}:
			default: // answered after all
			}
		}
	}
	if err := p.send(&w.outgoing); err != nil {
		return a, w.written.Load(), err
	}
	select {
	case a = <-w.answer:
		if a.failure != nil {
			return a, a.sent, a.failure
		}
		return a, true, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-p.Done():
		select {
		case a = <-w.answer: // it came with the wire's last breath
			if a.failure == nil {
				return a, true, nil
			}
		default:
		}
		return a, w.written.Load(), p.Err()
	}
	if p.recall(&w.outgoing) {
		return a, false, err
	}
	reason := "cancelled"
	if errors.Is(err, context.DeadlineExceeded) {
		reason = "timed out"
	}
	// Best effort: a server that does not read will not hear of it.
	_ = p.send(&outgoing{data: appendCancelled(nil, id, reason)})
	return a, true, err
}

// forget ends the wait for an answer. The observer is not called afterwards.
func (p *pipe) forget(id int64, w *waiter, isCall bool) {
	p.mu.Lock()
	delete(p.waiting, id)
	if isCall {
		p.calls--
	}
	p.mu.Unlock()
	if w.observer != nil {
		w.mu.Lock()
		w.observer = nil
		w.mu.Unlock()
	}
}

// notify shows a note to the call, unless it has returned.
func (w *waiter) notify(n patchbay.Note) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.observer != nil {
		w.observer(n)
	}
}

// Listen implements Wire: a modern server is asked for its change notifications; from
// older ones they come unasked.
func (p *pipe) Listen(ctx context.Context) error {
	e := p.now.Load()
	if !e.modern() {
		return ErrNoListener
	}
	id := p.ids.Add(1)
	w := &waiter{answer: make(chan laneMessage, 1)}
	w.data = appendListen(nil, id, e.meta)
	a, _, err := p.ask(ctx, id, w, false)
	if err == nil && a.err != nil {
		err = rpcError(a.err)
	}
	return err
}

// Write implements mcp.Connection.
func (p *pipe) Write(_ context.Context, msg jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return &rejected{err}
	}
	if req, ok := msg.(*jsonrpc.Request); ok && req.IsCall() {
		p.sent(req)
	}
	if err := p.send(&outgoing{data: data}); err != nil {
		if p.Err() == nil {
			err = &rejected{err}
		}
		return err
	}
	return nil
}

// errForeign is receive's verdict on what is no MCP message at all.
var errForeign = errors.New("not an MCP message")

// receive takes one message from the far end. data is only read during the call.
// errForeign tells of what is no message; any other error ends the wire.
func (p *pipe) receive(data []byte) error {
	if i := space(data, 0); i < len(data) && data[i] == '[' {
		return elements(data, p.receive)
	}
	e, err := scanEnvelope(data)
	if err != nil {
		return err
	}
	if !e.isMessage() {
		return errForeign
	}
	if id, ok := e.laneID(); ok {
		p.mu.Lock()
		w := p.waiting[id]
		delete(p.waiting, id) // a second answer finds nobody
		calls := len(p.waiting)
		p.mu.Unlock()
		if w == nil {
			p.dropped.Add(1)
			p.pace(len(data), calls)
			return nil
		}
		select {
		case w.answer <- laneMessage{result: bytes.Clone(e.result), err: bytes.Clone(e.err)}:
		default: // given up by its carrier a moment ago
		}
		return nil
	}
	p.mu.Lock()
	calls := len(p.waiting)
	p.mu.Unlock()
	defer p.pace(len(data), calls) // after what it says went on
	if n, ok := note(&e); ok {
		if w := p.noteFor(n); w != nil {
			w.notify(n)
			return nil
		}
	}
	if e.madeUp() {
		p.dropped.Add(1)
		return nil
	}
	_, err = p.deliver(data)
	return err
}

// noteFor returns the call that a note belongs to: progress by its token, a log line
// when only one call is in flight.
func (p *pipe) noteFor(n patchbay.Note) *waiter {
	if n.Kind == patchbay.NoteProgress {
		var id int64
		err := members(n.Params, func(name, value []byte) error {
			if string(name) == "progressToken" {
				id, _ = strconv.ParseInt(string(value), 10, 64) // another kind of token is the SDK's
			}
			return nil
		})
		if err != nil || id < laneBase {
			return nil
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if w := p.waiting[id]; w != nil {
			return w
		}
		return &waiter{} // late: for a call that has returned
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls != 1 {
		return nil
	}
	for _, w := range p.waiting {
		if w.hasObserver() {
			return w
		}
	}
	return nil
}

func (w *waiter) hasObserver() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.observer != nil
}
