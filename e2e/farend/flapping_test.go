package farend_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patchbay/internal/testkit"
)

// flapper stands before a sound server. While it is down, it is as a server that was
// restarted and does not get up: it knows no session and takes no new one. It counts how
// often somebody begins to connect, at /shared and elsewhere.
type flapper struct {
	next             http.Handler
	down             atomic.Bool
	shared, attempts atomic.Int64
}

func (f *flapper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client is gone
	}
	text := string(body)
	switch {
	case !f.down.Load():
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.next.ServeHTTP(w, r)
	case strings.Contains(text, `"server/discover"`): // the first half of the same connect
		w.WriteHeader(http.StatusServiceUnavailable)
	case strings.Contains(text, `"initialize"`):
		if strings.HasPrefix(r.URL.Path, "/shared/") {
			f.shared.Add(1)
		} else {
			f.attempts.Add(1)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestFlapping: a server that many people use and watch goes away. Once it is known to be
// down, what is tried in the background for all of them together is one connect a
// second; whoever calls learns at once that it is down, the log stays readable, and a
// click finds out that it is back.
func TestFlapping(t *testing.T) {
	t.Parallel()
	users := scaled(200)
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	f := &flapper{next: echo}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	in := boot(t, fmt.Sprintf(`mcpSettings:
  limits: {callsPerMinute: 0, concurrentCalls: 0}
mcpServers:
  flaps:
    type: streamable-http
    url: %[1]s/{{LIBRECHAT_USER_USERNAME}}/mcp
    timeout: 5000
  shared:
    type: streamable-http
    url: %[1]s/shared/mcp
    timeout: 5000
`, server.URL), users+1)
	all := in.users[1:]
	each := func(do func(who *person)) {
		var group sync.WaitGroup
		for _, who := range all {
			group.Go(func() { do(who) })
		}
		group.Wait()
	}
	call := func(who *person, server string) error {
		_, err := who.call(t.Context(), server, "echo", `{"text":"hi"}`)
		return err
	}
	for _, who := range all { // a page of theirs is open
		in.events(t, who, "status")
	}
	each(func(who *person) {
		if err := call(who, "flaps"); err != nil {
			t.Errorf("%s before it flaps: %v", who.name, err)
		}
	})

	f.down.Store(true)
	echo.DropConnections()
	each(func(who *person) {
		if call(who, "flaps") == nil || call(who, "shared") == nil {
			t.Errorf("%s has an answer of a server that is down", who.name)
		}
	})
	// Each connection needs three failures before the server is known to be in trouble.
	pause(t.Context(), scaled(30*time.Second)+5*time.Second)
	watch := func(what string, d time.Duration) (private, shared, lines float64) {
		a, b, l := f.attempts.Load(), f.shared.Load(), in.log.Lines()
		begin := time.Now()
		pause(t.Context(), d)
		rate := func(n int64) float64 { return float64(n) / time.Since(begin).Seconds() }
		private, shared, lines = rate(f.attempts.Load()-a), rate(f.shared.Load()-b), rate(int64(in.log.Lines()-l))
		t.Logf("%d users, %s, %s: %.2f connects a second (shared: %.2f), %.1f log lines a second", users, what, d, private, shared, lines)
		if lines > 100 {
			t.Errorf("%s: %.1f log lines a second", what, lines)
		}
		return private, shared, lines
	}
	private, shared, _ := watch("nobody calls", scaled(2*time.Minute))
	if private > 1.1 || shared > 1.1 {
		t.Errorf("in the background %.2f connects a second (shared: %.2f), want at most 1", private, shared)
	}
	if private == 0 || f.shared.Load() < 3 { // shared waits longer and longer: it may miss the window
		t.Errorf("in the background %.2f connects a second, shared %d in all: the server would stay down", private, f.shared.Load())
	}

	ctx, stop := context.WithCancel(t.Context())
	var calls atomic.Int64
	var callers sync.WaitGroup
	for _, who := range all {
		callers.Go(func() {
			for ctx.Err() == nil {
				begin := time.Now()
				if err := call(who, "flaps"); err == nil {
					t.Errorf("%s has an answer of a server that is down", who.name)
				}
				if took := time.Since(begin); took > 3*time.Second {
					t.Errorf("%s waited %s for a server that is known to be down", who.name, took)
				}
				calls.Add(1)
				pause(ctx, 500*time.Millisecond)
			}
		})
	}
	watch("everybody calls", scaled(30*time.Second))
	stop()
	callers.Wait()

	// It comes back: a click does not wait for any back-off.
	f.down.Store(false)
	r, err := all[0].Reinitialize(t.Context(), "flaps")
	if err != nil || !r.Success {
		t.Errorf("after it came back: %+v, %v", r, err)
	}
	if err := call(all[0], "flaps"); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}
