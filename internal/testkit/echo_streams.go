package testkit

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"testing"
	"time"
)

// patience is how long the Await functions wait before they fail the test.
const patience = 20 * time.Second

// eventWriter writes messages as events and flushes each. Safe for concurrent use.
type eventWriter struct {
	mu     sync.Mutex
	w      http.ResponseWriter
	closed bool
}

// close makes sends do nothing; a response must not be written to once its handler has
// returned.
func (o *eventWriter) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// send writes one event. A line break in the message becomes a second data line, which
// the reader joins again by a line break.
func (o *eventWriter) send(raw []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	var b bytes.Buffer
	b.WriteString("event: message\n")
	for line := range bytes.SplitSeq(raw, []byte("\n")) {
		b.WriteString("data: ")
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	_, _ = o.w.Write(b.Bytes()) // the client may have gone
	if f, ok := o.w.(http.Flusher); ok {
		f.Flush()
	}
}

// stream is one way to reach a client that is not answering a call: the GET stream of
// the legacy era, or subscriptions/listen.
type stream struct {
	out *eventWriter
	// changed is the list_changed notification in the form of this stream.
	changed []byte
	stop    context.CancelFunc
}

// get opens the standalone event stream of a session.
func (e *Echo) get(w http.ResponseWriter, r *http.Request) {
	if e.opts.Stateless {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	e.mu.Lock()
	s := e.sessions[r.Header.Get("Mcp-Session-Id")]
	known := s != nil && !s.closed
	if known {
		s.identities[identityOf(r)]++
	}
	e.mu.Unlock()
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	defer context.AfterFunc(e.ctx, stop)()
	openStream(w)
	e.hold(ctx, &stream{out: &eventWriter{w: w}, stop: stop, changed: notification("notifications/tools/list_changed", "{}")})
}

// listen serves subscriptions/listen: an acknowledgement first, then what was asked for.
func (e *Echo) listen(ctx context.Context, w http.ResponseWriter, m *message) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	meta := `"_meta":{"` + metaSubscription + `":` + string(m.ID) + `}`
	openStream(w)
	out := &eventWriter{w: w}
	out.send(notification("notifications/subscriptions/acknowledged", `{`+meta+`,"notifications":{"toolsListChanged":true}}`))
	e.hold(ctx, &stream{out: out, stop: stop, changed: notification("notifications/tools/list_changed", `{`+meta+`}`)})
}

func openStream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}

// hold keeps a stream until its client or the server closes it.
func (e *Echo) hold(ctx context.Context, s *stream) {
	e.mark(s, true)
	defer s.out.close()
	defer e.mark(s, false)
	<-ctx.Done()
}

func (e *Echo) mark(s *stream, open bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if open {
		e.streams[s] = true
	} else {
		delete(e.streams, s)
	}
	close(e.opened)
	e.opened = make(chan struct{})
}

// Streams is how many streams to clients are open: GET and subscriptions/listen.
func (e *Echo) Streams() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.streams)
}

// AwaitStreams waits until exactly n streams are open.
func (e *Echo) AwaitStreams(tb testing.TB, n int) {
	tb.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		e.mu.Lock()
		have, changed := len(e.streams), e.opened
		e.mu.Unlock()
		if have == n {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			tb.Fatalf("%d streams open, want %d", have, n)
		}
	}
}

// ListChanged tells every open stream that the tools changed, and returns how many
// there were.
func (e *Echo) ListChanged() int {
	e.mu.Lock()
	var all []*stream
	for s := range e.streams {
		all = append(all, s)
	}
	e.mu.Unlock()
	for _, s := range all {
		s.out.send(s.changed)
	}
	return len(all)
}

// CloseStreams ends every open stream, as a proxy with a time limit would.
func (e *Echo) CloseStreams() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for s := range e.streams {
		s.stop()
	}
}
