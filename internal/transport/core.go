package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"patchbay"
)

// core is what every wire has: the queue towards the SDK, the era, the tool headers and
// the end.
type core struct {
	inbox
	handshake
	tools atomic.Pointer[toolSet]
	ids   atomic.Int64
	// dropped counts answers that nobody waits for: late, repeated, or made up.
	dropped atomic.Int64
	pacer   pacer

	end struct {
		mu   sync.Mutex
		err  error
		done chan struct{} // nil until somebody asks for it
	}
}

func (c *core) init(maxMessage int) {
	c.inbox.init(2 * maxMessage)
	c.ids.Store(laneBase)
}

// finish ends the wire, once; it reports whether this call did.
func (c *core) finish(err error) bool {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	if c.end.err != nil {
		return false
	}
	c.end.err = err
	if c.end.done == nil {
		c.end.done = make(chan struct{})
	}
	close(c.end.done)
	nudge(c.wake)
	return true
}

// Done implements Wire.
func (c *core) Done() <-chan struct{} {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	if c.end.done == nil {
		c.end.done = make(chan struct{})
	}
	return c.end.done
}

// Err implements Wire.
func (c *core) Err() error {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	return c.end.err
}

// Read implements mcp.Connection.
func (c *core) Read(ctx context.Context) (jsonrpc.Message, error) {
	return c.take(ctx, c.Err)
}

// SetTools implements Wire.
func (c *core) SetTools(tools []patchbay.Tool) { c.tools.Store(newToolSet(tools)) }

// Stderr implements Wire.
func (c *core) Stderr() []byte { return nil }

// deliver hands a message that was scanned to the SDK, and returns it. data is only read
// during the call.
func (c *core) deliver(data []byte) (jsonrpc.Message, error) {
	if !utf8.Valid(data) {
		return nil, protocolErrorf("a message is not UTF-8")
	}
	msg, err := jsonrpc.DecodeMessage(bytes.Clone(data))
	if err != nil {
		return nil, protocolErrorf("a message cannot be read: %s", snippet([]byte(err.Error()), 200))
	}
	if resp, ok := msg.(*jsonrpc.Response); ok {
		c.answered(resp)
	}
	return msg, c.put(c.Done, msg, len(data))
}

// laneAnswer reads an answer to a lane call.
func laneAnswer(e *envelope, own bool) (*Result, error) {
	if e.err != nil {
		return nil, rpcError(e.err)
	}
	raw := e.result
	if !utf8.Valid(raw) {
		return nil, protocolErrorf("an answer is not UTF-8")
	}
	if !json.Valid(raw) {
		return nil, protocolErrorf("an answer is not JSON")
	}
	isError, resultType, err := scanResult(raw)
	if err != nil {
		return nil, err
	}
	if !own {
		raw = bytes.Clone(raw)
	}
	return &Result{Raw: raw, IsError: isError, ResultType: resultType}, nil
}

// rpcError reads an error member.
func rpcError(raw []byte) error {
	var e struct {
		Code    int64           `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	}
	if !utf8.Valid(raw) || json.Unmarshal(raw, &e) != nil {
		return protocolErrorf("an error is not a JSON-RPC error")
	}
	return &RPCError{Code: e.Code, Message: e.Message, Data: bytes.Clone(e.Data)}
}

// note reads a notification that belongs to a running call.
func note(e *envelope) (patchbay.Note, bool) {
	if e.id != nil || e.params == nil {
		return patchbay.Note{}, false
	}
	var kind patchbay.NoteKind
	switch {
	case e.is(noteProgress):
		kind = patchbay.NoteProgress
	case e.is(noteLog):
		kind = patchbay.NoteLog
	default:
		return patchbay.Note{}, false
	}
	if !utf8.Valid(e.params) || !json.Valid(e.params) {
		return patchbay.Note{}, false
	}
	return patchbay.Note{Kind: kind, Params: bytes.Clone(e.params)}, true
}
