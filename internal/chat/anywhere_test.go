package chat_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestCrashAnywhere crashes runs at many points of their way: each is done or interrupted
// after the next start, no fact that was told is gone, and no call was sent twice.
func TestCrashAnywhere(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	ann := w.person("ann")
	slowly := func(ctx context.Context, yield func(patchbay.Delta), text string) error {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText})
		for i := range text {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
				yield(patchbay.Delta{Part: 0, Text: text[i : i+1]})
			}
		}
		return nil
	}
	for round := range 12 {
		before := e.Calls("echo")
		w.mu.Lock()
		w.models["m"] = &script{always: func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			if err := slowly(ctx, yield, "thinking"); err != nil {
				return err
			}
			if len(req.Messages) > 5 {
				yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopEnd})
				return nil
			}
			for i := range 2 {
				yield(patchbay.Delta{Part: i + 1, Kind: patchbay.PartCall, CallID: fmt.Sprintf("c%d_%d", len(req.Messages), i), CallName: "echo_mcp_one", CallArgs: `{"text":"x"}`})
			}
			yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopCalls})
			return nil
		}}
		w.mu.Unlock()
		s := w.service(nil)
		sent := send(t, s, ann, "work", with("one"))
		at, err := s.Attach(t.Context(), ann, sent.Run.ID, 0)
		require.NoError(t, err)
		told := int64(0)
		crash := time.After(time.Duration(7*round) * time.Millisecond)
	watching:
		for {
			select {
			case u, ok := <-at.Updates():
				if !ok {
					break watching
				}
				if u.Event != nil {
					told = u.Event.Seq
				}
			case <-crash:
				break watching
			}
		}
		s.Crash()
		at.Close()
		s = w.service(nil)
		run := w.until(sent.Run.ID, "an end", func(r *patchbay.Run) bool { return !r.Status.Active() })
		require.Contains(t, []patchbay.RunStatus{patchbay.RunDone, patchbay.RunInterrupted}, run.Status)
		require.GreaterOrEqual(t, run.Seq, told)
		w.noGaps(run.ID)
		sentCalls := 0
		for _, c := range w.calls(run.ID) {
			require.Contains(t, []patchbay.RunCallState{patchbay.RunCallDone, patchbay.RunCallUnknown, patchbay.RunCallFailed}, c.State)
			if !c.StartedAt.IsZero() {
				sentCalls++
			}
		}
		require.LessOrEqual(t, e.Calls("echo")-before, sentCalls)
		w.shut(s)
	}
}
