package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/bus"
	"patchbay/internal/flow"
	"patchbay/internal/registry"
	"patchbay/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Tokens of the people in a world. They are no secrets of anything.
const (
	tokAnn      = "fake-token-of-ann"      // a user
	tokBob      = "fake-token-of-bob"      // another
	tokRoot     = "fake-token-of-root"     // an admin
	tokOperator = "fake-token-of-operator" // the shell
	tokReader   = "fake-token-of-reader"   // Ann's, to read servers only
)

var (
	ann  = &patchbay.User{ID: "u-ann", Email: "ann@example.test", EmailVerified: true, Name: "Ann", Username: "ann", Role: patchbay.RoleUser, Provider: "email", CreatedAt: jan(1)}
	bob  = &patchbay.User{ID: "u-bob", Email: "bob@example.test", EmailVerified: true, Name: "Bob", Username: "bob", Role: patchbay.RoleUser, Provider: "email"}
	root = &patchbay.User{ID: "u-root", Email: "root@example.test", EmailVerified: true, Name: "Root", Username: "root", Role: patchbay.RoleAdmin, Provider: "email"}
)

func jan(day int) time.Time { return time.Date(2026, 1, day, 10, 0, 0, 0, time.UTC) }

// world is a Server with small working services behind it.
type world struct {
	*fakeAuth
	s        *Server
	bus      *bus.Bus
	registry *registry.Registry
	tools    *fakeTools
	statuses fakeStatuses
	vars     *fakeVars
	ready    error
	config   ConfigState
}

func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{
		fakeAuth: newFakeAuth(), bus: bus.New(), registry: registry.New(), tools: &fakeTools{},
		statuses: fakeStatuses{}, vars: &fakeVars{given: map[string]map[string]string{}},
		config: ConfigState{OK: true, Path: "/etc/patchbay/librechat.yaml"},
	}
	w.registry.Replace(definitions(), registry.Rules{})
	o := Options{
		Log: slog.New(slog.DiscardHandler), Auth: w.fakeAuth, Accounts: w.fakeAuth, Servers: w.registry, Tools: w.tools,
		Statuses: w.statuses, Variables: w.vars, Config: w, Bus: w.bus, Ready: func() error { return w.ready },
		Web: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, "ui "+r.URL.Path) }),
	}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	return w
}

func (w *world) ConfigState() ConfigState { return w.config }

// definitions are the servers of every world.
func definitions() []*patchbay.Server {
	everyone := patchbay.Access{View: []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}, Use: []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}}
	onlyBob := []patchbay.Grantee{{Kind: patchbay.GranteeUser, Name: "bob@example.test"}}
	yaml := func(name string, s patchbay.Server) *patchbay.Server {
		s.Name, s.ID, s.Source = name, patchbay.YAMLServerID(name), patchbay.SourceYAML
		if s.Access.View == nil {
			s.Access = everyone
		}
		return &s
	}
	return []*patchbay.Server{
		yaml("github-mcp", patchbay.Server{
			Title: "GitHub MCP Server", Description: "Access GitHub repositories and issues", Transport: patchbay.TransportStdio,
			Command: "npx", Args: []string{"-y", "@modelcontextprotocol/server-github", "--api-key", "plain-and-secret"},
			Env:         map[string]string{"GITHUB_TOKEN": "${GITHUB_TOKEN}", "OTHER_TOKEN": "hunter2", "NODE_ENV": "production"},
			UserVars:    []patchbay.UserVar{{Name: "GITHUB_TOKEN", Title: "GitHub Personal Access Token", Short: true}, {Name: "GITHUB_ORG", Title: "Organisation", Description: "Which one", Sensitive: true}},
			ChatMenu:    true,
			ForcedLevel: patchbay.LevelUser,
		}),
		yaml("remote", patchbay.Server{
			Title: "Remote", Transport: patchbay.TransportHTTP, URL: "https://user:hunter2@mcp.example.test/mcp?api_key=hunter2&team={{TEAM}}&v=1",
			Headers:  map[string]string{"Authorization": "Bearer {{TEAM}}", "X-Api-Key": "hunter2", "X-Mixed": "hunter2-{{TEAM}}", "Accept": "text/plain"},
			OAuth:    &patchbay.OAuthConfig{ClientID: "public-id", ClientSecret: "hunter2", TokenURL: "https://issuer.example.test/token", Scopes: []string{"a", "b"}},
			UserVars: []patchbay.UserVar{{Name: "TEAM", Title: "Team"}},
			IconPath: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
		}),
		yaml("a b/ö%", patchbay.Server{Title: "Odd name", Transport: patchbay.TransportHTTP, URL: "https://odd.example.test"}),
		yaml("bobs", patchbay.Server{Title: "Bob's", Transport: patchbay.TransportStdio, Command: "true", Access: patchbay.Access{View: onlyBob, Use: onlyBob}}),
		yaml("look", patchbay.Server{Title: "Look, don't touch", Transport: patchbay.TransportStdio, Command: "true", Access: patchbay.Access{View: everyone.View, Use: onlyBob}}),
	}
}

