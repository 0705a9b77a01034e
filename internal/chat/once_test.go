package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/chat"
	"patchbay/internal/testkit"
)

func once(text string, settings *patchbay.ChatSettings) chat.Once {
	return chat.Once{
		Settings: *settings, History: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, text)},
		SignIn: func(server string) string { return "https://host.example/servers/" + server },
	}
}

// results are the texts of what a request says of calls, by call.
func results(t *testing.T, req patchbay.ModelRequest) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, m := range req.Messages {
		for _, p := range m.Parts {
			if p.Result != nil {
				found[p.Result.CallID] = string(p.Result.Raw)
			}
		}
	}
	return found
}

// TestOnce: two people's answers with tools, each with their own connection; nothing of
// them is kept, and usage is that of all steps.
func TestOnce(t *testing.T) {
	e := echo(t, testkit.EchoOptions{Instructions: "Shout."})
	w := sqlite(t, server("one", e.URL(), nil))
	s, ann, bob := w.service(nil), w.person("ann"), w.person("bob")
	for _, who := range []patchbay.Actor{ann, bob} {
		m := &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"hi"}`}, [3]string{"b", "nothing_mcp_one", `{}`}), say("It says hi.")}}
		w.models["m"] = m
		var steps []int
		in := once("echo hi", with("one"))
		in.Settings.Instructions = "Be brief."
		in.Observe = func(step int, _ patchbay.Delta) { steps = append(steps, step) }
		out, err := s.AnswerOnce(t.Context(), who, in)
		require.NoError(t, err)
		require.Equal(t, agent.End{Stop: patchbay.StopEnd}, out.End)
		require.Len(t, out.Messages, 2)
		require.Equal(t, "It says hi.", out.Messages[1].Text())
		require.Equal(t, patchbay.Usage{Input: 20, Output: 10}, out.Usage)
		require.Equal(t, []int{1, 1, 1, 2, 2}, steps)
		require.Contains(t, m.requests()[0].Instructions, "Be brief.")
		told := results(t, m.requests()[1])
		require.Contains(t, told["a"], "hi")
		require.Contains(t, told["b"], "there is no tool called")
		list, _, err := s.Conversations(t.Context(), who, chat.ConversationFilter{})
		require.NoError(t, err)
		require.Empty(t, list)
	}
	require.Len(t, e.Sessions(), 2, "one connection each")
}

// TestOnceApprovals: nobody can be asked, so the model is told why; a token that names
// tools:unattended lets the call run, unless a person looks at each; a remembered yes counts.
func TestOnceApprovals(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), asking), server("two", e.URLAt("two"), func(s *patchbay.Server) { s.Approval.Default = "always" }))
	s, ann := w.service(nil), w.person("ann")
	ask := func(a patchbay.Actor) map[string]string {
		m := &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}, [3]string{"b", "echo_mcp_two", `{"text":"y"}`}), say("done")}}
		w.models["m"] = m
		_, err := s.AnswerOnce(t.Context(), a, once("echo", with("one", "two")))
		require.NoError(t, err)
		return results(t, m.requests()[1])
	}
	for _, scopes := range [][]patchbay.Scope{nil, {patchbay.ScopeChat, patchbay.ScopeToolsCall}} {
		token := ann
		token.TokenID, token.Scopes = "t", scopes
		require.Contains(t, ask(token)["a"], "the scope tools:unattended")
	}
	require.Zero(t, e.Calls("echo"))
	token := ann
	token.TokenID, token.Scopes = "t", []patchbay.Scope{patchbay.ScopeChat, patchbay.ScopeToolsCall, patchbay.ScopeToolsUnattended}
	told := ask(token)
	require.NotContains(t, told["a"], "not allow")
	require.Contains(t, told["b"], "looks at each call")
	require.Equal(t, 1, e.Calls("echo"))

	w.models["m"] = &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}), say("done")}}
	sent := send(t, s, ann, "echo", with("one"))
	_, err := s.Answer(t.Context(), ann, w.open(s, ann, sent.Run.ID, 1)[0].ID, patchbay.WaitAnswer{Scope: "always"})
	require.NoError(t, err)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.NotContains(t, ask(ann)["a"], "not allow")
	require.Equal(t, 3, e.Calls("echo"))
}

// TestOnceWaits: what would wait for a person is refused with where they can do it; an
// older server's question is declined at once.
func TestOnceWaits(t *testing.T) {
	x := newThree(t, sqlite(t).store)
	s := x.w.service(nil)
	_, err := s.AnswerOnce(t.Context(), x.ann, once("three", with("plain", "asks", "closed")))
	require.NoError(t, err)
	told := results(t, x.model.requests()[1])
	require.Contains(t, told["a"], "nobody can be asked here")
	require.Contains(t, told["b"], "the server asks the person a question first")
	require.Contains(t, told["c"], "https://host.example/servers/closed")

	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("old", e.URL(), nil))
	m := &script{answers: answers{call([3]string{"a", "ask_mcp_old", `{}`}), say("pity")}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	_, err = s.AnswerOnce(t.Context(), ann, once("ask", with("old")))
	require.NoError(t, err)
	require.Contains(t, results(t, m.requests()[1])["a"], "the server asks the person a question first")
	open, _, err := s.Waits(t.Context(), ann, chat.WaitFilter{Open: true})
	require.NoError(t, err)
	require.Empty(t, open)
}

// TestOnceTheirTools: a call of a tool that the asker brought ends the answer, and no
// server's tool beside it is called.
func TestOnceTheirTools(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	m := &script{answers: answers{
		call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}),
		call([3]string{"b", "weather", ``}, [3]string{"c", "echo_mcp_one", `{"text":"y"}`}, [3]string{"d", "weather", `{"city":"Rome"}`}),
	}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	in := once("weather", with("one"))
	in.Tools = []patchbay.ToolOffer{{Name: "weather", Schema: json.RawMessage(`{"type":"object"}`)}}
	out, err := s.AnswerOnce(t.Context(), ann, in)
	require.NoError(t, err)
	require.Equal(t, []patchbay.ToolCall{{ID: "b", Name: "weather", Args: "{}"}, {ID: "d", Name: "weather", Args: `{"city":"Rome"}`}}, out.Calls)
	require.Equal(t, 1, e.Calls("echo"))

	in.Tools[0].Name = "echo_mcp_one"
	_, err = s.AnswerOnce(t.Context(), ann, in)
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(err))
}

// TestOnceRefused: permissions, scopes and places are those of chats.
func TestOnceRefused(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	begun, free := make(chan struct{}), make(chan struct{})
	w.models["m"] = &script{always: func(ctx context.Context, _ *patchbay.ModelRequest, _ func(patchbay.Delta)) error {
		close(begun)
		select {
		case <-free:
			return &patchbay.ModelError{Kind: patchbay.ModelOverloaded, Message: "no room"}
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	s, ann, bob := w.service(func(o *chat.Options) { o.UserRuns = 1 }), w.person("ann"), w.person("bob")
	code := func(a patchbay.Actor, in chat.Once) patchbay.Code {
		_, err := s.AnswerOnce(t.Context(), a, in)
		return patchbay.CodeOf(err)
	}
	token := ann
	token.Scopes = []patchbay.Scope{patchbay.ScopeChat}
	require.Equal(t, patchbay.CodeForbidden, code(token, once("x", with("one"))))
	token.Scopes = []patchbay.Scope{patchbay.ScopeToolsCall}
	require.Equal(t, patchbay.CodeForbidden, code(token, once("x", with())))
	require.Equal(t, patchbay.CodeNotFound, code(ann, once("x", with("none"))))
	parts, err := s.CreateAgent(t.Context(), bob, &patchbay.Agent{Name: "Bob's", Provider: "fake", Model: "m"})
	require.NoError(t, err)
	require.Equal(t, patchbay.CodeNotFound, code(ann, once("x", &patchbay.ChatSettings{Agent: parts.Agent.ID})))

	done := make(chan chat.OnceAnswer, 1)
	go func() {
		out, err := s.AnswerOnce(t.Context(), ann, once("x", with()))
		if err != nil {
			t.Error(err)
		}
		done <- out
	}()
	<-begun
	require.Equal(t, patchbay.CodeRateLimited, code(ann, once("x", with())))
	close(free)
	out := <-done
	require.Equal(t, patchbay.ModelOverloaded, out.End.Error.Kind)

	begun, free = make(chan struct{}), make(chan struct{})
	stopped := make(chan error, 1)
	go func() {
		_, err := s.AnswerOnce(context.Background(), bob, once("x", with()))
		stopped <- err
	}()
	<-begun
	hurry, now := context.WithCancel(t.Context())
	now()
	s.Close(hurry)
	require.Equal(t, patchbay.CodeUnavailable, patchbay.CodeOf(<-stopped))
	require.Equal(t, patchbay.CodeUnavailable, code(ann, once("x", with())))

	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err = w.service(nil).AnswerOnce(gone, ann, once("x", with()))
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
}
