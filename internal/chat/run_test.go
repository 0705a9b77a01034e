package chat_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/chat"
	"patchbay/internal/provider"
	"patchbay/internal/provider/anthropic"
	"patchbay/internal/provider/openai"
	"patchbay/internal/testkit"
)

// TestRunWithVendors is a conversation with two servers over real HTTP, in each vendor's
// format: four calls at once, an image, an error, reasoning kept, a title.
func TestRunWithVendors(t *testing.T) {
	vendors := []struct {
		name string
		make func(e provider.Endpoint) (agent.Model, error)
	}{
		{"chat", func(e provider.Endpoint) (agent.Model, error) {
			c, err := openai.New(openai.Options{Endpoint: e})
			return c.Model(provider.NewKey("sk-fake")), err
		}},
		{"messages", func(e provider.Endpoint) (agent.Model, error) {
			c, err := anthropic.New(anthropic.Options{Endpoint: e})
			return c.Model(provider.NewKey("sk-fake")), err
		}},
	}
	for _, v := range vendors {
		t.Run(v.name, func(t *testing.T) {
			one, two := echo(t, testkit.EchoOptions{Instructions: "Shout."}), echo(t, testkit.EchoOptions{})
			w := sqlite(t,
				server("one", one.URL(), func(s *patchbay.Server) { s.Instructions.FromServer = true }),
				server("two", two.URL(), func(s *patchbay.Server) { s.Instructions.Text = "Be kind." }),
			)
			api := testkit.NewModels(t,
				testkit.ModelReply{Chunk: 11, Message: &patchbay.Message{Stop: patchbay.StopCalls, Parts: []patchbay.Part{
					{Kind: patchbay.PartReasoning, Text: "four things", Signature: "c2ln"},
					{Kind: patchbay.PartText, Text: "Looking."},
					calling("a", "echo_mcp_one", `{"text":"1"}`),
					calling("b", "exact_mcp_two", `{"result":{"content":[{"type":"image","mimeType":"image/png","data":"AQID"}]}}`),
					calling("c", "fail_mcp_two", `{}`), calling("d", "gone", `{}`),
				}}},
				testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopEnd, Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: "Done."}}, Usage: &patchbay.Usage{Input: 7, Output: 3}}},
				testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopEnd, Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: "\"Four things\"\n"}}}},
			)
			u := api.URL()
			if v.name == "chat" {
				u.Path = "/v1"
			}
			m, err := v.make(provider.Endpoint{URL: u, Client: api.Client(), Retry: provider.Retry{Attempts: 1}})
			require.NoError(t, err)
			w.models["m"], w.title = m, "m"
			s, ann := w.service(nil), w.person("ann")
			sent := send(t, s, ann, "do four things", with("one", "two"))
			run := w.untilStatus(sent.Run.ID, patchbay.RunDone)
			require.Equal(t, patchbay.StopEnd, run.End.Stop)
			calls := w.calls(run.ID)
			require.Len(t, calls, 4)
			require.Equal(t, patchbay.RunCallDone, calls["a"].State)
			require.False(t, calls["b"].IsError)
			require.True(t, calls["c"].IsError)
			require.Equal(t, patchbay.RunCallFailed, calls["d"].State)
			require.Contains(t, calls["d"].Problem, "there is no tool called")
			require.Len(t, w.messages(run.ID), 3)
			offers, err := s.Offered(t.Context(), ann, run.ID)
			require.NoError(t, err)
			require.Len(t, offers, 2)
			require.Len(t, offers[0].Tools, 18)
			require.Contains(t, offers[0].Instructions, "## one MCP Server Instructions\n\nShout.\n\n## two MCP Server Instructions\n\nBe kind.")
			w.eventually("a title", func() bool {
				c, err := w.store.Conversation(t.Context(), ann.ID(), sent.Conversation.ID)
				require.NoError(t, err)
				return c.Title == "Four things"
			})
			second := string(api.Requests()[1].Body)
			for _, part := range []string{"AQID", "it did not work", "there is no tool called"} {
				require.Contains(t, second, part)
			}
			w.noGaps(run.ID)
			c, err := w.store.Conversation(t.Context(), ann.ID(), sent.Conversation.ID)
			require.NoError(t, err)
			require.Empty(t, c.Run)
			require.Equal(t, sent.Answer.ID, c.Head)
			require.Equal(t, run.Usage, c.Usage)
		})
	}
}

