package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

const maxMessage = 1 << 20 // bytes of one message to the upstream

// upstream serves every kind until ctx ends, or its input does.
func upstream(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("upstream", flag.ContinueOnError)
	addr := fs.String("addr", "", "where to listen, on loopback")
	stdio := fs.Bool("stdio", false, "serve stdio")
	if err := fs.Parse(args); err != nil {
		return err
	}
	s := newServer()
	if *stdio {
		return s.serveLines(os.Stdin, os.Stdout)
	}
	return serve(ctx, *addr, s.handler())
}

// serve serves h on a loopback address until ctx ends.
func serve(ctx context.Context, addr string, h http.Handler) error {
	if !strings.HasPrefix(addr, "127.0.0.1:") {
		return fmt.Errorf("-addr %q is not on 127.0.0.1", addr)
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, k := range append(kinds(), quietKind()) {
		switch k.typ {
		case "streamable-http":
			mux.HandleFunc("POST "+k.path, func(w http.ResponseWriter, r *http.Request) { s.post(w, r, k) })
			mux.HandleFunc("GET "+k.path, func(w http.ResponseWriter, r *http.Request) { s.get(w, r, k) })
			mux.HandleFunc("DELETE "+k.path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		case "sse":
			e := &eventServer{server: s, streams: map[string]chan []byte{}}
			mux.HandleFunc("GET "+k.path, e.get)
			mux.HandleFunc("POST "+k.path+"/message", e.post)
		case "websocket":
			mux.HandleFunc(k.path, s.socket)
		}
	}
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"inits":%d}`, s.inits.Load()) // whoever asked may have gone
	})
	return mux
}

// post answers one message over streamable HTTP.
func (s *server) post(w http.ResponseWriter, r *http.Request, k kind) {
	m, ok := read(w, r)
	if !ok {
		return
	}
	if m.Method == "subscriptions/listen" {
		s.subscribe(w, r, m)
		return
	}
	h := w.Header()
	if m.Method == "initialize" && !k.modern {
		h["Mcp-Session-Id"] = []string{fmt.Sprint(time.Now().UnixNano())}
	}
	buf := make([]byte, 0, 512)
	if !k.json {
		buf = append(buf, "event: message\ndata: "...)
	}
	head := len(buf)
	if buf = s.answer(buf, m, k); len(buf) == head {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	h["Content-Type"] = []string{"application/json"}
	if !k.json {
		buf = append(buf, "\n\n"...)
		h["Content-Type"] = []string{"text/event-stream"}
	}
	_, _ = w.Write(buf) // the client may have gone
}

func read(w http.ResponseWriter, r *http.Request) (*message, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	m := new(message)
	if err != nil || json.Unmarshal(body, m) != nil {
		http.Error(w, "not a message", http.StatusBadRequest)
		return nil, false
	}
	return m, true
}

// get is the stream on which a legacy server speaks unasked.
func (s *server) get(w http.ResponseWriter, r *http.Request, k kind) {
	if k.modern {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	s.hold(w, r, nil)
}

// subscribe is the same for a modern server.
func (s *server) subscribe(w http.ResponseWriter, r *http.Request, m *message) {
	s.hold(w, r, []byte(`{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":`+
		string(m.ID)+`},"notifications":{"toolsListChanged":true}}}`))
}

// hold keeps a stream of events open.
func (s *server) hold(w http.ResponseWriter, r *http.Request, first []byte) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	out := make(chan []byte, 64)
	if first != nil {
		out <- first
	}
	defer s.listen(func(m []byte) {
		select {
		case out <- m:
		default: // it does not read
		}
	})()
	sendEvents(w, r.Context(), out)
}

// sendEvents writes messages as events until ctx ends.
func sendEvents(w http.ResponseWriter, ctx context.Context, out <-chan []byte) {
	rc := http.NewResponseController(w)
	for {
		_ = rc.Flush() // an error shows at the next write
		select {
		case m := <-out:
			if _, err := fmt.Fprintf(w, "event: message\ndata: %s\n\n", m); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// serveLines serves stdio: a message a line.
func (s *server) serveLines(in io.Reader, out io.Writer) error {
	var mu sync.Mutex
	write := func(m []byte) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = out.Write(append(m, '\n')) // the host may have gone; the input ends then
	}
	defer s.listen(func(m []byte) { write(bytes.Clone(m)) })()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxMessage)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		if a := s.answer(make([]byte, 0, 256), &m, kind{}); len(a) > 0 {
			write(a)
		}
	}
	return lines.Err()
}
