package conn_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/testkit"
	"patchbay/internal/transport"
)

func TestMain(m *testing.M) {
	testkit.Child()
	goleak.VerifyTestMain(m)
}

// bench is a pool over real transports, with what tests watch of it.
type bench struct {
	*conn.Pool
	mu      sync.Mutex
	changes []conn.Key
	told    chan struct{} // one token for each change
}

func newBench(t testing.TB, tweak func(*conn.Options)) *bench {
	t.Helper()
	guard, err := netguard.New(netguard.Policy{})
	require.NoError(t, err)
	spawner := transport.NewSpawner(transport.SpawnerOptions{})
	factory, err := transport.NewFactory(transport.Options{Guard: func() transport.Guard { return guard }, Spawner: spawner})
	require.NoError(t, err)
	b := &bench{told: make(chan struct{}, 1024)}
	o := conn.Options{
		Opener: factory,
		Values: func(_ context.Context, t conn.Target) (expand.Values, error) {
			return expand.Values{User: t.User, Body: t.Body, HasBody: t.Key.Level() == patchbay.LevelRun}, nil
		},
		Changed: func(k conn.Key) {
			b.mu.Lock()
			b.changes = append(b.changes, k)
			b.mu.Unlock()
			b.tell()
		},
		ToolsChanged: func(conn.Key, int) { b.tell() },
		Logger:       slog.New(slog.DiscardHandler),
		Version:      "test",
	}
	if tweak != nil {
		tweak(&o)
	}
	b.Pool = conn.New(t.Context(), o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		b.Close(ctx)
		factory.Close()
		spawner.Close()
		guard.CloseIdle()
	})
	return b
}

// tell wakes await. It must not block: a full channel wakes it as well.
func (b *bench) tell() {
	select {
	case b.told <- struct{}{}:
	default:
	}
}

// await waits until the state behind a key satisfies ok.
func (b *bench) await(t *testing.T, k conn.Key, ok func(conn.Facts) bool) conn.Facts {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		if f := b.Facts(k); ok(f) {
			return f
		}
		select {
		case <-b.told:
		case <-limit:
			t.Fatalf("state of the key is %+v", b.Facts(k))
		}
	}
}

func definition(url string, change func(*patchbay.Server)) *patchbay.Server {
	s := &patchbay.Server{
		ID: patchbay.YAMLServerID("echo"), Name: "echo", Source: patchbay.SourceYAML, Hash: "1",
		Transport: patchbay.TransportHTTP, URL: url, Level: patchbay.LevelApp,
		CallTimeout: 20 * time.Second, ConnectTimeout: 10 * time.Second,
	}
	if change != nil {
		change(s)
	}
	return s
}

func perUser(s *patchbay.Server) {
	s.Level = patchbay.LevelUser
	s.Headers = map[string]string{"X-User": "{{LIBRECHAT_USER_ID}}"}
}

func targetOf(t testing.TB, s *patchbay.Server, user string) conn.Target {
	t.Helper()
	k, ok := conn.KeyOf(s, patchbay.UserID(user), "run")
	require.True(t, ok)
	target := conn.Target{Key: k, Server: s}
	if user != "" {
		target.User = &patchbay.User{ID: patchbay.UserID(user)}
	}
	return target
}

// said returns the text of a result's first content.
func said(t *testing.T, r *transport.Result) string {
	t.Helper()
	var v struct {
		Content []struct{ Text string }
	}
	require.NoError(t, json.Unmarshal(r.Raw, &v))
	require.NotEmpty(t, v.Content)
	return v.Content[0].Text
}

func call(tool, args string) conn.Request {
	return conn.Request{Tool: tool, Args: json.RawMessage(args)}
}

