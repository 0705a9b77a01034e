package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// witness is what somebody saw of a run while it was streamed.
type witness struct {
	run, conversation string
	facts             map[string]string // data by number
}

// TestKilled kills the program at random moments of streaming runs with tools. After each
// restart every conversation reads whole, every run has ended or waits, no fact that was
// told is gone or another, and no tool call was sent twice.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills := 20
	if nightly() {
		kills = 100
	}
	var calm atomic.Bool // the model hides nothing from now on
	var turn atomic.Int64
	api := testkit.NewModelsFunc(t, func(int) testkit.ModelReply {
		n := turn.Add(1)
		switch rand.N(4) {
		case 0, 1:
			return asks(fmt.Sprintf("call_%d_", n), "slow_mcp_one", fmt.Sprintf(`{"ms":%d}`, rand.N(40)), "echo_mcp_one", fmt.Sprintf(`{"text":"n%d"}`, n))
		case 2:
			reply := says(strings.Repeat("all is well ", 400))
			if !calm.Load() {
				reply.Stall = 200 + rand.N(20_000)
			}
			return reply
		}
		return says("done")
	})
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	place := hostkit.NewPlace(t, custom(api)+fmt.Sprintf("mcpServers:\n  one: {type: http, url: %q}\n", echo.URL()))
	tokens := people(t, place, 1)

	var seen []*witness
	checked := 0
	for range kills {
		calm.Store(true) // before the start: what was cut off is asked again at once
		in := place.Serve(t, program.Path(t))
		ann := person{in.URL, tokens[0]}
		checked += verify(t, ann, seen[checked:])
		calm.Store(false)
		var watching sync.WaitGroup
		for range 3 {
			s := ann.send(t, map[string]any{"text": "Work.", "settings": map[string]any{"provider": "box", "model": "fake-large", "mcpServers": []string{"one"}}})
			w := &witness{run: s.Run.ID, conversation: s.Conversation.ID, facts: map[string]string{}}
			seen = append(seen, w)
			watching.Go(func() { w.watch(t.Context(), ann) })
		}
		timer := time.NewTimer(rand.N(700 * time.Millisecond))
		<-timer.C // the random moment
		in.Kill()
		watching.Wait()
	}
	calm.Store(true)
	in := place.Serve(t, program.Path(t))
	ann := person{in.URL, tokens[0]}
	verify(t, ann, seen[checked:])

	rows, states := 0, map[patchbay.RunStatus]int{}
	for _, w := range seen {
		r := ann.run(t, w.run)
		states[r.Status]++
		for _, c := range r.Calls {
			if c.StartedAt != nil {
				rows++
			}
		}
	}
	if n := echo.Calls(""); n > rows {
		t.Errorf("the server counted %d calls, of %d that were sent", n, rows)
	}
	t.Logf("%d kills, runs %v, %d calls sent, %d arrived", kills, states, rows, echo.Calls(""))
	in.Stop(t)
}

// watch follows the run until its stream breaks off.
func (w *witness) watch(ctx context.Context, p person) {
	facts, _ := p.follow(ctx, w.run, "", nil) // how it broke off is the test's own doing
	for _, f := range facts {
		if f.name == "fact" {
			w.facts[f.id] = f.data
		}
	}
}

// verify looks at what was seen before a kill, and returns how many runs that were.
func verify(t *testing.T, p person, seen []*witness) int {
	t.Helper()
	for _, w := range seen {
		r := p.ended(t, w.run)
		switch r.Status {
		case patchbay.RunDone, patchbay.RunInterrupted:
		default:
			t.Errorf("run %s is %s: %+v", w.run, r.Status, r.End)
		}
		for _, c := range r.Calls {
			if c.State != patchbay.RunCallDone && c.State != patchbay.RunCallFailed && c.State != patchbay.RunCallUnknown {
				t.Errorf("call %s of run %s is %s", c.ID, w.run, c.State)
			}
		}
		facts, err := p.follow(t.Context(), w.run, "", nil)
		require.NoError(t, err)
		now := map[string]string{}
		for _, f := range facts {
			if f.name == "fact" {
				now[f.id] = f.data
			}
		}
		for id, data := range w.facts {
			require.JSONEq(t, data, now[id], "fact %s of run %s", id, w.run)
		}
		for n := range int64(len(now)) {
			require.Contains(t, now, fmt.Sprint(n+1), "the facts of run %s have a gap", w.run)
		}
		var page struct {
			Data []struct {
				Role  string
				Parts []json.RawMessage
				Run   *run
			}
		}
		p.want(t, http.StatusOK, http.MethodGet, "/api/conversations/"+w.conversation+"/messages", nil, &page)
		require.Len(t, page.Data, 2)
		require.Equal(t, "user", page.Data[0].Role)
		require.Equal(t, w.run, page.Data[1].Run.ID)
		require.Equal(t, r.Steps, page.Data[1].Run.Steps)
	}
	return len(seen)
}
