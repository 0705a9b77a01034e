package chat_test

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/chat"
	"patchbay/internal/provider"
	"patchbay/internal/provider/openai"
	"patchbay/internal/testkit"
)

// outcomesDoc is where persons read what becomes of what goes wrong.
const outcomesDoc = "../../docs/chat.md"

// promised reads the table of outcomes: by what goes wrong, the words that the history, or
// the answer to the request, shows.
func promised(t *testing.T) map[string][]string {
	t.Helper()
	doc, err := os.ReadFile(outcomesDoc)
	require.NoError(t, err)
	code := regexp.MustCompile("`([^`]+)`")
	table := map[string][]string{}
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !strings.HasPrefix(line, "| ") || strings.Contains(line, "| --") || strings.Contains(line, "What goes wrong") {
			continue
		}
		var words []string
		for _, m := range code.FindAllStringSubmatch(cells[2], -1) {
			words = append(words, m[1])
		}
		table[strings.TrimSpace(cells[0])] = words
	}
	return table
}

// bad is a world in which something goes wrong.
type bad struct {
	*world
	t   *testing.T
	e   *testkit.Echo
	s   *chat.Service
	ann patchbay.Actor
	m   *script
}

type answerer = func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error

// history is what a run shows of how it went: its status, how it ended, and its calls.
func (b *bad) history(id patchbay.RunID) []string {
	b.t.Helper()
	run := b.until(id, "an end", func(r *patchbay.Run) bool { return !r.Status.Active() })
	words := []string{string(run.Status)}
	if run.End != nil && run.End.Limit != "" {
		words = append(words, string(run.End.Stop), run.End.Limit)
	}
	if run.End != nil && run.End.Error != nil {
		words = append(words, string(run.End.Error.Kind))
	}
	list, err := b.store.RunCalls(b.t.Context(), []patchbay.RunID{id}, true)
	require.NoError(b.t, err)
	for _, c := range list {
		word := string(c.State)
		if c.IsError {
			word += " isError"
		}
		if c.Reason != "" {
			word += " " + c.Reason
		}
		words = append(words, word)
		require.Equal(b.t, c.State == patchbay.RunCallFailed, c.Problem != "", "who reads the call learns why it failed")
	}
	b.noGaps(id)
	return words
}

// asked sends a message and says how its run went.
func (b *bad) asked(list ...answerer) []string {
	b.t.Helper()
	b.m.answers = list
	return b.history(send(b.t, b.s, b.ann, "go", with("one")).Run.ID)
}

// wire makes the model one that is reached over HTTP and answers with the reply.
func (b *bad) wire(reply testkit.ModelReply) {
	b.t.Helper()
	api := testkit.NewModels(b.t, reply)
	base := api.URL()
	base.Path = "/v1"
	c, err := openai.New(openai.Options{Endpoint: provider.Endpoint{
		URL: base, Client: api.Client(), Retry: provider.Retry{Attempts: 1}, Limits: provider.Limits{Silence: 300 * time.Millisecond},
	}})
	require.NoError(b.t, err)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.models["m"] = c.Model(provider.NewKey("sk-fake"))
}

// during answers with words, and does something in the middle of them.
func during(do func(), then answerer) answerer {
	return func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		do()
		return then(ctx, req, yield)
	}
}

func echoing(id, args string) [3]string { return [3]string{id, "echo_mcp_one", args} }

