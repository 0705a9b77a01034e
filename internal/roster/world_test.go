package roster_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/roster"
	"patchbay/internal/seal"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/vault"
)

// world is a roster over a store, with a clock that can be set.
type world struct {
	t     testing.TB
	store *store.Store
	vault *vault.Vault
	s     *roster.Service
	env   map[string]string
	cfg   roster.Config

	mu  sync.Mutex
	now time.Time
}

func newWorld(t testing.TB, policy netguard.Policy, providers ...*patchbay.Provider) *world {
	t.Helper()
	w := &world{t: t, store: storekit.SQLite(t), env: map[string]string{}, now: time.Unix(1_800_000_000, 0).UTC()}
	box, err := seal.New(bytes.Repeat([]byte{1}, seal.KeySize))
	require.NoError(t, err)
	w.vault, err = vault.New(vault.Options{Store: w.store, Box: box})
	require.NoError(t, err)
	guard, err := netguard.New(policy)
	require.NoError(t, err)
	t.Cleanup(guard.CloseIdle)
	w.cfg = roster.Config{Providers: providers, Guard: guard, Env: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok }}
	w.s, err = roster.New(roster.Options{Vault: w.vault, Config: w.cfg, Now: w.clock})
	require.NoError(t, err)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// update puts providers in force, as a saved file does.
func (w *world) update(providers ...*patchbay.Provider) {
	w.cfg.Providers = providers
	w.s.Update(w.cfg)
}

func (w *world) user(name string) patchbay.Actor {
	w.t.Helper()
	u := &patchbay.User{Email: name + "@example.org", Username: name, EmailVerified: true}
	require.NoError(w.t, w.store.CreateUser(w.t.Context(), u, ""))
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser}
}

func (w *world) providers(a patchbay.Actor) map[string]roster.Provider {
	w.t.Helper()
	all, err := w.s.Providers(w.t.Context(), a)
	require.NoError(w.t, err)
	by := map[string]roster.Provider{}
	for _, p := range all {
		by[p.Name] = p
	}
	return by
}

// ask asks a chosen model, and returns what it said.
func ask(ctx context.Context, c roster.Chosen) (string, error) {
	var b patchbay.MessageBuilder
	err := c.Stream.Stream(ctx, &patchbay.ModelRequest{
		Model: c.Model, Params: c.Params,
		Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "hello")},
	}, b.Add)
	m := b.Message()
	return m.Text(), err
}

func says(text string) func(int) testkit.ModelReply {
	return func(int) testkit.ModelReply {
		m := patchbay.TextMessage(patchbay.FromModel, text)
		m.Stop = patchbay.StopEnd
		return testkit.ModelReply{Message: &m}
	}
}

func models(names ...string) []patchbay.ModelInfo {
	var out []patchbay.ModelInfo
	for _, n := range names {
		out = append(out, patchbay.ModelInfo{ID: n})
	}
	return out
}

func ids(list []patchbay.ModelInfo) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

func custom(name string, api *testkit.Models) *patchbay.Provider {
	return &patchbay.Provider{Name: name, Kind: patchbay.ProviderCustom, BaseURL: api.URL().String() + "/v1", Fetch: true}
}

func personal(name string, api *testkit.Models) *patchbay.Provider {
	p := custom(name, api)
	p.KeySource = patchbay.KeyUser
	return p
}

func key(text string) roster.Key { return roster.Key{Secret: patchbay.NewSecret(text)} }