func calling(id, name, args string) patchbay.Part {
	return patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: id, Name: name, Args: args}}
}

// TestCallsAreParallel has four calls that each take a while: all run at the same time.
func TestCallsAreParallel(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	m := &script{answers: []func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error{
		call([3]string{"a", "slow_mcp_one", `{"ms":300}`}, [3]string{"b", "slow_mcp_one", `{"ms":300}`}, [3]string{"c", "slow_mcp_one", `{"ms":300}`}, [3]string{"d", "slow_mcp_one", `{"ms":300}`}),
		say("slept"),
	}}
	w.models["m"] = m
	s := w.service(nil)
	sent := send(t, s, w.person("ann"), "sleep", with("one"))
	e.AwaitInFlight(t, 4)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.Equal(t, 4, e.Calls("slow"))
}

// TestPeopleAreApart pins that nobody sees, stops or answers another's run.
func TestPeopleAreApart(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), func(s *patchbay.Server) { s.Approval.Default = "ask" }))
	w.models["m"] = &script{always: call([3]string{"a", "whoami_mcp_one", `{}`})}
	s, ann, bob := w.service(nil), w.person("ann"), w.person("bob")
	sent := send(t, s, ann, "who am I", with("one"))
	wait := w.open(s, ann, sent.Run.ID, 1)[0]
	ctx := t.Context()
	_, err := s.Answer(ctx, bob, wait.ID, patchbay.WaitAnswer{})
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(s.Stop(ctx, bob, sent.Run.ID)))
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(s.CancelCall(ctx, bob, sent.Run.ID, "a")))
	_, err = s.Attach(ctx, bob, sent.Run.ID, 0)
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = s.Offered(ctx, bob, sent.Run.ID)
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = s.Call(ctx, bob, sent.Run.ID, "a")
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = s.Regenerate(ctx, bob, sent.Answer.ID, nil)
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = s.Send(ctx, bob, chat.Send{Conversation: sent.Conversation.ID, Text: "hello", Settings: with()})
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = s.Send(ctx, ann, chat.Send{Conversation: sent.Conversation.ID, Text: "hello", Settings: with()})
	require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(err), "one run at a time")
	waits, _, err := s.Waits(ctx, bob, chat.WaitFilter{})
	require.NoError(t, err)
	require.Empty(t, waits)
	require.NoError(t, s.Stop(ctx, ann, sent.Run.ID))
	w.untilStatus(sent.Run.ID, patchbay.RunStopped)
	require.Zero(t, e.Calls("whoami"))
	require.Equal(t, "stopped", w.calls(sent.Run.ID)["a"].Reason)
}

// TestStop stops a model in the middle of its words, and a call in the middle of its work.
func TestStop(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	begun := make(chan struct{})
	w.models["words"] = &script{always: func(ctx context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText, Text: "half of"})
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}}
	w.models["m"] = &script{always: call([3]string{"a", "slow_mcp_one", `{"ms":10000}`})}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "talk", &patchbay.ChatSettings{Provider: "fake", Model: "words"})
	<-begun
	require.NoError(t, s.Stop(t.Context(), ann, sent.Run.ID))
	run := w.untilStatus(sent.Run.ID, patchbay.RunStopped)
	require.Equal(t, patchbay.StopCanceled, run.End.Stop)
	text := w.messages(run.ID)[0]
	require.Equal(t, "half of", text.Text())
	require.NoError(t, s.Stop(t.Context(), ann, sent.Run.ID), "once more is no error")

	sent = send(t, s, ann, "sleep", with("one"))
	e.AwaitInFlight(t, 1)
	require.NoError(t, s.Stop(t.Context(), ann, sent.Run.ID))
	run = w.untilStatus(sent.Run.ID, patchbay.RunStopped)
	require.Equal(t, "stopped", w.calls(run.ID)["a"].Reason)
	w.eventually("the server hears of it", func() bool { return e.Cancelled() == 1 })
	w.noGaps(run.ID)

	next, err := s.Send(t.Context(), ann, chat.Send{Conversation: sent.Conversation.ID, Parent: sent.Answer.ID, Text: "go on", Settings: &patchbay.ChatSettings{Provider: "fake", Model: "m"}})
	require.NoError(t, err, "the conversation goes on after a stop")
	w.until(next.Run.ID, "an end", func(r *patchbay.Run) bool { return !r.Status.Active() })
}

