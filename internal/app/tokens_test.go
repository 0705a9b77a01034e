package app

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/storekit"
)

func TestMain(m *testing.M) {
	testkit.Child()
	killChild()
	goleak.VerifyTestMain(m)
}

// TestAllMeetTheRefusalAtOnce: calls, a list and a reconnect of one person meet 401
// together, in one process and in two on one database. One refresh, and nobody notices.
func TestAllMeetTheRefusalAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name      string
		processes int
	}{{"one process", 1}, {"two processes", 2}} {
		t.Run(tt.name, func(t *testing.T) {
			o := rotating()
			o.RefreshTime = 100 * time.Millisecond
			as := testkit.NewAuthServer(t, o)
			door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
			database := ""
			if tt.processes > 1 {
				database = storekit.PostgresURL(t)
			}
			var all []*instance
			for range tt.processes {
				all = append(all, start(t, t.TempDir(), database, spotify("streamable-http", door.URL())))
			}
			ada := all[0].person(t, "ada")
			require.NoError(t, all[0].signIn(t.Context(), ada, "spotify"))
			for _, i := range all {
				_, err := i.call(t.Context(), ada, "spotify", "echo", `{"text":"x"}`)
				require.NoError(t, err)
			}
			for round := 1; round <= 2; round++ {
				as.ExpireTokens()
				var wg sync.WaitGroup
				for n := range 100 {
					wg.Go(func() {
						got, err := all[n%len(all)].call(t.Context(), ada, "spotify", "echo", fmt.Sprintf(`{"text":"t%d"}`, n))
						if err != nil || got != fmt.Sprintf("t%d", n) {
							t.Errorf("call %d: %q, %v", n, got, err)
						}
					})
				}
				for _, i := range all {
					target := i.target(t, ada, "spotify")
					wg.Go(func() {
						if err := i.conns.Connect(t.Context(), target); err != nil {
							t.Errorf("reconnect: %v", err)
						}
					})
					wg.Go(func() {
						if _, err := i.conns.ListTools(t.Context(), target); err != nil {
							t.Errorf("list: %v", err)
						}
					})
				}
				wg.Wait()
				c := as.Counts()
				require.Equal(t, []int{round, round, 1, 0}, []int{c.Refreshes, c.RefreshTries, c.MostRefreshes, c.Reuses})
			}
			require.Equal(t, 1, as.Counts().Authorizations)
			for _, i := range all {
				i.noSecrets(t)
			}
		})
	}
}

// TestTokensThatEndSoon: tokens that live a few seconds, under load.
func TestTokensThatEndSoon(t *testing.T) {
	length, life := 3*time.Second, time.Second
	switch {
	case os.Getenv("PATCHBAY_NIGHTLY") == "1":
		length, life = 10*time.Minute, 5*time.Second
	case os.Getenv("CI") == "true":
		length, life = time.Minute, 5*time.Second
	}
	for _, transport := range []string{"streamable-http", "sse"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			o := rotating()
			o.TokenLife = life
			as := testkit.NewAuthServer(t, o)
			var door *testkit.Protected
			if transport == "sse" {
				behind := testkit.Works.Serve(t, patchbay.TransportSSE, testkit.Settings{})
				door = as.Protect(t, testkit.Forward(t, strings.TrimSuffix(behind.URL, "/sse")), testkit.ProtectOptions{Path: "/sse"})
			} else {
				door = as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
			}
			i := start(t, t.TempDir(), "", spotify(transport, door.URL()))
			ada := i.person(t, "ada")
			require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
			var calls atomic.Int64
			var wg sync.WaitGroup
			until := time.Now().Add(length)
			for range 4 {
				wg.Go(func() {
					for time.Now().Before(until) && !t.Failed() {
						if _, err := i.call(t.Context(), ada, "spotify", "slow", `{"ms":5}`); err != nil {
							t.Errorf("call %d: %v", calls.Load(), err)
						}
						calls.Add(1)
					}
				})
			}
			wg.Wait()
			c := as.Counts()
			t.Logf("%d calls, %d refreshes", calls.Load(), c.Refreshes)
			require.Equal(t, []int{1, 1, 0}, []int{c.Authorizations, c.MostRefreshes, c.Reuses})
			require.GreaterOrEqual(t, c.Refreshes, int(length/life)-1)
			require.LessOrEqual(t, c.Refreshes, int(length/life)*3+2)
			i.noSecrets(t)
		})
	}
}