// outcomes cause what goes wrong, and say what was seen of it.
var outcomes = map[string]func(b *bad) []string{
	"A model stalls": func(b *bad) []string {
		b.wire(testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopEnd, Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: strings.Repeat("word ", 400)}}}, Stall: 2000})
		words, run := b.asked(), b.newest()
		text := b.messages(run)[0]
		require.Contains(b.t, text.Text(), "word ", "what there was of it is kept")
		return words
	},
	"A model drops in the middle": func(b *bad) []string {
		b.wire(testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopEnd, Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: strings.Repeat("word ", 400)}}}, Cut: 2000})
		words, run := b.asked(), b.newest()
		text := b.messages(run)[0]
		require.Contains(b.t, text.Text(), "word ", "what there was of it is kept")
		return words
	},
	"A model drops in the middle of a call": func(b *bad) []string {
		words := b.asked(func(_ context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			yield(patchbay.Delta{Part: 0, Kind: patchbay.PartCall, CallID: "a", CallName: "echo_mcp_one", CallArgs: `{"te`})
			return &patchbay.ModelError{Kind: patchbay.ModelCut, Message: "the stream ended early"}
		})
		require.Zero(b.t, b.e.Calls("echo"))
		return words
	},
	"A model repeats a call": func(b *bad) []string {
		words := b.asked(call(echoing("a", `{"text":"x"}`), echoing("a", `{"text":"x"}`)), say("done"))
		require.Equal(b.t, 1, b.e.Calls("echo"))
		return words
	},
	"A model repeats the id of another call": func(b *bad) []string {
		words := b.asked(call(echoing("a", `{"text":"x"}`), echoing("a", `{"text":"y"}`)), say("done"))
		require.Equal(b.t, 2, b.e.Calls("echo"))
		return words
	},
	"A model calls a tool that is not there": func(b *bad) []string {
		return b.asked(call([3]string{"a", "gone_mcp_one", `{}`}), say("sorry"))
	},
	"A model writes arguments that are no JSON object": func(b *bad) []string {
		words := b.asked(call(echoing("a", `{"text":`), echoing("b", `[1]`)), say("sorry"))
		require.Zero(b.t, b.e.Calls("echo"))
		return words
	},
	"A model writes arguments that fail the schema": func(b *bad) []string {
		words := b.asked(call(echoing("a", `{"text":1}`)), say("sorry"))
		require.Contains(b.t, b.told(1), "text", "the model reads what was wrong")
		return words
	},
	"A model never stops calling": func(b *bad) []string {
		b.m.always = call(echoing("a", `{"text":"x"}`))
		return b.asked()
	},
	"A model makes too many calls at once": func(b *bad) []string {
		return b.asked(call(echoing("a", `{}`), echoing("b", `{}`), echoing("c", `{}`)), say("done"))
	},
	"A person sends 100 MB": func(b *bad) []string {
		huge := bytes.Repeat([]byte("a"), 100<<20)
		_, err := b.s.Upload(b.t.Context(), b.ann, "a.txt", huge)
		_, again := b.s.Send(b.t.Context(), b.ann, chat.Send{Text: string(huge), Settings: with()})
		require.Equal(b.t, patchbay.CodeOf(err), patchbay.CodeOf(again))
		list, _, err := b.s.Conversations(b.t.Context(), b.ann, chat.ConversationFilter{})
		require.NoError(b.t, err)
		require.Empty(b.t, list)
		return []string{string(patchbay.CodeOf(again))}
	},
	"A person stops a run in the middle": func(b *bad) []string {
		b.m.answers = []answerer{call([3]string{"a", "slow_mcp_one", `{"ms":15000}`})}
		sent := send(b.t, b.s, b.ann, "go", with("one"))
		b.e.AwaitInFlight(b.t, 1)
		require.NoError(b.t, b.s.Stop(b.t.Context(), b.ann, sent.Run.ID))
		words := b.history(sent.Run.ID)
		b.eventually("the server hears of it", func() bool { return b.e.Cancelled() == 1 })
		return words
	},
	"A person deletes the conversation in the middle": func(b *bad) []string {
		b.m.answers = []answerer{call([3]string{"a", "slow_mcp_one", `{"ms":15000}`})}
		sent := send(b.t, b.s, b.ann, "go", with("one"))
		b.e.AwaitInFlight(b.t, 1)
		require.NoError(b.t, b.s.DeleteConversation(b.t.Context(), b.ann, sent.Conversation.ID))
		b.eventually("the server hears of it", func() bool { return b.e.Cancelled() == 1 })
		b.eventually("nothing is executed", func() bool { return b.s.Executing() == 0 })
		_, err := b.s.Offered(b.t.Context(), b.ann, sent.Run.ID)
		return []string{string(patchbay.CodeOf(err))}
	},
	"A person deletes the agent in the middle": func(b *bad) []string {
		a, err := b.s.CreateAgent(b.t.Context(), b.ann, &patchbay.Agent{Name: "helper", Provider: "fake", Model: "m", Tools: []patchbay.AgentTools{{Server: "one", All: true}}})
		require.NoError(b.t, err)
		b.m.answers = []answerer{during(func() {
			if err := b.s.DeleteAgent(b.t.Context(), b.ann, a.Agent.ID); err != nil {
				b.t.Error(err)
			}
		}, call(echoing("a", `{"text":"x"}`)))}
		return b.history(send(b.t, b.s, b.ann, "go", &patchbay.ChatSettings{Agent: a.Agent.ID}).Run.ID)
	},
	"A person loses a permission in the middle": func(b *bad) []string {
		return b.asked(during(func() {
			closed := *b.reg.All()[0]
			closed.Access.Use = []patchbay.Grantee{{Kind: patchbay.GranteeUser, Name: "nobody@example.com"}}
			b.replace(&closed)
		}, call(echoing("a", `{"text":"x"}`))), say("sorry"))
	},
	"A person's account is closed in the middle": func(b *bad) []string {
		return b.asked(during(func() {
			if err := b.store.SetDisabled(b.t.Context(), b.ann.ID(), true, time.Now()); err != nil {
				b.t.Error(err)
			}
		}, call(echoing("a", `{"text":"x"}`))), say("never read"))
	},
}

// newest is the run that was begun last.
func (b *bad) newest() patchbay.RunID {
	b.t.Helper()
	list, _, err := b.s.Conversations(b.t.Context(), b.ann, chat.ConversationFilter{})
	require.NoError(b.t, err)
	e, err := b.store.Entry(b.t.Context(), b.ann.ID(), list[0].Head)
	require.NoError(b.t, err)
	return e.Run
}

// told is the last thing that the n-th request said.
func (b *bad) told(n int) string {
	messages := b.m.requests()[n].Messages
	last := messages[len(messages)-1].Parts
	return string(last[len(last)-1].Result.Raw)
}

// TestOutcomes holds what goes wrong against the table of outcomes, each row of it.
func TestOutcomes(t *testing.T) {
	table := promised(t)
	for name := range table {
		require.Contains(t, outcomes, name, "the table has a row that nothing holds")
	}
	for name, cause := range outcomes {
		t.Run(name, func(t *testing.T) {
			want, ok := table[name]
			require.True(t, ok, "%s has no row for it", outcomesDoc)
			e := echo(t, testkit.EchoOptions{})
			e.SetTools(`{"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}},"annotations":{"readOnlyHint":true}}`,
				`{"name":"slow","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}}`)
			w := sqlite(t, server("one", e.URL(), nil))
			w.config.Limits = agent.Limits{Steps: 3, CallsPerStep: 2}
			m := &script{}
			w.models["m"] = m
			b := &bad{world: w, t: t, e: e, s: w.service(nil), ann: w.person("ann"), m: m}
			got := cause(b)
			for _, word := range got {
				require.NotEmpty(t, word)
			}
			slices.Sort(got)
			require.Equal(t, slices.Compact(slices.Sorted(slices.Values(want))), slices.Compact(got))
		})
	}
}
