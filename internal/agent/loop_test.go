package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/provider"
)

// script is a model that gives these answers in turn and keeps what it was asked.
type script struct {
	answers []answer
	asked   []patchbay.ModelRequest
	clock   *clock
}

type answer struct {
	parts []patchbay.Part
	stop  patchbay.StopReason
	err   error
	takes time.Duration
	do    func() // in the middle of the answer
	wait  bool   // until the context ends
}

func (s *script) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	n := len(s.asked)
	s.asked = append(s.asked, *req)
	if n >= len(s.answers) {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the script is over"}
	}
	a := s.answers[n]
	for i, p := range a.parts {
		d := patchbay.Delta{Part: i, Kind: p.Kind, Text: p.Text, Signature: p.Signature}
		if p.Call != nil {
			d.CallID, d.CallName, d.CallArgs = p.Call.ID, p.Call.Name, p.Call.Args
		}
		yield(d)
	}
	if a.do != nil {
		a.do()
	}
	if a.wait {
		<-ctx.Done()
	}
	if s.clock != nil {
		s.clock.now = s.clock.now.Add(a.takes)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if a.err != nil {
		return a.err
	}
	yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: a.stop, Usage: &patchbay.Usage{Input: 10, Output: 5}})
	return nil
}

type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// kept are results by call.
type kept map[string]string

func (k kept) Result(_ context.Context, id string) (*patchbay.ToolResult, error) {
	raw, ok := k[id]
	if !ok {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "no such call")
	}
	return &patchbay.ToolResult{Raw: json.RawMessage(raw)}, nil
}

func words(s string) patchbay.Part { return patchbay.Part{Kind: patchbay.PartText, Text: s} }

func calling(id, name, args string) patchbay.Part {
	return patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: id, Name: name, Args: args}}
}

func answered(s string) *patchbay.ToolResult {
	return &patchbay.ToolResult{Raw: json.RawMessage(`{"content":[{"type":"text","text":` + string(provider.Encode(s)) + `}]}`)}
}

func tools(names ...string) []agent.Tool {
	var list []agent.Tool
	for _, name := range names {
		list = append(list, agent.Tool{
			Server: "yaml/demo", Name: "demo", Ask: strings.HasPrefix(name, "ask"),
			Tool: &patchbay.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object","properties":{}}`)},
		})
	}
	return list
}

func start(catalogue *agent.Catalogue) agent.Input {
	return agent.Input{Model: "m", History: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "go")}, Catalogue: catalogue}
}

func newLoop(t testing.TB, m agent.Model, o agent.Options) *agent.Loop {
	t.Helper()
	o.Model = m
	if o.Now == nil {
		o.Now = (&clock{now: time.Unix(1, 0)}).read
	}
	l, err := agent.New(o)
	require.NoError(t, err)
	return l
}

// stored is a State after a stay in the store.
func stored(t testing.TB, s agent.State) agent.State {
	t.Helper()
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	var back agent.State
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Empty(t, cmp.Diff(s, back, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0), cmpopts.IgnoreFields(patchbay.ModelError{}, "Err")))
	return back
}

func advance(t testing.TB, l *agent.Loop, s agent.State, in agent.Input) agent.Output {
	t.Helper()
	out, err := l.Advance(context.Background(), s, in)
	require.NoError(t, err)
	out.State = stored(t, out.State)
	return out
}

func resultOf(t testing.TB, s agent.State, id string) string {
	t.Helper()
	for _, m := range s.Added {
		for _, p := range m.Parts {
			if p.Result != nil && p.Result.CallID == id {
				return provider.TextOf(provider.ContentOf(p.Result.Raw))
			}
		}
	}
	t.Fatalf("no result of %s", id)
	return ""
}

func TestAnswerInWords(t *testing.T) {
	m := &script{answers: []answer{{parts: []patchbay.Part{words("hello")}, stop: patchbay.StopEnd}}}
	var seen []patchbay.Delta
	in := start(nil)
	in.Observe = func(d patchbay.Delta) { seen = append(seen, d) }
	out := advance(t, newLoop(t, m, agent.Options{}), agent.State{}, in)
	require.Equal(t, agent.PhaseDone, out.State.Phase)
	require.Equal(t, patchbay.StopEnd, out.State.End.Stop)
	require.Equal(t, "hello", out.State.Added[0].Text())
	require.Equal(t, int64(15), out.State.Usage.Total())
	require.Len(t, seen, 2)
	// A run that is done stays done.
	again := advance(t, newLoop(t, m, agent.Options{}), out.State, in)
	require.Empty(t, again.Events)
	require.Len(t, m.asked, 1)
}

