package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestConversationChange(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		c := &patchbay.Conversation{
			User: ada.ID, Title: `It's "?" ünï`, Titled: true, Archived: true, CreatedAt: at, UpdatedAt: at.Add(time.Second), Head: "h",
			Settings: patchbay.ChatSettings{Agent: "a", Spec: "s", Servers: []string{"x"}, ToolsOff: []string{"y"}, Instructions: "<b>", Params: patchbay.ModelParams{MaxTokens: 3}},
		}
		require.NoError(t, s.CreateConversation(ctx, c))
		got, err := s.Conversation(ctx, ada.ID, c.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(c, got))
		wantCode(t, s.CreateConversation(ctx, c), patchbay.CodeConflict)
		_, err = s.Conversation(ctx, bob.ID, c.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		_, err = s.ChangeConversation(ctx, bob.ID, c.ID, func(*patchbay.Conversation) error { t.Error("called"); return nil })
		wantCode(t, err, patchbay.CodeNotFound)
		no := errors.New("no")
		_, err = s.ChangeConversation(ctx, ada.ID, c.ID, func(c *patchbay.Conversation) error { c.Title = "lost"; return no })
		require.ErrorIs(t, err, no)

		const times = 8
		errs := together(times, func(i int) error {
			_, err := s.ChangeConversation(ctx, ada.ID, c.ID, func(c *patchbay.Conversation) error {
				c.Settings.Servers = append(c.Settings.Servers, fmt.Sprint(i))
				c.Usage.Input, c.Run = 99, "none of its business"
				return nil
			})
			return err
		})
		require.Empty(t, failures(errs))
		got, err = s.Conversation(ctx, ada.ID, c.ID)
		require.NoError(t, err)
		require.Len(t, got.Settings.Servers, times+1, "no change is lost")
		require.Equal(t, c.Title, got.Title)
		require.Zero(t, got.Usage.Input)
		require.Empty(t, got.Run)
	})
}

func TestConversationList(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		rain := begin(t, s, ada.ID, "100% Regen_ÄÖ")
		d := save(rain.Run)
		d.SearchText = "Der Himmel ist GRAU"
		require.NoError(t, s.SaveRun(ctx, d))
		end(t, s, rain.Run)
		begin(t, s, bob.ID, "100% bob's Himmel")
		titles := func(user patchbay.UserID, f store.ConversationFilter) (out []string) {
			t.Helper()
			list, _, err := s.Conversations(ctx, user, f)
			require.NoError(t, err)
			for _, c := range list {
				out = append(out, c.Title)
			}
			return out
		}
		for i := range 5 {
			// Two share a time: the id decides then.
			c := &patchbay.Conversation{User: ada.ID, Title: fmt.Sprint("T", i), CreatedAt: at, UpdatedAt: at.Add(time.Duration(i/2+1) * time.Minute), Archived: i == 4}
			require.NoError(t, s.CreateConversation(ctx, c))
		}
		all := []string{"T3", "T2", "T1", "T0", "About 100% Regen_ÄÖ"}
		require.Equal(t, all, titles(ada.ID, store.ConversationFilter{}))
		require.Equal(t, []string{"T4"}, titles(ada.ID, store.ConversationFilter{Archived: true}))
		require.Empty(t, titles(ada.ID, store.ConversationFilter{Active: true}))
		require.Equal(t, []string{"About 100% bob's Himmel"}, titles(bob.ID, store.ConversationFilter{Active: true}))
		for _, found := range []string{"100%", "%", "n_ä", "REGEN", "himmel", "grau\n", "about 100"} {
			require.Equal(t, []string{"About 100% Regen_ÄÖ"}, titles(ada.ID, store.ConversationFilter{Search: found}), found)
		}
		for _, none := range []string{"100_", "bob", "r%n", "!", "\x00", "\xff", "'", strings.Repeat("%", 60_000)} {
			require.Empty(t, titles(ada.ID, store.ConversationFilter{Search: none}), "%.20q", none)
		}
		var paged []string
		after := ""
		for {
			list, next, err := s.Conversations(ctx, ada.ID, store.ConversationFilter{Limit: 2, After: after})
			require.NoError(t, err)
			for _, c := range list {
				paged = append(paged, c.Title)
			}
			if next == "" {
				break
			}
			after = next
		}
		require.Equal(t, all, paged)
		for _, bad := range []string{"x", ".", "1", "9999999999999999999999.x"} {
			_, _, err := s.Conversations(ctx, ada.ID, store.ConversationFilter{After: bad})
			wantCode(t, err, patchbay.CodeBadRequest)
		}
	})
}

