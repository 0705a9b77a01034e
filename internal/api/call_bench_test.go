package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"patchbay"
)

// callOverSocket returns a call of one tool over a socket, net/http included, with a tools service that answers
// at once. The client allocates nothing.
func callOverSocket(tb testing.TB) (call func()) {
	tb.Helper()
	w := newWorld(tb)
	result := []byte(`{"content":[{"type":"text","text":"` + strings.Repeat("x", 200) + `"}]}`)
	w.tools.call = func(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
		return patchbay.Outcome{Result: &patchbay.ToolResult{Raw: result}}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	srv := &http.Server{Handler: w.s}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(); _ = srv.Close(); <-done })
	body := `{"arguments":{"a":1,"b":2,"text":"hello"}}`
	request := []byte(fmt.Sprintf("POST /api/mcp/servers/github-mcp/tools/echo/call HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: bench\r\nContent-Length: %d\r\n\r\n%s", l.Addr(), tokAnn, len(body), body))
	r := bufio.NewReaderSize(conn, 16<<10)
	return func() {
		if _, err := conn.Write(request); err != nil {
			tb.Fatal(err)
		}
		if err := skipAnswer(r); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkCallRoute is the REST door's part of a call, from the socket to the answer.
func BenchmarkCallRoute(b *testing.B) {
	call := callOverSocket(b)
	b.ReportAllocs()
	for b.Loop() {
		call()
	}
}

// The door's budget is 110 allocations a call; a middleware that copies requests or logs
// would eat it.
func TestCallRouteAllocations(t *testing.T) {
	call := callOverSocket(t)
	if got := testing.AllocsPerRun(500, call); got > 110 {
		t.Errorf("%.0f allocations a call, want at most 110", got)
	}
}

// skipAnswer reads one answer away.
func skipAnswer(r *bufio.Reader) error {
	length, status := 0, ""
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if status == "" {
			if status = "200"; string(line[9:12]) != status {
				return fmt.Errorf("answer %q", line)
			}
		}
		if len(line) > 16 && string(line[:16]) == "Content-Length: " {
			length, _ = strconv.Atoi(string(line[16 : len(line)-2]))
		}
		if len(line) == 2 {
			_, err := io.CopyN(io.Discard, r, int64(length))
			return err
		}
	}
}
