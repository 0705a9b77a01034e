package chat_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/storekit"
)

type answers = []func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error

func asking(s *patchbay.Server) { s.Approval.Default = "ask" }

// TestApprovals: once is for one call, chat for the conversation, always for all; a no is
// told with its reason; another definition is asked about anew.
func TestApprovals(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), asking))
	again := func() *script {
		return &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}), say("done")}}
	}
	s, ann := w.service(nil), w.person("ann")
	ask := func(c patchbay.ConversationID, parent patchbay.MessageID) (chat.Sent, *script) {
		m := again()
		w.mu.Lock()
		w.models["m"] = m
		w.mu.Unlock()
		sent, err := s.Send(t.Context(), ann, chat.Send{Conversation: c, Parent: parent, Text: "echo", Settings: with("one")})
		require.NoError(t, err)
		return sent, m
	}
	answer := func(sent chat.Sent, a patchbay.WaitAnswer) {
		wait := w.open(s, ann, sent.Run.ID, 1)[0]
		require.Equal(t, patchbay.WaitApproval, wait.Kind)
		require.Equal(t, `{"text":"x"}`, wait.Detail.Args)
		require.Equal(t, "rule", wait.Detail.Why)
		_, err := s.Answer(t.Context(), ann, wait.ID, a)
		require.NoError(t, err)
		_, err = s.Answer(t.Context(), ann, wait.ID, a)
		require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(err), "one answer counts")
		w.untilStatus(sent.Run.ID, patchbay.RunDone)
	}
	first, m := ask("", "")
	_, err := s.Answer(t.Context(), ann, w.open(s, ann, first.Run.ID, 1)[0].ID, patchbay.WaitAnswer{Scope: "forever"})
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(err))
	answer(first, patchbay.WaitAnswer{Refused: true, Reason: "not now"})
	require.Equal(t, "denied", w.calls(first.Run.ID)["a"].Reason)
	require.Contains(t, string(m.requests()[1].Messages[2].Parts[0].Result.Raw), "the person did not allow it. Reason: not now")
	require.Zero(t, e.Calls("echo"))

	second, _ := ask(first.Conversation.ID, first.Answer.ID)
	answer(second, patchbay.WaitAnswer{Scope: "once"})
	third, _ := ask(first.Conversation.ID, second.Answer.ID)
	answer(third, patchbay.WaitAnswer{Scope: "chat"})
	fourth, _ := ask(first.Conversation.ID, third.Answer.ID)
	w.untilStatus(fourth.Run.ID, patchbay.RunDone) // unasked
	other, _ := ask("", "")
	answer(other, patchbay.WaitAnswer{Scope: "always"})
	last, _ := ask("", "")
	w.untilStatus(last.Run.ID, patchbay.RunDone) // unasked
	require.Equal(t, 5, e.Calls("echo"))
	require.Equal(t, patchbay.RunCallDone, w.calls(last.Run.ID)["a"].State)
}

// TestRedefinedTool: a yes to one definition is none to another that takes its place
// before the yes is taken in.
func TestRedefinedTool(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	e.SetTools(`{"name":"pay","description":"Pays.","inputSchema":{"type":"object"}}`)
	w := sqlite(t, server("one", e.URL(), nil))
	w.models["m"] = &script{answers: answers{call([3]string{"a", "pay_mcp_one", `{}`}), say("paid")}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "pay", with("one"))
	wait := w.open(s, ann, sent.Run.ID, 1)[0]
	require.Equal(t, "not_read_only", wait.Detail.Why)
	w.untilStatus(sent.Run.ID, patchbay.RunWaiting)
	e.SetTools(`{"name":"pay","description":"Pays everything you have.","inputSchema":{"type":"object"}}`)
	w.pool.CloseUser(ann.ID())
	_, err := w.tools.List(t.Context(), ann, listing("one"))
	require.NoError(t, err)
	_, err = s.Answer(t.Context(), ann, wait.ID, patchbay.WaitAnswer{Scope: "always"})
	require.NoError(t, err)
	var next *patchbay.RunWait
	w.eventually("another question", func() bool {
		waits, _, err := s.Waits(t.Context(), ann, chat.WaitFilter{Run: sent.Run.ID, Open: true})
		require.NoError(t, err)
		if len(waits) == 1 && waits[0].ID != wait.ID {
			next = waits[0]
		}
		return next != nil
	})
	require.Equal(t, "changed", next.Detail.Why)
	require.NotEqual(t, wait.Detail.Hash, next.Detail.Hash)
	require.Zero(t, e.Calls("pay"))
	_, err = s.Answer(t.Context(), ann, next.ID, patchbay.WaitAnswer{Scope: "always"})
	require.NoError(t, err)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.Equal(t, 1, e.Calls("pay"))

	// Always is for what was shown: unasked as it is, asked about when it changes.
	w.mu.Lock()
	w.models["m"] = &script{always: call([3]string{"a", "pay_mcp_one", `{}`})}
	w.config.Limits.Steps = 2
	w.mu.Unlock()
	w.untilStatus(send(t, s, ann, "pay", with("one")).Run.ID, patchbay.RunDone)
	require.Equal(t, 2, e.Calls("pay"))
	e.SetTools(`{"name":"pay","description":"Pays twice.","inputSchema":{"type":"object"}}`)
	w.pool.CloseUser(ann.ID())
	later := w.open(s, ann, send(t, s, ann, "pay", with("one")).Run.ID, 1)[0]
	require.Equal(t, "changed", later.Detail.Why)
	require.Equal(t, 2, e.Calls("pay"))
}