// TestCancelCall ends one call of two; the run goes on, and the model is told.
func TestCancelCall(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	m := &script{answers: []func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error{
		call([3]string{"a", "slow_mcp_one", `{"ms":15000}`}, [3]string{"b", "echo_mcp_one", `{"text":"hi"}`}), say("one of two"),
	}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "two", with("one"))
	e.AwaitInFlight(t, 1)
	require.NoError(t, s.CancelCall(t.Context(), ann, sent.Run.ID, "a"))
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	calls := w.calls(sent.Run.ID)
	require.Equal(t, "cancelled", calls["a"].Reason)
	require.Equal(t, patchbay.RunCallDone, calls["b"].State)
	require.Contains(t, string(m.requests()[1].Messages[2].Parts[0].Result.Raw), "the person cancelled this call")
	require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(s.CancelCall(t.Context(), ann, sent.Run.ID, "a")))
}

// TestBadModels: each thing that a model can do wrong has an outcome in the history.
func TestBadModels(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	w.config.Limits.Steps = 3
	type answers = []func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error
	drop := func(_ context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText, Text: "so far"})
		return &patchbay.ModelError{Kind: patchbay.ModelCut, Message: "the stream ended early"}
	}
	s, ann := w.service(nil), w.person("ann")
	tests := []struct {
		name   string
		model  *script
		status patchbay.RunStatus
		look   func(t *testing.T, run *patchbay.Run)
	}{
		{"drops", &script{answers: answers{drop}}, patchbay.RunFailed, func(t *testing.T, run *patchbay.Run) {
			require.Equal(t, patchbay.ModelCut, run.End.Error.Kind)
			m := w.messages(run.ID)[0]
			require.Equal(t, "so far", m.Text())
		}},
		{"never stops calling", &script{always: call([3]string{"a", "echo_mcp_one", `{"text":"x"}`})}, patchbay.RunDone, func(t *testing.T, run *patchbay.Run) {
			require.Equal(t, patchbay.StopLimit, run.End.Stop)
			require.Equal(t, "steps", run.End.Limit)
			require.Len(t, w.calls(run.ID), 3, "ids are made unique")
		}},
		{"bad arguments", &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":`}, [3]string{"b", "echo_mcp_one", `[]`}), say("sorry")}}, patchbay.RunDone, func(t *testing.T, run *patchbay.Run) {
			calls := w.calls(run.ID)
			require.Contains(t, calls["a"].Problem, "not valid JSON")
			require.Contains(t, calls["b"].Problem, "must be a JSON object")
		}},
		{"no such model", nil, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.model == nil {
				_, err := s.Send(t.Context(), ann, chat.Send{Text: "hi", Settings: &patchbay.ChatSettings{Provider: "fake", Model: "none"}})
				require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
				return
			}
			w.mu.Lock()
			w.models["m"] = tt.model
			w.mu.Unlock()
			sent := send(t, s, ann, "go", with("one"))
			run := w.untilStatus(sent.Run.ID, tt.status)
			tt.look(t, run)
			w.noGaps(run.ID)
		})
	}
}

