package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/transport"
)

// rawServer is a legacy server of a few lines; call answers tools/call.
type rawServer struct {
	*httptest.Server
	session string
	call    func(w http.ResponseWriter, r *http.Request, id string)
	get     http.HandlerFunc
	notes   chan string // methods of notifications
	deleted atomic.Bool
	mu      sync.Mutex
	seen    []http.Header // of tools/call
}

func newRawServer(t *testing.T, call func(w http.ResponseWriter, r *http.Request, id string)) *rawServer {
	t.Helper()
	s := &rawServer{session: "sess-1", call: call, notes: make(chan string, 16)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Server.Close)
	return s
}

func (s *rawServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodDelete:
		s.deleted.Store(r.Header.Get("Mcp-Session-Id") == s.session)
		return
	case http.MethodGet:
		s.mu.Lock()
		get := s.get
		s.mu.Unlock()
		if get == nil {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		get(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var m struct {
		ID     json.RawMessage
		Method string
	}
	if json.Unmarshal(body, &m) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch m.Method {
	case "initialize":
		w.Header().Set("Mcp-Session-Id", s.session)
		answer(w, string(m.ID), `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}`)
	case "tools/call":
		s.mu.Lock()
		s.seen = append(s.seen, r.Header.Clone())
		call := s.call
		s.mu.Unlock()
		call(w, r, string(m.ID))
	case "server/discover":
		http.Error(w, "Bad Request: Server not initialized", http.StatusBadRequest)
	default:
		if m.ID == nil {
			w.WriteHeader(http.StatusAccepted)
			if m.Method != "notifications/initialized" {
				s.notes <- m.Method
			}
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}
}

func answer(w http.ResponseWriter, id, result string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result)
}

func events(w http.ResponseWriter, data ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, d := range data {
		fmt.Fprintf(w, "event: message\ndata: %s\n\n", d)
	}
}

func rawWire(t *testing.T, s *rawServer, change func(*transport.Options)) transport.Wire {
	t.Helper()
	wire := open(t, newFactory(t, change), endpoint(t, patchbay.TransportHTTP, s.URL))
	connect(t, wire)
	return wire
}

func TestHTTPRawResult(t *testing.T) {
	for _, form := range []string{"json", "chunked json", "events", "batch"} {
		t.Run(form, func(t *testing.T) {
			s := newRawServer(t, func(w http.ResponseWriter, _ *http.Request, id string) {
				whole := fmt.Sprintf(`{"jsonrpc":"2.0","result":%s,"id":%s}`, rawResult, id)
				switch form {
				case "events":
					events(w, `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`, whole)
				case "batch":
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprintf(w, `[{"jsonrpc":"2.0","method":"notifications/tools/list_changed"},%s]`, whole)
				case "chunked json":
					w.Header().Set("Content-Type", "application/json")
					io.WriteString(w, whole[:20])
					w.(http.Flusher).Flush()
					io.WriteString(w, whole[20:])
				default:
					answer(w, id, rawResult)
				}
			})
			wire := rawWire(t, s, nil)
			for range 3 {
				if r := call(t, wire, "x", ""); string(r.Raw) != rawResult {
					t.Errorf("got %s\nwant %s", r.Raw, rawResult)
				}
			}
			if got := wire.ProtocolVersion(); got != "2025-06-18" {
				t.Errorf("version %q", got)
			}
			h := s.seen[0]
			if h.Get("Mcp-Protocol-Version") != "2025-06-18" || h.Get("Mcp-Session-Id") != "sess-1" || h.Get("Accept-Encoding") != "identity" {
				t.Errorf("headers %v", h)
			}
			if err := wire.Close(); err != nil || !s.deleted.Load() {
				t.Errorf("close: %v, session ended: %v", err, s.deleted.Load())
			}
		})
	}
}

func TestHTTPBadAnswers(t *testing.T) {
	big := strings.Repeat("x", 2000)
	type answerFunc = func(w http.ResponseWriter, r *http.Request, id string)
	status := func(code int, contentType, body string) answerFunc {
		return func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Www-Authenticate", `Bearer resource_metadata="x"`)
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	limit, protocol, httpErr, auth, rpc := new(*transport.LimitError), new(*transport.ProtocolError), new(*transport.HTTPError), new(*transport.AuthError), new(*transport.RPCError)
	tests := []struct {
		name string
		call answerFunc
		as   any
		sent bool
		is   error
	}{
		{"body over the cap", func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `"`+big+`"`) }, limit, true, nil},
		{"chunked body over the cap", func(w http.ResponseWriter, _ *http.Request, id string) {
			w.Header().Set("Content-Type", "application/json")
			for range 100 {
				io.WriteString(w, big)
				w.(http.Flusher).Flush()
			}
		}, limit, true, nil},
		{"event over the cap", func(w http.ResponseWriter, _ *http.Request, _ string) { events(w, big) }, limit, true, nil},
		{"endless stream", func(w http.ResponseWriter, r *http.Request, _ string) {
			for r.Context().Err() == nil {
				events(w, `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`)
			}
		}, limit, true, nil},
		{"page instead of an answer", status(200, "text/html", "<html>"), protocol, true, nil},
		{"accepted and no answer", status(202, "", ""), protocol, true, nil},
		{"not JSON", status(200, "application/json", "oops"), protocol, true, nil},
		{"invalid inside", func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `{"a":tru}`) }, protocol, true, nil},
		{"repeated member", func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `{},"id":1`) }, protocol, true, nil},
		{"answer to another", func(w http.ResponseWriter, _ *http.Request, _ string) { answer(w, "1099511627000777", `{}`) }, protocol, true, nil},
		{"not UTF-8", func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, "{\"a\":\"\xff\"}") }, protocol, true, nil},
		{"gzip bomb", func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
		}, protocol, true, nil},
		{"401", status(401, "text/plain", ""), auth, false, nil},
		{"403", status(403, "text/plain", ""), auth, false, nil},
		{"429", status(429, "text/plain", "slow down"), httpErr, false, nil},
		{"503", status(503, "text/plain", "later"), httpErr, true, nil},
		{"JSON-RPC error under 400", func(w http.ResponseWriter, _ *http.Request, id string) {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32020,"message":"mismatch","data":{"a":1}}}`, id)
		}, rpc, true, nil},
		{"404", status(404, "text/plain", ""), nil, false, transport.ErrSessionGone},
		{"400 of a lost session", status(400, "application/json", `{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}`), nil, false, transport.ErrSessionGone},
		{"stream ends early", func(w http.ResponseWriter, _ *http.Request, _ string) { events(w) }, nil, true, nil},
		{"hangs up", func(w http.ResponseWriter, _ *http.Request, _ string) { panic(http.ErrAbortHandler) }, nil, true, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newRawServer(t, tt.call)
			wire := rawWire(t, s, func(o *transport.Options) { o.MaxMessage = 1000 })
			ce := callError(t, wire, &transport.Call{Name: "x"})
			if tt.as != nil && !errors.As(ce, tt.as) {
				t.Errorf("got %T %v", ce.Err, ce)
			}
			if ce.Sent != tt.sent {
				t.Errorf("sent %v: %v", ce.Sent, ce)
			}
			if tt.is != nil && !errors.Is(ce, tt.is) {
				t.Errorf("got %v", ce)
			}
			s.mu.Lock()
			s.call = func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `{"content":[]}`) }
			s.mu.Unlock()
			call(t, wire, "x", "")
		})
	}
	if e := *httpErr; e.RetryAfter != 7*time.Second || e.Snippet != "later" {
		t.Errorf("got %+v", e)
	}
	if e := *auth; len(e.Challenge) != 1 || e.Status != 403 {
		t.Errorf("got %+v", e)
	}
	if e := *rpc; e.Code != -32020 || string(e.Data) != `{"a":1}` {
		t.Errorf("got %+v", e)
	}
}

func TestHTTPNotSent(t *testing.T) {
	s := newRawServer(t, nil)
	wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportHTTP, s.URL))
	s.Server.Close()
	if ce := callError(t, wire, &transport.Call{Name: "x"}); ce.Sent {
		t.Errorf("%v counts as sent", ce)
	}
	if ce := callError(t, wire, &transport.Call{Name: "x", Args: json.RawMessage(`{"a":1},"id":5`)}); ce.Sent {
		t.Errorf("%v counts as sent", ce)
	}
}

func TestHTTPConnectRefused(t *testing.T) {
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Www-Authenticate", `Bearer realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(srv.Close)
	wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportHTTP, srv.URL))
	_, err := tryConnect(t.Context(), wire)
	var auth *transport.AuthError
	if !errors.As(err, &auth) || auth.Challenge[0] != `Bearer realm="x"` {
		t.Errorf("got %v", err)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestHTTPToken(t *testing.T) {
	s := newRawServer(t, func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `{}`) })
	token := "first-fake-token"
	ep := endpoint(t, patchbay.TransportHTTP, s.URL)
	ep.Header = http.Header{"X-Own": {"a"}, "Authorization": {"Basic fake"}}
	ep.CallHeader = http.Header{"X-Own": {"b"}}
	wire, err := newFactory(t, nil).Open(t.Context(), ep, transport.OpenOptions{Token: func() string { return token }})
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	connect(t, wire)
	call(t, wire, "x", "")
	token = "second-fake-token"
	call(t, wire, "x", "")
	for i, want := range []string{"Bearer first-fake-token", "Bearer second-fake-token"} {
		if got := s.seen[i]; got.Get("Authorization") != want || got.Get("X-Own") != "b" {
			t.Errorf("headers %v", got)
		}
	}
}

