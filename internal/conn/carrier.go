package conn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay/internal/transport"
)

// askBase is where the ids of our own requests start: the SDK counts from one, the
// lane from far above.
const askBase = 1 << 39

// carrier hands a wire to the SDK. It notes whether the far end ever answered and when
// the wire ends, and lets us ask for ourselves: the SDK's typed tools have passed
// numbers through float64, lost members it does not know, and stay in its cache.
type carrier struct {
	transport.Wire
	spawn func(func()) bool
	heard atomic.Bool
	owner atomic.Pointer[live] // told when the wire ends

	mu   sync.Mutex
	n    int64
	asks map[jsonrpc.ID]chan *jsonrpc.Response // each of capacity one; nil when there are none
	over error                                 // why nothing is read any more
}

// Connect implements mcp.Transport.
func (c *carrier) Connect(context.Context) (mcp.Connection, error) { return c, nil }

// Close implements mcp.Connection. A child may take seconds to end, and the SDK closes
// the wire of a failed handshake before it says that it failed: whoever waits for the
// end of the wire closes the wire itself.
func (c *carrier) Close() error {
	if !c.spawn(func() { _ = c.Wire.Close() }) { // nobody waits for what it would say
		return c.Wire.Close()
	}
	return nil
}

// Read implements mcp.Connection.
func (c *carrier) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		m, err := c.Wire.Read(ctx)
		if err != nil {
			c.ended(err)
			return nil, err
		}
		if !c.heard.Load() {
			c.heard.Store(true)
		}
		if r, ok := m.(*jsonrpc.Response); !ok || !c.answer(r) {
			return m, nil
		}
	}
}

// answer gives a response to who asked for it, if that was us.
func (c *carrier) answer(r *jsonrpc.Response) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch, ok := c.asks[r.ID]
	if ok {
		delete(c.asks, r.ID)
		ch <- r
	}
	return ok
}

// ended fails what was asked and tells the connection.
func (c *carrier) ended(err error) {
	c.mu.Lock()
	c.over = err
	for id, ch := range c.asks {
		ch <- &jsonrpc.Response{ID: id, Error: err}
	}
	c.asks = nil
	c.mu.Unlock()
	if l := c.owner.Load(); l != nil {
		l.pool.spawn(l.ended) // not from here: closing waits for the reader, which this is
	}
}

// ask sends a request past the SDK and returns the result's bytes. params is a JSON
// object. Errors are the wire's, *transport.RPCError or ctx's.
func (c *carrier) ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	ch := make(chan *jsonrpc.Response, 1)
	c.mu.Lock()
	if c.over != nil {
		c.mu.Unlock()
		return nil, c.over
	}
	c.n++
	id, err := jsonrpc.MakeID(float64(askBase + c.n))
	if err != nil {
		c.mu.Unlock()
		return nil, fmt.Errorf("conn: id of %s: %w", method, err)
	}
	if c.asks == nil {
		c.asks = map[jsonrpc.ID]chan *jsonrpc.Response{}
	}
	c.asks[id] = ch
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.asks, id)
		if len(c.asks) == 0 {
			c.asks = nil // idle connections are many: none keeps an empty map
		}
		c.mu.Unlock()
	}()
	if err := c.Wire.Write(ctx, &jsonrpc.Request{ID: id, Method: method, Params: params}); err != nil {
		return nil, err
	}
	select {
	case r := <-ch:
		return r.Result, answerError(r.Error)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answerError puts a server's JSON-RPC error into the words of transport.
func answerError(err error) error {
	var rpc *jsonrpc.Error
	if errors.As(err, &rpc) {
		return &transport.RPCError{Code: rpc.Code, Message: rpc.Message, Data: rpc.Data}
	}
	return err
}
