package testkit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"patchbay"
)

// far is a client that understands nothing: it sends text and collects what comes.
type far struct {
	send func(raw string)
	got  chan string // messages; an error ends as "error: …"
	cmd  *exec.Cmd
	errs *printed // stderr of the child, complete after exit
	exit chan error
}

// dial starts a case and connects to it.
func dial(t *testing.T, c Case, transport patchbay.Transport, s Settings) *far {
	t.Helper()
	f := &far{got: make(chan string, 100)}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	t.Cleanup(func() {
		stop()
		wg.Wait()
	})
	put := func(msg string) {
		select {
		case f.got <- msg:
		case <-ctx.Done():
		}
	}
	if transport == patchbay.TransportStdio {
		f.stdio(ctx, t, &wg, put, c.Command(t, s))
		return f
	}
	srv := c.Serve(t, transport, s)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	client := &http.Client{Transport: tr}
	switch transport {
	case patchbay.TransportHTTP:
		var session string
		f.send = func(raw string) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader(raw))
			require.NoError(t, err)
			req.Header.Set("Mcp-Session-Id", session)
			do := func() {
				resp, err := client.Do(req)
				if err != nil {
					put("error: " + err.Error())
					return
				}
				defer resp.Body.Close()
				if session == "" {
					session = resp.Header.Get("Mcp-Session-Id")
				}
				if ct := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || ct != "text/event-stream" {
					n, _ := io.Copy(io.Discard, resp.Body)
					put(fmt.Sprintf("status %d, %s, %d bytes", resp.StatusCode, ct, n))
					return
				}
				events(resp.Body, put)
			}
			if session == "" {
				do()
				return
			}
			wg.Go(do)
		}
	case patchbay.TransportSSE:
		endpoint := make(chan string, 1)
		wg.Go(func() {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
			if err != nil {
				panic(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				put("error: " + err.Error())
				close(endpoint)
				return
			}
			defer resp.Body.Close()
			if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
				put(fmt.Sprintf("status %d, %s", resp.StatusCode, ct))
				close(endpoint)
				return
			}
			events(resp.Body, func(msg string) {
				if rest, ok := strings.CutPrefix(msg, "/messages"); ok {
					endpoint <- srv.server.URL + "/messages" + rest
					return
				}
				put(msg)
			})
		})
		url := <-endpoint
		f.send = func(raw string) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(raw))
			require.NoError(t, err)
			resp, err := client.Do(req)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, http.StatusAccepted, resp.StatusCode)
		}
	case patchbay.TransportWebSocket:
		conn, resp, err := websocket.Dial(ctx, srv.URL, &websocket.DialOptions{Subprotocols: []string{"mcp"}})
		require.NoError(t, err)
		if resp.Body != nil {
			resp.Body.Close()
		}
		conn.SetReadLimit(-1)
		t.Cleanup(func() { _ = conn.CloseNow() })
		wg.Go(func() {
			for {
				_, data, err := conn.Read(ctx)
				if err != nil {
					put("error: " + err.Error())
					return
				}
				put(string(data))
			}
		})
		f.send = func(raw string) { require.NoError(t, conn.Write(ctx, websocket.MessageText, []byte(raw))) }
	}
	return f
}

func (f *far) stdio(ctx context.Context, t *testing.T, wg *sync.WaitGroup, put func(string), c Command) {
	t.Helper()
	f.cmd, f.errs, f.exit = exec.CommandContext(ctx, c.Path, c.Args...), &printed{}, make(chan error, 1)
	in, err := f.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := f.cmd.StdoutPipe()
	require.NoError(t, err)
	f.cmd.Stderr = &atMost{w: f.errs, left: 1 << 20}
	f.cmd.WaitDelay = 5 * time.Second
	require.NoError(t, f.cmd.Start())
	wg.Go(func() {
		r := bufio.NewReaderSize(out, 1<<20)
		for {
			text, err := r.ReadString('\n')
			if text != "" {
				put(strings.TrimSuffix(text, "\n"))
			}
			if err != nil {
				put("error: " + err.Error())
				break
			}
		}
		f.exit <- f.cmd.Wait()
	})
	// A child that exits at start is written to in vain.
	f.send = func(raw string) { _, _ = io.WriteString(in, raw+"\n") }
}

// printed is what a child has printed, also while it prints.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// atMost keeps the first bytes and takes the rest.
type atMost struct {
	w    io.Writer
	left int
}

func (a *atMost) Write(p []byte) (int, error) {
	n := min(a.left, len(p))
	a.left -= n
	if _, err := a.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// events reads an event stream: each data line, and each line that is neither a field
// nor empty.
func events(body io.Reader, put func(string)) {
	r := bufio.NewReaderSize(body, 1<<20)
	for {
		text, err := r.ReadString('\n')
		text = strings.TrimSuffix(text, "\n")
		if data, ok := strings.CutPrefix(text, "data: "); ok {
			put(data)
		} else if text != "" && !strings.HasPrefix(text, "event: ") {
			put(text)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				put("error: " + err.Error())
			}
			return
		}
	}
}

// next is the next thing that came.
func (f *far) next(t *testing.T) string {
	t.Helper()
	select {
	case msg := <-f.got:
		return msg
	case <-time.After(patience):
		t.Fatal("nothing came")
		return ""
	}
}

// silent checks that nothing comes for a while.
func (f *far) silent(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case msg := <-f.got:
		t.Fatalf("%.200s came", msg)
	case <-time.After(d):
	}
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	listTools  = `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`
	callEcho   = `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}`
)

// open does the handshake.
func (f *far) open(t *testing.T) {
	t.Helper()
	f.send(initialize)
	require.Contains(t, f.next(t), `"id":1,"result":{"protocolVersion":"2025-06-18"`)
}
