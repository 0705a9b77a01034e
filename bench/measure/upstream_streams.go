package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/coder/websocket"
)

// eventServer is the transport of 2024-11-05: answers come on a stream of their own.
type eventServer struct {
	server *server

	mu      sync.Mutex
	n       int
	streams map[string]chan []byte
}

func (e *eventServer) get(w http.ResponseWriter, r *http.Request) {
	out := make(chan []byte, 64)
	e.mu.Lock()
	e.n++
	id := strconv.Itoa(e.n)
	e.streams[id] = out
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		delete(e.streams, id)
		e.mu.Unlock()
	}()
	defer e.server.listen(func(m []byte) {
		select {
		case out <- m:
		default: // it does not read
		}
	})()
	w.Header().Set("Content-Type", "text/event-stream")
	if _, err := fmt.Fprintf(w, "event: endpoint\ndata: %s/message?s=%s\n\n", r.URL.Path, id); err != nil {
		return
	}
	sendEvents(w, r.Context(), out)
}

func (e *eventServer) post(w http.ResponseWriter, r *http.Request) {
	m, ok := read(w, r)
	if !ok {
		return
	}
	e.mu.Lock()
	out := e.streams[r.URL.Query().Get("s")]
	e.mu.Unlock()
	if out == nil {
		http.Error(w, "no such stream", http.StatusNotFound)
		return
	}
	if a := e.server.answer(make([]byte, 0, 256), m, kind{}); len(a) > 0 {
		select {
		case out <- a:
		case <-r.Context().Done():
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// socket serves a message a frame.
func (s *server) socket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mcp"}, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept answered
	}
	defer func() { _ = c.CloseNow() }() // the other side closed it, or nobody is there
	defer s.listen(func(m []byte) { _ = c.Write(r.Context(), websocket.MessageText, m) })()
	for {
		_, data, err := c.Read(r.Context())
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		if a := s.answer(make([]byte, 0, 256), &m, kind{}); len(a) > 0 {
			if c.Write(r.Context(), websocket.MessageText, a) != nil {
				return
			}
		}
	}
}
