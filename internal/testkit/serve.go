package testkit

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"patchbay"
)

// Scripted is a case being played over the network.
type Scripted struct {
	// URL to connect to.
	URL string

	p        *play
	server   *httptest.Server
	ctx      context.Context //nolint:containedctx // the server's life
	running  sync.WaitGroup  // requests and what they started
	mu       sync.Mutex
	sessions map[string]bool // streamable HTTP: the ids in use
	lines    map[string]*eventLine
}

// Attempts is how many times somebody sent initialize.
func (s *Scripted) Attempts() int { return int(s.p.attempts.Load()) }

// Serve plays the case over a network transport until the test ends.
func (c Case) Serve(tb testing.TB, t patchbay.Transport, settings Settings) *Scripted {
	tb.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	s := &Scripted{p: newPlay(c, settings), ctx: ctx, sessions: map[string]bool{}, lines: map[string]*eventLine{}}
	mux := http.NewServeMux()
	path := "/mcp"
	switch t {
	case patchbay.TransportHTTP:
		mux.HandleFunc(path, s.serveStreamable)
	case patchbay.TransportSSE:
		path = "/sse"
		mux.HandleFunc(path, s.serveEvents)
		mux.HandleFunc("/messages", s.serveMessages)
	case patchbay.TransportWebSocket:
		path = "/ws"
		mux.HandleFunc(path, s.serveSocket)
	default:
		tb.Fatalf("testkit: %s is not a network transport", t)
	}
	// Requests are counted, because Close does not wait for one that became a websocket.
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.running.Add(1)
		defer s.running.Done()
		mux.ServeHTTP(w, r)
	}))
	s.URL = s.server.URL + path
	if t == patchbay.TransportWebSocket {
		s.URL = "ws" + s.URL[len("http"):]
	}
	if c == Flaps && t == patchbay.TransportHTTP {
		s.running.Go(s.flap)
	}
	tb.Cleanup(func() {
		stop()
		s.server.CloseClientConnections()
		s.server.Close()
		s.running.Wait()
	})
	return s
}

// flap forgets every session and closes every connection, again and again.
func (s *Scripted) flap() {
	tick := time.NewTicker(s.p.Every)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		clear(s.sessions)
		s.mu.Unlock()
		s.server.CloseClientConnections()
	}
}

// bomb is n bytes of zeros, gzipped: one member of 1 MiB, many times over.
func bomb(n int) []byte {
	const member = 1 << 20
	var one bytes.Buffer
	z := gzip.NewWriter(&one)
	if _, err := z.Write(make([]byte, member)); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return bytes.Repeat(one.Bytes(), max(1, n/member))
}