func TestParallelCalls(t *testing.T) {
	m := &script{answers: []answer{
		{parts: []patchbay.Part{words("looking"), calling("a", "one_mcp_demo", `{"x":9007199254740993}`), calling("b", "two_mcp_demo", "")}, stop: patchbay.StopCalls},
		{parts: []patchbay.Part{words("done")}, stop: patchbay.StopEnd},
	}}
	l := newLoop(t, m, agent.Options{})
	in := start(agent.NewCatalogue(tools("one", "two"), nil))
	out := advance(t, l, agent.State{}, in)
	require.Len(t, out.Calls, 2)
	require.Equal(t, patchbay.ToolRef{Server: "yaml/demo", Tool: "one"}, out.Calls[0].Ref())
	require.Equal(t, `{"x":9007199254740993}`, string(out.Calls[0].RawArgs()))
	require.Equal(t, `{}`, string(out.Calls[1].RawArgs()))

	in.Outcomes = []agent.Outcome{{CallID: "b", Failure: "Forbidden"}}
	out = advance(t, l, out.State, in)
	require.Empty(t, out.Calls, "a call is handed out once")
	require.False(t, out.Again())

	in.Outcomes = []agent.Outcome{{CallID: "b", Result: answered("too late")}, {CallID: "a", Result: answered("eins")}, {CallID: "?", Failure: "x"}}
	out = advance(t, l, out.State, in)
	require.Equal(t, agent.PhaseDone, out.State.Phase)
	require.Equal(t, "eins", resultOf(t, out.State, "a"))
	require.Equal(t, "[MCP][demo][two] tool call failed: Forbidden", resultOf(t, out.State, "b"))
	require.Len(t, m.asked[1].Messages, 3)
}

// TestCallsAnsweredAtOnce: calls that cannot be run are answered, and the model is asked
// again.
func TestCallsAnsweredAtOnce(t *testing.T) {
	tests := []struct {
		name  string
		parts []patchbay.Part
		want  map[string]string // of the answer, by id
		run   int
	}{
		{"unknown tool", []patchbay.Part{calling("a", "gone_mcp_demo", "{}")}, map[string]string{"a": `no tool called "gone_mcp_demo"`}, 0},
		{"broken arguments", []patchbay.Part{calling("a", "one_mcp_demo", `{"x":`)}, map[string]string{"a": "not valid JSON"}, 0},
		{"arguments that are no object", []patchbay.Part{calling("a", "one_mcp_demo", `[1]`)}, map[string]string{"a": "must be a JSON object"}, 0},
		{"the same call twice", []patchbay.Part{calling("a", "one_mcp_demo", `{}`), calling("a", "one_mcp_demo", `{}`)}, nil, 1},
		{"one id for two calls", []patchbay.Part{calling("a", "one_mcp_demo", `{}`), calling("a", "two_mcp_demo", `{}`)}, nil, 2},
		{"no ids", []patchbay.Part{calling("", "one_mcp_demo", `{}`), calling("", "one_mcp_demo", `{}`)}, nil, 2},
		{"an id of earlier", []patchbay.Part{calling("old", "one_mcp_demo", `{}`)}, nil, 1},
		{"too many", []patchbay.Part{calling("a", "one_mcp_demo", `{}`), calling("b", "one_mcp_demo", `{"x":1}`), calling("c", "one_mcp_demo", `{"x":2}`)}, map[string]string{"c": "more than 2 calls"}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &script{answers: []answer{{parts: tt.parts, stop: patchbay.StopCalls}, {parts: []patchbay.Part{words("ok")}}}}
			l := newLoop(t, m, agent.Options{Limits: agent.Limits{CallsPerStep: 2}})
			in := start(agent.NewCatalogue(tools("one", "two"), nil))
			in.History = append([]patchbay.Message{
				{Role: patchbay.FromModel, Parts: []patchbay.Part{calling("old", "one_mcp_demo", "{}")}},
				{Role: patchbay.FromTools, Parts: []patchbay.Part{{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: "old", Raw: json.RawMessage(`{}`)}}}},
			}, in.History...)
			out := advance(t, l, agent.State{}, in)
			require.Len(t, out.Calls, tt.run)
			ids := map[string]bool{"old": true}
			for _, c := range out.Calls {
				require.False(t, ids[c.ID], "id %q twice", c.ID)
				ids[c.ID] = true
				in.Outcomes = append(in.Outcomes, agent.Outcome{CallID: c.ID, Result: answered("ran")})
			}
			if tt.run == 0 {
				require.True(t, out.Again())
			}
			out = advance(t, l, out.State, in)
			require.Equal(t, agent.PhaseDone, out.State.Phase)
			for id, want := range tt.want {
				require.Contains(t, resultOf(t, out.State, id), want)
			}
		})
	}
}

