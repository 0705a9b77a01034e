package testkit

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// EchoOptions choose what an Echo is like. The zero value is a stateful server of every
// legacy version that answers with event streams.
type EchoOptions struct {
	// Versions it speaks: LegacyVersions when empty. With Modern in it, it serves
	// 2026-07-28 too; with Modern alone, nothing else.
	Versions []string
	// Stateless gives out no Mcp-Session-Id.
	Stateless bool
	// JSON answers with application/json where it can, so that notes of a running call
	// are left out.
	JSON bool
	// PageSize of tools/list; 0 is one page.
	PageSize     int
	Instructions string
	// Authorize, when set, sees each request's headers; a challenge that is not empty is
	// answered 401 with it in WWW-Authenticate.
	Authorize func(http.Header) (challenge string)
}

// Echo is a well-behaved MCP server over streamable HTTP, in hand-written JSON. It
// serves every path that ends in /mcp, so that one Echo stands in for many servers.
//
// Its tools are echo(text), whoami, big(kb), exact(result), slow(ms), progress(n),
// ask, fail and break. whoami answers a JSON text: {"path","query","session","headers":{…}} with
// Authorization and every X- header.
type Echo struct {
	core   *core
	opts   EchoOptions
	server *httptest.Server
	ctx    context.Context //nolint:containedctx // the server's life, which calls of older versions have instead of their request's
	stop   context.CancelFunc

	mu       sync.Mutex
	sessions map[string]*session
	order    []string
	faults   []*Fault
	requests []Request
	streams  map[*stream]bool
	opened   chan struct{} // closed and renewed when a stream opens or closes
}

// NewEcho starts an Echo on a loopback port; it stops with the test.
func NewEcho(tb testing.TB, o EchoOptions) *Echo {
	tb.Helper()
	if len(o.Versions) == 0 {
		o.Versions = LegacyVersions()
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	e := &Echo{
		core: newCore(o.Versions, o.Instructions, o.PageSize), opts: o, ctx: ctx, stop: stop,
		sessions: map[string]*session{}, streams: map[*stream]bool{}, opened: make(chan struct{}),
	}
	e.server = httptest.NewServer(e)
	tb.Cleanup(func() {
		stop()
		e.server.CloseClientConnections()
		e.server.Close()
	})
	return e
}

// URL is where the server is, at path /mcp.
func (e *Echo) URL() string { return e.server.URL + "/mcp" }

// URLAt is the server at prefix: URLAt("/s1") ends in /s1/mcp.
func (e *Echo) URLAt(prefix string) string {
	return e.server.URL + "/" + strings.Trim(prefix, "/") + "/mcp"
}

// BaseURL is the server's address without a path.
func (e *Echo) BaseURL() string { return e.server.URL }

// SetTools replaces the tools beside the built-in ones. Each is the JSON of one tool.
// Who has listed them is told only by ListChanged.
func (e *Echo) SetTools(tools ...string) {
	e.core.mu.Lock()
	defer e.core.mu.Unlock()
	e.core.tools = nil
	for _, t := range tools {
		e.core.tools = append(e.core.tools, json.RawMessage(t))
	}
}

// Calls is how many calls of a tool have begun, of all tools when name is empty.
func (e *Echo) Calls(name string) int {
	e.core.mu.Lock()
	defer e.core.mu.Unlock()
	if name != "" {
		return e.core.calls[name]
	}
	sum := 0
	for _, n := range e.core.calls {
		sum += n
	}
	return sum
}

// Cancelled is how many calls ended because their caller gave them up: by
// notifications/cancelled, or in the modern era by closing the request.
func (e *Echo) Cancelled() int {
	e.core.mu.Lock()
	defer e.core.mu.Unlock()
	return e.core.cancels
}

// AwaitInFlight waits until n calls run at the same time.
func (e *Echo) AwaitInFlight(tb testing.TB, n int) {
	tb.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	if !e.core.await(late.C, n) {
		tb.Fatalf("fewer than %d calls in flight", n)
	}
}

// Sessions returns every protocol session so far, oldest first.
func (e *Echo) Sessions() []Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]Session, 0, len(e.order))
	for _, id := range e.order {
		all = append(all, e.sessions[id].copy())
	}
	return all
}

// Requests returns the first requests that came, at most maxRequests.
func (e *Echo) Requests() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requests)
}

// DropConnections closes every TCP connection, as a crash or a proxy would.
func (e *Echo) DropConnections() { e.server.CloseClientConnections() }

// ForgetSessions makes every session so far unknown: it is answered 404 from now on.
func (e *Echo) ForgetSessions() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sessions {
		s.closed = true
	}
}