// TestWebsocketIsReplaced: it carries its token for life, so there is another one before
// that ends; what runs on the old one ends there.
func TestWebsocketIsReplaced(t *testing.T) {
	o := rotating()
	o.TokenLife = 2 * time.Second
	as := testkit.NewAuthServer(t, o)
	behind := testkit.Works.Serve(t, patchbay.TransportWebSocket, testkit.Settings{})
	door := as.Protect(t, testkit.Forward(t, strings.TrimSuffix(behind.URL, "/ws")), testkit.ProtectOptions{Path: "/ws"})
	i := start(t, t.TempDir(), "", spotify("websocket", "ws"+strings.TrimPrefix(door.URL(), "http")))
	ada := i.person(t, "ada")
	require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
	long := make(chan error, 1)
	go func() {
		_, err := i.call(t.Context(), ada, "spotify", "slow", `{"ms":3500}`)
		long <- err
	}()
	until := time.Now().Add(3 * time.Second)
	for time.Now().Before(until) {
		_, err := i.call(t.Context(), ada, "spotify", "slow", `{"ms":20}`)
		require.NoError(t, err)
	}
	require.NoError(t, <-long, "it ended where it began")
	require.Greater(t, len(door.Tokens()), 1, "handshakes with more than one token")
	c := as.Counts()
	require.Equal(t, []int{1, 0}, []int{c.Authorizations, c.Reuses})
}

// TestChildGetsTheToken: a child has the token in its environment, and after a refresh the
// next call has another child.
func TestChildGetsTheToken(t *testing.T) {
	as := testkit.NewAuthServer(t, rotating())
	cmd := testkit.Works.Command(t, testkit.Settings{})
	yaml := fmt.Sprintf("  spotify:\n    command: %q\n    args: [%q, %q, %q, %q]\n    oauth:\n      authorization_url: %s\n      token_url: %s\n      client_id: desk\n      token_env: SPOTIFY_TOKEN\n",
		cmd.Path, cmd.Args[0], cmd.Args[1], cmd.Args[2], cmd.Args[3], as.Endpoint("authorize"), as.Endpoint("token"))
	as.Change(func(o *testkit.AuthServerOptions) { o.Clients = map[string]string{"desk": ""} })
	i := start(t, t.TempDir(), "", yaml)
	ada, bob := i.person(t, "ada"), i.person(t, "bob")
	require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
	env := func() string {
		got, err := i.call(t.Context(), ada, "spotify", "whoami", `{}`)
		require.NoError(t, err)
		return got
	}
	first := env()
	require.Contains(t, first, "SPOTIFY_TOKEN")
	require.Contains(t, first, "fake-access-")
	require.Equal(t, first, env(), "one child")

	src, err := i.vault.Source(t.Context(), ada.User, i.target(t, ada, "spotify").Server)
	require.NoError(t, err)
	require.NoError(t, src.Rejected(t.Context(), src.Token()))
	second := env()
	require.NotEqual(t, first, second)
	require.Contains(t, second, src.Token())

	_, err = i.call(t.Context(), bob, "spotify", "whoami", `{}`)
	requireReason(t, patchbay.ReasonSigninRequired, err)
}

func requireReason(t *testing.T, want patchbay.Reason, err error) *patchbay.ConnectError {
	t.Helper()
	var ce *patchbay.ConnectError
	require.True(t, errors.As(err, &ce), "%v", err)
	require.Equal(t, want, ce.Reason, ce.Message)
	return ce
}