func TestWaits(t *testing.T) {
	m := &script{answers: []answer{
		{parts: []patchbay.Part{calling("a", "ask1_mcp_demo", `{}`), calling("b", "ask2_mcp_demo", `{}`), calling("c", "one_mcp_demo", `{}`), calling("d", "two_mcp_demo", `{}`)}},
		{parts: []patchbay.Part{words("ok")}},
	}}
	l := newLoop(t, m, agent.Options{})
	in := start(agent.NewCatalogue(tools("ask1", "ask2", "one", "two"), nil))
	out := advance(t, l, agent.State{}, in)
	require.Len(t, out.Calls, 2)
	require.Len(t, out.Waits, 2)
	require.Equal(t, patchbay.WaitApproval, out.Waits[0].Wait.Kind)

	in.Outcomes = []agent.Outcome{
		{CallID: "c", Wait: &patchbay.Wait{Kind: patchbay.WaitQuestion, Resume: "opaque", Questions: json.RawMessage(`{"q":1}`)}},
		{CallID: "d", Wait: &patchbay.Wait{Kind: patchbay.WaitSignin}},
	}
	out = advance(t, l, out.State, in)
	require.Empty(t, out.Calls)
	require.Len(t, out.Waits, 4)

	// In any order, one at a time, each from the store.
	in.Outcomes = nil
	in.Answers = []agent.Answer{{CallID: "c", Answers: json.RawMessage(`{"q":2}`)}}
	out = advance(t, l, out.State, in)
	require.Len(t, out.Calls, 1)
	require.Equal(t, "opaque", out.Calls[0].Resume)
	require.Equal(t, `{"q":2}`, string(out.Calls[0].Answers))
	in.Answers = []agent.Answer{{CallID: "a"}, {CallID: "b", Refused: true, Reason: "not on Fridays"}, {CallID: "d", Refused: true}}
	out = advance(t, l, out.State, in)
	require.Len(t, out.Calls, 1)
	require.True(t, out.Calls[0].Approved)
	in.Answers = nil
	in.Outcomes = []agent.Outcome{{CallID: "a", Result: answered("A")}, {CallID: "c", Result: answered("C")}}
	out = advance(t, l, out.State, in)
	require.Equal(t, agent.PhaseDone, out.State.Phase)
	require.Contains(t, resultOf(t, out.State, "b"), "did not allow it. Reason: not on Fridays")
	require.Contains(t, resultOf(t, out.State, "d"), "did not sign in")
}

func TestLimits(t *testing.T) {
	again := answer{parts: []patchbay.Part{calling("", "one_mcp_demo", `{}`)}, stop: patchbay.StopCalls, takes: time.Minute}
	tests := []struct {
		name   string
		limits agent.Limits
		limit  string
		asked  int
	}{
		{"steps", agent.Limits{Steps: 3}, "steps", 3},
		{"tokens", agent.Limits{Tokens: 30}, "tokens", 2},
		{"time", agent.Limits{Time: 4 * time.Minute}, "time", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &clock{now: time.Unix(1, 0)}
			m := &script{clock: c}
			for range 9 {
				m.answers = append(m.answers, again)
			}
			l := newLoop(t, m, agent.Options{Limits: tt.limits, Now: c.read})
			in := start(agent.NewCatalogue(tools("one"), nil))
			out := advance(t, l, agent.State{}, in)
			for out.State.Phase != agent.PhaseDone {
				in.Outcomes = nil
				for _, call := range out.Calls {
					in.Outcomes = append(in.Outcomes, agent.Outcome{CallID: call.ID, Result: answered("x")})
				}
				out = advance(t, l, out.State, in)
			}
			require.Equal(t, patchbay.StopLimit, out.State.End.Stop)
			require.Equal(t, tt.limit, out.State.End.Limit)
			require.Len(t, m.asked, tt.asked)
			require.Equal(t, tt.name == "steps", m.asked[len(m.asked)-1].Params.NoCalls)
		})
	}
}

