package chat_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/testkit"
)

// TestTree: a follow-up, a second answer, and an edited question each see their own branch.
func TestTree(t *testing.T) {
	w := sqlite(t)
	m := &script{answers: answers{say("one"), say("two"), say("another two"), say("edited")}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	read := func(n int) (texts []string) {
		for _, x := range m.requests()[n].Messages {
			texts = append(texts, x.Text())
		}
		return texts
	}
	first := send(t, s, ann, "a", with())
	w.untilStatus(first.Run.ID, patchbay.RunDone)
	in := chat.Send{Conversation: first.Conversation.ID, Parent: first.Answer.ID, Text: "b"}
	second, err := s.Send(t.Context(), ann, in) // with the conversation's settings
	require.NoError(t, err)
	w.untilStatus(second.Run.ID, patchbay.RunDone)
	require.Equal(t, []string{"a", "one", "b"}, read(1))

	again, err := s.Regenerate(t.Context(), ann, second.Answer.ID, nil)
	require.NoError(t, err)
	require.Equal(t, second.Question.ID, again.Answer.Parent)
	w.untilStatus(again.Run.ID, patchbay.RunDone)
	require.Equal(t, []string{"a", "one", "b"}, read(2))

	in.Text = "c"
	edited, err := s.Send(t.Context(), ann, in)
	require.NoError(t, err)
	w.untilStatus(edited.Run.ID, patchbay.RunDone)
	require.Equal(t, []string{"a", "one", "c"}, read(3))
	in.Parent = first.Question.ID
	_, err = s.Send(t.Context(), ann, in)
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(err), "a message follows an answer")
	bad := -1.0
	_, err = s.Send(t.Context(), ann, chat.Send{Text: "x", Settings: &patchbay.ChatSettings{Provider: "fake", Model: "m", Params: patchbay.ModelParams{Temperature: &bad}}})
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(err))
}

// TestAttachments: pictures go to the model as they are, documents as their text, and a
// file that was deleted is said to be gone.
func TestAttachments(t *testing.T) {
	w := sqlite(t)
	m := &script{always: say("seen")}
	w.models["m"] = m
	s, ann, bob := w.service(nil), w.person("ann"), w.person("bob")
	put := func(at patchbay.Attachment, data string) string {
		at.User = ann.ID()
		require.NoError(t, w.store.PutAttachment(t.Context(), &at, []byte(data)))
		return at.ID
	}
	picture := put(patchbay.Attachment{Name: "p.png", MIMEType: "image/png"}, "\x89PNG")
	document := put(patchbay.Attachment{Name: "d.pdf", MIMEType: "application/pdf", Text: "what it says"}, "%PDF")
	in := chat.Send{Text: "look", Attachments: []string{picture, document}, Settings: with()}
	_, err := s.Send(t.Context(), bob, in)
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err), "they are not bob's")
	sent, err := s.Send(t.Context(), ann, in)
	require.NoError(t, err)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	parts := m.requests()[0].Messages[0].Parts
	require.Equal(t, "\x89PNG", string(parts[0].Media.Data))
	require.Contains(t, parts[1].Text, "what it says")
	require.Equal(t, "look", parts[2].Text)
	stored, err := w.store.Entry(t.Context(), ann.ID(), sent.Question.ID)
	require.NoError(t, err)
	require.Empty(t, stored.Message.Parts[0].Media.Data, "the message refers to it")
	require.NoError(t, w.store.DeleteAttachment(t.Context(), ann.ID(), picture))
	again, err := s.Regenerate(t.Context(), ann, sent.Question.ID, nil)
	require.NoError(t, err)
	w.untilStatus(again.Run.ID, patchbay.RunDone)
	require.Contains(t, m.requests()[1].Messages[0].Parts[0].Text, "has been deleted")
}

// TestLongResults: the model sees the first page of a long result, and reads on with our
// own tool; the whole of it is kept.
func TestLongResults(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	w.config.Limits.Output = 1 << 10
	m := &script{answers: answers{
		call([3]string{"a", "big_mcp_one", `{"kb":4}`}),
		func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			return call([3]string{"b", "read_tool_output", `{"call_id":"a","offset":1024}`})(ctx, req, yield)
		},
		say("read"),
	}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "big", with("one"))
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	whole, err := s.Call(t.Context(), ann, sent.Run.ID, "a")
	require.NoError(t, err)
	require.Contains(t, string(whole.Result), testkit.BigText(4))
	messages := m.requests()[2].Messages
	page := string(messages[len(messages)-1].Parts[0].Result.Raw)
	require.Contains(t, page, strings.Repeat("0123456789abcdef", 64))
	require.Equal(t, patchbay.RunCallDone, w.calls(sent.Run.ID)["b"].State)
}

// TestLongResultsOfBranches: models give the same id to calls of two branches; each reads
// what its own branch was answered.
func TestLongResultsOfBranches(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), nil))
	w.config.Limits.Output = 1 << 10
	text := func(s string) string { return `{"text":"` + strings.Repeat(s, 2000) + `"}` }
	m := &script{answers: answers{
		call([3]string{"call_0", "echo_mcp_one", text("a")}), say("first"),
		call([3]string{"call_0", "echo_mcp_one", text("b")}), say("second"),
		call([3]string{"call_1", "read_tool_output", `{"call_id":"call_0","offset":1024}`}), say("read"),
	}}
	w.models["m"] = m
	s, ann := w.service(nil), w.person("ann")
	first := send(t, s, ann, "long", with("one"))
	w.untilStatus(first.Run.ID, patchbay.RunDone)
	second, err := s.Regenerate(t.Context(), ann, first.Question.ID, nil)
	require.NoError(t, err)
	w.untilStatus(second.Run.ID, patchbay.RunDone)
	third, err := s.Send(t.Context(), ann, chat.Send{Conversation: first.Conversation.ID, Parent: first.Answer.ID, Text: "read on"})
	require.NoError(t, err)
	w.untilStatus(third.Run.ID, patchbay.RunDone)
	messages := m.requests()[5].Messages
	page := string(messages[len(messages)-1].Parts[0].Result.Raw)
	require.Contains(t, page, "aaaa")
	require.NotContains(t, page, "bbbb")
}

// TestTitleOfAttachments: a conversation is called by what the person wrote, not by what
// is in their files.
func TestTitleOfAttachments(t *testing.T) {
	w := sqlite(t)
	w.models["m"] = &script{always: say("seen")}
	s, ann := w.service(nil), w.person("ann")
	for text, want := range map[string]string{"What is this?": "What is this?", "": "d.pdf"} {
		at := patchbay.Attachment{User: ann.ID(), Name: "d.pdf", MIMEType: "application/pdf", Text: "what it says"}
		require.NoError(t, w.store.PutAttachment(t.Context(), &at, []byte("%PDF")))
		sent, err := s.Send(t.Context(), ann, chat.Send{Text: text, Attachments: []string{at.ID}, Settings: with()})
		require.NoError(t, err)
		w.eventually("a title", func() bool {
			c, err := w.store.Conversation(t.Context(), ann.ID(), sent.Conversation.ID)
			require.NoError(t, err)
			return c.Title == want
		})
	}
}
