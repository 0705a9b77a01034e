package conn_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/testkit"
	"patchbay/internal/transport"
)

// still is a wire whose far end answers at once and costs nothing, so that what is left
// of a call is conn's own share.
type still struct {
	answers chan jsonrpc.Message
	done    chan struct{}
	result  transport.Result
}

func newStill() *still {
	return &still{
		answers: make(chan jsonrpc.Message, 8), done: make(chan struct{}),
		result: transport.Result{Raw: json.RawMessage(`{"content":[]}`), ResultType: transport.ResultComplete},
	}
}

func (w *still) Write(_ context.Context, m jsonrpc.Message) error {
	r, ok := m.(*jsonrpc.Request)
	if !ok || !r.IsCall() {
		return nil
	}
	a := &jsonrpc.Response{ID: r.ID}
	switch r.Method {
	case "initialize":
		a.Result = json.RawMessage(`{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"still","version":"1"}}`)
	case "tools/list":
		a.Result = json.RawMessage(`{"tools":[{"name":"a","inputSchema":{"type":"object"}},{"name":"echo","inputSchema":{"type":"object"}}]}`)
	default:
		a.Error = &jsonrpc.Error{Code: jsonrpc.CodeMethodNotFound, Message: "not here"}
	}
	w.answers <- a
	return nil
}

func (w *still) Read(context.Context) (jsonrpc.Message, error) {
	select {
	case m := <-w.answers:
		return m, nil
	case <-w.done:
		return nil, io.EOF
	}
}

func (w *still) Close() error {
	select {
	case <-w.done:
	default:
		close(w.done)
	}
	return nil
}

func (w *still) Call(context.Context, *transport.Call) (*transport.Result, error) {
	return &w.result, nil
}

func (w *still) SessionID() string            { return "" }
func (w *still) SetTools([]patchbay.Tool)     {}
func (w *still) Listen(context.Context) error { return transport.ErrNoListener }
func (w *still) ProtocolVersion() string      { return testkit.Legacy }
func (w *still) Done() <-chan struct{}        { return w.done }
func (w *still) Stderr() []byte               { return nil }

func (w *still) Err() error {
	select {
	case <-w.done:
		return transport.ErrClosed
	default:
		return nil
	}
}

type stillOpener struct{}

func (stillOpener) Open(context.Context, *expand.Endpoint, transport.OpenOptions) (transport.Wire, error) {
	return newStill(), nil
}

func stillPool(tb testing.TB) (*conn.Pool, conn.Target) {
	tb.Helper()
	p := conn.New(tb.Context(), conn.Options{
		Opener: stillOpener{}, Version: "test", Logger: slog.New(slog.DiscardHandler),
		Values: func(_ context.Context, t conn.Target) (expand.Values, error) { return expand.Values{User: t.User}, nil },
		Limits: func() conn.Limits {
			return conn.Limits{UserConnections: 1 << 20, UserConcurrentCalls: 1 << 20, UserCallsPerMinute: 1 << 30, ServerConnections: 1 << 20}
		},
	})
	tb.Cleanup(func() { p.Close(context.Background()) })
	s := definition("http://still.example/mcp", perUser)
	k, _ := conn.KeyOf(s, "ann", "")
	target := conn.Target{Key: k, Server: s, User: &patchbay.User{ID: "ann"}, Caller: "ann"}
	_, err := p.ListTools(tb.Context(), target)
	require.NoError(tb, err)
	return p, target
}

// callAllocs bounds conn's own share of a call: its context and its cancel function.
const callAllocs = 2

func TestCallAllocatesLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p, target := stillPool(t)
	r := call("echo", `{"text":"x"}`)
	n := testing.AllocsPerRun(1000, func() {
		if _, err := p.Call(t.Context(), target, r); err != nil {
			t.Fatal(err)
		}
	})
	if n > callAllocs {
		t.Errorf("%v allocations, want at most %d", n, callAllocs)
	}
}

func BenchmarkCall(b *testing.B) {
	b.Run("own", func(b *testing.B) {
		p, target := stillPool(b)
		r := call("echo", `{"text":"x"}`)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Call(b.Context(), target, r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("own/parallel", func(b *testing.B) {
		p, target := stillPool(b)
		r := call("echo", `{"text":"x"}`)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := p.Call(b.Context(), target, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("echo", func(b *testing.B) {
		echo := testkit.NewEcho(b, testkit.EchoOptions{})
		p := newBench(b, nil)
		target := targetOf(b, definition(echo.URL(), nil), "")
		r := call("echo", `{"text":"x"}`)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Call(b.Context(), target, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// idleBytes bounds what one idle connection of a user may hold: conn, transport and the
// SDK's session, heap and stacks, with the list of ten tools. They take 8 KiB; the rest
// is for what the runtime counts at one moment or another.
const idleBytes = 10 << 10

func TestIdleConnectionIsSmall(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's memory is larger")
	}
	for _, modern := range []bool{false, true} {
		t.Run(fmt.Sprintf("modern=%v", modern), func(t *testing.T) {
			per := idleMemory(t, modern, 500)
			t.Logf("%d bytes for each connection", per)
			if per > idleBytes {
				t.Errorf("%d bytes for each connection, want at most %d", per, idleBytes)
			}
		})
	}
}

// forgetful is a server that remembers nothing, so that what is measured is ours.
func forgetful(tb testing.TB, modern bool) string {
	tb.Helper()
	var tools []string
	for i := range 10 {
		tools = append(tools, fmt.Sprintf(`{"name":"tool%d","description":"Does the thing number %d to what it is given.","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}`, i, i))
	}
	results := map[string]string{
		"initialize":      `{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"forgetful","version":"1"}}`,
		"server/discover": `{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},"_meta":{}}`,
		"tools/list":      `{"tools":[` + strings.Join(tools, ",") + `]}`,
		"tools/call":      `{"content":[{"type":"text","text":"done"}]}`,
	}
	if !modern {
		delete(results, "server/discover")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			ID     json.RawMessage
			Method string
		}
		if json.NewDecoder(r.Body).Decode(&m) != nil || len(m.ID) == 0 {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if m.Method == "initialize" {
			w.Header().Set("Mcp-Session-Id", rand.Text())
		}
		if result, ok := results[m.Method]; ok {
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, result)
			return
		}
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"not here"}}`, m.ID)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// idleMemory opens n connections, calls once on each, and returns what each holds.
func idleMemory(tb testing.TB, modern bool, n int) int64 {
	tb.Helper()
	p := newBench(tb, nil)
	s := definition(forgetful(tb, modern), perUser)
	open := func(from, to int) {
		for i := from; i < to; i++ {
			target := targetOf(tb, s, fmt.Sprintf("user-%05d", i))
			target.Caller = target.User.ID
			_, err := p.Call(tb.Context(), target, call("tool1", `{"text":"x"}`))
			require.NoError(tb, err)
			_, err = p.ListTools(tb.Context(), target)
			require.NoError(tb, err)
		}
	}
	open(0, 50)
	before := inUse()
	open(50, 50+n)
	return (inUse() - before) / int64(n)
}

func inUse() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