// TestLastAnswerInWords: who reads the answer learns that its model was kept from going on.
func TestLastAnswerInWords(t *testing.T) {
	c := agent.NewCatalogue(tools("one"), nil)
	call := answer{parts: []patchbay.Part{calling("", "one_mcp_demo", `{}`)}, stop: patchbay.StopCalls}
	l := newLoop(t, &script{answers: []answer{call, {parts: []patchbay.Part{words("so far")}, stop: patchbay.StopEnd}}}, agent.Options{Limits: agent.Limits{Steps: 2}})
	in := start(c)
	out := advance(t, l, agent.State{}, in)
	in.Outcomes = []agent.Outcome{{CallID: out.Calls[0].ID, Result: answered("x")}}
	out = advance(t, l, out.State, in)
	require.Equal(t, &agent.End{Stop: patchbay.StopLimit, Limit: "steps"}, out.State.End)

	l = newLoop(t, &script{answers: []answer{{parts: []patchbay.Part{words("at once")}, stop: patchbay.StopEnd}}}, agent.Options{Limits: agent.Limits{Steps: 1}})
	require.Equal(t, patchbay.StopEnd, advance(t, l, agent.State{}, start(c)).State.End.Stop)
}

// TestWaitsTakeNoTime: a person may take as long as they like.
func TestWaitsTakeNoTime(t *testing.T) {
	c := &clock{now: time.Unix(1, 0)}
	m := &script{answers: []answer{{parts: []patchbay.Part{calling("a", "ask_mcp_demo", `{}`)}}, {parts: []patchbay.Part{words("ok")}}}}
	l := newLoop(t, m, agent.Options{Limits: agent.Limits{Time: time.Minute}, Now: c.read})
	in := start(agent.NewCatalogue(tools("ask"), nil))
	out := advance(t, l, agent.State{}, in)
	c.now = c.now.Add(time.Hour)
	in.Answers = []agent.Answer{{CallID: "a"}}
	out = advance(t, l, out.State, in)
	c.now = c.now.Add(time.Second)
	in.Answers, in.Outcomes = nil, []agent.Outcome{{CallID: "a", Result: answered("x")}}
	out = advance(t, l, out.State, in)
	require.Equal(t, patchbay.StopEnd, out.State.End.Stop)
	require.Equal(t, time.Second, out.State.Spent)
}

func TestStopped(t *testing.T) {
	t.Run("while the model writes", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		m := &script{answers: []answer{{parts: []patchbay.Part{words("so far"), calling("a", "one_mcp_demo", "{")}, do: func() { cancel(agent.ErrStopped) }, wait: true}}}
		out, err := newLoop(t, m, agent.Options{}).Advance(ctx, agent.State{}, start(agent.NewCatalogue(tools("one"), nil)))
		require.NoError(t, err)
		require.Equal(t, patchbay.StopCanceled, out.State.End.Stop)
		require.Equal(t, "so far", out.State.Added[0].Text())
		require.Contains(t, resultOf(t, out.State, "a"), "the person stopped it")
	})
	t.Run("while calls run", func(t *testing.T) {
		m := &script{answers: []answer{{parts: []patchbay.Part{calling("a", "one_mcp_demo", "{}"), calling("b", "one_mcp_demo", `{"x":1}`)}}}}
		l := newLoop(t, m, agent.Options{})
		in := start(agent.NewCatalogue(tools("one"), nil))
		out := advance(t, l, agent.State{}, in)
		in.Stop, in.Outcomes = true, []agent.Outcome{{CallID: "b", Result: answered("in time")}}
		out = advance(t, l, out.State, in)
		require.Equal(t, patchbay.StopCanceled, out.State.End.Stop)
		require.Equal(t, "in time", resultOf(t, out.State, "b"))
		require.Contains(t, resultOf(t, out.State, "a"), "the person stopped it")
	})
	t.Run("by the end of the process", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		m := &script{answers: []answer{{parts: []patchbay.Part{words("half")}, do: cancel}, {parts: []patchbay.Part{words("whole")}}}}
		l := newLoop(t, m, agent.Options{})
		out, err := l.Advance(ctx, agent.State{}, start(nil))
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, out.Events)
		require.Empty(t, out.State.Added)
		out = advance(t, l, out.State, start(nil))
		require.Equal(t, "whole", out.State.Added[0].Text())
	})
}

