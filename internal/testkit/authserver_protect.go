package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// ProtectOptions choose how an MCP server is protected. The zero value is by the book: a
// challenge that says where the metadata is, the metadata there, a token for everything.
type ProtectOptions struct {
	// Path of the MCP server, for the metadata; "/mcp" when empty.
	Path string
	// MetadataAt is the path of the resource's metadata; the path-specific well-known
	// one when empty, "none" for nowhere.
	MetadataAt string
	// NoHint leaves resource_metadata out of the challenge; Challenge is the whole
	// WWW-Authenticate in its place, %s in it the metadata's address. "-" sends none.
	NoHint    bool
	Challenge string
	// Resource in the metadata in place of the right one.
	Resource string
	// Issuers in the metadata in place of the authorization server's own.
	Issuers []string
	// Edit has the last word on the metadata.
	Edit func(map[string]any)
	// Scopes is scopes_supported; ChallengeScopes go into the challenge.
	Scopes, ChallengeScopes []string
	// Required scopes for everything, and for single tools: a token without them is
	// answered 403 insufficient_scope.
	Required     []string
	ToolRequired map[string][]string
	// AnonymousStart lets everything but tools/call through without a token.
	AnonymousStart bool
	// AnyAudience takes tokens that were signed in for another resource, too.
	AnyAudience bool
}

// Protected is an MCP server that wants tokens of an AuthServer.
type Protected struct {
	server *httptest.Server
	auth   []*AuthServer
	next   http.Handler

	mu      sync.Mutex
	opts    ProtectOptions
	refused int
	seen    map[string]int
}

// Protect puts a door in front of an MCP server: an *Echo, or Forward to one that has an
// address. Tokens of more are good, too. It stops with the test.
func (a *AuthServer) Protect(tb testing.TB, next http.Handler, o ProtectOptions, more ...*AuthServer) *Protected {
	tb.Helper()
	if o.Path == "" {
		o.Path = "/mcp"
	}
	p := &Protected{auth: append([]*AuthServer{a}, more...), next: next, opts: o, seen: map[string]int{}}
	p.server = httptest.NewServer(p)
	tb.Cleanup(func() {
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// Forward passes requests on to the server at base, event streams and websockets
// included.
func Forward(tb testing.TB, base string) http.Handler {
	tb.Helper()
	if rest, ok := strings.CutPrefix(base, "ws"); ok {
		base = "http" + rest
	}
	u, err := url.Parse(base)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	tr := &http.Transport{}
	tb.Cleanup(tr.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Transport: tr, FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = u.Scheme, u.Host },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler) // the one behind hung up: so do we
		},
	}
}

// URL is where the server is.
func (p *Protected) URL() string { return p.server.URL + p.options().Path }

// BaseURL is its address without a path.
func (p *Protected) BaseURL() string { return p.server.URL }

// Change changes the options of a server that runs.
func (p *Protected) Change(change func(*ProtectOptions)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.opts)
}

// Refused is how many requests were turned away.
func (p *Protected) Refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

// Tokens is how many requests came with each token that was good.
func (p *Protected) Tokens() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for t, n := range p.seen {
		out[t] = n
	}
	return out
}

// DropConnections closes every TCP connection.
func (p *Protected) DropConnections() { p.server.CloseClientConnections() }

func (p *Protected) options() ProtectOptions {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opts
}

// metadataAt is the path of the metadata, empty when there is none.
func (o ProtectOptions) metadataAt() string {
	switch o.MetadataAt {
	case "":
		return "/.well-known/oauth-protected-resource" + o.Path
	case "none":
		return ""
	}
	return o.MetadataAt
}

// ServeHTTP implements http.Handler.
func (p *Protected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o := p.options()
	switch {
	case r.URL.Path == o.metadataAt():
		p.metadata(w, o)
		return
	case strings.HasPrefix(r.URL.Path, "/.well-known/"):
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var m message
	_ = json.Unmarshal(body, &m) // the server behind says what is wrong with it
	if !p.pass(w, r, o, &m) {
		p.mu.Lock()
		p.refused++
		p.mu.Unlock()
		return
	}
	p.next.ServeHTTP(w, r)
}

// pass judges a request's token; it has answered when it returns false.
func (p *Protected) pass(w http.ResponseWriter, r *http.Request, o ProtectOptions, m *message) bool {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" && o.AnonymousStart && m.Method != "tools/call" && m.Method != "" {
		return true
	}
	scopes, ok := p.judge(o, token)
	if !ok {
		code := ""
		if token != "" {
			code = "invalid_token"
		}
		p.challenge(w, o, http.StatusUnauthorized, code, o.ChallengeScopes)
		return false
	}
	for _, need := range [][]string{o.Required, o.ToolRequired[m.Params.Name]} {
		if slices.ContainsFunc(need, func(s string) bool { return !slices.Contains(scopes, s) }) {
			p.challenge(w, o, http.StatusForbidden, "insufficient_scope", need)
			return false
		}
	}
	p.mu.Lock()
	p.seen[token]++
	p.mu.Unlock()
	return true
}

// judge asks the authorization servers about a token.
func (p *Protected) judge(o ProtectOptions, token string) (scopes []string, ok bool) {
	if token == "" {
		return nil, false
	}
	for _, a := range p.auth {
		t, good := a.Introspect(token)
		if good && (o.AnyAudience || t.Resource == "" || t.Resource == p.resource(o)) {
			return t.Scopes, true
		}
	}
	return nil, false
}

func (p *Protected) resource(o ProtectOptions) string {
	if o.Resource != "" {
		return o.Resource
	}
	return p.server.URL + o.Path
}

func (p *Protected) challenge(w http.ResponseWriter, o ProtectOptions, status int, code string, scopes []string) {
	at := p.server.URL + o.metadataAt()
	switch {
	case o.Challenge == "-":
	case o.Challenge != "":
		w.Header().Set("WWW-Authenticate", strings.ReplaceAll(o.Challenge, "%s", at))
	default:
		value := `Bearer realm="mcp"`
		if !o.NoHint && o.metadataAt() != "" {
			value += fmt.Sprintf(`, resource_metadata=%q`, at)
		}
		if len(scopes) > 0 {
			value += fmt.Sprintf(`, scope=%q`, strings.Join(scopes, " "))
		}
		if code != "" {
			value += fmt.Sprintf(`, error=%q`, code)
		}
		w.Header().Set("WWW-Authenticate", value)
	}
	http.Error(w, http.StatusText(status), status)
}

func (p *Protected) metadata(w http.ResponseWriter, o ProtectOptions) {
	issuers := o.Issuers
	if issuers == nil {
		issuers = []string{p.auth[0].Issuer()}
	}
	doc := map[string]any{"resource": p.resource(o), "authorization_servers": issuers, "bearer_methods_supported": []string{"header"}}
	if o.Scopes != nil {
		doc["scopes_supported"] = o.Scopes
	}
	if o.Edit != nil {
		o.Edit(doc)
	}
	writeJSON(w, http.StatusOK, doc)
}
