package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/chat"
	"patchbay/internal/tools"
)

// inMemory is a catalogue without connections, whose calls answer at once.
type inMemory struct{ entries map[string][]tools.Entry }

func (m inMemory) List(_ context.Context, _ patchbay.Actor, f tools.Filter) ([]tools.Entry, error) {
	return slices.Clone(m.entries[f.Server]), nil // as the real one copies
}

func (inMemory) Call(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
	return patchbay.Outcome{Result: &patchbay.ToolResult{Raw: json.RawMessage(`{"content":[{"type":"text","text":"found it"}]}`)}}, nil
}

func (inMemory) EndRun(patchbay.UserID, string, patchbay.ServerID) {}

func manyTools(servers, each int) (inMemory, []*patchbay.Server) {
	m := inMemory{map[string][]tools.Entry{}}
	var list []*patchbay.Server
	schema := json.RawMessage(`{"type":"object","properties":{"query":{"type":"string","description":"What to look for"},"limit":{"type":"integer"}},"required":["query"]}`)
	for s := range servers {
		name := fmt.Sprintf("server%d", s)
		list = append(list, server(name, "http://127.0.0.1:1/mcp", nil))
		for i := range each {
			tool := fmt.Sprintf("tool_%d", i)
			m.entries[name] = append(m.entries[name], tools.Entry{
				Tool:   patchbay.Tool{Name: tool, Description: "Does something useful with what it is given", InputSchema: schema, Annotations: json.RawMessage(`{"readOnlyHint":true}`)},
				Server: name, Key: patchbay.ToolKey(tool, name),
			})
		}
	}
	return m, list
}

// BenchmarkTurn is a whole turn with 20 tools offered, from one question to the model to
// the next, with four calls, and everything stored on SQLite. The loop's own part is
// store-free: see BenchmarkTurn of agent and BenchmarkCatalogue here.
func BenchmarkTurn(b *testing.B) {
	mem, servers := manyTools(4, 5)
	w := sqlite(b, servers...)
	asked := make(chan struct{})
	turn := call(
		[3]string{"a", "tool_0_mcp_server0", `{"query":"x"}`}, [3]string{"b", "tool_0_mcp_server1", `{"query":"x"}`},
		[3]string{"c", "tool_0_mcp_server2", `{"query":"x"}`}, [3]string{"d", "tool_0_mcp_server3", `{"query":"x"}`},
	)
	w.models["m"] = &script{always: func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		select {
		case asked <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		return turn(ctx, req, yield)
	}}
	w.config.Limits = agent.Limits{Steps: -1, Time: -1}
	s, ann := w.service(func(o *chat.Options) { o.Tools = mem }), w.person("ann")
	sent := send(b, s, ann, "go", with("server0", "server1", "server2", "server3"))
	<-asked
	for n := 0; b.Loop(); n++ {
		<-asked
		if n%200 == 199 { // the history grows with each turn: begin anew
			b.StopTimer()
			if err := s.Stop(b.Context(), ann, sent.Run.ID); err != nil {
				b.Fatal(err)
			}
			w.untilStatus(sent.Run.ID, patchbay.RunStopped)
			sent = send(b, s, ann, "go", with("server0", "server1", "server2", "server3"))
			<-asked
			b.StartTimer()
		}
	}
}

// BenchmarkFirstEvent is the time from a model's first delta to the event (issue: at most
// 2 ms p50).
func BenchmarkFirstEvent(b *testing.B) {
	w := sqlite(b)
	said := make(chan time.Time, 1)
	w.models["m"] = &script{always: func(_ context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		said <- time.Now()
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText, Text: "first"})
		yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopEnd})
		return nil
	}}
	s, ann := w.service(nil), w.person("ann")
	sub := w.bus.Subscribe(1024, func(ev patchbay.Event) bool { _, ok := ev.Data.(patchbay.RunDelta); return ok })
	defer sub.Close()
	var took []time.Duration
	for b.Loop() {
		sent := send(b, s, ann, "go", with())
		began := <-said
		<-sub.Events()
		took = append(took, time.Since(began))
		for len(sub.Events()) > 0 {
			<-sub.Events()
		}
		w.untilStatus(sent.Run.ID, patchbay.RunDone)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
}

// BenchmarkStreams has 500 runs that stream 50 tokens a second each, for two seconds; the
// delay is from a delta of the model's to the event that carries it (issue: at most 250 ms
// p99).
func BenchmarkStreams(b *testing.B) {
	const runs, tokens, pause = 500, 100, 20 * time.Millisecond
	w := sqlite(b)
	w.models["m"] = &script{always: func(ctx context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText})
		for range tokens {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
			}
			yield(patchbay.Delta{Part: 0, Text: fmt.Sprintf("%019d", time.Now().UnixNano())})
		}
		yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopEnd})
		return nil
	}}
	s := w.service(func(o *chat.Options) { o.UserRuns = runs })
	ann := w.person("ann")
	for b.Loop() {
		sub := w.bus.Subscribe(runs*tokens, func(ev patchbay.Event) bool { _, ok := ev.Data.(patchbay.RunDelta); return ok })
		var delays []time.Duration
		var reading sync.WaitGroup
		reading.Go(func() {
			for ev := range sub.Events() {
				now := time.Now().UnixNano()
				for _, d := range ev.Data.(patchbay.RunDelta).Data.Deltas {
					for i := 0; i+19 <= len(d.Text); i += 19 {
						var at int64
						if _, err := fmt.Sscanf(d.Text[i:i+19], "%d", &at); err == nil {
							delays = append(delays, time.Duration(now-at))
						}
					}
				}
			}
		})
		var ids []patchbay.RunID
		for range runs {
			ids = append(ids, send(b, s, ann, "go", with()).Run.ID)
		}
		for _, id := range ids {
			w.until(id, "an end", func(r *patchbay.Run) bool { return !r.Status.Active() })
		}
		sub.Close()
		reading.Wait()
		slices.Sort(delays)
		if len(delays) != runs*tokens {
			b.Errorf("%d deltas of %d were told", len(delays), runs*tokens)
		}
		b.ReportMetric(float64(delays[len(delays)/2].Milliseconds()), "ms-p50")
		b.ReportMetric(float64(delays[len(delays)*99/100].Milliseconds()), "ms-p99")
	}
}
