package conn_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/testkit"
)

// withLimits makes a pool whose limits can be changed while it runs.
func withLimits(t *testing.T, l conn.Limits) (*bench, *atomic.Pointer[conn.Limits]) {
	t.Helper()
	now := &atomic.Pointer[conn.Limits]{}
	now.Store(&l)
	return newBench(t, func(o *conn.Options) { o.Limits = func() conn.Limits { return *now.Load() } }), now
}

func limitError(t *testing.T, err error, names string) *patchbay.Error {
	t.Helper()
	var e *patchbay.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, patchbay.CodeRateLimited, e.Code, "%v", err)
	require.Contains(t, e.Message, names)
	require.GreaterOrEqual(t, e.RetryAfter, time.Second)
	return e
}

func by(t conn.Target, user patchbay.UserID) conn.Target {
	t.Caller = user
	return t
}

func TestCallsPerMinuteAreCountedForEachUser(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b, limits := withLimits(t, conn.Limits{UserCallsPerMinute: 5})
	shared := targetOf(t, definition(echo.URL(), nil), "")
	for range 5 {
		_, err := b.Call(t.Context(), by(shared, "ann"), call("echo", `{"text":"x"}`))
		require.NoError(t, err)
	}
	_, err := b.Call(t.Context(), by(shared, "ann"), call("echo", `{"text":"x"}`))
	e := limitError(t, err, "callsPerMinute")
	require.LessOrEqual(t, e.RetryAfter, time.Minute)
	require.Equal(t, 5, echo.Calls("echo"), "a refused call is not sent")
	_, err = b.Call(t.Context(), by(shared, "bob"), call("echo", `{"text":"x"}`))
	require.NoError(t, err, "bob has calls of his own")
	limits.Store(&conn.Limits{})
	_, err = b.Call(t.Context(), by(shared, "ann"), call("echo", `{"text":"x"}`))
	require.NoError(t, err, "a limit that is lifted is lifted at once")
	require.Zero(t, b.People(), "who uses nothing is forgotten")
}

func TestConcurrentCalls(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b, _ := withLimits(t, conn.Limits{UserConcurrentCalls: 2})
	shared := targetOf(t, definition(echo.URL(), nil), "")
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := b.Call(t.Context(), by(shared, "ann"), call("slow", `{"ms":500}`)); err != nil {
				t.Error(err)
			}
		})
	}
	echo.AwaitInFlight(t, 2)
	_, err := b.Call(t.Context(), by(shared, "ann"), call("echo", `{"text":"x"}`))
	limitError(t, err, "concurrentCalls")
	_, err = b.Call(t.Context(), by(shared, "bob"), call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	wg.Wait()
	_, err = b.Call(t.Context(), by(shared, "ann"), call("echo", `{"text":"x"}`))
	require.NoError(t, err)
}

func TestConnectionsOfAUserAndOfAServer(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b, _ := withLimits(t, conn.Limits{UserConnections: 2, ServerConnections: 3})
	server := func(n int) *patchbay.Server {
		return definition(echo.URL(), func(s *patchbay.Server) {
			perUser(s)
			s.Name = fmt.Sprintf("s%d", n)
			s.ID = patchbay.YAMLServerID(s.Name)
		})
	}
	open := func(user string, n int) error { return b.Open(t.Context(), targetOf(t, server(n), user)) }
	require.NoError(t, open("ann", 1))
	require.NoError(t, open("ann", 2))
	limitError(t, open("ann", 3), "limits.connections")
	require.NoError(t, open("ann", 1), "what is open stays usable")
	require.NoError(t, b.Connect(t.Context(), targetOf(t, server(2), "ann")), "and can be opened anew")

	require.NoError(t, open("bob", 1))
	require.NoError(t, open("cy", 1))
	limitError(t, open("dan", 1), "perServer.connections")
	b.CloseUser("bob")
	require.NoError(t, open("dan", 1), "a place that is free is given away")
	b.CloseServer(patchbay.YAMLServerID("s2"))
	require.NoError(t, open("ann", 3))
	for _, u := range []patchbay.UserID{"ann", "cy", "dan"} {
		b.CloseUser(u)
	}
	require.Zero(t, b.People())
}

