package agent_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patchbay"
	"patchbay/internal/agent"
)

// wild is a model that answers anything.
type wild struct{ t *rapid.T }

func (w wild) Stream(_ context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	n := rapid.IntRange(0, 4).Draw(w.t, "parts")
	for i := range n {
		if rapid.Bool().Draw(w.t, "is call") {
			yield(patchbay.Delta{
				Part: i, Kind: patchbay.PartCall,
				CallID:   rapid.SampledFrom([]string{"", "a", "b", "bad id", "call_1_0"}).Draw(w.t, "id"),
				CallName: rapid.SampledFrom([]string{"one_mcp_demo", "ask_mcp_demo", "gone", "read_tool_output", ""}).Draw(w.t, "name"),
				CallArgs: rapid.SampledFrom([]string{"", "{}", `{"x":1}`, `{"x"`, "[]"}).Draw(w.t, "args"),
			})
		} else {
			yield(patchbay.Delta{Part: i, Kind: patchbay.PartText, Text: "t"})
		}
	}
	if rapid.IntRange(0, 9).Draw(w.t, "fails") == 0 {
		return &patchbay.ModelError{Kind: patchbay.ModelCut, Message: "cut"}
	}
	yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: rapid.SampledFrom([]patchbay.StopReason{"", patchbay.StopEnd, patchbay.StopCalls, patchbay.StopLength, patchbay.StopPause}).Draw(w.t, "stop")})
	return nil
}

// TestAnyRun drives runs with any model, any outcomes in any order, any answers, crashes
// and stops, and holds: a call is sent once and answered once, the run ends, and what it
// leaves is a conversation that vendors take.
func TestAnyRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := &clock{now: time.Unix(1, 0)}
		l := newLoop(t, wild{rt}, agent.Options{Now: c.read, Results: kept{}, Limits: agent.Limits{Steps: 5}})
		base := start(agent.NewCatalogue(tools("one", "ask"), nil))
		var s agent.State
		sent := map[string]int{}  // how often a call was run
		going := map[string]int{} // how often it may have been: once, and again after each wait
		running := map[string]bool{}
		for turn := 0; s.Phase != agent.PhaseDone; turn++ {
			if turn > 200 {
				rt.Fatal("the run does not end")
			}
			in := base
			for i := range s.Calls {
				call := &s.Calls[i]
				switch {
				case call.State == agent.CallStarted && running[call.ID] && rapid.Bool().Draw(rt, "ends"):
					in.Outcomes = append(in.Outcomes, anyOutcome(rt, call.ID))
				case call.State == agent.CallWaiting && rapid.Bool().Draw(rt, "answered"):
					in.Answers = append(in.Answers, agent.Answer{CallID: call.ID, Refused: rapid.Bool().Draw(rt, "refused")})
				}
			}
			if rapid.IntRange(0, 19).Draw(rt, "odd") == 0 {
				in.Outcomes = append(in.Outcomes, agent.Outcome{CallID: "nobody's", Unknown: true}, anyOutcome(rt, "a"))
			}
			in.Stop = rapid.IntRange(0, 29).Draw(rt, "stop") == 0
			out, err := l.Advance(context.Background(), s, in)
			if err != nil {
				rt.Fatal(err)
			}
			if rapid.IntRange(0, 9).Draw(rt, "crash before it is stored") == 0 {
				// Nothing of it was sent, because nothing is before it is stored.
				continue
			}
			s = stored(t, out.State)
			for _, o := range in.Outcomes {
				delete(running, o.CallID)
			}
			for i := range out.Calls {
				id := out.Calls[i].ID
				if going[id] == 0 || out.Calls[i].Approved || out.Calls[i].Resume != "" || sent[id] > 0 {
					going[id]++
				}
				if rapid.IntRange(0, 9).Draw(rt, "crash before it is sent") > 0 {
					sent[id]++
					running[id] = true
				}
			}
			if rapid.IntRange(0, 9).Draw(rt, "restart") == 0 {
				s = stored(t, s.Recovered(func(id string) bool { return running[id] }))
				clear(running)
			} else {
				for i := range s.Calls { // what was never sent is seen at the restart only
					if call := &s.Calls[i]; call.State == agent.CallStarted && !running[call.ID] {
						s = stored(t, s.Recovered(func(id string) bool { return running[id] }))
						clear(running)
						break
					}
				}
			}
		}
		for id, n := range sent {
			if n > going[id] {
				rt.Fatalf("call %s was sent %d times", id, n)
			}
		}
		checkShape(rt, s.Added)
	})
}

func anyOutcome(t *rapid.T, id string) agent.Outcome {
	o := agent.Outcome{CallID: id}
	switch rapid.IntRange(0, 4).Draw(t, "outcome") {
	case 0:
		o.Failure = "no"
	case 1:
		o.Unknown = true
	case 2:
		o.Wait = &patchbay.Wait{Kind: patchbay.WaitQuestion, Resume: "r"}
	default:
		o.Result = answered("yes")
	}
	return o
}

// checkShape: every call has one result in the message after it, under an id of its own.
func checkShape(t *rapid.T, added []patchbay.Message) {
	used := map[string]bool{}
	for i, m := range added {
		calls := m.Calls()
		for _, call := range calls {
			if m.Error == nil && (used[call.ID] || call.ID == "") {
				t.Fatalf("id %q twice", call.ID)
			}
			used[call.ID] = true
		}
		if len(calls) == 0 || m.Error != nil {
			continue
		}
		if i+1 == len(added) || added[i+1].Role != patchbay.FromTools || len(added[i+1].Parts) != len(calls) {
			t.Fatalf("%d calls without their results: %s", len(calls), fmt.Sprint(added[i:]))
		}
		for j, p := range added[i+1].Parts {
			if p.Result == nil || p.Result.CallID != calls[j].ID || len(p.Result.Raw) == 0 {
				t.Fatalf("result %d is not of its call", j)
			}
		}
	}
}
