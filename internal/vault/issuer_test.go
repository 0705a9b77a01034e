package vault_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
	"patchbay/internal/vault"
)

// issuer is an authorization server without the network: it rotates refresh tokens and
// ends a family whose used one comes back.
type issuer struct {
	mu      sync.Mutex
	n       int
	life    time.Duration
	now     func() time.Time
	refresh string // the good one
	access  map[string]bool
	tries   int
	busy    int // refreshes under way
	most    int
	reused  int
	revoked []string
	lose    int           // answers to lose
	grace   bool          // a used refresh token is taken once more when its answer was lost
	lost    string        // the refresh token whose answer was lost
	fail    error         // what every refresh says
	hold    chan struct{} // refreshes wait for it
	begun   chan struct{} // gets one token for each refresh
	server  string        // the binding that is in force
}

func newIssuer() *issuer {
	return &issuer{life: time.Hour, now: time.Now, access: map[string]bool{}, begun: make(chan struct{}, 1000), server: "https://mcp.example/mcp"}
}

var _ vault.Client = (*issuer)(nil)

// issue makes a token. i.mu is held.
func (i *issuer) issue() *oauth.Token {
	i.n++
	i.refresh = fmt.Sprintf("fake-refresh-%d", i.n)
	access := fmt.Sprintf("fake-access-%d", i.n)
	i.access = map[string]bool{access: true}
	now := i.now()
	return &oauth.Token{Access: access, Refresh: i.refresh, Type: "Bearer", Scopes: []string{"read"}, Issued: now, ExpiresAt: now.Add(i.life)}
}

// signIn is what flow would hand over.
func (i *issuer) signIn() vault.Grant {
	i.mu.Lock()
	defer i.mu.Unlock()
	return vault.Grant{
		Token:        *i.issue(),
		Binding:      oauth.Binding{Server: i.server, Issuer: "https://as.example", Resource: i.server, ClientID: "client", TokenEndpoint: "https://as.example/token"},
		Registration: oauth.Registration{Issuer: "https://as.example", RedirectURI: "http://localhost/cb", Source: oauth.Dynamic, ClientID: "client", ClientSecret: "fake-client-secret", AuthMethod: oauth.AuthBasic},
	}
}

func (i *issuer) good(token string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.access[token]
}

func (i *issuer) counts() (tries, most, reused int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.tries, i.most, i.reused
}

func (i *issuer) Bound(b oauth.Binding) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return b.Server == i.server
}

func (i *issuer) Refresh(ctx context.Context, _ oauth.Binding, r *oauth.Registration, t *oauth.Token) (*oauth.Token, error) {
	i.mu.Lock()
	i.tries++
	i.busy++
	i.most = max(i.most, i.busy)
	hold := i.hold
	i.mu.Unlock()
	i.begun <- struct{}{}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.busy--
	switch {
	case i.fail != nil:
		return nil, i.fail
	case ctx.Err() != nil:
		return nil, &oauth.Error{Step: oauth.StepRefresh, Reason: patchbay.ReasonTimeout, Lost: true, Message: "No answer."}
	case t.Refresh != i.refresh && !(i.grace && t.Refresh == i.lost):
		i.reused++
		i.refresh, i.access = "", nil
		return nil, &oauth.Error{Step: oauth.StepRefresh, Code: "invalid_grant", InvalidGrant: true, Permanent: true, Reason: patchbay.ReasonSigninExpired, Message: "Sign in again."}
	}
	used := t.Refresh
	next := i.issue()
	if i.lose > 0 {
		i.lose--
		i.lost = used
		return nil, &oauth.Error{Step: oauth.StepRefresh, Reason: patchbay.ReasonLost, Lost: true, Message: "The answer was lost."}
	}
	return next, nil
}

func (i *issuer) Revoke(_ context.Context, _ oauth.Binding, _ *oauth.Registration, t *oauth.Token) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.revoked = append(i.revoked, t.Access)
	return nil
}

func (i *issuer) Register(context.Context, *oauth.Discovery, bool) (*oauth.Registration, error) {
	return &oauth.Registration{Issuer: "https://as.example", Source: oauth.Dynamic, ClientID: "own", ClientSecret: "fake-own-secret", AuthMethod: oauth.AuthBasic}, nil
}

func (i *issuer) Probe(context.Context) (oauth.Challenge, error) { return oauth.Challenge{}, nil }

func (i *issuer) Discover(context.Context, oauth.Challenge) (*oauth.Discovery, error) {
	return &oauth.Discovery{AuthServer: oauth.AuthServer{Issuer: "https://as.example"}}, nil
}

func (i *issuer) SourceFor(*oauth.Discovery, bool) (oauth.Source, error) { return oauth.Dynamic, nil }

func (i *issuer) Scopes(*oauth.Discovery, []string) []string { return nil }

func (i *issuer) ClientCredentials(context.Context, *oauth.Discovery, *oauth.Registration, *oauth.Key, []string) (*oauth.Token, oauth.Binding, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tries++
	t := i.issue()
	t.Refresh = ""
	return t, oauth.Binding{Issuer: "https://as.example", ClientID: "own"}, nil
}

// lines is a log that tests look into.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) count(what string) int { return strings.Count(l.String(), what) }

// host is one process: a vault with what it tells.
type host struct {
	*vault.Vault
	log  *lines
	told *changes
}

func newHost(t *testing.T, s *store.Store, i *issuer, change func(*vault.Options)) *host {
	t.Helper()
	h := &host{log: &lines{}, told: &changes{}}
	o := vault.Options{
		Store: s, Box: newBox(t, 1), OnToken: h.told.note, Logger: slog.New(slog.NewTextHandler(h.log, nil)),
		Clients: func(context.Context, *patchbay.User, *patchbay.Server) (vault.Client, error) { return i, nil },
	}
	if change != nil {
		change(&o)
	}
	h.Vault = newVault(t, o)
	t.Cleanup(h.Close)
	return h
}

func spotify() *patchbay.Server {
	return &patchbay.Server{ID: "yaml/spotify", Name: "spotify", Transport: patchbay.TransportHTTP, URL: "https://mcp.example/mcp", Hash: "1", Level: patchbay.LevelUser}
}

// signedIn returns the source of somebody who signed in.
func (h *host) signedIn(t *testing.T, i *issuer, user patchbay.UserID) *vault.Source {
	t.Helper()
	require.NoError(t, h.StoreToken(t.Context(), user, "yaml/spotify", i.signIn(), ""))
	return h.source(t, user)
}

func (h *host) source(t *testing.T, user patchbay.UserID) *vault.Source {
	t.Helper()
	s, err := h.Source(t.Context(), &patchbay.User{ID: user}, spotify())
	require.NoError(t, err)
	require.NotNil(t, s)
	return s
}

// reason is the reason of a *patchbay.ConnectError.
func reason(t *testing.T, err error) patchbay.Reason {
	t.Helper()
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	return ce.Reason
}
