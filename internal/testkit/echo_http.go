package testkit

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// maxRequestBody bounds one request.
const maxRequestBody = 64 << 20

// ServeHTTP serves MCP at every path that ends in /mcp.
func (e *Echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/mcp") {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusRequestEntityTooLarge)
		return
	}
	var m message
	readErr := json.Unmarshal(body, &m)
	e.record(r, m.Method, body)

	kind := r.Method
	if r.Method == http.MethodPost {
		kind = m.Method
	}
	fault := e.takeFault(kind, r.Method == http.MethodPost)
	if fault != nil && !fault.Run {
		fault.strike(w)
		return
	}
	if e.opts.Authorize != nil {
		if challenge := e.opts.Authorize(r.Header); challenge != "" {
			w.Header().Set("WWW-Authenticate", challenge)
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
	}
	if fault != nil {
		// Carried out with nobody to answer to.
		e.post(discard{}, r, &m)
		fault.strike(w)
		return
	}
	switch {
	case r.Method == http.MethodPost && readErr != nil:
		rpcError(w, http.StatusBadRequest, failure(nil, codeInvalidRequest, "not JSON: "+readErr.Error(), ""))
	case r.Method == http.MethodPost:
		e.post(w, r, &m)
	case r.Method == http.MethodGet:
		e.get(w, r)
	case r.Method == http.MethodDelete:
		e.delete(w, r)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (e *Echo) record(r *http.Request, rpc string, body []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.requests) >= maxRequests {
		return
	}
	e.requests = append(e.requests, Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), RPC: rpc,
		Session: r.Header.Get("Mcp-Session-Id"), Body: bytes.Clone(body[:min(len(body), maxBodyKept)]),
	})
}

// post answers one message, in the era it is written in.
func (e *Echo) post(w http.ResponseWriter, r *http.Request, m *message) {
	header := r.Header.Get("Mcp-Protocol-Version")
	if slices.Contains(e.opts.Versions, Modern) && (header >= Modern || m.version() >= Modern || m.Method == "server/discover") {
		e.postModern(w, r, m)
		return
	}
	if slices.Equal(e.opts.Versions, []string{Modern}) {
		rpcError(w, http.StatusBadRequest, unsupported(m, e.opts.Versions, header))
		return
	}
	if header != "" && !slices.Contains(e.opts.Versions, header) {
		rpcError(w, http.StatusBadRequest, failure(m.ID, codeSession, "Bad Request: Unsupported protocol version: "+header, ""))
		return
	}
	who := caller{}
	if !e.opts.Stateless {
		s, ok := e.sessionFor(w, r, m)
		if !ok {
			return
		}
		who.session = s.id
		w.Header().Set("Mcp-Session-Id", s.id)
	}
	who.who = whoami(r, who.session)
	if !m.isRequest() {
		if m.isAnswer() {
			e.core.answered(who.session, m)
		}
		if m.Method == "notifications/cancelled" {
			e.core.cancel(who.session, m.Params.RequestID)
		}
		w.WriteHeader(http.StatusAccepted)
		return
	}
	// Before 2026-07-28 a closed request does not cancel its call (2025-11-25,
	// basic/transports): the call has the server's life.
	e.respond(e.ctx, w, r, who, m)
}

// respond runs a request and writes what it has to say.
func (e *Echo) respond(ctx context.Context, w http.ResponseWriter, r *http.Request, who caller, m *message) {
	if e.opts.JSON {
		raw := e.core.answer(ctx, who, m)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw) // the client may have gone
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := &eventWriter{w: w}
	who.notify = out.send
	out.send(e.core.answer(ctx, who, m))
}

// sessionFor finds or makes the session of a message; ok is false when it answered.
func (e *Echo) sessionFor(w http.ResponseWriter, r *http.Request, m *message) (s *session, ok bool) {
	id := r.Header.Get("Mcp-Session-Id")
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case m.Method == "initialize":
		version := m.Params.ProtocolVersion
		if !slices.Contains(e.opts.Versions, version) {
			version = newestLegacy(e.opts.Versions)
		}
		s = &session{id: rand.Text(), version: version, identities: map[Identity]int{}}
		e.sessions[s.id] = s
		e.order = append(e.order, s.id)
	case id == "":
		rpcError(w, http.StatusBadRequest, failure(m.ID, codeSession, "Bad Request: Mcp-Session-Id header is required", ""))
		return nil, false
	default:
		s = e.sessions[id]
		if s == nil || s.closed {
			rpcError(w, http.StatusNotFound, failure(m.ID, codeSessionGone, "Session not found", ""))
			return nil, false
		}
	}
	s.identities[identityOf(r)]++
	return s, true
}

func (e *Echo) delete(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sessions[r.Header.Get("Mcp-Session-Id")]
	if s == nil || s.closed {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.closed = true
	w.WriteHeader(http.StatusNoContent)
}

func rpcError(w http.ResponseWriter, status int, raw []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may have gone
}

// discard is a response nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
