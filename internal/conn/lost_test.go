package conn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/testkit"
)

// pid returns the process behind a connection to a child.
func pid(t *testing.T, b *bench, target conn.Target) int {
	t.Helper()
	r, err := b.Call(t.Context(), target, call("whoami", "{}"))
	require.NoError(t, err)
	var who testkit.WhoAmI
	require.NoError(t, json.Unmarshal([]byte(said(t, r)), &who))
	require.NotZero(t, who.PID)
	return who.PID
}

func TestCrashWithFiftyCallsInFlight(t *testing.T) {
	b := newBench(t, nil)
	ann := targetOf(t, child(t, testkit.Works, nil), "ann")
	victim := pid(t, b, ann)
	outcomes := make(chan error, 50)
	for range 50 {
		go func() {
			_, err := b.Call(t.Context(), by(ann, "ann"), call("slow", `{"ms":60000}`))
			outcomes <- err
		}()
	}
	require.Eventually(t, func() bool { return b.Running("ann") == 50 }, 5*time.Second, time.Millisecond)
	pid(t, b, ann) // written after them, so they are written
	pid(t, b, ann)
	begin := time.Now()
	require.NoError(t, syscall.Kill(victim, syscall.SIGKILL))
	for range 50 {
		err := <-outcomes
		require.Equal(t, patchbay.CodeUnknownFate, patchbay.CodeOf(err), "%v", err)
	}
	require.Less(t, time.Since(begin), 2*time.Second)
	_, err := b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	require.Less(t, time.Since(begin), 10*time.Second)
	require.NotEqual(t, victim, pid(t, b, ann))
}

func TestCrashedChildIsStartedAgainWhileWatched(t *testing.T) {
	b := newBench(t, nil)
	run(t, b)
	s := child(t, testkit.Works, nil)
	ann, bob := targetOf(t, s, "ann"), targetOf(t, s, "bob")
	defer b.Watch("ann")()
	for _, target := range []conn.Target{ann, bob} {
		require.NoError(t, syscall.Kill(pid(t, b, target), syscall.SIGKILL))
		f := b.await(t, target.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseFailed })
		require.Equal(t, patchbay.ReasonExited, f.Err.Reason)
		require.Contains(t, f.Err.Message, "SIGKILL")
	}
	b.await(t, ann.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseConnected })
	require.Equal(t, patchbay.PhaseFailed, b.Facts(bob.Key).Phase, "nobody watches for bob: the next use opens it")
	pid(t, b, bob)
}

func TestChildThatHangsIsFoundByPings(t *testing.T) {
	b := newBench(t, func(o *conn.Options) { o.Ping = 150 * time.Millisecond })
	run(t, b)
	ann := targetOf(t, child(t, testkit.Works, func(s *patchbay.Server) { s.Level = patchbay.LevelApp }), "")
	b.Keep([]conn.Target{ann})
	victim := pid(t, b, ann)
	// A server that hangs while it still owes its list is found by the list's own limit,
	// not by pings: silence while it works says nothing.
	b.await(t, ann.Key, func(f conn.Facts) bool { return f.ToolsKnown })
	require.NoError(t, syscall.Kill(victim, syscall.SIGSTOP))
	b.await(t, ann.Key, func(f conn.Facts) bool {
		return f.Phase == patchbay.PhaseFailed && f.Err.Reason == patchbay.ReasonLost
	})
	b.await(t, ann.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseConnected })
	require.NotEqual(t, victim, pid(t, b, ann))
}

func TestPingsLeaveTheLivingAlone(t *testing.T) {
	b := newBench(t, func(o *conn.Options) { o.Ping = 20 * time.Millisecond })
	run(t, b)
	s := child(t, testkit.Works, nil)
	ann := targetOf(t, s, "ann")
	before := pid(t, b, ann)
	_, err := b.Call(t.Context(), ann, call("slow", `{"ms":500}`))
	require.NoError(t, err)
	require.Equal(t, before, pid(t, b, ann))
}

func TestCancelOfAConnect(t *testing.T) {
	hung := testkit.NeverAnswers.Command(t, testkit.Settings{})
	b := newBench(t, nil)
	run(t, b)
	target := targetOf(t, definition("", func(s *patchbay.Server) {
		s.Transport, s.Command, s.Args = patchbay.TransportStdio, hung.Path, hung.Args
	}), "")
	require.False(t, b.Cancel(target.Key), "there is nothing to cancel")
	b.Keep([]conn.Target{target})
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- b.Open(t.Context(), target) }()
	}
	b.await(t, target.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseConnecting })
	begin := time.Now()
	require.True(t, b.Cancel(target.Key))
	for range 2 {
		var ce *patchbay.ConnectError
		require.ErrorAs(t, <-done, &ce)
		require.Equal(t, patchbay.ReasonCancelled, ce.Reason)
	}
	require.Less(t, time.Since(begin), time.Second)
	f := b.Facts(target.Key)
	status := patchbay.StatusOf(patchbay.StatusFacts{Phase: f.Phase, Err: f.Err})
	require.Equal(t, patchbay.StatusDisconnected, status.Status)
	require.Equal(t, patchbay.ReasonCancelled, status.Reason)
}

// lines counts the lines of a log.
type lines struct {
	mu sync.Mutex
	n  int
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

func TestFlappingServerIsTriedOnceASecondForAll(t *testing.T) {
	const users = 20
	flaps := testkit.Flaps.Serve(t, patchbay.TransportWebSocket, testkit.Settings{Every: 50 * time.Millisecond})
	log := &lines{}
	var dials atomic.Int64
	b := newBench(t, func(o *conn.Options) {
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
		values := o.Values
		o.Values = func(ctx context.Context, target conn.Target) (expand.Values, error) {
			dials.Add(1)
			return values(ctx, target)
		}
	})
	run(t, b)
	s := definition(flaps.URL, func(s *patchbay.Server) { s.Level, s.Transport = patchbay.LevelUser, patchbay.TransportWebSocket })
	var targets []conn.Target
	for i := range users {
		target := targetOf(t, s, string(rune('a'+i)))
		targets = append(targets, target)
		defer b.Watch(target.Key.User())()
	}
	// Each user's own three losses open the breakers.
	for range 3 {
		for _, target := range targets {
			_ = b.Open(t.Context(), target) // it may flap just now
			b.await(t, target.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseFailed })
		}
	}
	before := dials.Load()
	require.Eventually(t, func() bool { return dials.Load() > before }, 20*time.Second, time.Millisecond, "it is tried at all")
	before, begin := dials.Load(), time.Now()
	window := time.After(4 * time.Second)
	<-window
	require.LessOrEqual(t, dials.Load()-before, int64(time.Since(begin)/time.Second)+1)
	log.mu.Lock()
	defer log.mu.Unlock()
	require.Less(t, log.n, 100)
}