func TestTree(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		n := begin(t, s, ada.ID, "one")
		end(t, s, n.Run)
		ask := func(parent patchbay.MessageID, text string) store.RunStart {
			t.Helper()
			m := store.RunStart{
				Question: &patchbay.Entry{Parent: parent, Message: patchbay.TextMessage(patchbay.FromUser, text), CreatedAt: at},
				Answer:   &patchbay.Entry{CreatedAt: at},
				Run:      &patchbay.Run{User: ada.ID, Conversation: n.Run.Conversation, Owner: me, CreatedAt: at},
			}
			require.NoError(t, s.StartRun(ctx, m))
			end(t, s, m.Run)
			return m
		}
		left, edited := ask(n.Answer.ID, "left"), ask("", "one, edited")
		ids := func(list []*patchbay.Entry) (out []patchbay.MessageID) {
			for _, e := range list {
				out = append(out, e.ID)
			}
			return out
		}
		branch, err := s.Branch(ctx, ada.ID, n.Run.Conversation, left.Answer.ID)
		require.NoError(t, err)
		require.Equal(t, []patchbay.MessageID{n.Question.ID, n.Answer.ID, left.Question.ID, left.Answer.ID}, ids(branch))
		require.Empty(t, cmp.Diff(n.Question, branch[0]))
		require.Empty(t, cmp.Diff(n.Answer, branch[1]))
		branch, err = s.Branch(ctx, ada.ID, n.Run.Conversation, edited.Question.ID)
		require.NoError(t, err)
		require.Equal(t, []patchbay.MessageID{edited.Question.ID}, ids(branch))
		other := begin(t, s, ada.ID, "other")
		for _, tt := range []struct {
			user patchbay.UserID
			leaf patchbay.MessageID
		}{{bob.ID, left.Answer.ID}, {ada.ID, "none"}, {ada.ID, ""}, {ada.ID, other.Answer.ID}} {
			_, err = s.Branch(ctx, tt.user, n.Run.Conversation, tt.leaf)
			wantCode(t, err, patchbay.CodeNotFound)
		}
		first, next, err := s.Entries(ctx, ada.ID, n.Run.Conversation, "", 4)
		require.NoError(t, err)
		rest, end, err := s.Entries(ctx, ada.ID, n.Run.Conversation, patchbay.MessageID(next), 4)
		require.NoError(t, err)
		require.Empty(t, end)
		require.Equal(t, []patchbay.MessageID{n.Question.ID, n.Answer.ID, left.Question.ID, left.Answer.ID, edited.Question.ID, edited.Answer.ID}, ids(append(first, rest...)))
		none, _, err := s.Entries(ctx, bob.ID, n.Run.Conversation, "", 0)
		require.NoError(t, err)
		require.Empty(t, none)
		runs, _, err := s.Runs(ctx, ada.ID, store.RunFilter{Conversation: n.Run.Conversation})
		require.NoError(t, err)
		require.Len(t, runs, 3)
		require.Nil(t, runs[0].State, "lists go without it")
		runs, _, err = s.Runs(ctx, ada.ID, store.RunFilter{Active: true})
		require.NoError(t, err)
		require.Len(t, runs, 1)
		runs, _, err = s.Runs(ctx, bob.ID, store.RunFilter{IDs: []patchbay.RunID{n.Run.ID}})
		require.NoError(t, err)
		require.Empty(t, runs)
		_, err = s.Entry(ctx, bob.ID, n.Question.ID)
		wantCode(t, err, patchbay.CodeNotFound)
	})
}
