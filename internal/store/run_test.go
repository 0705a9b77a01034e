package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

const (
	me     = "here/1"
	second = "there/1"
)

// begin starts a run in a new conversation.
func begin(t *testing.T, s *store.Store, user patchbay.UserID, text string) store.RunStart {
	t.Helper()
	n := store.RunStart{
		Conversation: &patchbay.Conversation{CreatedAt: at, Title: "About " + text},
		Question:     &patchbay.Entry{Message: patchbay.TextMessage(patchbay.FromUser, text), CreatedAt: at},
		Answer:       &patchbay.Entry{CreatedAt: at},
		Run: &patchbay.Run{
			User: user, Owner: me, CreatedAt: at, State: json.RawMessage(`{"step":0}`),
			Settings: patchbay.ChatSettings{Provider: "openai", Model: "m", Servers: []string{"a"}},
		},
		Events: []patchbay.RunEvent{{Kind: patchbay.RunEventStatus, At: at, Data: json.RawMessage(`{"status":"running"}`)}},
		Lease:  time.Minute,
	}
	require.NoError(t, s.StartRun(t.Context(), n))
	return n
}

func save(r *patchbay.Run) store.RunSave {
	return store.RunSave{ID: r.ID, Owner: r.Owner, Epoch: r.Epoch, At: at}
}

// end ends a run as done.
func end(t *testing.T, s *store.Store, r *patchbay.Run) {
	t.Helper()
	d := save(r)
	d.Status = patchbay.RunDone
	require.NoError(t, s.SaveRun(t.Context(), d))
}

