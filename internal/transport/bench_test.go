package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/transport"
)

// thinServer answers HTTP with next to no allocation of its own, so that a benchmark in
// the same process counts the client side.
func thinServer(tb testing.TB, events bool) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go thinConn(c, events)
		}
	}()
	return "http://" + l.Addr().String() + "/mcp"
}

func thinConn(c net.Conn, events bool) {
	defer c.Close()
	in := bufio.NewReaderSize(c, 8<<10)
	var body, out, result []byte
	for {
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
			if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				for _, d := range bytes.TrimRight(v, "\r\n") {
					length = 10*length + int(d-'0')
				}
			}
		}
		body = append(body[:0], make([]byte, length)...)
		for n := 0; n < length; {
			k, err := in.Read(body[n:])
			if err != nil {
				return
			}
			n += k
		}
		id := []byte("null")
		if i := bytes.Index(body, []byte(`"id":`)); i >= 0 {
			id = body[i+5:]
			id = id[:bytes.IndexAny(id, ",}")]
		}
		switch {
		case bytes.Contains(body, []byte(`"method":"initialize"`)):
			result = append(result[:0], `{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"thin","version":"1"}}`...)
		case bytes.Contains(body, []byte(`"method":"tools/call"`)):
			result = append(result[:0], `{"content":[{"type":"text","text":"0123456789abcdef0123456789abcdef0123456789abcdef"}],"isError":false}`...)
		default:
			out = append(out[:0], "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"...)
			if _, err := c.Write(out); err != nil {
				return
			}
			continue
		}
		prefix, suffix, kind := `{"jsonrpc":"2.0","id":`, "}", "application/json"
		if events {
			prefix, suffix, kind = `data: {"jsonrpc":"2.0","id":`, "}\n\n", "text/event-stream"
		}
		out = append(append(out[:0], "HTTP/1.1 200 OK\r\nContent-Type: "...), kind...)
		out = append(out, "\r\nContent-Length: "...)
		out = strconv.AppendInt(out, int64(len(prefix)+len(id)+len(`,"result":`)+len(result)+len(suffix)), 10)
		out = append(append(append(out, "\r\n\r\n"...), prefix...), id...)
		out = append(append(append(out, `,"result":`...), result...), suffix...)
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

func benchFactory(tb testing.TB, spawner *transport.Spawner) *transport.Factory {
	tb.Helper()
	g, err := netguard.New(netguard.Policy{})
	if err != nil {
		tb.Fatal(err)
	}
	f, err := transport.NewFactory(transport.Options{Guard: func() transport.Guard { return g }, Spawner: spawner})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		f.Close()
		g.CloseIdle()
		if spawner != nil {
			spawner.Close()
		}
	})
	return f
}

// benchWire opens a wire and shakes hands on it.
func benchWire(tb testing.TB, f *transport.Factory, ep *expand.Endpoint) transport.Wire {
	tb.Helper()
	ctx := context.Background()
	w, err := f.Open(ctx, ep, transport.OpenOptions{Server: "bench"})
	if err != nil {
		tb.Fatal(err)
	}
	c := mcp.NewClient(&mcp.Implementation{Name: "bench", Version: "1"}, &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}})
	s, err := c.Connect(ctx, on{w}, &mcp.ClientSessionOptions{ProtocolVersion: "2025-11-25"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return w
}

var benchCall = transport.Call{Name: "echo", Args: json.RawMessage(`{"message":"0123456789abcdef0123456789abcdef"}`)}

func BenchmarkHTTPCall(b *testing.B) {
	for _, events := range []bool{true, false} {
		u, _ := url.Parse(thinServer(b, events))
		w := benchWire(b, benchFactory(b, nil), &expand.Endpoint{Transport: patchbay.TransportHTTP, URL: u, Trust: patchbay.TrustOperator})
		b.Run(fmt.Sprintf("events=%v", events), func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					c := benchCall
					if _, err := w.Call(ctx, &c); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkHTTPHop is the same exchange by net/http alone: what a call cannot cost less than.
func BenchmarkHTTPHop(b *testing.B) {
	to := thinServer(b, false)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}
	defer client.CloseIdleConnections()
	body := []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"message":"0123456789abcdef0123456789abcdef"}}}`)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		buf := make([]byte, 4<<10)
		for pb.Next() {
			req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, to, bytes.NewReader(body))
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			for err == nil {
				_, err = resp.Body.Read(buf)
			}
			_ = resp.Body.Close()
		}
	})
}

func BenchmarkStdioCall(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	f := benchFactory(b, transport.NewSpawner(transport.SpawnerOptions{Env: os.LookupEnv}))
	w := benchWire(b, f, &expand.Endpoint{Transport: patchbay.TransportStdio, Argv: []string{exe}, Env: []string{"PATCHBAY_TEST_CHILD=thin"}})
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(callers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					c := benchCall
					if _, err := w.Call(context.Background(), &c); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// maxCallAllocs is the wire's share of the allocations of a call, net/http's client
// included.
const maxCallAllocs = 55

func TestCallAllocations(t *testing.T) {
	for _, events := range []bool{true, false} {
		t.Run(fmt.Sprintf("events=%v", events), func(t *testing.T) {
			u, _ := url.Parse(thinServer(t, events))
			w := benchWire(t, benchFactory(t, nil), &expand.Endpoint{Transport: patchbay.TransportHTTP, URL: u, Trust: patchbay.TrustOperator})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			got := testing.AllocsPerRun(500, func() {
				c := benchCall
				if _, err := w.Call(ctx, &c); err != nil {
					t.Fatal(err)
				}
			})
			t.Logf("%.0f allocations", got)
			if got > maxCallAllocs && !raceEnabled {
				t.Errorf("%.0f allocations a call, want at most %d", got, maxCallAllocs)
			}
		})
	}
}

func BenchmarkScan(b *testing.B) {
	small := []byte(`{"jsonrpc":"2.0","id":1099511627777,"result":{"content":[{"type":"text","text":"0123456789abcdef0123456789abcdef0123456789abcdef"}],"isError":false}}`)
	large := append(append([]byte(`{"jsonrpc":"2.0","id":1,"result":"`), bytes.Repeat([]byte("0123456789abcdef"), 6400)...), `"}`...)
	for name, data := range map[string][]byte{"130B": small, "100KiB": large} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := transport.ScanForBenchmark(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