func TestHTTPCancelIsTold(t *testing.T) {
	begun := make(chan struct{})
	s := newRawServer(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		close(begun)
		<-r.Context().Done()
	})
	wire := rawWire(t, s, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	if _, err := wire.Call(ctx, &transport.Call{Name: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := <-s.notes; got != "notifications/cancelled" {
		t.Errorf("got %s", got)
	}
}

func TestHTTPCloseEndsCalls(t *testing.T) {
	begun := make(chan struct{})
	s := newRawServer(t, func(_ http.ResponseWriter, r *http.Request, _ string) {
		close(begun)
		<-r.Context().Done()
	})
	wire := rawWire(t, s, nil)
	go func() {
		<-begun
		_ = wire.Close()
	}()
	if ce := callError(t, wire, &transport.Call{Name: "x"}); !errors.Is(ce, transport.ErrClosed) || !ce.Sent {
		t.Errorf("got %v, sent %v", ce, ce.Sent)
	}
}

func TestHTTPResume(t *testing.T) {
	var id string
	s := newRawServer(t, func(w http.ResponseWriter, _ *http.Request, called string) {
		id = called
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "id: one\nretry: 1\ndata:\n\n")
	})
	s.get = func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Last-Event-Id") {
		case "one":
			events(w)
			io.WriteString(w, "id: two\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1}}\n\n")
		case "two":
			events(w, `{"jsonrpc":"2.0","id":`+id+`,"result":{"content":[{"text":"late"}]}}`)
		}
	}
	wire := rawWire(t, s, nil)
	notes := 0
	r, err := wire.Call(t.Context(), &transport.Call{Name: "x", Observer: func(patchbay.Note) { notes++ }})
	if err != nil || firstText(t, r) != "late" || notes != 1 {
		t.Errorf("got %v, %d notes", err, notes)
	}
}

