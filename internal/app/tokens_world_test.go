package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/flow"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
	"patchbay/internal/vault"
)

// logs is what an instance logged.
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

const testKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// instance is an App that tests drive past its doors.
type instance struct {
	*App
	log    *logs
	events *logs // every event, as JSON
	dir    string
}

// newInstance builds an instance whose one server is described by yaml. database is "" for
// SQLite in dir.
func newInstance(ctx context.Context, dir, database, yaml string) (*instance, error) {
	file := filepath.Join(dir, "librechat.yaml")
	if err := os.WriteFile(file, []byte("version: 1.2.1\nmcpSettings:\n  limits: {callsPerMinute: 0, concurrentCalls: 0}\nmcpServers:\n"+yaml), 0o600); err != nil {
		return nil, err
	}
	i := &instance{log: &logs{}, events: &logs{}, dir: dir}
	var err error
	i.App, err = New(ctx, Options{
		ConfigFlag: file, DataDir: filepath.Join(dir, "data"), LogFormat: "text", Version: "test", WorkDir: dir, Listen: "127.0.0.1:0",
		Environ: []string{"CREDS_KEY=" + testKey, "DATABASE_URL=" + database, "PATH=" + os.Getenv("PATH")},
		Stdout:  io.Discard, Stderr: i.log,
	})
	return i, err
}

// start is newInstance with what runs in the background, until the test ends.
func start(t *testing.T, dir, database, yaml string) *instance {
	t.Helper()
	i, err := newInstance(t.Context(), dir, database, yaml)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{i.conns.Run, i.status.Run, i.keepEvents} {
		running.Go(func() { _ = run(ctx) }) // they end with ctx, without an error
	}
	t.Cleanup(func() {
		stop()
		running.Wait()
		require.NoError(t, i.Close())
	})
	return i
}

// keepEvents writes down every event until ctx ends.
func (i *instance) keepEvents(ctx context.Context) error {
	sub := i.bus.Subscribe(1<<16, nil)
	defer sub.Close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev, ok := <-sub.Events():
			if !ok {
				return nil
			}
			if err := json.NewEncoder(i.events).Encode(ev); err != nil {
				return err
			}
		}
	}
}

// person makes an account.
func (i *instance) person(t *testing.T, name string) patchbay.Actor {
	t.Helper()
	u := &patchbay.User{Email: name + "@example.org", Username: name}
	require.NoError(t, i.store.CreateUser(t.Context(), u, ""))
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorAPI}
}

// signIn does what flow and a browser do together.
func (i *instance) signIn(ctx context.Context, a patchbay.Actor, server string) error {
	srv, err := i.registry.Authorise(a, server, patchbay.PermUse)
	if err != nil {
		return err
	}
	const redirect = "http://127.0.0.1:3080/api/mcp/x/oauth/callback"
	c, err := i.clients().Client(ctx, a.User, srv, flow.Address{RedirectURI: redirect}, nil)
	if err != nil {
		return err
	}
	ch, err := c.Probe(ctx)
	if err != nil {
		return err
	}
	d, err := c.Discover(ctx, ch)
	if err != nil {
		return err
	}
	r, err := c.Register(ctx, d, false)
	if err != nil {
		return err
	}
	p, address, err := c.Authorize(d, r, c.Scopes(d, nil))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // the address is in the header
	back, err := resp.Location()
	if err != nil {
		return err
	}
	code, err := oauth.CheckCallback(p, back.Query())
	if err != nil {
		return err
	}
	tok, err := c.Exchange(ctx, p, r, code)
	if err != nil {
		return err
	}
	return i.vault.StoreToken(ctx, a.ID(), srv.ID, vault.Grant{Token: *tok, Binding: p.Binding, Registration: *r}, "")
}

// call calls a tool and returns the text of its answer.
func (i *instance) call(ctx context.Context, a patchbay.Actor, server, tool, args string) (string, error) {
	out, err := i.tools.Call(ctx, a, patchbay.CallRequest{
		Ref: patchbay.ToolRef{Server: patchbay.YAMLServerID(server), Tool: tool}, Args: json.RawMessage(args),
	})
	if err != nil {
		return "", err
	}
	var v struct{ Content []struct{ Text string } }
	if err := json.Unmarshal(out.Result.Raw, &v); err != nil || len(v.Content) == 0 {
		return "", fmt.Errorf("no text in %s", out.Result.Raw)
	}
	return v.Content[0].Text, nil
}

// target is the actor's connection to a server.
func (i *instance) target(t *testing.T, a patchbay.Actor, server string) conn.Target {
	t.Helper()
	srv, err := i.registry.Authorise(a, server, patchbay.PermUse)
	require.NoError(t, err)
	return conn.Target{Key: conn.UserKey(a.ID(), srv.ID), Server: srv, User: a.User}
}

// spotify is the definition of a server that people sign in to.
func spotify(transport, url string) string {
	return fmt.Sprintf("  spotify:\n    type: %s\n    url: %s\n    requiresOAuth: true\n    initTimeout: 10000\n", transport, url)
}

// rotating is an issuer that ends a family whose used refresh token comes back.
func rotating() testkit.AuthServerOptions {
	return testkit.AuthServerOptions{Rotate: true, DetectReuse: true}
}

// noSecrets fails when something that is secret is in one of texts or in the files of an
// instance.
func (i *instance) noSecrets(t *testing.T, texts ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(i.dir, "data", "patchbay.db*"))
	require.NoError(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		texts = append(texts, string(raw))
	}
	scraped := httptest.NewRecorder()
	i.metrics.handler().ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, scraped.Body.String(), "patchbay_tool_call_seconds")
	for _, text := range append(texts, i.log.String(), i.events.String(), scraped.Body.String()) {
		for _, canary := range []string{"fake-access-", "fake-refresh-", "fake-code-", "fake-secret"} {
			require.False(t, strings.Contains(text, canary), "%s is readable", canary)
		}
	}
}