// three is a run that waits for an approval, a sign-in and a new-era question at once.
type three struct {
	w      *world
	model  *script
	gate   atomic.Bool // signed in
	ann    patchbay.Actor
	closed *testkit.Echo
}

func newThree(t *testing.T, st *store.Store) *three {
	x := &three{}
	plain := echo(t, testkit.EchoOptions{})
	asks := echo(t, testkit.EchoOptions{Versions: []string{testkit.Modern}})
	x.gate.Store(true)
	x.closed = echo(t, testkit.EchoOptions{Authorize: func(http.Header) string {
		if x.gate.Load() {
			return ""
		}
		return `Bearer error="invalid_token"`
	}})
	x.w = newWorld(t, st, server("plain", plain.URL(), asking), server("asks", asks.URL(), nil), server("closed", x.closed.URL(), nil))
	x.model = &script{answers: answers{
		func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			x.gate.Store(false) // the sign-in ends after the tools were offered
			x.closed.ForgetSessions()
			return call([3]string{"a", "echo_mcp_plain", `{"text":"x"}`}, [3]string{"b", "ask_mcp_asks", `{}`}, [3]string{"c", "whoami_mcp_closed", `{}`})(ctx, req, yield)
		},
		say("all three"),
	}}
	x.w.models["m"] = x.model
	x.ann = x.w.person("ann")
	return x
}

// TestThreeWaitsAcrossARestart answers an approval, a question and a sign-in in every
// order, each time in a process that did not ask.
func TestThreeWaitsAcrossARestart(t *testing.T) {
	orders := [][3]patchbay.WaitKind{
		{patchbay.WaitApproval, patchbay.WaitQuestion, patchbay.WaitSignin},
		{patchbay.WaitSignin, patchbay.WaitQuestion, patchbay.WaitApproval},
		{patchbay.WaitQuestion, patchbay.WaitSignin, patchbay.WaitApproval},
		{patchbay.WaitApproval, patchbay.WaitSignin, patchbay.WaitQuestion},
		{patchbay.WaitSignin, patchbay.WaitApproval, patchbay.WaitQuestion},
		{patchbay.WaitQuestion, patchbay.WaitApproval, patchbay.WaitSignin},
	}
	for _, order := range orders {
		t.Run(string(order[0]+" "+order[1]), func(t *testing.T) {
			x := newThree(t, storekit.SQLite(t))
			w := x.w
			s := w.service(nil)
			sent := send(t, s, x.ann, "three", with("plain", "asks", "closed"))
			w.open(s, x.ann, sent.Run.ID, 3)
			w.untilStatus(sent.Run.ID, patchbay.RunWaiting)
			w.shut(s)
			s = w.service(nil)
			waits := map[patchbay.WaitKind]*patchbay.RunWait{}
			for _, wait := range w.open(s, x.ann, sent.Run.ID, 3) {
				waits[wait.Kind] = wait
			}
			require.Contains(t, string(waits[patchbay.WaitQuestion].Detail.Questions), "Who are you?")
			for i, kind := range order {
				switch kind {
				case patchbay.WaitSignin:
					_, err := s.Answer(t.Context(), x.ann, waits[kind].ID, patchbay.WaitAnswer{})
					require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(err))
					x.gate.Store(true)
					w.signIn(x.ann.ID()) // nobody tells: it is found out
				case patchbay.WaitQuestion:
					_, err := s.Answer(t.Context(), x.ann, waits[kind].ID, patchbay.WaitAnswer{Answers: json.RawMessage(`{"q1":{"action":"accept","content":{"name":"Ann"}}}`)})
					require.NoError(t, err)
				default:
					_, err := s.Answer(t.Context(), x.ann, waits[kind].ID, patchbay.WaitAnswer{})
					require.NoError(t, err)
				}
				if i < 2 {
					w.open(s, x.ann, sent.Run.ID, 2-i)
				}
			}
			w.untilStatus(sent.Run.ID, patchbay.RunDone)
			calls := w.calls(sent.Run.ID)
			for id, c := range calls {
				require.Equal(t, patchbay.RunCallDone, c.State, "%s: %s", id, c.Problem)
			}
			require.Contains(t, string(calls["b"].Result), "Ann")
			w.noGaps(sent.Run.ID)
		})
	}
}