func TestRunLife(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		n := begin(t, s, ada.ID, "Rain")
		c, err := s.Conversation(ctx, ada.ID, n.Run.Conversation)
		require.NoError(t, err)
		require.Equal(t, n.Run.ID, c.Run)
		require.Equal(t, patchbay.RunRunning, c.RunStatus)
		require.Equal(t, n.Answer.ID, c.Head)
		require.Equal(t, "openai", c.Settings.Provider)
		got, err := s.Run(ctx, ada.ID, n.Run.ID)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now().Add(time.Minute), got.LeaseUntil, 10*time.Second)
		got.LeaseUntil = time.Time{}
		require.Empty(t, cmp.Diff(n.Run, got))
		_, err = s.Run(ctx, bob.ID, n.Run.ID)
		wantCode(t, err, patchbay.CodeNotFound)

		usage := patchbay.Usage{Input: 10, Output: 5, Reasoning: 1, CacheRead: 2, CacheWrite: 3}
		first := save(n.Run)
		first.Step, first.State, first.Usage, first.Lease = 1, json.RawMessage(`{"step":1}`), usage, time.Hour
		first.Messages = []patchbay.Message{patchbay.TextMessage(patchbay.FromModel, "It <rains> & pours")}
		first.Calls = []*patchbay.RunCall{
			{ID: "c1", Step: 1, Name: "rain_mcp_a", Server: "yaml/a", Title: "a", Tool: "rain", Args: `{"n": 9007199254740993}`, State: patchbay.RunCallStarted, CreatedAt: at, StartedAt: at},
			{ID: "c2", Step: 1, Index: 1, Name: "x", State: patchbay.RunCallQueued, CreatedAt: at},
		}
		first.Events = []patchbay.RunEvent{{Kind: patchbay.RunEventMessage, Data: json.RawMessage(`{"a":1}`)}, {Kind: patchbay.RunEventCall, Data: json.RawMessage(`{}`)}}
		first.SearchText = "It RAINS"
		require.NoError(t, s.SaveRun(ctx, first))
		require.Equal(t, []int64{2, 3}, []int64{first.Events[0].Seq, first.Events[1].Seq})
		require.NoError(t, s.Checkpoint(ctx, n.Run.ID, me, 1, json.RawMessage(`{"role":"model","parts":null}`)))
		require.ErrorIs(t, s.Checkpoint(ctx, n.Run.ID, me, 2, nil), store.ErrRunLost)

		last := save(n.Run)
		last.Status, last.End = patchbay.RunDone, &patchbay.RunEnd{Stop: patchbay.StopEnd}
		last.Messages = []patchbay.Message{{Role: patchbay.FromTools}, patchbay.TextMessage(patchbay.FromModel, "done")}
		last.Calls = []*patchbay.RunCall{{ID: "c1", Step: 1, Name: "rain_mcp_a", State: patchbay.RunCallDone, Result: json.RawMessage(`{"content":[]}`), CreatedAt: at, EndedAt: at}}
		last.Waits = []*patchbay.RunWait{{Kind: patchbay.WaitApproval, Call: "c2", CreatedAt: at}}
		last.Events = []patchbay.RunEvent{{Kind: patchbay.RunEventStatus, Data: json.RawMessage(`{}`)}}
		require.NoError(t, s.SaveRun(ctx, last))
		require.ErrorIs(t, s.SaveRun(ctx, last), store.ErrRunLost, "it has ended")

		got, err = s.RunByID(ctx, n.Run.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(&patchbay.Run{
			ID: n.Run.ID, Conversation: n.Run.Conversation, User: ada.ID, Question: n.Question.ID, Answer: n.Answer.ID, Settings: n.Run.Settings,
			Status: patchbay.RunDone, Step: 1, Seq: 4, Usage: usage, End: last.End, State: json.RawMessage(`{"step":1}`), Epoch: 1,
			CreatedAt: at, UpdatedAt: at, EndedAt: at,
		}, got))
		c, err = s.Conversation(ctx, ada.ID, n.Run.Conversation)
		require.NoError(t, err)
		require.Empty(t, c.Run)
		require.Empty(t, c.RunStatus)
		require.Equal(t, usage, c.Usage)
		messages, err := s.RunMessages(ctx, n.Run.ID)
		require.NoError(t, err)
		require.Len(t, messages, 3)
		require.Equal(t, "It <rains> & pours", messages[0].Text())
		calls, err := s.RunCalls(ctx, []patchbay.RunID{n.Run.ID}, false)
		require.NoError(t, err)
		require.Len(t, calls, 2)
		require.Nil(t, calls[0].Result)
		require.Equal(t, 14, calls[0].ResultSize)
		whole, err := s.RunCall(ctx, ada.ID, n.Run.ID, "c1")
		require.NoError(t, err)
		require.JSONEq(t, `{"content":[]}`, string(whole.Result))
		byID, err := s.CallByID(ctx, ada.ID, []patchbay.RunID{"another", n.Run.ID}, "c1")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(whole, byID))
		_, err = s.RunCall(ctx, bob.ID, n.Run.ID, "c1")
		wantCode(t, err, patchbay.CodeNotFound)
		_, err = s.CallByID(ctx, bob.ID, []patchbay.RunID{n.Run.ID}, "c1")
		wantCode(t, err, patchbay.CodeNotFound)
		waits, _, err := s.Waits(ctx, ada.ID, store.WaitFilter{Run: n.Run.ID})
		require.NoError(t, err)
		require.Equal(t, patchbay.WaitVoid, waits[0].Status)
		events, err := s.RunEvents(ctx, n.Run.ID, 1, 2)
		require.NoError(t, err)
		require.Equal(t, []int64{2, 3}, []int64{events[0].Seq, events[1].Seq})
	})
}

// TestAResultIsKept pins that a later write without a result does not lose it.
func TestAResultIsKept(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		n := begin(t, s, ada.ID, "x")
		for _, result := range []string{`{"content":[1]}`, ""} {
			d := save(n.Run)
			d.Calls = []*patchbay.RunCall{
				{ID: "c", State: patchbay.RunCallStarted}, // the last of one id counts
				{ID: "c", State: patchbay.RunCallDone, Result: json.RawMessage(result), Problem: "p"},
			}
			require.NoError(t, s.SaveRun(ctx, d))
		}
		c, err := s.RunCall(ctx, ada.ID, n.Run.ID, "c")
		require.NoError(t, err)
		require.Equal(t, `{"content":[1]}`, string(c.Result))
		require.Equal(t, len(c.Result), c.ResultSize)
		require.Equal(t, patchbay.RunCallDone, c.State)
	})
}

