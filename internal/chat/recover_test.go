package chat_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/storekit"
)

// writing is a model that writes what the test gives it, until it is told to end.
func writing(pieces <-chan string) func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error {
	return func(ctx context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText})
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case piece, ok := <-pieces:
				if !ok {
					yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopEnd})
					return nil
				}
				yield(patchbay.Delta{Part: 0, Text: piece})
			}
		}
	}
}

// seen sums up what an attachment tells: facts by number, and the text of the message
// that is being written.
type seen struct {
	facts []int64
	text  string
	final string
}

func (x *seen) take(t *testing.T, u chat.Update) {
	t.Helper()
	switch {
	case u.Event != nil:
		x.facts = append(x.facts, u.Event.Seq)
		if u.Event.Kind == patchbay.RunEventMessage {
			var f chat.MessageFact
			require.NoError(t, json.Unmarshal(u.Event.Data, &f))
			// Who comes when all is written, or falls behind, has it from the fact.
			require.True(t, strings.HasPrefix(f.Message.Text(), x.text), "what was streamed is how the message begins")
			x.final += f.Message.Text()
			x.text = ""
		}
	case u.Snapshot != nil:
		x.text = u.Snapshot.Message.Text()
		require.Equal(t, len(x.text), u.Snapshot.Offset)
	case u.Delta != nil:
		require.Equal(t, len(x.text), u.Delta.Offset, "a delta goes on where the text ends")
		for _, d := range u.Delta.Deltas {
			x.text += d.Text
		}
	}
}

func follow(t *testing.T, s *chat.Service, a patchbay.Actor, run patchbay.RunID, after int64) *seen {
	t.Helper()
	at, err := s.Attach(t.Context(), a, run, after)
	require.NoError(t, err)
	defer at.Close()
	x := &seen{}
	late := time.After(patience)
	for {
		select {
		case u, ok := <-at.Updates():
			if !ok {
				return x
			}
			x.take(t, u)
		case <-late:
			t.Error("the run does not end for who follows it")
			return x
		}
	}
}

// TestAttach: who comes at any time sees, byte for byte, what who was there all the time
// has seen.
func TestAttach(t *testing.T) {
	w := sqlite(t)
	pieces := make(chan string)
	w.models["m"] = &script{answers: answers{writing(pieces)}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "write", with())
	var all []*seen
	var mu sync.Mutex
	var following sync.WaitGroup
	join := func() {
		following.Go(func() {
			x := follow(t, s, ann, sent.Run.ID, 0)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, x)
		})
	}
	join()
	want := ""
	for i := range 300 {
		piece := strings.Repeat("é", i%7) + "."
		pieces <- piece
		want += piece
		if i%60 == 30 {
			join()
		}
	}
	close(pieces)
	following.Wait()
	require.Len(t, all, 6)
	for _, x := range all {
		if diff := cmp.Diff(seen{facts: []int64{1, 2, 3, 4}, final: want}, *x, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	late := follow(t, s, ann, sent.Run.ID, 2)
	require.Equal(t, []int64{3, 4}, late.facts)
}

// TestCrashWhileWriting: what was kept stays, the run is interrupted, and goes on from its
// last fact when it is resumed.
func TestCrashWhileWriting(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	pieces := make(chan string, 1)
	m := &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}), writing(pieces), say("whole")}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "write", with("one"))
	pieces <- "the beginning"
	w.until(sent.Run.ID, "a checkpoint", func(r *patchbay.Run) bool { return strings.Contains(string(r.Partial), "the beginning") })
	s.Crash()
	s = w.service(nil)
	run := w.untilStatus(sent.Run.ID, patchbay.RunInterrupted)
	require.Contains(t, run.End.Message, "kept")
	messages := w.messages(run.ID)
	require.Equal(t, "the beginning", messages[2].Text())
	_, err := s.Resume(t.Context(), ann, run.ID)
	require.NoError(t, err)
	w.untilStatus(run.ID, patchbay.RunDone)
	require.Equal(t, 1, e.Calls("echo"), "no call is repeated")
	require.Len(t, m.requests()[2].Messages, 3, "what broke off is not sent")
	messages = w.messages(run.ID)
	require.Equal(t, "whole", messages[3].Text())
	w.noGaps(run.ID)
	_, err = s.Resume(t.Context(), ann, run.ID)
	require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(err))
}

// TestCrashInACall: what was sent is never sent again; the model is told that nobody
// knows, and goes on.
func TestCrashInACall(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	m := &script{answers: answers{call([3]string{"a", "slow_mcp_one", `{"ms":15000}`}, [3]string{"b", "echo_mcp_one", `{"text":"x"}`}), say("so be it")}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "work", with("one"))
	w.until(sent.Run.ID, "one call done", func(*patchbay.Run) bool {
		b := w.calls(sent.Run.ID)["b"]
		return b != nil && b.State == patchbay.RunCallDone
	})
	s.Crash()
	w.service(nil)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	calls := w.calls(sent.Run.ID)
	require.Equal(t, patchbay.RunCallUnknown, calls["a"].State)
	require.Equal(t, patchbay.RunCallDone, calls["b"].State)
	require.Equal(t, 1, e.Calls("slow"))
	require.Equal(t, 1, e.Calls("echo"))
	require.Contains(t, string(m.requests()[1].Messages[2].Parts[0].Result.Raw), "it is not known whether it was carried out")
	w.noGaps(sent.Run.ID)
}