// request sends one through the real router.
func (w *world) request(t testing.TB, method, path, token string, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost:3080"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	return rec
}

// wantJSON compares an answer with the JSON that is expected, member by member.
func wantJSON(t testing.TB, rec *httptest.ResponseRecorder, status int, want string) {
	t.Helper()
	if rec.Code != status {
		t.Errorf("status %d, want %d; body %s", rec.Code, status, rec.Body)
	}
	if diff := cmp.Diff(decode(t, want), decode(t, rec.Body.String())); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if ct := rec.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type %q", ct)
	}
}

func decode(t testing.TB, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, s)
	}
	return v
}

func wantError(t testing.TB, rec *httptest.ResponseRecorder, status int, code patchbay.Code, message string) {
	t.Helper()
	var body struct {
		Error string        `json:"error"`
		Code  patchbay.Code `json:"code"`
	}
	var v1 struct { // the shape of /v1
		Error *struct {
			Message string        `json:"message"`
			Code    patchbay.Code `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(rec.Body.Bytes(), &v1) == nil && v1.Error != nil {
		body.Error, body.Code = v1.Error.Message, v1.Error.Code
	} else if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
		t.Fatalf("status %d, not JSON: %s", rec.Code, rec.Body)
	}
	if rec.Code != status || body.Code != code || !strings.Contains(body.Error, message) {
		t.Errorf("got %d %s %q, want %d %s %q", rec.Code, body.Code, body.Error, status, code, message)
	}
}

// fakeAuth knows tokens, and keeps accounts in memory.
type fakeAuth struct {
	mu     sync.Mutex
	tokens map[string]patchbay.Actor
	err    error // of the next action on accounts
	ended  []string
}

func newFakeAuth() *fakeAuth {
	return &fakeAuth{tokens: map[string]patchbay.Actor{
		tokAnn:      {User: ann, Kind: patchbay.ActorUser, LoginID: "login-ann"},
		tokBob:      {User: bob, Kind: patchbay.ActorUser, TokenID: "token-bob"},
		tokRoot:     {User: root, Kind: patchbay.ActorUser, LoginID: "login-root"},
		tokOperator: {Kind: patchbay.ActorOperator},
		tokReader:   {User: ann, Kind: patchbay.ActorUser, TokenID: "token-reader", Scopes: []patchbay.Scope{patchbay.ScopeServersRead}},
	}}
}

func (f *fakeAuth) Authenticate(_ context.Context, token string) (patchbay.Actor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.tokens[token]
	if !ok {
		return a, errUnauthenticated()
	}
	return a, nil
}

func (f *fakeAuth) revoke(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.tokens, token)
}

func (f *fakeAuth) ActAs(_ context.Context, a patchbay.Actor, email string) (patchbay.Actor, error) {
	for _, u := range []*patchbay.User{ann, bob, root} {
		if u.Email == email {
			a.User = u
			return a, nil
		}
	}
	return a, patchbay.Errorf(patchbay.CodeNotFound, "There is no such account")
}

func (f *fakeAuth) open(u *patchbay.User) (*auth.LoggedIn, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &auth.LoggedIn{Token: tokAnn, User: u, Login: &store.Login{ID: "login-ann", ExpiresAt: jan(31)}}, nil
}

func (f *fakeAuth) Setup(context.Context, string, auth.Account, auth.Origin) (*auth.LoggedIn, error) {
	return f.open(root)
}

func (f *fakeAuth) Register(context.Context, auth.Account, auth.Origin) (*auth.LoggedIn, error) {
	return f.open(ann)
}

func (f *fakeAuth) Login(_ context.Context, email, password string, _ auth.Origin) (*auth.LoggedIn, error) {
	if email != ann.Email || password != "correct horse" {
		return nil, patchbay.Errorf(patchbay.CodeUnauthenticated, "E-mail address or password is wrong.")
	}
	return f.open(ann)
}

func (f *fakeAuth) Logout(_ context.Context, a patchbay.Actor) error {
	f.ended = append(f.ended, a.LoginID)
	return f.err
}

func (f *fakeAuth) ChangePassword(context.Context, patchbay.Actor, string, string) error {
	return f.err
}

func (f *fakeAuth) ListLogins(_ context.Context, a patchbay.Actor) ([]*store.Login, error) {
	return []*store.Login{{ID: "login-zzz", CreatedAt: jan(2)}, {ID: a.LoginID, UserAgent: "agent", IP: "192.0.2.1", CreatedAt: jan(1)}}, f.err
}

func (f *fakeAuth) EndLogin(_ context.Context, _ patchbay.Actor, id string) error {
	f.ended = append(f.ended, id)
	return f.err
}

func (f *fakeAuth) ListTokens(context.Context, patchbay.Actor) ([]*store.APIToken, error) {
	return []*store.APIToken{{ID: "t1", Hash: "never shown", Name: "ci", CreatedAt: jan(1)}}, f.err
}

func (f *fakeAuth) CreateToken(_ context.Context, _ patchbay.Actor, r auth.TokenRequest) (string, *store.APIToken, error) {
	return "fake-new-token", &store.APIToken{ID: "t2", Name: r.Name, Scopes: r.Scopes, CreatedAt: jan(1), ExpiresAt: r.ExpiresAt}, f.err
}

func (f *fakeAuth) DeleteToken(_ context.Context, _ patchbay.Actor, id string) error {
	f.ended = append(f.ended, id)
	return f.err
}

func (f *fakeAuth) FindPeople(_ context.Context, _ patchbay.Actor, search string, limit int) ([]*patchbay.User, error) {
	found := slices.DeleteFunc([]*patchbay.User{ann, bob, root}, func(u *patchbay.User) bool { return !strings.Contains(u.Email, search) })
	return found[:min(limit, len(found))], nil
}

func (f *fakeAuth) ListUsers(_ context.Context, _ patchbay.Actor, q store.UserFilter) ([]*patchbay.User, string, error) {
	all := []*patchbay.User{ann, bob, root}
	if q.After == "two" {
		return all[2:], "", nil
	}
	return all[:min(2, q.Limit)], "two", nil
}

func (f *fakeAuth) AddUser(_ context.Context, _ patchbay.Actor, a auth.Account, role patchbay.Role) (*patchbay.User, error) {
	return &patchbay.User{ID: "u-new", Email: a.Email, Name: a.Name, Role: role}, f.err
}

func (f *fakeAuth) SetRole(context.Context, patchbay.Actor, patchbay.UserID, patchbay.Role) error {
	return f.err
}

func (f *fakeAuth) SetDisabled(context.Context, patchbay.Actor, patchbay.UserID, bool) error {
	return f.err
}

// fakeTools answers calls by a function, an echo of the arguments when there is none.
type fakeTools struct {
	call    func(ctx context.Context, a patchbay.Actor, c patchbay.CallRequest) (patchbay.Outcome, error)
	entries []ToolEntry
	connect error
	filter  ToolFilter
}

func (f *fakeTools) Call(ctx context.Context, a patchbay.Actor, c patchbay.CallRequest) (patchbay.Outcome, error) {
	if f.call != nil {
		return f.call(ctx, a, c)
	}
	return patchbay.Outcome{Result: &patchbay.ToolResult{Raw: c.Args}}, nil
}

func (f *fakeTools) List(_ context.Context, _ patchbay.Actor, filter ToolFilter) ([]ToolEntry, error) {
	f.filter = filter
	return slices.DeleteFunc(slices.Clone(f.entries), func(e ToolEntry) bool { return filter.Server != "" && e.Server != filter.Server }), nil
}

func (f *fakeTools) Connect(context.Context, patchbay.Actor, *patchbay.Server) error {
	return f.connect
}

// fakeStatuses are by user and server name; never opened without one.
type fakeStatuses map[string]patchbay.StatusFacts

func (f fakeStatuses) Of(_ context.Context, a patchbay.Actor, s *patchbay.Server) patchbay.Status {
	return patchbay.StatusOf(f[string(a.ID())+" "+s.Name])
}

// fakeVars keeps values by user and server.
type fakeVars struct{ given map[string]map[string]string }

func (f *fakeVars) of(user patchbay.UserID, server patchbay.ServerID) map[string]string {
	key := string(user) + " " + string(server)
	if f.given[key] == nil {
		f.given[key] = map[string]string{}
	}
	return f.given[key]
}

func (f *fakeVars) SetVars(_ context.Context, user patchbay.UserID, server patchbay.ServerID, values map[string]string) error {
	for name, value := range values {
		if f.of(user, server)[name] = value; value == "" {
			delete(f.of(user, server), name)
		}
	}
	return nil
}

func (f *fakeVars) DeleteVars(_ context.Context, user patchbay.UserID, server patchbay.ServerID, names ...string) error {
	if len(names) == 0 {
		clear(f.of(user, server))
	}
	for _, name := range names {
		delete(f.of(user, server), name)
	}
	return nil
}

func (f *fakeVars) Flags(_ context.Context, user patchbay.UserID, server *patchbay.Server) (map[string]bool, error) {
	flags := map[string]bool{}
	for _, v := range server.UserVars {
		_, flags[v.Name] = f.of(user, server.ID)[v.Name]
	}
	return flags, nil
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var errFake = errors.New("fake: something inside broke")

// fakeSignIns knows one flow, always the same.
type fakeSignIns struct {
	SignIns // what a test has no use for
	err     error
}

func (f fakeSignIns) Start(_ context.Context, a patchbay.Actor, s *patchbay.Server, base string, _ []string) (flow.SignIn, error) {
	if f.err != nil {
		return flow.SignIn{}, f.err
	}
	return flow.SignIn{
		URL: base + "/api/mcp/" + s.Name + "/oauth/initiate?userId=" + string(a.ID()) + "&flowId=f1", FlowID: "f1",
		Timeout: 10 * time.Minute, Provider: "issuer.example.test",
	}, nil
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}
