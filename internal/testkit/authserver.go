package testkit

import (
	"context"
	"crypto/rand"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Form is where an authorization server publishes its metadata. The issuer is the
// server's address and AuthServerOptions.Path.
type Form string

// The forms, for an issuer https://h/p.
const (
	FormRFC8414     Form = ""             // h/.well-known/oauth-authorization-server/p
	FormRFC8414Tail Form = "rfc8414-tail" // h/p/.well-known/oauth-authorization-server
	FormRFC8414Root Form = "rfc8414-root" // h/.well-known/oauth-authorization-server, whatever the path
	FormOIDC        Form = "oidc"         // h/p/.well-known/openid-configuration
	FormOIDCInsert  Form = "oidc-insert"  // h/.well-known/openid-configuration/p
	FormOIDCRoot    Form = "oidc-root"    // h/.well-known/openid-configuration, whatever the path
	FormNone        Form = "none"         // nowhere
)

// AuthServerOptions choose what an AuthServer is like. The zero value is well behaved:
// RFC 8414 metadata, open registration, opaque tokens that live an hour, a refresh token
// that stays the same. Every member can be changed while it runs, by Change.
type AuthServerOptions struct {
	Path string // of the issuer: "/tenant"
	Form Form
	// Edit has the last word on the metadata: wrong issuers, endpoints that point inside
	// or to javascript:, members left out.
	Edit func(map[string]any)

	// Clients are known beforehand: id to secret, "" for public ones. They may come back
	// anywhere.
	Clients map[string]string
	// AuthMethods of the token endpoint; basic, post and none when nil. What is not in
	// it is refused.
	AuthMethods []string
	// ClientDocuments takes URLs as client ids. Those on this machine are fetched and
	// must name the redirect address; others are taken on trust.
	ClientDocuments bool
	NoRegistration  bool

	// Manual shows a page with a button instead of approving by a redirect.
	Manual bool
	// Deny answers every authorization with this error code.
	Deny string
	// Iss adds the issuer to callbacks; IssValue, when set, in place of the right one.
	// Advertised says in the metadata that it is there.
	Iss, IssAdvertised bool
	IssValue           string
	// Scopes it lists in its metadata. Others are granted, too.
	Scopes []string
	// Impersonate sends everybody who wants to sign in here on to another authorization
	// server, under our client's id there: a mix-up.
	Impersonate       *AuthServer
	ImpersonateClient string

	JWT       bool          // access tokens are JWTs, else opaque
	TokenLife time.Duration // 0 is an hour
	NoExpiry  bool          // leaves expires_in out
	TokenType string        // "Bearer" when empty
	NoRefresh bool          // gives no refresh token
	// Rotate gives a new refresh token each time and takes the old one no more. With
	// DetectReuse an old one that comes back ends the whole family, access token included.
	Rotate, DetectReuse bool
	// RefreshTime is how long each refresh takes, so that two at a time are seen.
	RefreshTime time.Duration
	// RefuseRefreshScope refuses a refresh that names scopes.
	RefuseRefreshScope bool
	// RequireResource and RefuseResource are about RFC 8707's parameter, at each endpoint.
	RequireResource, RefuseResource bool
}

// AuthCounts is what an AuthServer has done so far.
type AuthCounts struct {
	Metadata       int // documents given out
	Authorizations int // approved
	Exchanges      int // of codes, that gave a token
	Refreshes      int // that gave a token
	RefreshTries   int
	MostRefreshes  int // at the same time
	Reuses         int // of refresh tokens that had been rotated
	Machine        int // client-credentials grants
	Registrations  int
	Revocations    int
	Introspections int
}

// AuthRequest is one request that reached an AuthServer. Form holds query and body; the
// secrets in it are fakes.
type AuthRequest struct {
	Method, Path string
	Header       http.Header
	Form         url.Values
	Body         string
}

// AuthServer is an authorization server over HTTP on loopback: metadata, authorize,
// token, registration, revocation, introspection.
type AuthServer struct {
	server *httptest.Server
	ctx    context.Context //nolint:containedctx // the server's life, which ends what is slow on purpose

	mu         sync.Mutex
	opts       AuthServerOptions
	counts     AuthCounts
	refreshing int
	requests   []AuthRequest
	faults     []*AuthFault
	clients    map[string]*authClient
	asked      map[string]*authAsk   // authorizations that wait for the button
	codes      map[string]*authGrant // unused and used ones
	access     map[string]*authGrant
	refresh    map[string]*authGrant
	key        []byte // signs JWTs
}

// authClient is a client that is known.
type authClient struct {
	id, secret, method string
	redirects          []string // nil: any
}

// NewAuthServer starts an authorization server on a loopback port; it stops with the test.
func NewAuthServer(tb testing.TB, o AuthServerOptions) *AuthServer {
	tb.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	a := &AuthServer{
		ctx: ctx, opts: o, clients: map[string]*authClient{}, asked: map[string]*authAsk{},
		codes: map[string]*authGrant{}, access: map[string]*authGrant{}, refresh: map[string]*authGrant{}, key: []byte(rand.Text()),
	}
	a.server = httptest.NewServer(a)
	tb.Cleanup(func() {
		stop()
		a.server.CloseClientConnections()
		a.server.Close()
	})
	return a
}

// BaseURL is the server's address without a path.
func (a *AuthServer) BaseURL() string { return a.server.URL }

// Issuer is the server's issuer.
func (a *AuthServer) Issuer() string { return a.server.URL + a.options().Path }

// Endpoint is the address of an endpoint: "authorize", "token", "register", "revoke",
// "introspect".
func (a *AuthServer) Endpoint(name string) string { return a.Issuer() + "/" + name }

// Change changes the options of a server that runs.
func (a *AuthServer) Change(change func(*AuthServerOptions)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.opts)
}

