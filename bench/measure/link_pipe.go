package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"github.com/coder/websocket"
)

// pipeLink is a transport on which messages go one way and answers come another.
type pipeLink struct {
	send   func([]byte) error
	answer func() ([]byte, error) // the next message
	end    func()
	id     int
	buf    []byte
}

func (l *pipeLink) call(args []byte) ([]byte, error) {
	l.id++
	l.buf = appendEcho(l.buf[:0], l.id, args, false)
	if err := l.send(l.buf); err != nil {
		return nil, err
	}
	a, err := l.next()
	if err != nil {
		return nil, err
	}
	return resultOf(a)
}

// next returns the next message that is an answer.
func (l *pipeLink) next() ([]byte, error) {
	for {
		a, err := l.answer()
		if err != nil || bytes.Contains(a, []byte(`"id":`)) {
			return a, err
		}
	}
}

func (l *pipeLink) close() { l.end() }

func (l *pipeLink) shake() (link, error) {
	l.id = 1
	err := l.send([]byte(initialize))
	if err == nil {
		_, err = l.next()
	}
	if err == nil {
		err = l.send([]byte(initialized))
	}
	if err != nil {
		l.end()
		return nil, err
	}
	return l, nil
}

// openStdio starts an upstream of its own.
func openStdio(ctx context.Context) (link, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, "upstream", "-stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReaderSize(out, 64<<10)
	l := &pipeLink{
		send: func(m []byte) error {
			_, err := in.Write(append(m, '\n'))
			return err
		},
		answer: func() ([]byte, error) { return lines.ReadSlice('\n') },
		end: func() {
			_ = in.Close() // its input ending ends it
			_ = cmd.Wait() // how it ended does not matter
		},
	}
	return l.shake()
}

// openSSE opens the stream of 2024-11-05 and posts beside it.
func openSSE(ctx context.Context, url, user string, client *http.Client) (link, error) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("X-User-ID", user)
	resp, err := client.Do(req) //nolint:bodyclose // the link closes it
	if err != nil {
		cancel()
		return nil, err
	}
	events := bufio.NewReaderSize(resp.Body, 16<<10)
	data := func() ([]byte, error) {
		for {
			line, err := events.ReadSlice('\n')
			if err != nil {
				return nil, err
			}
			if d, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
				return bytes.TrimSpace(d), nil
			}
		}
	}
	l := &pipeLink{answer: data, end: func() { cancel(); _ = resp.Body.Close() }}
	where, err := data()
	if err != nil {
		l.end()
		return nil, err
	}
	post := url[:strings.Index(url, "/sse")] + string(where)
	l.send = func(m []byte) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, post, bytes.NewReader(m))
		if err != nil {
			return err
		}
		req.Header["Content-Type"] = []string{"application/json"}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close() // read to its end
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("post: status %d", resp.StatusCode)
		}
		return err
	}
	return l.shake()
}

// openSocket opens a websocket.
func openSocket(ctx context.Context, url, user string) (link, error) {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{ //nolint:bodyclose // the connection owns it
		HTTPHeader: http.Header{"X-User-Id": {user}}, Subprotocols: []string{"mcp"}, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	l := &pipeLink{
		send: func(m []byte) error { return c.Write(ctx, websocket.MessageText, m) },
		answer: func() ([]byte, error) {
			_, m, err := c.Read(ctx)
			return m, err
		},
		end: func() { _ = c.CloseNow() }, // nothing is under way
	}
	return l.shake()
}
