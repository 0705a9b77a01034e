package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// subprotocol is what MCP clients offer at the handshake.
const subprotocol = "mcp"

// writeTimeout bounds one write to a client that does not read.
const writeTimeout = 30 * time.Second

// websocketHandler serves one session per websocket: one JSON-RPC message in each
// text frame. Websocket is not part of the MCP specification; this is the form its
// clients have in common.
func websocketHandler(server *mcp.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
		if err != nil {
			return // Accept has answered
		}
		if c.Subprotocol() != subprotocol {
			c.Close(websocket.StatusPolicyViolation, `offer the subprotocol "mcp"`)
			return
		}
		c.SetReadLimit(maxBody)
		conn := &socket{c: c, ctx: r.Context()}
		// An ended session, by either side, is what a websocket is for.
		_ = server.Run(r.Context(), conn)
		_ = conn.Close()
	})
}

// socket is a websocket as a transport of the SDK. It holds the context of the
// request, whose life is the socket's: a context handed to the websocket's own Read or
// Write closes it when cancelled, and a cancelled call must not end the session.
type socket struct {
	c    *websocket.Conn
	ctx  context.Context //nolint:containedctx // the socket lives exactly as long as its request
	once sync.Once
	err  error
}

var (
	_ mcp.Transport  = (*socket)(nil)
	_ mcp.Connection = (*socket)(nil)
)

// Connect returns the socket itself, which is connected already.
func (s *socket) Connect(context.Context) (mcp.Connection, error) { return s, nil }

// Read returns the next message, io.EOF after the client has closed.
func (s *socket) Read(context.Context) (jsonrpc.Message, error) {
	kind, data, err := s.c.Read(s.ctx)
	if err != nil {
		if status := websocket.CloseStatus(err); status == websocket.StatusNormalClosure || status == websocket.StatusGoingAway {
			return nil, io.EOF
		}
		return nil, err
	}
	if kind != websocket.MessageText {
		return nil, errors.New("a binary frame came; messages are text")
	}
	msg, err := jsonrpc.DecodeMessage(data)
	if err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	return msg, nil
}

// Write sends one message in one frame. It is safe for concurrent use.
func (s *socket) Write(_ context.Context, msg jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	ctx, cancel := context.WithTimeout(s.ctx, writeTimeout)
	defer cancel()
	return s.c.Write(ctx, websocket.MessageText, data)
}

// Close says goodbye once.
func (s *socket) Close() error {
	s.once.Do(func() { s.err = s.c.Close(websocket.StatusNormalClosure, "") })
	return s.err
}

// SessionID is empty: the socket is the session.
func (s *socket) SessionID() string { return "" }
