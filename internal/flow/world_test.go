package flow_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/flow"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/registry"
	"patchbay/internal/seal"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/vault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const base = "http://localhost:3080"

// world is a Service on a real store, vault, guard and far side. A second one on the same
// store is a restart, or another process.
type world struct {
	*flow.Service
	tb       testing.TB
	store    *store.Store
	box      *seal.Box
	vault    *vault.Vault
	guard    *netguard.Guard
	registry *registry.Registry
	auth     *testkit.AuthServer
	door     *testkit.Protected
	clock    *clock
	log      *logs
	links    *links
	public   string
	ann, bob patchbay.Actor
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// links notes what was asked of connections.
type links struct {
	mu        sync.Mutex
	connected chan patchbay.UserID
	changes   []string
}

func (l *links) Connect(_ context.Context, a patchbay.Actor, _ *patchbay.Server) error {
	l.connected <- a.ID()
	return nil
}
func (l *links) Cancel(patchbay.UserID, *patchbay.Server) {}
func (l *links) Close(patchbay.UserID, *patchbay.Server)  {}

func (w *world) Client(_ context.Context, _ *patchbay.User, server *patchbay.Server, at flow.Address, observe func(oauth.Step)) (*oauth.Client, error) {
	target, err := url.Parse(server.URL)
	if err != nil {
		return nil, err
	}
	return oauth.New(oauth.Options{
		HTTP: oauth.Through(w.guard, target, patchbay.TrustOperator, nil), URL: target, Trust: patchbay.TrustOperator,
		Block: server.OAuth, RedirectURI: at.RedirectURI, ClientDocument: at.ClientDocument, Observe: observe,
	})
}

func newWorld(t *testing.T, o testkit.AuthServerOptions) *world {
	t.Helper()
	auth := testkit.NewAuthServer(t, o)
	door := auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	w := &world{tb: t, auth: auth, door: door, store: storekit.SQLite(t), clock: &clock{now: time.Now()}, registry: registry.New()}
	var err error
	w.box, err = seal.New(bytes.Repeat([]byte("k"), seal.KeySize))
	require.NoError(t, err)
	w.guard, err = netguard.New(netguard.Policy{})
	require.NoError(t, err)
	t.Cleanup(w.guard.CloseIdle)
	w.ann, w.bob = w.person("ann"), w.person("bob")
	w.define(nil)
	w.start()
	return w
}

// define puts two servers in force, both behind the same door.
func (w *world) define(change func(*patchbay.Server)) {
	var servers []*patchbay.Server
	for _, name := range []string{"mail", "other ö/%"} {
		s := &patchbay.Server{
			ID: patchbay.YAMLServerID(name), Name: name, Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP,
			URL: w.door.URL(), Hash: "1", RequiresOAuth: new(true),
			Access: patchbay.Access{View: []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}, Use: []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}},
		}
		if change != nil {
			change(s)
		}
		servers = append(servers, s)
	}
	w.registry.Replace(servers, registry.Rules{})
}

// start makes the service and the vault anew, as a process that starts does.
func (w *world) start() {
	w.tb.Helper()
	w.log, w.links = &logs{}, &links{connected: make(chan patchbay.UserID, 16)}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	v, err := vault.New(vault.Options{Store: w.store, Box: w.box, Logger: log, Clients: func(ctx context.Context, u *patchbay.User, s *patchbay.Server) (vault.Client, error) {
		return w.Client(ctx, u, s, flow.Address{}, nil)
	}})
	require.NoError(w.tb, err)
	s, err := flow.New(context.Background(), flow.Options{
		Rows: w.store, Vault: v, Clients: w, Servers: w.registry, Connections: w.links,
		Changed: func(user patchbay.UserID, server patchbay.ServerID) {
			w.links.mu.Lock()
			defer w.links.mu.Unlock()
			w.links.changes = append(w.links.changes, string(user)+"@"+string(server))
		},
		Public: func() string { return w.public }, Secrets: [][]byte{[]byte("fake secret")}, Logger: log, Now: w.clock.Now,
	})
	require.NoError(w.tb, err)
	w.vault, w.Service = v, s
	w.tb.Cleanup(func() { s.Close(); v.Close() })
}

func (w *world) person(name string) patchbay.Actor {
	u := &patchbay.User{Email: name + "@example.test", Name: name, Username: name, Role: patchbay.RoleUser, Provider: "email", Source: "local"}
	require.NoError(w.tb, w.store.CreateUser(w.tb.Context(), u, ""))
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorWeb}
}

func (w *world) server(name string) *patchbay.Server {
	s, ok := w.registry.ByID(patchbay.YAMLServerID(name))
	require.True(w.tb, ok)
	return s
}

// cookie is a browser's binding cookie.
func cookie(name string) string { return strings.Repeat(name, 43)[:43] }

func (w *world) visit(a patchbay.Actor, browser string) flow.Visit {
	return flow.Visit{Actor: a, Server: w.server("mail"), Browser: cookie(browser), Base: base}
}

// ask starts a sign-in at mail.
func (w *world) ask(a patchbay.Actor) flow.SignIn {
	w.tb.Helper()
	in, err := w.Start(w.tb.Context(), a, w.server("mail"), base, w.challenge())
	require.NoError(w.tb, err)
	return in
}

// challenge is what the server behind the door says to who has no token.
func (w *world) challenge() []string {
	resp, err := http.Post(w.door.URL(), "application/json", strings.NewReader(`{}`))
	require.NoError(w.tb, err)
	require.NoError(w.tb, resp.Body.Close())
	return resp.Header.Values("WWW-Authenticate")
}

// leave initiates a sign-in and lets the authorization server approve it: it returns the
// query that the browser comes back with.
func (w *world) leave(a patchbay.Actor, browser string, in flow.SignIn) url.Values {
	w.tb.Helper()
	to, err := w.Initiate(w.tb.Context(), w.visit(a, browser), string(a.ID()), in.FlowID)
	require.NoError(w.tb, err)
	return w.approve(to)
}

func (w *world) approve(to string) url.Values {
	w.tb.Helper()
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Get(to)
	require.NoError(w.tb, err)
	require.NoError(w.tb, resp.Body.Close())
	back, err := resp.Location()
	require.NoError(w.tb, err, "%s", to)
	require.Equal(w.tb, base+"/api/mcp/mail/oauth/callback", back.Scheme+"://"+back.Host+back.EscapedPath())
	return back.Query()
}

func (w *world) tokenState(a patchbay.Actor) vault.TokenState {
	w.tb.Helper()
	info, err := w.vault.TokenInfo(w.tb.Context(), a.ID(), "yaml/mail")
	require.NoError(w.tb, err)
	return info.State
}

func wantOutcome(t *testing.T, err error, want flow.Outcome) {
	t.Helper()
	var f *flow.Failure
	require.ErrorAs(t, err, &f)
	require.Equal(t, want, f.Outcome, "%v", err)
	require.NotEmpty(t, f.Message)
}
