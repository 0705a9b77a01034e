package conn

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay/internal/transport"
)

// carrier hands a wire to the SDK. It notes whether the far end ever answered, and
// keeps the bytes of tool lists: the SDK's typed tools have passed numbers through
// float64 and lost members it does not know.
type carrier struct {
	transport.Wire
	heard atomic.Bool

	mu     sync.Mutex
	listID jsonrpc.ID // of the tools/list under way
	list   json.RawMessage
}

// Connect implements mcp.Transport.
func (c *carrier) Connect(context.Context) (mcp.Connection, error) { return c, nil }

// Read implements mcp.Connection.
func (c *carrier) Read(ctx context.Context) (jsonrpc.Message, error) {
	m, err := c.Wire.Read(ctx)
	if err != nil {
		return nil, err
	}
	if !c.heard.Load() {
		c.heard.Store(true)
	}
	if r, ok := m.(*jsonrpc.Response); ok && r.Error == nil {
		c.mu.Lock()
		if c.listID.IsValid() && r.ID == c.listID {
			c.list, c.listID = r.Result, jsonrpc.ID{}
		}
		c.mu.Unlock()
	}
	return m, nil
}

// Write implements mcp.Connection.
func (c *carrier) Write(ctx context.Context, m jsonrpc.Message) error {
	if r, ok := m.(*jsonrpc.Request); ok && r.Method == "tools/list" {
		c.mu.Lock()
		c.listID, c.list = r.ID, nil
		c.mu.Unlock()
	}
	return c.Wire.Write(ctx, m)
}

// takeList returns the bytes of the last page of tools that arrived, once.
func (c *carrier) takeList() json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := c.list
	c.list, c.listID = nil, jsonrpc.ID{}
	return raw
}

// errNoList means that the SDK answered a tools/list without asking the server.
var errNoList = errors.New("the tool list was not read from the server")