func TestEachUserHasTheirOwnSession(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	s := definition(echo.URL(), perUser)
	var wg sync.WaitGroup
	for i := range 64 {
		user := fmt.Sprintf("u%d", i%2)
		target := targetOf(t, s, user)
		wg.Go(func() {
			for range 20 {
				r, err := b.Call(t.Context(), target, call("whoami", "{}"))
				if err != nil {
					t.Error(err)
					return
				}
				if got := said(t, r); !strings.Contains(got, `"X-User":"`+user+`"`) {
					t.Errorf("answer for %s: %s", user, got)
				}
			}
		})
	}
	wg.Wait()
	sessions := echo.Sessions()
	require.Len(t, sessions, 2, "one connect for all who wait, one session for each user")
	for _, s := range sessions {
		require.Len(t, s.Identities, 1, "no session is shared")
	}
}

func TestAppLevelIsOneSession(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{Instructions: "Be kind."})
	b := newBench(t, nil)
	s := definition(echo.URL(), nil)
	for _, user := range []string{"a", "b"} {
		_, err := b.Call(t.Context(), targetOf(t, s, user), call("echo", `{"text":"x"}`))
		require.NoError(t, err)
	}
	require.Len(t, echo.Sessions(), 1)
	f := b.await(t, conn.AppKey(s.ID), func(f conn.Facts) bool { return f.ToolsKnown })
	require.Equal(t, patchbay.PhaseConnected, f.Phase)
	require.Equal(t, "Be kind.", f.Instructions)
	require.Equal(t, testkit.Legacy, f.ProtocolVersion)
	require.NotZero(t, f.ToolCount)
}

func TestModernServer(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{Versions: []string{testkit.Modern}})
	b := newBench(t, nil)
	s := definition(echo.URL(), perUser)
	r, err := b.Call(t.Context(), targetOf(t, s, "u1"), call("whoami", "{}"))
	require.NoError(t, err)
	require.Contains(t, said(t, r), `"X-User":"u1"`)
	f := b.await(t, conn.UserKey("u1", s.ID), func(f conn.Facts) bool { return f.ToolsKnown })
	require.Equal(t, testkit.Modern, f.ProtocolVersion)
}

func TestResultsComeThroughByteForByte(t *testing.T) {
	const odd = `{"content":[{"type":"text","text":"n"}],  "structuredContent":{"big":9007199254740993,"tiny":1e-400},"unknownMember":{"z":1,"a":[ ]},"_meta":{"x/y":true}}`
	for _, o := range []testkit.EchoOptions{{}, {JSON: true}, {Versions: []string{testkit.Modern}}} {
		t.Run(fmt.Sprint(o.Versions, o.JSON), func(t *testing.T) {
			echo := testkit.NewEcho(t, o)
			b := newBench(t, nil)
			target := targetOf(t, definition(echo.URL(), nil), "")
			args, err := json.Marshal(map[string]string{"result": odd})
			require.NoError(t, err)
			r, err := b.Call(t.Context(), target, conn.Request{Tool: "exact", Args: args})
			require.NoError(t, err)
			require.Equal(t, odd, string(r.Raw))

			r, err = b.Call(t.Context(), target, call("big", `{"kb":5120}`))
			require.NoError(t, err)
			require.Equal(t, testkit.BigText(5120), said(t, r))
		})
	}
}

func TestSessionGoneIsOneReconnectForAll(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), nil), "")
	_, err := b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	echo.ForgetSessions()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := b.Call(t.Context(), target, call("echo", `{"text":"y"}`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Len(t, echo.Sessions(), 2)
	require.Equal(t, 33, echo.Calls("echo"))
}

func TestLostCallIsNeverSentTwice(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), nil), "")
	_, err := b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	echo.Fail(testkit.CutAfter("tools/call"))
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"y"}`))
	require.Equal(t, patchbay.CodeUnknownFate, patchbay.CodeOf(err), "%v", err)
	require.Equal(t, 2, echo.Calls("echo"))
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"z"}`))
	require.NoError(t, err, "the next call works")
}