func TestOneActiveRun(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		n := begin(t, s, ada.ID, "x")
		another := func(user patchbay.UserID, parent patchbay.MessageID) error {
			return s.StartRun(ctx, store.RunStart{
				Question: &patchbay.Entry{Parent: parent, Message: patchbay.TextMessage(patchbay.FromUser, "more"), CreatedAt: at},
				Answer:   &patchbay.Entry{CreatedAt: at},
				Run:      &patchbay.Run{User: user, Conversation: n.Run.Conversation, Owner: me, CreatedAt: at},
			})
		}
		wantCode(t, another(ada.ID, n.Answer.ID), patchbay.CodeConflict)
		wantCode(t, another(bob.ID, n.Answer.ID), patchbay.CodeNotFound)
		end(t, s, n.Run)
		wantCode(t, another(bob.ID, n.Answer.ID), patchbay.CodeNotFound)
		wantCode(t, another(ada.ID, "elsewhere"), patchbay.CodeNotFound)
		other := begin(t, s, bob.ID, "bob's")
		wantCode(t, another(ada.ID, other.Answer.ID), patchbay.CodeNotFound)
		errs := together(6, func(int) error { return another(ada.ID, n.Answer.ID) })
		require.Len(t, failures(errs), 5)
		for _, err := range failures(errs) {
			wantCode(t, err, patchbay.CodeConflict)
		}
		entries, next, err := s.Entries(ctx, ada.ID, n.Run.Conversation, "", 0)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, entries, 4, "what lost left nothing")
		wantCode(t, s.StartRun(ctx, store.RunStart{
			Conversation: &patchbay.Conversation{CreatedAt: at}, Answer: &patchbay.Entry{}, Question: &patchbay.Entry{}, Run: &patchbay.Run{User: "nobody", Owner: me},
		}), patchbay.CodeNotFound)
	})
}

func TestClaimRuns(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		var ids []patchbay.RunID
		runs := map[patchbay.RunID]*patchbay.Run{}
		for range 6 {
			n := begin(t, s, ada.ID, "x")
			ids = append(ids, n.Run.ID)
			runs[n.Run.ID] = n.Run
		}
		mine, err := s.ClaimRuns(ctx, me, time.Minute, 0)
		require.NoError(t, err)
		require.Empty(t, mine)
		if s.Shared() {
			none, err := s.ClaimRuns(ctx, second, time.Minute, 0)
			require.NoError(t, err)
			require.Empty(t, none, "the leases last")
		}
		lost, err := s.RenewRuns(ctx, me, append(slices.Clone(ids), "gone"), 0)
		require.NoError(t, err)
		require.Equal(t, []patchbay.RunID{"gone"}, lost)
		mine, err = s.ClaimRuns(ctx, me, time.Minute, 0)
		require.NoError(t, err)
		require.Empty(t, mine, "one's own are not claimed, however late")

		got := make([][]*patchbay.Run, 4)
		errs := together(len(got), func(i int) (err error) {
			got[i], err = s.ClaimRuns(ctx, second+string(rune('a'+i)), time.Minute, 0)
			return err
		})
		require.Empty(t, failures(errs))
		claimed := map[patchbay.RunID]bool{}
		for _, list := range got {
			for _, r := range list {
				require.False(t, claimed[r.ID], "one winner")
				claimed[r.ID] = true
				require.Equal(t, int64(2), r.Epoch)
				require.JSONEq(t, `{"step":0}`, string(r.State))
			}
		}
		require.Len(t, claimed, 6)
		lost, err = s.RenewRuns(ctx, me, ids, time.Minute)
		require.NoError(t, err)
		require.Equal(t, ids, lost)
		require.ErrorIs(t, s.SaveRun(ctx, save(runs[ids[0]])), store.ErrRunLost)
		stale := save(runs[ids[0]])
		now, err := s.RunByID(ctx, ids[0])
		require.NoError(t, err)
		stale.Owner = now.Owner
		stale.Messages = []patchbay.Message{patchbay.TextMessage(patchbay.FromModel, "late")}
		require.ErrorIs(t, s.SaveRun(ctx, stale), store.ErrRunLost, "the epoch is another")
		messages, err := s.RunMessages(ctx, ids[0])
		require.NoError(t, err)
		require.Empty(t, messages)

		back := save(now)
		back.Release = true
		require.NoError(t, s.SaveRun(ctx, back))
		again, err := s.ClaimRuns(ctx, me, time.Minute, 1)
		require.NoError(t, err)
		require.Len(t, again, 1, "handed back while running")
		require.Equal(t, int64(3), again[0].Epoch)
		require.ErrorIs(t, s.SaveRun(ctx, store.RunSave{ID: ids[0], Epoch: 3}), store.ErrRunLost, "nobody owns nothing")
	})
}

