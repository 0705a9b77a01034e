package store_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

// TestHostileRun pins that whatever models, tools and people write is kept, on both
// engines, and that hostile ids find nothing.
func TestHostileRun(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		texts := []string{"", "\x00", "a\x00b", "\xff\xfe", "'", `\`, `\'`, "?", "?0", "?id", "$1", "--", "{}", "\u2028", "😀\ud7ff", strings.Repeat("ä", 300_000)}
		for _, text := range texts {
			clean := strings.ToValidUTF8(text, "\uFFFD")
			n := store.RunStart{
				Conversation: &patchbay.Conversation{Title: text, CreatedAt: at},
				Question:     &patchbay.Entry{Message: patchbay.TextMessage(patchbay.FromUser, text), CreatedAt: at},
				Answer:       &patchbay.Entry{CreatedAt: at},
				Run:          &patchbay.Run{User: ada.ID, Owner: me, CreatedAt: at, Settings: patchbay.ChatSettings{Instructions: text}},
			}
			require.NoError(t, s.StartRun(ctx, n))
			d := save(n.Run)
			d.Messages = []patchbay.Message{patchbay.TextMessage(patchbay.FromModel, text)}
			result, err := json.Marshal(map[string]string{"text": text})
			require.NoError(t, err)
			d.Calls = []*patchbay.RunCall{{ID: "c" + text[:min(len(text), 2000)], Name: text, Args: text, Tool: text, Result: result, Problem: text}}
			d.Waits = []*patchbay.RunWait{{Kind: patchbay.WaitApproval, ServerName: text, Detail: patchbay.WaitDetail{Args: text}}}
			d.SearchText = text
			require.NoError(t, s.SaveRun(ctx, d))
			e, err := s.Entry(ctx, ada.ID, n.Question.ID)
			require.NoError(t, err)
			// Encoding makes each byte that is not text a character of its own.
			require.Equal(t, strings.ReplaceAll(clean, "\uFFFD", ""), strings.ReplaceAll(e.Message.Text(), "\uFFFD", ""))
			messages, err := s.RunMessages(ctx, n.Run.ID)
			require.NoError(t, err)
			require.Equal(t, e.Message.Text(), messages[0].Text())
			calls, err := s.RunCalls(ctx, []patchbay.RunID{n.Run.ID}, true)
			require.NoError(t, err)
			require.JSONEq(t, string(result), string(calls[0].Result))
			waits, _, err := s.Waits(ctx, ada.ID, store.WaitFilter{Run: n.Run.ID})
			require.NoError(t, err)
			require.Equal(t, e.Message.Text(), waits[0].Detail.Args)
		}
		for _, text := range texts[:len(texts)-1] {
			id := "no" + text
			_, err := s.Conversation(ctx, ada.ID, patchbay.ConversationID(id))
			wantCode(t, err, patchbay.CodeNotFound)
			_, err = s.Run(ctx, ada.ID, patchbay.RunID(id))
			wantCode(t, err, patchbay.CodeNotFound)
			_, err = s.RequestStop(ctx, ada.ID, patchbay.RunID(id))
			wantCode(t, err, patchbay.CodeNotFound)
			_, err = s.AnswerWait(ctx, ada.ID, id, patchbay.WaitAnswered, nil, at)
			wantCode(t, err, patchbay.CodeNotFound)
			_, err = s.Attachment(ctx, ada.ID, id)
			wantCode(t, err, patchbay.CodeNotFound)
			_, err = s.Agent(ctx, patchbay.AgentID(id))
			wantCode(t, err, patchbay.CodeNotFound)
			wantCode(t, s.DeleteApproval(ctx, ada.ID, id), patchbay.CodeNotFound)
			_, ok, err := s.ClaimRun(ctx, me, patchbay.RunID(id), time.Minute)
			require.NoError(t, err)
			require.False(t, ok)
			_, _, err = s.Waits(ctx, ada.ID, store.WaitFilter{After: text, Conversation: patchbay.ConversationID(id)})
			require.NoError(t, err)
		}
	})
}

// TestEventsHaveNoGaps lets two owners write in turn, one of them too late, and readers
// follow.
func TestEventsHaveNoGaps(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		n := begin(t, s, ada.ID, "x")
		owner := n.Run
		written := int64(1)
		write := func(events uint8, claim bool) bool {
			if claim {
				_, err := s.RenewRuns(ctx, owner.Owner, []patchbay.RunID{n.Run.ID}, 0)
				require.NoError(t, err)
				list, err := s.ClaimRuns(ctx, store.NewID()+"/1", time.Minute, 0)
				require.NoError(t, err)
				require.Len(t, list, 1)
				late := save(owner)
				late.Events = make([]patchbay.RunEvent, 3)
				require.ErrorIs(t, s.SaveRun(ctx, late), store.ErrRunLost)
				owner = list[0]
				require.Equal(t, written, owner.Seq)
			}
			d := save(owner)
			d.Events = make([]patchbay.RunEvent, events%5)
			for i := range d.Events {
				d.Events[i] = patchbay.RunEvent{Kind: patchbay.RunEventCall, Data: json.RawMessage(`{}`)}
			}
			require.NoError(t, s.SaveRun(ctx, d))
			written += int64(len(d.Events))
			return true
		}
		require.NoError(t, quick.Check(write, &quick.Config{MaxCount: 40}))
		events, err := s.RunEvents(ctx, n.Run.ID, 0, 0)
		require.NoError(t, err)
		require.Len(t, events, int(written))
		for i, e := range events {
			require.Equal(t, int64(i)+1, e.Seq)
		}
	})
}

