package testkit

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

// serveEvents opens a connection of the SSE transport (2024-11-05): an endpoint event
// first, then the messages.
func (s *Scripted) serveEvents(w http.ResponseWriter, r *http.Request) {
	if s.p.Case == WrongContentType {
		writeHTML(w)
		return
	}
	if r.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	l := newEventLine(r.Context(), w)
	defer context.AfterFunc(s.ctx, l.stop)()
	id := rand.Text()
	s.mu.Lock()
	s.lines[id] = l
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.lines, id)
		s.mu.Unlock()
	}()
	if l.raw(fmt.Appendf(nil, "event: endpoint\ndata: /messages?sessionId=%s\n\n", id)) != nil {
		return
	}
	if s.p.Case == Flaps {
		defer time.AfterFunc(s.p.Every, l.cut).Stop()
	}
	<-l.life.Done()
	if l.close() {
		panic(http.ErrAbortHandler)
	}
}

// serveMessages takes a message; what there is to say comes on the event stream.
func (s *Scripted) serveMessages(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	id := r.URL.Query().Get("sessionId")
	l := s.lines[id]
	s.mu.Unlock()
	if l == nil {
		http.Error(w, "session not found", http.StatusNotFound)
		return
	}
	m, ok := readMessage(w, r)
	if !ok {
		return
	}
	w.WriteHeader(http.StatusAccepted)
	// Carried out beside the POST, whose answer does not wait for it.
	s.running.Go(func() { s.p.take(l, id, m) })
}
