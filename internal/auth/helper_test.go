package auth_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

const (
	password = "correct horse"
	other    = "battery staple"
)

// cheap makes hashing fast: these tests are not about its cost.
var cheap = auth.Cost{MemoryKiB: 16, Passes: 1}

var home = auth.Origin{IP: "192.0.2.7", UserAgent: "test"}

// house is a service with its surroundings.
type house struct {
	*auth.Service
	store  *store.Store
	clock  *clock
	events *events
	log    *bytes.Buffer
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

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type events struct {
	mu  sync.Mutex
	all []patchbay.Event
}

func (e *events) Publish(ev patchbay.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

// take returns whose accounts changed since the last take.
func (e *events) take() (users []patchbay.UserID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.all {
		users = append(users, ev.User)
	}
	e.all = nil
	return users
}

func newHouse(tb testing.TB, s *store.Store, change func(*auth.Options)) *house {
	tb.Helper()
	h := &house{store: s, clock: &clock{now: time.UnixMilli(1_800_000_000_000)}, events: &events{}, log: &bytes.Buffer{}}
	o := auth.Options{Store: s, Publisher: h.events, Logger: slog.New(slog.NewTextHandler(h.log, nil)), Cost: cheap, Now: h.clock.Now}
	if change != nil {
		change(&o)
	}
	var err error
	h.Service, err = auth.New(o)
	require.NoError(tb, err)
	return h
}

// each runs fn with a house on each engine.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	storekit.Each(t, func(t *testing.T, s *store.Store) { fn(t, newHouse(t, s, nil)) })
}

var shell = patchbay.Actor{Kind: patchbay.ActorOperator, Door: patchbay.DoorShell}

// add makes an account name@example.org with the test's password.
func (h *house) add(t *testing.T, name string, role patchbay.Role) *patchbay.User {
	t.Helper()
	u, err := h.AddUser(t.Context(), shell, auth.Account{Email: name + "@example.org", Name: name, Password: password}, role)
	require.NoError(t, err)
	return u
}

// login logs name@example.org in and returns the token and its actor.
func (h *house) login(t *testing.T, name string) (string, patchbay.Actor) {
	t.Helper()
	l, err := h.Login(t.Context(), name+"@example.org", password, home)
	require.NoError(t, err)
	return l.Token, h.actor(t, l.Token)
}

func (h *house) actor(t *testing.T, token string) patchbay.Actor {
	t.Helper()
	a, err := h.Authenticate(t.Context(), token)
	require.NoError(t, err)
	return a
}

func (h *house) refused(t *testing.T, token string) {
	t.Helper()
	a, err := h.Authenticate(t.Context(), token)
	wantCode(t, err, patchbay.CodeUnauthenticated)
	require.Nil(t, a.User)
}

func wantCode(t *testing.T, err error, want patchbay.Code) *patchbay.Error {
	t.Helper()
	require.Equal(t, want, patchbay.CodeOf(err), "error: %v", err)
	var e *patchbay.Error
	require.ErrorAs(t, err, &e)
	return e
}

func paths(e *patchbay.Error) string {
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Path)
	}
	return strings.Join(all, " ")
}