// TestStatusesOfTwo: what happens to one person's sign-in is shown to them alone.
func TestStatusesOfTwo(t *testing.T) {
	as := testkit.NewAuthServer(t, rotating())
	door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{ToolRequired: map[string][]string{"big": {"files"}}})
	i := start(t, t.TempDir(), "", spotify("streamable-http", door.URL()))
	ada, bob := i.person(t, "ada"), i.person(t, "bob")
	srv := i.target(t, ada, "spotify").Server
	state := func(a patchbay.Actor) string {
		s := i.status.Of(t.Context(), a, srv)
		return string(s.Status) + " " + string(s.Reason) + " " + string(s.Action)
	}
	const wants = "oauth_required signin_required authenticate"
	require.Equal(t, []string{wants, wants}, []string{state(ada), state(bob)})

	_, err := i.call(t.Context(), bob, "spotify", "echo", `{"text":"x"}`)
	ce := requireReason(t, patchbay.ReasonSigninRequired, err)
	require.NotEmpty(t, ce.Challenge, "what the server said, for the sign-in")

	require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
	_, err = i.call(t.Context(), ada, "spotify", "echo", `{"text":"x"}`)
	require.NoError(t, err)
	require.Equal(t, []string{"connected  none", wants}, []string{state(ada), state(bob)})

	_, err = i.call(t.Context(), ada, "spotify", "big", `{"kb":1}`)
	ce = requireReason(t, patchbay.ReasonSigninRequired, err)
	require.Contains(t, strings.Join(ce.Challenge, ""), `scope="files"`)
	require.Equal(t, "connected  none", state(ada), "what one tool lacks takes nothing from the others")
	require.Zero(t, as.Counts().Refreshes, "a new token would lack it, too")

	sub := i.bus.Subscribe(64, func(ev patchbay.Event) bool { return ev.Kind == patchbay.EventStatus })
	defer sub.Close()
	as.EndGrants()
	for range 5 {
		_, err = i.call(t.Context(), ada, "spotify", "echo", `{"text":"x"}`)
		requireReason(t, patchbay.ReasonSigninExpired, err)
	}
	require.Equal(t, 1, as.Counts().RefreshTries, "told once, nothing loops")
	require.Equal(t, []string{"oauth_required signin_expired authenticate", wants}, []string{state(ada), state(bob)})
	for ev := range sub.Events() {
		require.Equal(t, ada.ID(), ev.User)
		if st, ok := ev.Data.(patchbay.StatusEvent); ok && st.Reason == patchbay.ReasonSigninExpired {
			break
		}
	}
	require.NoError(t, i.signIn(t.Context(), bob, "spotify"))
	require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
	for _, a := range []patchbay.Actor{ada, bob} {
		_, err = i.call(t.Context(), a, "spotify", "echo", `{"text":"x"}`)
		require.NoError(t, err)
		require.Equal(t, "connected  none", state(a))
	}
	i.noSecrets(t, err2text(ce))
}

func err2text(err error) string { return fmt.Sprintf("%v %+v %#v", err, err, err) }

// TestTheLinesOfTheLog pins the four lines that the documentation shows.
func TestTheLinesOfTheLog(t *testing.T) {
	o := rotating()
	o.TokenLife = time.Second
	as := testkit.NewAuthServer(t, o)
	door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	i := start(t, t.TempDir(), "", spotify("streamable-http", door.URL()))
	ada := i.person(t, "ada")
	require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
	src, err := i.vault.Source(t.Context(), ada.User, i.target(t, ada, "spotify").Server)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return time.Now().After(src.ExpiresAt()) }, 5*time.Second, 10*time.Millisecond)
	_, err = i.call(t.Context(), ada, "spotify", "echo", `{"text":"x"}`)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return strings.Contains(i.log.String(), "✓ Initialized") }, 5*time.Second, time.Millisecond, "said when the first call may be over already")
	rest := i.log.String()
	for _, line := range []string{
		"[MCP][spotify] Access token missing", "[MCP][spotify] Attempting to refresh token",
		"[MCP][spotify] Successfully refreshed and stored OAuth tokens", "[MCP][spotify] ✓ Initialized",
	} {
		_, after, found := strings.Cut(rest, line)
		require.True(t, found, "%s, in its place in\n%s", line, i.log)
		rest = after
	}
}

