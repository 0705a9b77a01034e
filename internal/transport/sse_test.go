package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/transport"
)

func TestSSEAgainstSDK(t *testing.T) {
	server := newSDKServer()
	srv := httptest.NewServer(mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return server.Server }, nil))
	t.Cleanup(srv.Close)
	wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportSSE, srv.URL))
	t.Cleanup(func() { _ = wire.Close() }) // before the server, which waits for its streams
	session := connect(t, wire)
	carries(t, server, session, wire)
	if err := wire.Close(); err != nil {
		t.Error(err)
	}
}

// carries holds what every wire with one stream each way must do.
func carries(t *testing.T, server *sdkServer, session *mcp.ClientSession, wire transport.Wire) {
	t.Helper()
	toolsOf(t, session, wire)
	const args = `{"n":9007199254740993,"s":"ü"}`
	if got := firstText(t, call(t, wire, "echo", args)); got != args {
		t.Errorf("echo %s", got)
	}
	if got := firstText(t, call(t, wire, "big", "")); len(got) != 5<<20 {
		t.Errorf("%d bytes", len(got))
	}
	progress(t, wire)
	cancelCall(t, server, wire)
	if got := firstText(t, call(t, wire, "echo", "{}")); got != "{}" {
		t.Errorf("after a cancel: %s", got)
	}
	if _, err := session.ListTools(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// sseServer is a server whose stream does what the test says.
func sseServer(t *testing.T, stream func(w http.ResponseWriter, r *http.Request), post http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			post(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		stream(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestSSEOpenFails(t *testing.T) {
	status := func(code int) func(w http.ResponseWriter, r *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	tests := []struct {
		name   string
		stream func(w http.ResponseWriter, r *http.Request)
		want   any
		text   string
	}{
		{"401", status(401), new(*transport.AuthError), ""},
		{"404", status(404), new(*transport.HTTPError), ""},
		{"another origin", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "event: endpoint\ndata: http://evil.example/messages\n\n")
		}, new(*transport.ProtocolError), "another origin"},
		{"another scheme", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "event: endpoint\ndata: https://"+r.Host+"/messages\n\n")
		}, new(*transport.ProtocolError), "another origin"},
		{"ends at once", func(http.ResponseWriter, *http.Request) {}, nil, transport.ErrLost.Error()},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, new(*transport.ProtocolError), "streamable-http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := sseServer(t, tt.stream, nil)
			_, err := newFactory(t, nil).Open(t.Context(), endpoint(t, patchbay.TransportSSE, srv.URL), transport.OpenOptions{})
			if err == nil || (tt.want != nil && !errors.As(err, tt.want)) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("says nothing", func(t *testing.T) {
		srv := sseServer(t, func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := newFactory(t, nil).Open(ctx, endpoint(t, patchbay.TransportSSE, srv.URL), transport.OpenOptions{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSSEInferred(t *testing.T) {
	s := newRawServer(t, func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `{"content":[{"text":"new"}]}`) })
	ep := endpoint(t, patchbay.TransportSSE, s.URL)
	ep.Inferred = true
	wire := open(t, newFactory(t, nil), ep)
	connect(t, wire)
	if got := firstText(t, call(t, wire, "x", "")); got != "new" {
		t.Errorf("got %q", got)
	}
}

func TestSSELost(t *testing.T) {
	end := make(chan struct{})
	var status atomic.Int32
	srv := sseServer(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "event: endpoint\ndata: /messages?session=1\n\n")
		w.(http.Flusher).Flush()
		select {
		case <-end:
		case <-r.Context().Done():
		}
	}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) })
	wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportSSE, srv.URL))
	status.Store(http.StatusNotFound)
	if ce := callError(t, wire, &transport.Call{Name: "x"}); !errors.Is(ce, transport.ErrSessionGone) || ce.Sent {
		t.Errorf("got %v, sent %v", ce, ce.Sent)
	}
	status.Store(http.StatusAccepted)
	go close(end)
	if ce := callError(t, wire, &transport.Call{Name: "x"}); !errors.Is(ce, transport.ErrLost) {
		t.Errorf("got %v", ce)
	}
	<-wire.Done()
}

func TestSSEReadTimeout(t *testing.T) {
	srv := sseServer(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "event: endpoint\ndata: /messages\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, nil)
	ep := endpoint(t, patchbay.TransportSSE, srv.URL)
	ep.SSEReadTimeout = 50 * time.Millisecond
	wire := open(t, newFactory(t, nil), ep)
	<-wire.Done()
	if err := wire.Err(); !errors.Is(err, transport.ErrLost) || !strings.Contains(err.Error(), "sseReadTimeout") {
		t.Errorf("got %v", err)
	}
}