func TestModelErrors(t *testing.T) {
	for name, err := range map[string]error{
		"of the vendor": &patchbay.ModelError{Kind: patchbay.ModelCut, Message: "broke off"},
		"of a stranger": errors.New("what"),
	} {
		t.Run(name, func(t *testing.T) {
			m := &script{answers: []answer{{parts: []patchbay.Part{words("half a"), calling("a", "one_mcp_demo", `{"x`)}, err: err}}}
			out := advance(t, newLoop(t, m, agent.Options{}), agent.State{}, start(agent.NewCatalogue(tools("one"), nil)))
			require.Equal(t, patchbay.StopError, out.State.End.Stop)
			require.NotNil(t, out.State.End.Error)
			require.Equal(t, "half a", out.State.Added[0].Text())
			require.Contains(t, resultOf(t, out.State, "a"), "broke off before the call was run")
		})
	}
}

func TestRecovered(t *testing.T) {
	m := &script{answers: []answer{{parts: []patchbay.Part{calling("a", "one_mcp_demo", "{}"), calling("b", "two_mcp_demo", `{}`)}}, {parts: []patchbay.Part{words("ok")}}}}
	l := newLoop(t, m, agent.Options{})
	in := start(agent.NewCatalogue(tools("one", "two"), nil))
	out := advance(t, l, agent.State{}, in)
	s := out.State.Recovered(func(id string) bool { return id == "a" })
	out = advance(t, l, s, in)
	require.Len(t, out.Calls, 1)
	require.Equal(t, "b", out.Calls[0].ID)
	in.Outcomes = []agent.Outcome{{CallID: "b", Result: answered("B")}}
	out = advance(t, l, out.State, in)
	require.Contains(t, resultOf(t, out.State, "a"), "not known whether it was carried out")
}

// TestLongResult: what is too long is shown by pages, and the pages are the whole.
func TestLongResult(t *testing.T) {
	long := strings.Repeat("añ✓", 700)
	raw := string(answered(long).Raw)
	raw = strings.TrimSuffix(raw, "]}") + `,{"type":"image","mimeType":"image/png","data":"AQID"}]}`
	m := &script{answers: []answer{
		{parts: []patchbay.Part{calling("a", "one_mcp_demo", "{}")}},
		{parts: []patchbay.Part{calling("r1", "read_tool_output", `{"call_id":"a","offset":1000}`), calling("r2", "read_tool_output", `{"call_id":"a","offset":99999}`), calling("r3", "read_tool_output", `{"call_id":"?","offset":0}`), calling("r4", "read_tool_output", `{}`)}},
		{parts: []patchbay.Part{words("ok")}},
	}}
	l := newLoop(t, m, agent.Options{Limits: agent.Limits{Output: 1000}, Results: kept{"a": raw}})
	in := start(agent.NewCatalogue(tools("one"), nil))
	out := advance(t, l, agent.State{}, in)
	require.Len(t, m.asked[0].Tools, 1, "there is nothing to read yet")
	in.Outcomes = []agent.Outcome{{CallID: "a", Result: &patchbay.ToolResult{Raw: json.RawMessage(raw)}}}
	out = advance(t, l, out.State, in)
	require.Len(t, m.asked[1].Tools, 2)
	first := resultOf(t, out.State, "a")
	require.Contains(t, first, `Call read_tool_output with call_id "a" and offset `)
	content := provider.ContentOf(out.State.Added[1].Parts[0].Result.Raw)
	require.True(t, content[len(content)-1].IsImage())
	require.True(t, out.Again())
	out = advance(t, l, out.State, agent.Input{Model: "m", History: in.History, Catalogue: in.Catalogue})
	require.Equal(t, agent.PhaseDone, out.State.Phase)
	shown, _, _ := strings.Cut(first, "\n\n[Cut")
	second, _, _ := strings.Cut(resultOf(t, out.State, "r1"), "\n\n[Cut")
	require.True(t, strings.HasPrefix(long, shown))
	require.Contains(t, long, second)
	require.Contains(t, resultOf(t, out.State, "r2"), "nothing at this offset")
	require.Contains(t, resultOf(t, out.State, "r3"), "no result of the call")
	require.Contains(t, resultOf(t, out.State, "r4"), "needs call_id")
}

func TestPausedAnswer(t *testing.T) {
	m := &script{answers: []answer{{parts: []patchbay.Part{words("one ")}, stop: patchbay.StopPause}, {parts: []patchbay.Part{words("two")}}}}
	l := newLoop(t, m, agent.Options{})
	out := advance(t, l, agent.State{}, start(nil))
	require.True(t, out.Again())
	out = advance(t, l, out.State, start(nil))
	require.Equal(t, patchbay.StopEnd, out.State.End.Stop)
	require.Len(t, m.asked[1].Messages, 2)
}