func TestUnauthorizedComesBackWithItsChallenge(t *testing.T) {
	const challenge = `Bearer resource_metadata="https://as.example/x", scope="read"`
	for _, rpc := range []string{"initialize", "tools/call"} {
		t.Run(rpc, func(t *testing.T) {
			echo := testkit.NewEcho(t, testkit.EchoOptions{})
			b := newBench(t, nil)
			s := definition(echo.URL(), perUser)
			target := targetOf(t, s, "u1")
			fault := testkit.Unauthorized(rpc, challenge)
			if rpc == "initialize" {
				fault.RPC, fault.Times = "", 10 // an old server refuses server/discover too
			}
			echo.Fail(fault)
			_, err := b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
			var ce *patchbay.ConnectError
			require.ErrorAs(t, err, &ce)
			require.Equal(t, patchbay.ReasonSigninRequired, ce.Reason)
			require.Equal(t, []string{challenge}, ce.Challenge)
			require.Equal(t, patchbay.ReasonSigninRequired, b.Facts(target.Key).Err.Reason)
		})
	}
}

func TestCallTimeout(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), func(s *patchbay.Server) { s.CallTimeout = 150 * time.Millisecond }), "")
	_, err := b.Call(t.Context(), target, call("slow", `{"ms":60000}`))
	require.Equal(t, patchbay.CodeTimeout, patchbay.CodeOf(err), "%v", err)
	require.ErrorContains(t, err, "raise `timeout`")
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	require.NoError(t, err, "the connection lives on")
	require.Len(t, echo.Sessions(), 1)
}

func TestCancelReachesTheServer(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), nil), "")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.Call(ctx, target, call("slow", `{"ms":60000}`))
		done <- err
	}()
	echo.AwaitInFlight(t, 1)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	echo.AwaitInFlight(t, 0)
	require.Eventually(t, func() bool { return echo.Cancelled() == 1 }, 5*time.Second, time.Millisecond)
}

func TestUnknownTool(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), nil), "")
	_, err := b.ListTools(t.Context(), target)
	require.NoError(t, err)
	_, err = b.Call(t.Context(), target, call("nowhere", `{}`))
	require.Equal(t, patchbay.CodeToolNotFound, patchbay.CodeOf(err), "%v", err)
	require.Zero(t, echo.Calls("nowhere"), "a tool that is not there is not called")
}

func TestUnknownToolBeforeTheListIsKnown(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), nil), "")
	_, err := b.Call(t.Context(), target, call("nowhere", `{}`))
	require.Equal(t, patchbay.CodeToolNotFound, patchbay.CodeOf(err), "%v", err)
}

func TestServerErrorKeepsCodeAndData(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	_, err := b.Call(t.Context(), targetOf(t, definition(echo.URL(), nil), ""), call("break", `{}`))
	var e *patchbay.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, patchbay.CodeServerError, e.Code)
	rpc := e.Detail["rpc"].(map[string]any)
	require.EqualValues(t, -32099, rpc["code"])
	require.JSONEq(t, `{"detail":9007199254740993}`, string(rpc["data"].(json.RawMessage)))
}

func TestToolListIsPagedAndKept(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{PageSize: 2})
	b := newBench(t, nil)
	target := targetOf(t, definition(echo.URL(), nil), "")
	all, err := b.ListTools(t.Context(), target)
	require.NoError(t, err)
	require.Greater(t, len(all), 4)
	before := len(echo.Requests())
	again, err := b.ListTools(t.Context(), target)
	require.NoError(t, err)
	require.Len(t, again, len(all))
	require.Len(t, echo.Requests(), before, "read once")
}

func TestIdleConnectionClosesAndReopens(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, func(o *conn.Options) { o.Idle = 100 * time.Millisecond })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	defer func() { stop(); require.NoError(t, <-ended) }()
	s := definition(echo.URL(), perUser)
	target := targetOf(t, s, "u1")
	_, err := b.Call(t.Context(), target, call("slow", `{"ms":400}`))
	require.NoError(t, err, "a connection in use is not idle")
	f := b.await(t, target.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseIdle })
	require.NotZero(t, f.ToolCount, "the last known list stays")
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	require.Len(t, echo.Sessions(), 2)
}

