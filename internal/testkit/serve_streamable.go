package testkit

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// serveStreamable plays on streamable HTTP. Each answer is an event stream.
func (s *Scripted) serveStreamable(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	m, ok := readMessage(w, r)
	if !ok {
		return
	}
	id := r.Header.Get("Mcp-Session-Id")
	s.mu.Lock()
	if m.Method == "initialize" {
		id = rand.Text()
		s.sessions[id] = true
	}
	known := s.sessions[id]
	s.mu.Unlock()
	if !known {
		status, code, text := http.StatusNotFound, codeSessionGone, "Session not found"
		if id == "" {
			status, code, text = http.StatusBadRequest, codeSession, "Bad Request: Mcp-Session-Id header is required"
		}
		// A server that says nothing says nothing to a first try either.
		if s.p.Case == NeverAnswers {
			<-r.Context().Done()
			return
		}
		rpcError(w, status, failure(m.ID, code, text, ""))
		return
	}
	w.Header().Set("Mcp-Session-Id", id)
	switch {
	case !m.isRequest():
		s.p.take(nil, id, m)
		w.WriteHeader(http.StatusAccepted)
		return
	case s.p.Case == WrongContentType:
		writeHTML(w)
		return
	case s.p.Case == GzipBomb && m.Method == "tools/call":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb(s.p.Bytes)) // the client may stop reading
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	l := newEventLine(r.Context(), w)
	l.inHandler = true
	defer l.close()
	s.p.take(l, id, m)
}

func readMessage(w http.ResponseWriter, r *http.Request) (*message, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusRequestEntityTooLarge)
		return nil, false
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return nil, false
	}
	return &m, true
}

func writeHTML(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!doctype html><title>Welcome</title><p>This is a web page.</p>") // the client may have gone
}

// eventLine is an event stream as a line: the answer to one POST, or the stream of an
// SSE connection.
type eventLine struct {
	life      context.Context //nolint:containedctx // the life of the request
	stop      context.CancelFunc
	inHandler bool // cut is called on the handler's own goroutine

	mu      sync.Mutex
	w       http.ResponseWriter
	closed  bool
	aborted bool
}

func newEventLine(ctx context.Context, w http.ResponseWriter) *eventLine {
	life, stop := context.WithCancel(ctx)
	return &eventLine{life: life, stop: stop, w: w}
}

func (l *eventLine) send(message io.Reader) error {
	return l.write(io.MultiReader(strings.NewReader("event: message\ndata: "), message, strings.NewReader("\n\n")))
}

func (l *eventLine) raw(p []byte) error { return l.write(bytes.NewReader(p)) }

// half is the last that is written: behind it, anything would be read as its rest.
func (l *eventLine) half(p []byte) error {
	err := l.write(io.MultiReader(strings.NewReader("event: message\ndata: "), bytes.NewReader(p)))
	l.mu.Lock()
	l.aborted = true
	l.mu.Unlock()
	return err
}

func (l *eventLine) write(r io.Reader) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.aborted {
		return io.ErrClosedPipe
	}
	if _, err := io.Copy(onlyWriter{l.w}, r); err != nil {
		return err
	}
	return http.NewResponseController(l.w).Flush()
}

// onlyWriter hides ReadFrom, which would send a long answer without pieces.
type onlyWriter struct{ io.Writer }

// cut aborts the response. Only the handler's goroutine can do that, so elsewhere it is
// asked to.
func (l *eventLine) cut() {
	l.mu.Lock()
	l.aborted = true
	l.mu.Unlock()
	if l.inHandler {
		panic(http.ErrAbortHandler)
	}
	l.stop()
}

// close makes writes fail; a response must not be written to once its handler has
// returned. It reports whether the response is to be aborted.
func (l *eventLine) close() (abort bool) {
	l.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.aborted
}

func (l *eventLine) ctx() context.Context { return l.life }
