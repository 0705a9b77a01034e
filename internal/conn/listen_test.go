package conn_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/testkit"
)

const newTool = `{"name":"extra","inputSchema":{"type":"object"}}`

func hasTool(b *bench, k conn.Key, name string) func(conn.Facts) bool {
	return func(conn.Facts) bool {
		tools, _, _ := b.Tools(k)
		return slices.ContainsFunc(tools, func(t patchbay.Tool) bool { return t.Name == name })
	}
}

// run runs the pool's background work until the test ends.
func run(t *testing.T, b *bench) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
}

func TestChangesAreHeardWhileSomebodyWatches(t *testing.T) {
	for _, o := range []testkit.EchoOptions{{}, {Versions: []string{testkit.Modern}}} {
		t.Run(fmt.Sprint(o.Versions), func(t *testing.T) {
			echo := testkit.NewEcho(t, o)
			b := newBench(t, nil)
			s := definition(echo.URL(), perUser)
			ann, bob := targetOf(t, s, "ann"), targetOf(t, s, "bob")
			for _, target := range []conn.Target{ann, bob} {
				_, err := b.ListTools(t.Context(), target)
				require.NoError(t, err)
			}
			require.Zero(t, echo.Streams(), "nobody watches")

			release := b.Watch("ann")
			again := b.Watch("ann")
			echo.AwaitStreams(t, 1)
			require.Equal(t, 1, b.Listeners())
			echo.SetTools(newTool)
			begin := time.Now()
			require.Equal(t, 1, echo.ListChanged())
			b.await(t, ann.Key, hasTool(b, ann.Key, "extra"))
			require.Less(t, time.Since(begin), time.Second)
			require.False(t, hasTool(b, bob.Key, "extra")(conn.Facts{}))

			release()
			release()
			b.Unlisten(time.Now().Add(time.Hour))
			require.Equal(t, 1, echo.Streams(), "somebody else of ann's still watches")
			again()
			b.Unlisten(time.Now())
			require.Equal(t, 1, echo.Streams(), "a page that is loaded anew comes back at once")
			b.Unlisten(time.Now().Add(time.Hour))
			echo.AwaitStreams(t, 0)
		})
	}
}

func TestSharedConnectionIsHeardForAnybody(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	defer b.Watch("ann")()
	shared := targetOf(t, definition(echo.URL(), nil), "")
	require.NoError(t, b.Open(t.Context(), shared))
	echo.AwaitStreams(t, 1)
}

func TestStreamIsOpenedAgainAndTheListReadAnew(t *testing.T) {
	for _, o := range []testkit.EchoOptions{{}, {Versions: []string{testkit.Modern}}} {
		t.Run(fmt.Sprint(o.Versions), func(t *testing.T) {
			echo := testkit.NewEcho(t, o)
			b := newBench(t, nil)
			ann := targetOf(t, definition(echo.URL(), perUser), "ann")
			_, err := b.ListTools(t.Context(), ann)
			require.NoError(t, err)
			defer b.Watch("ann")()
			echo.AwaitStreams(t, 1)
			echo.SetTools(newTool) // and nobody is told
			echo.CloseStreams()
			b.await(t, ann.Key, hasTool(b, ann.Key, "extra"))
			echo.AwaitStreams(t, 1)
		})
	}
}

func TestServerThatForgotTheSessionIsConnectedAnewWhileWatched(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	run(t, b)
	ann := targetOf(t, definition(echo.URL(), perUser), "ann")
	defer b.Watch("ann")()
	_, err := b.ListTools(t.Context(), ann)
	require.NoError(t, err)
	echo.AwaitStreams(t, 1)
	echo.ForgetSessions()
	echo.SetTools(newTool)
	echo.CloseStreams()
	b.await(t, ann.Key, hasTool(b, ann.Key, "extra"))
	echo.AwaitStreams(t, 1)
	require.Len(t, echo.Sessions(), 2)
}

func TestServerWithoutAStream(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{Stateless: true})
	b := newBench(t, nil)
	defer b.Watch("ann")()
	ann := targetOf(t, definition(echo.URL(), perUser), "ann")
	_, err := b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return b.Listeners() == 0 }, 5*time.Second, time.Millisecond)
	require.Equal(t, patchbay.PhaseConnected, b.Facts(ann.Key).Phase)
}

func TestFloodOfChangesIsFewLists(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	defer b.Watch("ann")()
	ann := targetOf(t, definition(echo.URL(), perUser), "ann")
	_, err := b.ListTools(t.Context(), ann)
	require.NoError(t, err)
	echo.AwaitStreams(t, 1)
	lists := func() (n int) {
		for _, r := range echo.Requests() {
			if r.RPC == "tools/list" {
				n++
			}
		}
		return n
	}
	before := lists()
	for range 500 {
		echo.ListChanged()
	}
	echo.SetTools(newTool)
	echo.ListChanged()
	b.await(t, ann.Key, hasTool(b, ann.Key, "extra"))
	require.Less(t, lists()-before, 10)
}

func TestChangesOverEveryTransport(t *testing.T) {
	for _, transport := range testkit.ChangesTools.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			b := newBench(t, nil)
			defer b.Watch("ann")()
			s := child(t, testkit.ChangesTools, nil)
			if transport != patchbay.TransportStdio {
				s = definition(testkit.ChangesTools.Serve(t, transport, testkit.Settings{}).URL, perUser)
				s.Transport = transport
				if transport == patchbay.TransportWebSocket {
					s.Headers = nil
				}
			}
			ann := targetOf(t, s, "ann")
			before, err := b.ListTools(t.Context(), ann)
			require.NoError(t, err)
			_, err = b.Call(t.Context(), ann, call("echo", `{"text":"x"}`))
			require.NoError(t, err)
			b.await(t, ann.Key, func(conn.Facts) bool {
				now, _, _ := b.Tools(ann.Key)
				return fmt.Sprint(now) != fmt.Sprint(before)
			})
		})
	}
}

func TestWatchersComeAndGo(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	b := newBench(t, nil)
	ann := targetOf(t, definition(echo.URL(), perUser), "ann")
	require.NoError(t, b.Open(t.Context(), ann))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				release := b.Watch("ann")
				release()
				b.Unlisten(time.Now().Add(time.Hour))
			}
		})
	}
	wg.Wait()
	defer b.Watch("ann")()
	echo.AwaitStreams(t, 1)
	require.Equal(t, 1, b.Listeners())
}