func TestWaitingRunIsTakenUp(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		n := begin(t, s, ada.ID, "x")
		d := save(n.Run)
		d.Status, d.Release = patchbay.RunWaiting, true
		wait := &patchbay.RunWait{Kind: patchbay.WaitApproval, Server: "yaml/a", Tool: "t", Detail: patchbay.WaitDetail{Args: "{}", Hash: "h"}, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
		d.Waits = []*patchbay.RunWait{wait}
		require.NoError(t, s.SaveRun(ctx, d))
		claim := func(owner string) *patchbay.Run {
			t.Helper()
			r, ok, err := s.ClaimRun(ctx, owner, n.Run.ID, time.Minute)
			require.NoError(t, err)
			require.Equal(t, ok, r != nil)
			return r
		}
		input := func(owner string) []patchbay.RunID {
			t.Helper()
			ids, err := s.RunInput(ctx, owner)
			require.NoError(t, err)
			return ids
		}
		require.Nil(t, claim(me), "nothing to take in")
		require.Empty(t, input(me))
		list, err := s.ClaimRuns(ctx, second, time.Minute, 0)
		require.NoError(t, err)
		require.Empty(t, list)
		c, err := s.Conversation(ctx, ada.ID, n.Run.Conversation)
		require.NoError(t, err)
		require.Equal(t, patchbay.RunWaiting, c.RunStatus)

		_, err = s.AnswerWait(ctx, bob.ID, wait.ID, patchbay.WaitAnswered, nil, at)
		wantCode(t, err, patchbay.CodeNotFound)
		_, err = s.AnswerWait(ctx, ada.ID, wait.ID, patchbay.WaitAnswered, nil, at.Add(time.Hour))
		wantCode(t, err, patchbay.CodeConflict)
		errs := together(4, func(int) error {
			_, err := s.AnswerWait(ctx, ada.ID, wait.ID, patchbay.WaitAnswered, &patchbay.WaitAnswer{Scope: "once"}, at)
			return err
		})
		require.Len(t, failures(errs), 3)
		for _, err := range failures(errs) {
			wantCode(t, err, patchbay.CodeConflict)
		}
		require.Equal(t, []patchbay.RunID{n.Run.ID}, input(me))
		require.Equal(t, []patchbay.RunID{n.Run.ID}, input(second))
		r := claim(second)
		require.NotNil(t, r)
		require.Nil(t, claim(me))
		require.Empty(t, input(me))
		require.NotEmpty(t, input(second), "not taken in yet")

		again := *wait // as who claims may still hold it
		e := save(r)
		e.Waits = []*patchbay.RunWait{&again}
		require.NoError(t, s.SaveRun(ctx, e))
		got, err := s.Wait(ctx, ada.ID, wait.ID)
		require.NoError(t, err)
		require.Equal(t, patchbay.WaitAnswered, got.Status, "an answer is not undone")
		require.Equal(t, "once", got.Answer.Scope)
		require.NotEmpty(t, input(second))
		e.Waits, e.Status = []*patchbay.RunWait{got}, patchbay.RunRunning
		require.NoError(t, s.SaveRun(ctx, e))
		require.Empty(t, input(second))

		_, err = s.RequestStop(ctx, bob.ID, n.Run.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		stopping, err := s.RequestStop(ctx, ada.ID, n.Run.ID)
		require.NoError(t, err)
		require.True(t, stopping.Stop)
		require.Equal(t, []patchbay.RunID{n.Run.ID}, input(second))
		e.Waits, e.Status = nil, patchbay.RunStopped
		require.NoError(t, s.SaveRun(ctx, e))
		require.Empty(t, input(second))
		ended, err := s.RequestStop(ctx, ada.ID, n.Run.ID)
		require.NoError(t, err)
		require.Equal(t, patchbay.RunStopped, ended.Status)
	})
}