// TestClose: calls in flight end, their results are kept, and the next start goes on.
func TestClose(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	w.models["m"] = &script{answers: answers{call([3]string{"a", "slow_mcp_one", `{"ms":300}`}), say("slept")}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "sleep", with("one"))
	e.AwaitInFlight(t, 1)
	w.shut(s)
	run := w.until(sent.Run.ID, "handed back", func(r *patchbay.Run) bool { return r.Owner == "" })
	require.Equal(t, patchbay.RunRunning, run.Status)
	require.Equal(t, patchbay.RunCallDone, w.calls(run.ID)["a"].State)
	_, err := s.Send(t.Context(), ann, chat.Send{Text: "one more", Settings: with()})
	require.Equal(t, patchbay.CodeUnavailable, patchbay.CodeOf(err))
	w.service(nil)
	w.untilStatus(run.ID, patchbay.RunDone)
	require.Equal(t, 1, e.Calls("slow"))
}

// TestBounds: more runs than one person, or the process, may have are refused in words.
func TestBounds(t *testing.T) {
	w := sqlite(t)
	w.models["m"] = &script{always: writing(make(chan string))}
	s := w.service(func(o *chat.Options) { o.Runs, o.UserRuns = 3, 2 })
	ann, bob := w.person("ann"), w.person("bob")
	first := send(t, s, ann, "1", with())
	send(t, s, ann, "2", with())
	_, err := s.Send(t.Context(), ann, chat.Send{Text: "3", Settings: with()})
	require.Equal(t, patchbay.CodeRateLimited, patchbay.CodeOf(err))
	send(t, s, bob, "1", with())
	_, err = s.Send(t.Context(), bob, chat.Send{Text: "2", Settings: with()})
	require.Equal(t, patchbay.CodeCapacity, patchbay.CodeOf(err))
	require.NoError(t, s.Stop(t.Context(), ann, first.Run.ID))
	w.untilStatus(first.Run.ID, patchbay.RunStopped)
	w.eventually("room", func() bool {
		_, err := s.Send(t.Context(), bob, chat.Send{Text: "2", Settings: with()})
		return err == nil
	})
}

// TestTwoProcesses: a run of one process is attached, answered and stopped in another,
// and goes on there when its owner is gone while it waits.
func TestTwoProcesses(t *testing.T) {
	url := storekit.PostgresURL(t)
	e := echo(t, testkit.EchoOptions{})
	open := func() *world {
		return newWorld(t, storekit.Open(t, store.Options{DatabaseURL: url}), server("one", e.URL(), asking))
	}
	here, there := open(), open()
	pieces := make(chan string)
	models := []*script{
		{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}), say("done")}},
		{answers: answers{writing(pieces)}},
	}
	here.models["ask"], there.models["ask"] = models[0], models[0]
	here.models["write"], there.models["write"] = models[1], models[1]
	a, b := here.service(nil), there.service(nil)
	ann := here.person("ann")

	sent := send(t, a, ann, "ask", &patchbay.ChatSettings{Provider: "fake", Model: "ask", Servers: []string{"one"}})
	wait := there.open(b, ann, sent.Run.ID, 1)[0]
	there.untilStatus(sent.Run.ID, patchbay.RunWaiting)
	watched := make(chan *seen, 1)
	go func() { watched <- follow(t, b, ann, sent.Run.ID, 0) }()
	a.Crash() // while it waits
	_, err := b.Answer(t.Context(), ann, wait.ID, patchbay.WaitAnswer{})
	require.NoError(t, err)
	there.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.Equal(t, 1, e.Calls("echo"))
	x := <-watched
	for i, seq := range x.facts {
		require.EqualValues(t, i+1, seq)
	}
	require.Equal(t, "done", x.final)

	a = here.service(nil)
	sent = send(t, a, ann, "write", &patchbay.ChatSettings{Provider: "fake", Model: "write"})
	at, err := b.Attach(t.Context(), ann, sent.Run.ID, 0)
	require.NoError(t, err)
	defer at.Close()
	pieces <- "some words"
	x = &seen{}
	for x.text != "some words" {
		x.take(t, <-at.Updates())
	}
	require.NoError(t, b.Stop(t.Context(), ann, sent.Run.ID))
	run := there.untilStatus(sent.Run.ID, patchbay.RunStopped)
	text := there.messages(run.ID)[0]
	require.Equal(t, "some words", text.Text())
	there.noGaps(run.ID)
}