func TestFailedConnectsGiveTheirPlaceBack(t *testing.T) {
	b, _ := withLimits(t, conn.Limits{UserConnections: 1, ServerConnections: 1})
	for i := range 3 {
		s := definition("http://127.0.0.1:1/mcp", perUser)
		s.ID = patchbay.YAMLServerID(fmt.Sprint(i))
		err := b.Open(t.Context(), targetOf(t, s, "ann"))
		var ce *patchbay.ConnectError
		require.ErrorAs(t, err, &ce)
		require.Equal(t, patchbay.ReasonUnreachable, ce.Reason)
	}
	require.Zero(t, b.People())
}

func child(t *testing.T, c testkit.Case, change func(*patchbay.Server)) *patchbay.Server {
	t.Helper()
	cmd := c.Command(t, testkit.Settings{})
	return definition("", func(s *patchbay.Server) {
		s.Transport, s.Command, s.Args = patchbay.TransportStdio, cmd.Path, cmd.Args
		s.Level = patchbay.LevelUser
		if change != nil {
			change(s)
		}
	})
}

func TestIdleChildMakesRoom(t *testing.T) {
	b, _ := withLimits(t, conn.Limits{StdioProcesses: 2})
	s := child(t, testkit.Works, nil)
	ann, bob, cy := targetOf(t, s, "ann"), targetOf(t, s, "bob"), targetOf(t, s, "cy")
	for _, target := range []conn.Target{ann, bob, ann} { // bob is idle longest
		_, err := b.ListTools(t.Context(), target)
		require.NoError(t, err)
		_, err = b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
		require.NoError(t, err)
	}
	_, err := b.Call(t.Context(), cy, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	require.Equal(t, 2, b.Children())
	require.Equal(t, patchbay.PhaseIdle, b.Facts(bob.Key).Phase)
	require.Equal(t, patchbay.PhaseConnected, b.Facts(ann.Key).Phase)
}

func TestNoRoomForAChild(t *testing.T) {
	b, _ := withLimits(t, conn.Limits{StdioProcesses: 1})
	s := child(t, testkit.Works, func(s *patchbay.Server) { s.ConnectTimeout = 400 * time.Millisecond })
	ann, bob := targetOf(t, s, "ann"), targetOf(t, s, "bob")
	require.NoError(t, b.Open(t.Context(), ann))
	busy := make(chan error, 1)
	go func() {
		_, err := b.Call(t.Context(), by(ann, "ann"), call("slow", `{"ms":1500}`))
		busy <- err
	}()
	require.Eventually(t, func() bool { return b.Running("ann") == 1 }, 5*time.Second, time.Millisecond)
	err := b.Open(t.Context(), bob)
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	require.Equal(t, patchbay.ReasonCapacity, ce.Reason, ce.Message)
	require.Positive(t, ce.After)

	patient := child(t, testkit.Works, nil)
	patient.Hash = "2"
	require.NoError(t, b.Open(t.Context(), targetOf(t, patient, "bob")), "the place of a call that ends goes to who waits")
	require.NoError(t, <-busy)
	require.Equal(t, patchbay.PhaseIdle, b.Facts(ann.Key).Phase)
}

func TestRetryAfterOfACallIsHonoured(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	s := definition(echo.URL(), perUser)
	ann, bob := targetOf(t, s, "ann"), targetOf(t, s, "bob")
	require.NoError(t, b.Open(t.Context(), ann))
	require.NoError(t, b.Open(t.Context(), bob))
	echo.Fail(testkit.RateLimited("tools/call", 30*time.Second))
	for range 2 {
		_, err := b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
		var e *patchbay.Error
		require.True(t, errors.As(err, &e), "%v", err)
		require.Equal(t, patchbay.CodeRateLimited, e.Code)
		require.InDelta(t, 30, e.RetryAfter.Seconds(), 5)
	}
	require.Zero(t, echo.Calls("echo"), "nothing is sent before the time is over")
	_, err := b.Call(t.Context(), bob, call("echo", `{"text":"x"}`))
	require.NoError(t, err, "bob is not kept out by ann's answer")
	require.NoError(t, b.Connect(t.Context(), ann))
	_, err = b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
	require.NoError(t, err, "a click goes past it")
}