func TestHTTPListen(t *testing.T) {
	t.Run("legacy", func(t *testing.T) {
		s := newRawServer(t, nil)
		s.get = func(w http.ResponseWriter, _ *http.Request) {
			events(w, `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
		}
		wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportHTTP, s.URL))
		session := connect(t, wire)
		if err := wire.Listen(t.Context()); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		s.get = nil
		s.mu.Unlock()
		if err := wire.Listen(t.Context()); !errors.Is(err, transport.ErrNoListener) {
			t.Errorf("got %v", err)
		}
		_ = session.Close()
	})
	t.Run("modern", func(t *testing.T) {
		server := newSDKServer()
		wire := open(t, newFactory(t, nil), endpoint(t, patchbay.TransportHTTP, server.serve(t, ways[2]).URL))
		connect(t, wire)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := wire.Listen(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestHTTPRedirect(t *testing.T) {
	s := newRawServer(t, func(w http.ResponseWriter, _ *http.Request, id string) { answer(w, id, `{"content":[]}`) })
	same := false
	var front *httptest.Server
	front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/in" {
			s.ServeHTTP(w, r)
			return
		}
		to := s.URL
		if same {
			to = front.URL + "/in"
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(front.Close)
	for _, same = range []bool{true, false} {
		t.Run(fmt.Sprintf("same origin %v", same), func(t *testing.T) {
			ep := endpoint(t, patchbay.TransportHTTP, front.URL)
			ep.Header = http.Header{"X-Api-Key": {"fake-key"}}
			wire := open(t, newFactory(t, nil), ep)
			connect(t, wire)
			call(t, wire, "x", "")
			h := s.seen[len(s.seen)-1]
			if (h.Get("X-Api-Key") == "fake-key") != same || (h.Get("Mcp-Session-Id") != "") != same {
				t.Errorf("headers %v", h)
			}
		})
	}
}

func TestHTTPBlocked(t *testing.T) {
	g, err := netguard.New(netguard.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.CloseIdle)
	s := newRawServer(t, nil)
	ep := endpoint(t, patchbay.TransportHTTP, s.URL)
	ep.Trust = patchbay.TrustPerson
	wire := open(t, newFactory(t, func(o *transport.Options) { o.Guard = func() transport.Guard { return g } }), ep)
	_, err = tryConnect(t.Context(), wire)
	var blocked *netguard.BlockedError
	if !errors.As(err, &blocked) || !strings.Contains(err.Error(), "allowedAddresses") {
		t.Errorf("got %v", err)
	}
}