func TestChangedDefinitionGetsANewConnection(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	old := targetOf(t, definition(echo.URL(), nil), "")
	done := make(chan error, 1)
	go func() {
		_, err := b.Call(t.Context(), old, call("slow", `{"ms":300}`))
		done <- err
	}()
	echo.AwaitInFlight(t, 1)
	next := targetOf(t, definition(echo.URLAt("/new"), func(s *patchbay.Server) { s.Hash = "2" }), "")
	r, err := b.Call(t.Context(), next, call("whoami", `{}`))
	require.NoError(t, err)
	require.Contains(t, said(t, r), `/new/mcp`)
	require.NoError(t, <-done, "running calls end on their old definition")
}

func TestBreakerIsPerUser(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	s := definition(echo.URL(), perUser)
	ann, bob := targetOf(t, s, "ann"), targetOf(t, s, "bob")
	echo.Fail(testkit.Fault{Status: 500, Times: 6}) // three connects, two requests each
	for range 6 {
		_, err := b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
		require.Error(t, err)
	}
	_, err := b.Call(t.Context(), bob, call("echo", `{"text":"x"}`))
	require.NoError(t, err, "bob is not kept out by ann's failures")
	_, err = b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
	require.Error(t, err, "ann's breaker is open")
	require.NoError(t, b.Connect(t.Context(), ann), "a click goes past it")
}

func TestSilentServer(t *testing.T) {
	b := newBench(t, nil)
	cmd := testkit.NeverAnswers.Command(t, testkit.Settings{})
	s := definition("", func(s *patchbay.Server) {
		s.Transport, s.Command, s.Args, s.ConnectTimeout = patchbay.TransportStdio, cmd.Path, cmd.Args, 400*time.Millisecond
	})
	err := b.Open(t.Context(), targetOf(t, s, ""))
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	require.Equal(t, patchbay.ReasonTimeout, ce.Reason)
	require.Contains(t, ce.Message, "initTimeout")
}

func TestServersThatDoNotStart(t *testing.T) {
	exits := testkit.ExitsOne.Command(t, testkit.Settings{})
	tests := []struct {
		name   string
		server func(*patchbay.Server)
		reason patchbay.Reason
		says   string
	}{
		{"exits at once", func(s *patchbay.Server) {
			s.Transport, s.Command, s.Args = patchbay.TransportStdio, exits.Path, exits.Args
		}, patchbay.ReasonExited, "code 1"},
		{"command is not there", func(s *patchbay.Server) { s.Transport, s.Command = patchbay.TransportStdio, "no-such-command-here" }, patchbay.ReasonBadDefinition, "no-such-command-here"},
		{"nobody listens", func(s *patchbay.Server) { s.URL = "http://127.0.0.1:1/mcp" }, patchbay.ReasonUnreachable, "refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			err := b.Open(t.Context(), targetOf(t, definition("", tt.server), ""))
			var ce *patchbay.ConnectError
			require.ErrorAs(t, err, &ce)
			require.Equal(t, tt.reason, ce.Reason, ce.Message)
			require.Contains(t, ce.Message, tt.says)
		})
	}
}

func TestLastWaiterLeavingCancelsTheConnect(t *testing.T) {
	hung := testkit.NeverAnswers.Serve(t, patchbay.TransportHTTP, testkit.Settings{})
	b := newBench(t, nil)
	target := targetOf(t, definition(hung.URL, nil), "")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- b.Open(ctx, target) }()
	}
	b.await(t, target.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseConnecting })
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.ErrorIs(t, <-done, context.Canceled)
	b.await(t, target.Key, func(f conn.Facts) bool { return f.Phase != patchbay.PhaseConnecting })
}

func TestCloseUserLeavesOthersAlone(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	s := definition(echo.URL(), perUser)
	for _, u := range []string{"ann", "bob"} {
		require.NoError(t, b.Open(t.Context(), targetOf(t, s, u)))
	}
	b.CloseUser("ann")
	require.Equal(t, patchbay.PhaseNever, b.Facts(conn.UserKey("ann", s.ID)).Phase)
	require.Equal(t, patchbay.PhaseConnected, b.Facts(conn.UserKey("bob", s.ID)).Phase)
}