func TestResume(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		n := begin(t, s, ada.ID, "x")
		d := save(n.Run)
		d.Status, d.Usage, d.End = patchbay.RunInterrupted, patchbay.Usage{Input: 7}, &patchbay.RunEnd{Stop: patchbay.StopError}
		require.NoError(t, s.SaveRun(ctx, d))
		won := make([]bool, 5)
		errs := together(len(won), func(i int) (err error) {
			_, won[i], err = s.ClaimRun(ctx, second, n.Run.ID, time.Minute)
			return err
		})
		require.Empty(t, failures(errs))
		require.Len(t, slices.DeleteFunc(won, func(ok bool) bool { return !ok }), 1)
		r, err := s.RunByID(ctx, n.Run.ID)
		require.NoError(t, err)
		require.Equal(t, patchbay.RunRunning, r.Status)
		require.Nil(t, r.End)
		require.True(t, r.EndedAt.IsZero())
		e := save(r)
		e.Status, e.Usage = patchbay.RunFailed, patchbay.Usage{Input: 9}
		require.NoError(t, s.SaveRun(ctx, e))
		c, err := s.Conversation(ctx, ada.ID, n.Run.Conversation)
		require.NoError(t, err)
		require.Equal(t, int64(9), c.Usage.Input, "counted once")

		next := store.RunStart{Answer: &patchbay.Entry{CreatedAt: at}, Run: &patchbay.Run{User: ada.ID, Conversation: c.ID, Question: n.Question.ID, Owner: me, CreatedAt: at}}
		require.NoError(t, s.StartRun(ctx, next))
		_, _, err = s.ClaimRun(ctx, second, n.Run.ID, time.Minute)
		wantCode(t, err, patchbay.CodeConflict)
	})
}

func TestDeleteMidRun(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		n, other := begin(t, s, ada.ID, "x"), begin(t, s, bob.ID, "y")
		wantCode(t, s.DeleteConversation(ctx, bob.ID, n.Run.Conversation), patchbay.CodeNotFound)
		require.NoError(t, s.SaveRun(ctx, save(n.Run)), "it was not bob's to delete")
		require.NoError(t, s.DeleteConversation(ctx, ada.ID, n.Run.Conversation))
		require.ErrorIs(t, s.SaveRun(ctx, save(n.Run)), store.ErrRunLost)
		require.ErrorIs(t, s.Checkpoint(ctx, n.Run.ID, me, 1, nil), store.ErrRunLost)
		_, err := s.RunByID(ctx, n.Run.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		events, err := s.RunEvents(ctx, n.Run.ID, 0, 0)
		require.NoError(t, err)
		require.Empty(t, events)

		gone := begin(t, s, ada.ID, "z")
		require.NoError(t, s.SetRole(ctx, bob.ID, patchbay.RoleAdmin, at))
		require.NoError(t, s.DeleteUser(ctx, ada.ID))
		require.ErrorIs(t, s.SaveRun(ctx, save(gone.Run)), store.ErrRunLost)
		_, err = s.Entry(ctx, ada.ID, gone.Question.ID)
		wantCode(t, err, patchbay.CodeNotFound)
		require.NoError(t, s.SaveRun(ctx, save(other.Run)))
	})
}