// TestASharedServerThatWantsASignIn: a definition that says nothing of it becomes one that
// each person has a connection of their own to, and no token is ever shared.
func TestASharedServerThatWantsASignIn(t *testing.T) {
	as := testkit.NewAuthServer(t, rotating())
	door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{AnonymousStart: true})
	i := start(t, t.TempDir(), "", "  spotify:\n    type: streamable-http\n    url: "+door.URL()+"\n")
	ada, bob := i.person(t, "ada"), i.person(t, "bob")
	srv, err := i.registry.Authorise(ada, "spotify", patchbay.PermUse)
	require.NoError(t, err)
	require.Equal(t, patchbay.LevelApp, srv.Level)
	_, err = i.call(t.Context(), ada, "spotify", "whoami", `{}`)
	requireReason(t, patchbay.ReasonSigninRequired, err)
	require.NoError(t, i.signIn(t.Context(), ada, "spotify"))
	who, err := i.call(t.Context(), ada, "spotify", "whoami", `{}`)
	require.NoError(t, err)
	require.Contains(t, who, "Bearer fake-access-")
	_, err = i.call(t.Context(), bob, "spotify", "whoami", `{}`)
	requireReason(t, patchbay.ReasonSigninRequired, err)
}

// TestARestartRemembersWhoSignsIn: what was found out about a server outlasts a restart as
// long as somebody is signed in there; and a person who signed in at another process is
// not told to.
func TestARestartRemembersWhoSignsIn(t *testing.T) {
	o := rotating()
	o.NoRefresh = true
	as := testkit.NewAuthServer(t, o)
	door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{AnonymousStart: true})
	yaml, database := "  spotify:\n    type: streamable-http\n    url: "+door.URL()+"\n", storekit.PostgresURL(t)
	one := start(t, t.TempDir(), database, yaml)
	ada := one.person(t, "ada")
	_, err := one.call(t.Context(), ada, "spotify", "whoami", `{}`)
	requireReason(t, patchbay.ReasonSigninRequired, err)
	state := func(i *instance) patchbay.Status {
		return i.status.Of(t.Context(), ada, i.target(t, ada, "spotify").Server)
	}
	require.Equal(t, patchbay.StatusOAuthRequired, state(one).Status)

	two := start(t, t.TempDir(), database, yaml)
	require.NoError(t, two.signIn(t.Context(), ada, "spotify"))
	require.Eventually(t, func() bool { return state(one).Reason == patchbay.ReasonNeverOpened }, 5*time.Second, 20*time.Millisecond)
	who, err := one.call(t.Context(), ada, "spotify", "whoami", `{}`)
	require.NoError(t, err)
	require.Contains(t, who, "Bearer fake-access-")
	require.Contains(t, state(one).Message, "Your sign-in ends on", "shown ahead, since nothing renews it")

	three := start(t, t.TempDir(), database, yaml)
	require.Equal(t, patchbay.LevelUser, three.target(t, ada, "spotify").Server.Level)
}

// TestTheHostsOwnName: the one sign-in that may stay at app level. Its token is in memory
// only, and gets another when it ends or is refused.
func TestTheHostsOwnName(t *testing.T) {
	as := testkit.NewAuthServer(t, testkit.AuthServerOptions{Clients: map[string]string{"desk": "fake-secret-of-the-desk"}})
	door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{AnyAudience: true})
	i := start(t, t.TempDir(), "", "  spotify:\n    type: streamable-http\n    url: "+door.URL()+
		"\n    oauth:\n      token_url: "+as.Endpoint("token")+"\n      client_id: desk\n      client_secret: fake-secret-of-the-desk\n      grant_types_supported: [client_credentials]\n")
	ada, bob := i.person(t, "ada"), i.person(t, "bob")
	for range 2 {
		for _, a := range []patchbay.Actor{ada, bob} {
			who, err := i.call(t.Context(), a, "spotify", "whoami", `{}`)
			require.NoError(t, err)
			require.Contains(t, who, "Bearer fake-access-")
		}
		as.ExpireTokens()
	}
	require.Equal(t, 2, as.Counts().Machine)
	i.noSecrets(t)
}
