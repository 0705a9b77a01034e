package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/app"
	"patchbay/internal/auth"
	"patchbay/internal/client"
	"patchbay/internal/store"
)

// Bounds of one tool call, from the REST door to its answer, with everything on: the
// whole process counts, net/http on both sides and what runs in the background included.
const (
	maxDoorAllocs = 110
	maxDoorBytes  = 12 << 10
)

// BenchmarkDoor is one caller's calls through a whole instance.
func BenchmarkDoor(b *testing.B) {
	for _, events := range []bool{true, false} {
		b.Run(fmt.Sprintf("events=%v", events), func(b *testing.B) {
			call := door(b, events)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

func TestDoorAllocations(t *testing.T) {
	for _, events := range []bool{true, false} {
		t.Run(fmt.Sprintf("events=%v", events), func(t *testing.T) {
			if raceEnabled {
				t.Skip("the race detector allocates for itself")
			}
			call := door(t, events)
			const calls = 2000
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range calls {
				call()
			}
			runtime.ReadMemStats(&after)
			allocs, size := (after.Mallocs-before.Mallocs)/calls, (after.TotalAlloc-before.TotalAlloc)/calls
			t.Logf("%d allocations, %d bytes a call", allocs, size)
			if allocs > maxDoorAllocs || size > maxDoorBytes {
				t.Errorf("%d allocations and %d bytes a call, want at most %d and %d", allocs, size, maxDoorAllocs, maxDoorBytes)
			}
		})
	}
}

// door starts an instance with one user and one server, and returns a call of one tool
// over a socket. Neither the caller nor the server allocates.
func door(tb testing.TB, events bool) (call func()) {
	tb.Helper()
	dir := tb.TempDir()
	token := account(tb, dir)
	config := filepath.Join(dir, "librechat.yaml")
	yaml := fmt.Sprintf("version: 1.2.8\nmcpSettings:\n  limits:\n    perUser: {callsPerMinute: 1000000000}\nmcpServers:\n  thin:\n    type: streamable-http\n"+
		"    url: %q\n    headers: {X-User-ID: \"{{LIBRECHAT_USER_ID}}\"}\n", thinServer(tb, events))
	require.NoError(tb, os.WriteFile(config, []byte(yaml), 0o600))

	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, app.Options{
		ConfigFlag: config, DataDir: dir, Listen: "127.0.0.1:0", WorkDir: dir, Home: dir, Stdout: io.Discard, Stderr: io.Discard,
	})
	require.NoError(tb, err)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		require.NoError(tb, <-ended)
		require.NoError(tb, a.Close())
	})
	conn := dial(tb, dir, ended)
	in := bufio.NewReaderSize(conn, 8<<10)
	body := `{"arguments":{"text":"0123456789abcdef0123456789abcdef"}}`
	request := []byte(fmt.Sprintf("POST /api/mcp/servers/thin/tools/echo/call HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: bench\r\nContent-Length: %d\r\n\r\n%s",
		conn.RemoteAddr(), token, len(body), body))
	call = func() {
		if _, err := conn.Write(request); err != nil {
			tb.Fatal(err)
		}
		if err := skipAnswer(in); err != nil {
			tb.Fatal(err)
		}
	}
	for range 100 {
		call() // the connection is made, pools are filled
	}
	return call
}

// account makes one user and returns an API token of theirs.
func account(tb testing.TB, dir string) string {
	tb.Helper()
	s, err := store.Open(tb.Context(), store.Options{DataDir: dir})
	require.NoError(tb, err)
	token, hash := auth.MintAPIToken()
	require.NoError(tb, s.InsertUsersWithTokens(tb.Context(), []store.UserWithToken{{
		User:  &patchbay.User{Email: "bench@bench.example", EmailVerified: true, Name: "Bench", Username: "bench", Role: patchbay.RoleUser},
		Token: &store.APIToken{Hash: hash, Name: "bench", CreatedAt: time.Now()},
	}}))
	require.NoError(tb, s.Close())
	return token
}

// dial connects to the instance on a data folder once it listens.
func dial(tb testing.TB, dir string, ended <-chan error) net.Conn {
	tb.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for {
		select {
		case <-tick.C:
		case err := <-ended:
			tb.Fatalf("the instance ended: %v", err)
		case <-late.C:
			tb.Fatal("the instance does not listen")
		}
		local, err := client.ReadLocal(dir)
		if err != nil {
			continue
		}
		conn, err := net.Dial("tcp", strings.TrimPrefix(local.Address, "http://"))
		require.NoError(tb, err)
		tb.Cleanup(func() { _ = conn.Close() })
		return conn
	}
}

// skipAnswer reads one answer of 200 away.
func skipAnswer(r *bufio.Reader) error {
	length, first := 0, true
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			rest, _ := r.Peek(r.Buffered())
			return fmt.Errorf("answer %q %q", line, rest)
		}
		first = false
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length = number(v)
		}
		if len(line) <= 2 {
			_, err := r.Discard(length)
			return err
		}
	}
}

func number(digits []byte) (n int) {
	for _, d := range digits {
		if d >= '0' && d <= '9' {
			n = 10*n + int(d-'0')
		}
	}
	return n
}

// thinServer is an MCP server that allocates next to nothing for a call.
func thinServer(tb testing.TB, events bool) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveThin(c, events)
		}
	}()
	return "http://" + l.Addr().String() + "/mcp"
}

// serveThin answers what comes on one connection.
func serveThin(c net.Conn, events bool) {
	defer c.Close()
	in := bufio.NewReaderSize(c, 8<<10)
	body, out := make([]byte, 0, 8<<10), make([]byte, 0, 8<<10)
	for {
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				length = number(v)
			}
			if len(line) <= 2 {
				break
			}
		}
		body = body[:min(length, cap(body))]
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		out = appendAnswer(out[:0], body, events)
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

func appendAnswer(out, body []byte, events bool) []byte {
	result := ""
	switch {
	case bytes.Contains(body, []byte(`"method":"initialize"`)):
		result = `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"thin","version":"1"}}`
	case bytes.Contains(body, []byte(`"method":"tools/list"`)):
		result = `{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}`
	case bytes.Contains(body, []byte(`"method":"tools/call"`)):
		result = `{"content":[{"type":"text","text":"0123456789abcdef0123456789abcdef"}]}`
	case !bytes.Contains(body, []byte(`"id":`)):
		return append(out, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"...)
	}
	member := `,"result":`
	if result == "" {
		member, result = `,"error":`, `{"code":-32601,"message":"method not found"}`
	}
	i := bytes.Index(body, []byte(`"id":`)) + len(`"id":`)
	id := body[i : i+bytes.IndexAny(body[i:], ",}")]
	prefix, suffix, kind := `{"jsonrpc":"2.0","id":`, "}", "application/json"
	if events {
		prefix, suffix, kind = `data: {"jsonrpc":"2.0","id":`, "}\n\n", "text/event-stream"
	}
	out = append(append(out, "HTTP/1.1 200 OK\r\nContent-Type: "...), kind...)
	out = strconv.AppendInt(append(out, "\r\nContent-Length: "...), int64(len(prefix)+len(id)+len(member)+len(result)+len(suffix)), 10)
	out = append(append(append(out, "\r\n\r\n"...), prefix...), id...)
	return append(append(append(out, member...), result...), suffix...)
}