// TestSkippedSignIn: nothing is known of a chosen server before the sign-in, so the run
// waits before it asks the model; skipped, it goes on without.
func TestSkippedSignIn(t *testing.T) {
	e := echo(t, testkit.EchoOptions{Authorize: func(http.Header) string { return "Bearer" }})
	w := sqlite(t, server("closed", e.URL(), nil))
	m := &script{always: say("without")}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "hi", with("closed"))
	wait := w.open(s, ann, sent.Run.ID, 1)[0]
	require.Equal(t, patchbay.WaitSignin, wait.Kind)
	require.Empty(t, m.requests())
	_, err := s.Answer(t.Context(), ann, wait.ID, patchbay.WaitAnswer{Refused: true})
	require.NoError(t, err)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.Empty(t, m.requests()[0].Tools)
}

// TestExpiredWait refuses its call in words.
func TestExpiredWait(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), asking))
	w.models["m"] = &script{answers: answers{call([3]string{"a", "echo_mcp_one", `{"text":"x"}`}), say("pity")}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "go", with("one"))
	w.open(s, ann, sent.Run.ID, 1)
	w.untilStatus(sent.Run.ID, patchbay.RunWaiting)
	_, err := w.store.EndWaits(t.Context(), store.EndWaits{Status: patchbay.WaitExpired, User: ann.ID()})
	require.NoError(t, err)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.Equal(t, "expired", w.calls(sent.Run.ID)["a"].Reason)
}

// TestOlderServerAsks: the question belongs to the one call that is under way, and goes
// back on the connection that it came on.
func TestOlderServerAsks(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	w.models["m"] = &script{answers: answers{call([3]string{"a", "ask_mcp_one", `{}`}), say("hello")}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "ask me", with("one"))
	wait := w.open(s, ann, sent.Run.ID, 1)[0]
	require.Equal(t, "a", wait.Call)
	require.True(t, wait.Live)
	_, err := s.Answer(t.Context(), ann, wait.ID, patchbay.WaitAnswer{Answers: json.RawMessage(`{"question":{"action":"accept","content":{"name":"Ann"}}}`)})
	require.NoError(t, err)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	require.Contains(t, string(w.calls(sent.Run.ID)["a"].Result), "Ann")

	// Outside of a run it is the server that asks.
	bob := w.person("bob")
	done := make(chan patchbay.Outcome, 1)
	go func() {
		out, err := w.tools.Call(context.Background(), bob, patchbay.CallRequest{Ref: patchbay.ToolRef{Server: patchbay.YAMLServerID("one"), Tool: "ask"}})
		if err != nil {
			t.Error(err)
		}
		done <- out
	}()
	var asked []*patchbay.RunWait
	w.eventually("a question", func() bool {
		asked, _, err = s.Waits(t.Context(), bob, chat.WaitFilter{Open: true})
		require.NoError(t, err)
		return len(asked) == 1
	})
	others, _, err := s.Waits(t.Context(), ann, chat.WaitFilter{Open: true})
	require.NoError(t, err)
	require.Empty(t, others)
	_, err = s.Answer(t.Context(), ann, asked[0].ID, patchbay.WaitAnswer{Refused: true})
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = s.Answer(t.Context(), bob, asked[0].ID, patchbay.WaitAnswer{Refused: true})
	require.NoError(t, err)
	require.Contains(t, string((<-done).Result.Raw), "decline")
}

// TestOlderServerAskedBeforeACrash: its question lived on a connection that is gone, so it
// shows as interrupted; the model is told that nobody knows, and the answer can be asked
// for anew.
func TestOlderServerAskedBeforeACrash(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	ask := call([3]string{"a", "ask_mcp_one", `{}`})
	w.models["m"] = &script{answers: answers{ask, say("pity"), ask, say("hello")}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "ask me", with("one"))
	lost := w.open(s, ann, sent.Run.ID, 1)[0]
	require.True(t, lost.Live)
	s.Crash()
	s = w.service(nil)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	waits, _, err := s.Waits(t.Context(), ann, chat.WaitFilter{Run: sent.Run.ID})
	require.NoError(t, err)
	require.Len(t, waits, 1)
	require.Equal(t, patchbay.WaitInterrupted, waits[0].Status)
	require.Equal(t, patchbay.RunCallUnknown, w.calls(sent.Run.ID)["a"].State)
	_, err = s.Answer(t.Context(), ann, lost.ID, patchbay.WaitAnswer{Refused: true})
	require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(err))
	w.noGaps(sent.Run.ID)

	again, err := s.Regenerate(t.Context(), ann, sent.Answer.ID, nil)
	require.NoError(t, err)
	wait := w.open(s, ann, again.Run.ID, 1)[0]
	_, err = s.Answer(t.Context(), ann, wait.ID, patchbay.WaitAnswer{Answers: json.RawMessage(`{"question":{"action":"accept","content":{"name":"Ann"}}}`)})
	require.NoError(t, err)
	w.untilStatus(again.Run.ID, patchbay.RunDone)
}
