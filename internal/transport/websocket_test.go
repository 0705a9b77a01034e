package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/transport"
)

// socketSide is the server's end of a websocket for the SDK.
type socketSide struct{ *websocket.Conn }

func (s socketSide) Connect(context.Context) (mcp.Connection, error) { return s, nil }
func (s socketSide) SessionID() string                               { return "" }
func (s socketSide) Close() error                                    { return s.CloseNow() }

func (s socketSide) Read(ctx context.Context) (jsonrpc.Message, error) {
	_, data, err := s.Conn.Read(ctx)
	if err != nil {
		return nil, io.EOF
	}
	return jsonrpc.DecodeMessage(data)
}

func (s socketSide) Write(ctx context.Context, msg jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	return s.Conn.Write(context.WithoutCancel(ctx), websocket.MessageText, data)
}

// socketServer accepts websockets and hands each to serve.
func socketServer(t *testing.T, serve func(ctx context.Context, c *websocket.Conn, h http.Header)) string {
	t.Helper()
	var wg sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wg.Add(1) // while the server still waits for this handler
		defer wg.Done()
		if r.Header.Get("Authorization") == "Bearer refused-fake" {
			w.Header().Set("Www-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mcp"}})
		if err != nil {
			return
		}
		serve(r.Context(), c, r.Header)
		_ = c.CloseNow()
	}))
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		wg.Wait()
	})
	return strings.Replace(srv.URL, "http:", "ws:", 1)
}

func TestWebSocketAgainstSDK(t *testing.T) {
	server := newSDKServer()
	var seen http.Header
	to := socketServer(t, func(ctx context.Context, c *websocket.Conn, h http.Header) {
		seen = h
		c.SetReadLimit(16 << 20)
		_ = server.Run(ctx, socketSide{c})
	})
	ep := endpoint(t, patchbay.TransportWebSocket, to)
	ep.Header = http.Header{"X-Own": {"value"}}
	wire := open(t, newFactory(t, nil), ep)
	session := connect(t, wire)
	if got := wire.ProtocolVersion(); got != "2026-07-28" {
		t.Errorf("version %q", got)
	}
	carries(t, server, session, wire)
	if err := wire.Close(); err != nil {
		t.Error(err)
	}
	if seen.Get("X-Own") != "value" || seen.Get("Sec-Websocket-Protocol") != "mcp" {
		t.Errorf("headers %v", seen)
	}
}

func TestWebSocketFails(t *testing.T) {
	frames := func(kind websocket.MessageType, message string, n int) func(context.Context, *websocket.Conn, http.Header) {
		return func(ctx context.Context, c *websocket.Conn, _ http.Header) {
			for range n {
				if c.Write(ctx, kind, []byte(message)) != nil {
					return
				}
			}
			_, _, _ = c.Read(ctx)
		}
	}
	limit, protocol := new(*transport.LimitError), new(*transport.ProtocolError)
	tests := []struct {
		name  string
		serve func(context.Context, *websocket.Conn, http.Header)
		as    any
		is    error
	}{
		{"too big", frames(websocket.MessageText, strings.Repeat("x", 2000), 1), limit, nil},
		{"not MCP", frames(websocket.MessageText, `{"a":1}`, 200), protocol, nil},
		{"binary", frames(websocket.MessageBinary, `{}`, 200), protocol, nil},
		{"deep", frames(websocket.MessageText, `{"jsonrpc":"2.0","x":`+strings.Repeat("[", 400)+strings.Repeat("]", 400)+`}`, 1), protocol, nil},
		{"hangs up", func(context.Context, *websocket.Conn, http.Header) {}, nil, transport.ErrLost},
		{"goodbye", func(_ context.Context, c *websocket.Conn, _ http.Header) { _ = c.Close(4000, "restart") }, nil, transport.ErrLost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFactory(t, func(o *transport.Options) { o.MaxMessage = 1000 })
			wire := open(t, f, endpoint(t, patchbay.TransportWebSocket, socketServer(t, tt.serve)))
			<-wire.Done()
			err := wire.Err()
			if (tt.as != nil && !errors.As(err, tt.as)) || (tt.is != nil && !errors.Is(err, tt.is)) {
				t.Errorf("got %v", err)
			}
			if ce := callError(t, wire, &transport.Call{Name: "x"}); ce.Sent {
				t.Errorf("%v counts as sent", ce)
			}
		})
	}
}

func TestWebSocketRefused(t *testing.T) {
	to := socketServer(t, nil)
	_, err := newFactory(t, nil).Open(t.Context(), endpoint(t, patchbay.TransportWebSocket, to),
		transport.OpenOptions{Token: func() string { return "refused-fake" }})
	var auth *transport.AuthError
	if !errors.As(err, &auth) || auth.Status != http.StatusUnauthorized || len(auth.Challenge) != 1 {
		t.Errorf("got %v", err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	_, err = newFactory(t, nil).Open(t.Context(), endpoint(t, patchbay.TransportWebSocket, strings.Replace(plain.URL, "http:", "ws:", 1)), transport.OpenOptions{})
	var status *transport.HTTPError
	if !errors.As(err, &status) || status.Status != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
}

func TestWebSocketManyCallers(t *testing.T) {
	server := newSDKServer()
	to := socketServer(t, func(ctx context.Context, c *websocket.Conn, _ http.Header) { _ = server.Run(ctx, socketSide{c}) })
	wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportWebSocket, to))
	connect(t, wire)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 20 {
				args := fmt.Sprintf(`{"caller":%d,"call":%d}`, i, j)
				if got := firstText(t, call(t, wire, "echo", args)); got != args {
					t.Errorf("%s answered %s", args, got)
				}
			}
		})
	}
	wg.Wait()
}