func TestEndWaits(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		one, two := begin(t, s, ada.ID, "x"), begin(t, s, bob.ID, "y")
		ask := func(r *patchbay.Run, w patchbay.RunWait) string {
			t.Helper()
			w.CreatedAt = at
			d := save(r)
			d.Waits = []*patchbay.RunWait{&w}
			require.NoError(t, s.SaveRun(ctx, d))
			return w.ID
		}
		end := func(e store.EndWaits) (ids []string) {
			t.Helper()
			e.Now = at
			list, err := s.EndWaits(ctx, e)
			require.NoError(t, err)
			for _, w := range list {
				require.Equal(t, e.Status, w.Status)
				ids = append(ids, w.ID)
			}
			return ids
		}
		late := ask(one.Run, patchbay.RunWait{Kind: patchbay.WaitApproval, ExpiresAt: at})
		ask(one.Run, patchbay.RunWait{Kind: patchbay.WaitApproval})
		changed := ask(two.Run, patchbay.RunWait{Kind: patchbay.WaitApproval, Server: "yaml/a", Tool: "t", Detail: patchbay.WaitDetail{Hash: "old"}})
		ask(two.Run, patchbay.RunWait{Kind: patchbay.WaitApproval, Server: "yaml/a", Tool: "t", Detail: patchbay.WaitDetail{Hash: "new"}})
		signin := ask(one.Run, patchbay.RunWait{Kind: patchbay.WaitSignin, Server: "yaml/a"})
		ask(two.Run, patchbay.RunWait{Kind: patchbay.WaitSignin, Server: "yaml/a"})
		live := ask(one.Run, patchbay.RunWait{Kind: patchbay.WaitQuestion, Live: true})

		_, err := s.EndWaits(ctx, store.EndWaits{Status: patchbay.WaitVoid, Now: at})
		require.Error(t, err, "not all of them")
		require.Equal(t, []string{late}, end(store.EndWaits{Status: patchbay.WaitExpired, Expired: true}))
		require.Empty(t, end(store.EndWaits{Status: patchbay.WaitExpired, Expired: true}), "told once")
		require.Equal(t, []string{changed}, end(store.EndWaits{Status: patchbay.WaitVoid, Server: "yaml/a", Tool: "t", Kind: patchbay.WaitApproval, NotHash: "new"}))
		require.Equal(t, []string{signin}, end(store.EndWaits{Status: patchbay.WaitAnswered, User: ada.ID, Server: "yaml/a", Kind: patchbay.WaitSignin}))
		require.Equal(t, []string{live}, end(store.EndWaits{Status: patchbay.WaitInterrupted, Run: one.Run.ID, Live: true}))
		require.Empty(t, end(store.EndWaits{Status: patchbay.WaitVoid, IDs: []string{}}))
		open, _, err := s.Waits(ctx, ada.ID, store.WaitFilter{Open: true})
		require.NoError(t, err)
		require.Len(t, open, 1)
		input, err := s.RunInput(ctx, me)
		require.NoError(t, err)
		require.Len(t, input, 2)
		_, err = s.AnswerWait(ctx, ada.ID, late, patchbay.WaitAnswered, nil, at)
		require.Contains(t, wantCode(t, err, patchbay.CodeConflict).Message, "over")
	})
}

func TestHints(t *testing.T) {
	url := storekit.PostgresURL(t)
	here, there := storekit.Open(t, store.Options{DatabaseURL: url}), storekit.Open(t, store.Options{DatabaseURL: url})
	ada := makeUser(t, here, "ada")
	n := begin(t, here, ada.ID, "x")
	ctx, cancel := context.WithCancel(t.Context())
	type hint struct {
		topic, id string
		version   int64
	}
	told := make(chan hint, 100)
	done := make(chan error, 1)
	go func() {
		done <- there.Listen(ctx, func(topic, id string, version int64) { told <- hint{topic, id, version} })
	}()
	// Listening has begun when something is heard.
	for heard := false; !heard; {
		require.NoError(t, here.Notify(ctx, "hello", "", 0))
		select {
		case <-told:
			heard = true
		case <-time.After(20 * time.Millisecond):
		}
	}
	next := func() hint {
		for {
			if h := <-told; h.topic != "hello" {
				return h
			}
		}
	}
	d := save(n.Run)
	d.Events = []patchbay.RunEvent{{Kind: patchbay.RunEventStatus, Data: json.RawMessage(`{}`)}}
	wait := &patchbay.RunWait{Kind: patchbay.WaitApproval, CreatedAt: at}
	d.Waits = []*patchbay.RunWait{wait}
	require.NoError(t, here.SaveRun(ctx, d))
	require.Equal(t, hint{store.TopicRun, string(n.Run.ID), 2}, next())
	_, err := here.AnswerWait(ctx, ada.ID, wait.ID, patchbay.WaitAnswered, nil, at)
	require.NoError(t, err)
	require.Equal(t, hint{store.TopicRun, string(n.Run.ID), 0}, next())
	// A connection that breaks is made again.
	require.NoError(t, here.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"))
	for heard := false; !heard; {
		require.NoError(t, here.Notify(ctx, "again", "i", 7))
		select {
		case h := <-told:
			heard = h == hint{"again", "i", 7}
		case <-time.After(20 * time.Millisecond):
		}
	}
	_, err = here.RequestStop(ctx, ada.ID, n.Run.ID)
	require.NoError(t, err)
	for next().topic != store.TopicRun { // what is left of "again"
	}
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

func TestListenOnSQLiteWaits(t *testing.T) {
	s := storekit.SQLite(t)
	require.NoError(t, s.Notify(t.Context(), store.TopicRun, "x", 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Listen(ctx, func(string, string, int64) { t.Error("called") }), context.Canceled)
}
