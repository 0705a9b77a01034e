package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"patchbay"
	"patchbay/internal/agent"
)

// instant answers at once, with four calls or in words.
type instant struct{ deltas []patchbay.Delta }

func (m instant) Stream(_ context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	for _, d := range m.deltas {
		yield(d)
	}
	return nil
}

func manyTools(servers, each int) []agent.Tool {
	schema := json.RawMessage(`{"type":"object","properties":{"query":{"type":"string","description":"What to look for"},"limit":{"type":"integer"}},"required":["query"]}`)
	var list []agent.Tool
	for s := range servers {
		for i := range each {
			list = append(list, agent.Tool{
				Server: patchbay.ServerID(fmt.Sprintf("yaml/server %d", s)), Name: fmt.Sprintf("server %d", s),
				Tool: &patchbay.Tool{Name: fmt.Sprintf("tool_%d", i), Description: "Does something useful with what it is given", InputSchema: schema},
			})
		}
	}
	return list
}

// BenchmarkTurn is the loop's own cost of a turn with 20 tools offered: the question, an
// answer of 100 deltas with four calls, and their results (issue: at most 200 µs).
func BenchmarkTurn(b *testing.B) {
	offered := manyTools(4, 5)
	catalogue := agent.NewCatalogue(offered, []agent.Instructions{{Server: "server 1", Text: "Be careful."}})
	var deltas []patchbay.Delta
	deltas = append(deltas, patchbay.Delta{Part: 0, Kind: patchbay.PartText})
	for range 90 {
		deltas = append(deltas, patchbay.Delta{Part: 0, Text: "some words "})
	}
	for i := range 4 {
		deltas = append(deltas, patchbay.Delta{Part: i + 1, Kind: patchbay.PartCall, CallID: fmt.Sprintf("c%d", i), CallName: catalogue.Offers()[i].Name}, patchbay.Delta{Part: i + 1, CallArgs: `{"query":"x"}`})
	}
	deltas = append(deltas, patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 1, Output: 1}})
	l := newLoop(b, instant{deltas}, agent.Options{Results: kept{}})
	in := start(catalogue)
	in.Hold = true // the model is not asked again
	for range 20 {
		in.History = append(in.History, patchbay.TextMessage(patchbay.FromUser, "and then?"))
	}
	result := answered("found it")
	b.ReportAllocs()
	for b.Loop() {
		in.Outcomes = nil
		out, err := l.Advance(context.Background(), agent.State{}, in)
		if err != nil || len(out.Calls) != 4 {
			b.Fatal(err, len(out.Calls))
		}
		for i := range out.Calls {
			in.Outcomes = append(in.Outcomes, agent.Outcome{CallID: out.Calls[i].ID, Result: result})
		}
		if out, err = l.Advance(context.Background(), out.State, in); err != nil || out.State.Phase != agent.PhaseAsk || len(out.State.Added) != 2 {
			b.Fatal(err)
		}
	}
}

// BenchmarkCatalogue puts 1,000 tools together for a turn (issue: at most 2 ms).
func BenchmarkCatalogue(b *testing.B) {
	list := manyTools(20, 50)
	b.ReportAllocs()
	for b.Loop() {
		if len(agent.NewCatalogue(list, nil).Offers()) != 1000 {
			b.Fatal("not all tools")
		}
	}
}