// Counts returns what it has done so far.
func (a *AuthServer) Counts() AuthCounts {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts
}

// Requests returns the requests so far, at most maxRequests.
func (a *AuthServer) Requests() []AuthRequest {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// RequestsTo returns the requests to an endpoint ("token").
func (a *AuthServer) RequestsTo(endpoint string) []AuthRequest {
	return slices.DeleteFunc(a.Requests(), func(r AuthRequest) bool { return !strings.HasSuffix(r.Path, "/"+endpoint) })
}

// ForgetClients makes every registered client unknown, as a restart without a database
// would. Clients of the options stay.
func (a *AuthServer) ForgetClients() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.clients)
}

// ExpireTokens ends the life of every access token; refresh tokens stay good.
func (a *AuthServer) ExpireTokens() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.access)
}

// EndGrants ends every token and every code, as an administrator who revokes would.
func (a *AuthServer) EndGrants() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.access)
	clear(a.refresh)
	clear(a.codes)
}

func (a *AuthServer) options() AuthServerOptions {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.opts
	o.Clients = maps.Clone(o.Clients)
	return o
}

// ServeHTTP serves the endpoints under the issuer's path, and the metadata.
func (a *AuthServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusRequestEntityTooLarge)
		return
	}
	o := a.options()
	form := r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		posted, _ := url.ParseQuery(string(body)) // what can be read of it
		for name, values := range posted {
			form[name] = append(form[name], values...)
		}
	}
	a.keep(r, form, body)
	name, known := strings.CutPrefix(r.URL.Path, o.Path+"/")
	at := name
	if doc := isMetadata(o, r.URL.Path); doc {
		at, known = "metadata", true
	}
	if name == "token" && form.Get("grant_type") == "refresh_token" {
		at = "refresh"
	}
	fault := a.takeFault(at)
	if fault != nil && fault.before(a.ctx, w, r) {
		return
	}
	if fault != nil && fault.Abort {
		w = discard{} // carried out with nobody to answer to
		defer panic(http.ErrAbortHandler)
	}
	switch {
	case !known:
		http.NotFound(w, r)
	case at == "metadata":
		a.metadata(w, o)
	case name == "authorize" || name == "authorize/decide":
		a.authorize(w, r, o, form)
	case r.Method != http.MethodPost:
		http.NotFound(w, r)
	case name == "token":
		a.token(w, r, o, form)
	case name == "register" && !o.NoRegistration:
		a.register(w, o, body)
	case name == "revoke":
		a.revoke(w, r, o, form)
	case name == "introspect":
		a.introspect(w, form)
	default:
		http.NotFound(w, r)
	}
}

func (a *AuthServer) keep(r *http.Request, form url.Values, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.requests) < maxRequests {
		a.requests = append(a.requests, AuthRequest{
			Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Form: form, Body: string(body[:min(len(body), maxBodyKept)]),
		})
	}
}

func (a *AuthServer) count(change func(*AuthCounts)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.counts)
}