// TestPermissionLostInTheMiddle: the tool vanishes, and the call of it says so.
func TestPermissionLostInTheMiddle(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	one := server("one", e.URL(), nil)
	w := sqlite(t, one)
	m := &script{}
	m.answers = []func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error{
		call([3]string{"a", "echo_mcp_one", `{"text":"1"}`}),
		func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			closed := *one
			closed.Access.Use = []patchbay.Grantee{{Kind: patchbay.GranteeUser, Name: "nobody@example.com"}}
			w.replace(&closed)
			return call([3]string{"b", "echo_mcp_one", `{"text":"2"}`})(ctx, req, yield)
		},
		say("no more"),
	}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "twice", with("one"))
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	calls := w.calls(sent.Run.ID)
	require.Equal(t, patchbay.RunCallDone, calls["a"].State)
	require.Equal(t, patchbay.RunCallFailed, calls["b"].State)
	require.Equal(t, string(patchbay.CodeForbidden), calls["b"].Reason)
	require.Equal(t, 1, e.Calls("echo"))
	require.Empty(t, m.requests()[2].Tools)
	offers, err := s.Offered(t.Context(), ann, sent.Run.ID)
	require.NoError(t, err)
	require.Contains(t, strings.Join(offers[2].Notes, " "), "you may not use it")
}

// TestDeletedInTheMiddle: the run ends at once, and nothing of it is left.
func TestDeletedInTheMiddle(t *testing.T) {
	w := sqlite(t)
	begun, ended := make(chan struct{}), make(chan struct{})
	w.models["m"] = &script{always: func(ctx context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText, Text: "words"})
		close(begun)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "talk", with())
	<-begun
	require.NoError(t, w.store.DeleteConversation(t.Context(), ann.ID(), sent.Conversation.ID))
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the model is still asked")
	}
	w.eventually("nothing is executed", func() bool { return s.Executing() == 0 })
}

// TestSettings: what may be chosen, and what is refused before anything is stored.
func TestSettings(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t,
		server("one", e.URL(), nil),
		server("hidden", e.URL(), func(s *patchbay.Server) { s.ChatMenu = false }),
	)
	m := &script{always: say("hi")}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	try := func(in chat.Send, a patchbay.Actor) patchbay.Code {
		sent, err := s.Send(t.Context(), a, in)
		if err == nil {
			w.untilStatus(sent.Run.ID, patchbay.RunDone)
		}
		return patchbay.CodeOf(err)
	}
	limited, silent := ann, ann
	limited.Scopes = []patchbay.Scope{patchbay.ScopeChat}
	silent.Scopes = []patchbay.Scope{patchbay.ScopeToolsCall}
	require.Equal(t, patchbay.CodeChatMenuOff, try(chat.Send{Text: "x", Settings: with("hidden")}, ann))
	require.Equal(t, patchbay.CodeNotFound, try(chat.Send{Text: "x", Settings: with("nowhere")}, ann))
	require.Equal(t, patchbay.CodeInvalid, try(chat.Send{Text: " ", Settings: with()}, ann))
	require.Equal(t, patchbay.CodeInvalid, try(chat.Send{Text: "x"}, ann), "no model is chosen")
	require.Equal(t, patchbay.CodeTooLarge, try(chat.Send{Text: strings.Repeat("x", 1<<20+1), Settings: with()}, ann))
	require.Equal(t, patchbay.CodeForbidden, try(chat.Send{Text: "x", Settings: with("one")}, limited), "tools want their scope")
	require.Equal(t, patchbay.Code(""), try(chat.Send{Text: "x", Settings: with()}, limited))
	require.Equal(t, patchbay.CodeForbidden, try(chat.Send{Text: "x", Settings: with()}, silent))
	w.mu.Lock()
	w.config = chat.Config{Enforce: true, Specs: []patchbay.ModelSpec{
		{Name: "only", Provider: "fake", Model: "m", Instructions: "Be brief.", MCPServers: []string{"hidden"}},
	}}
	w.mu.Unlock()
	require.Equal(t, patchbay.CodeForbidden, try(chat.Send{Text: "x", Settings: with()}, ann))
	require.Equal(t, patchbay.Code(""), try(chat.Send{Text: "x", Settings: &patchbay.ChatSettings{Spec: "only"}}, ann))
	asked := m.requests()
	last := asked[len(asked)-1]
	require.Equal(t, "Be brief.", last.Instructions)
	require.Len(t, last.Tools, 9, "the operator has put the hidden server into the spec")
}
