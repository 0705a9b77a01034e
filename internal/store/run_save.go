package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// ErrRunLost says that who writes a run does not have it any more: another process has
// claimed it, it has ended, or it was deleted.
var ErrRunLost = errors.New("the run is no longer this owner's")

// RunSave is what the owner of a run writes at once.
type RunSave struct {
	ID    patchbay.RunID
	Owner string
	Epoch int64

	Status       patchbay.RunStatus // empty: as it was; one that is not active ends the run
	Step         int                // 0: as it was
	State        json.RawMessage    // nil: as it was
	ClearPartial bool
	Usage        patchbay.Usage // of the whole run so far; zero: as it was
	End          *patchbay.RunEnd
	Release      bool          // give up the lease
	Lease        time.Duration // above 0: from now, renewed
	At           time.Time     // of the write; zero: now

	Messages   []patchbay.Message  // appended
	Calls      []*patchbay.RunCall // put in place of those with their ids; a nil Result is as it was
	Waits      []*patchbay.RunWait // the same; one that has ended is taken in with it
	Events     []patchbay.RunEvent // Run and Seq are filled, At when zero
	SearchText string              // added to what the answer is found by
}

// SaveRun writes facts about a run, all or nothing: on disk when it returns. The error is
// ErrRunLost when (Owner, Epoch) does not have the run. Ending it ends its lease, drops
// the partial message, makes the conversation free and adds the run's usage to it, and
// makes its open waits void.
//
// An open wait of Waits does not open again what was answered meanwhile.
func (s *Store) SaveRun(ctx context.Context, save RunSave) (err error) {
	defer wrap(&err, "store: save run")
	if save.At.IsZero() {
		save.At = time.Now()
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.advanceRun(ctx, tx, &save)
		if err != nil {
			return err
		}
		if err := save.insert(ctx, tx, now); err != nil {
			return err
		}
		if save.ends() {
			if err := endRun(ctx, tx, now, save.At); err != nil {
				return err
			}
		}
		return s.hint(ctx, tx, TopicRun, now.ID, now.Seq)
	})
}

func (save *RunSave) ends() bool { return save.Status != "" && !save.Status.Active() }

// advanceRun changes the run's row under the guard, and returns what the rest needs.
func (s *Store) advanceRun(ctx context.Context, tx bun.Tx, save *RunSave) (*runRow, error) {
	q := tx.NewUpdate().Model((*runRow)(nil)).
		Set("updated_at = ?", millis(save.At)).
		Set("seq = seq + ?", len(save.Events)).Set("messages = messages + ?", len(save.Messages)).
		Where("id = ?", string(save.ID)).Where("owner = ?", save.Owner).Where("owner <> ''").
		Where("epoch = ?", save.Epoch).Where("status IN ('running', 'waiting')").
		Returning("id, conversation_id, user_id, answer_id, seq, messages, usage_input, usage_output, usage_reasoning, usage_cache_read, usage_cache_write")
	if save.Status != "" {
		q = q.Set("status = ?", string(save.Status))
	}
	if save.Step != 0 {
		q = q.Set("step = ?", save.Step)
	}
	if save.State != nil {
		q = q.Set("state = ?", string(save.State))
	}
	if save.ClearPartial || save.ends() {
		q = q.Set("partial = ''")
	}
	if u := save.Usage; u != (patchbay.Usage{}) {
		q = q.Set("usage_input = ?", u.Input).Set("usage_output = ?", u.Output).Set("usage_reasoning = ?", u.Reasoning).
			Set("usage_cache_read = ?", u.CacheRead).Set("usage_cache_write = ?", u.CacheWrite)
	}
	if save.ends() {
		q = q.Set("ended_at = ?", millis(save.At))
	}
	if save.End != nil {
		ending, err := jsonText(save.End)
		if err != nil {
			return nil, err
		}
		q = q.Set("ending = ?", ending)
	}
	switch {
	case save.Release || save.ends():
		q = q.Set("owner = ''").Set("lease_until = 0")
	case save.Lease > 0:
		q = q.Set("lease_until = ?", s.leaseEnd(save.Lease))
	}
	var rows []*runRow
	if err := q.Scan(ctx, &rows); err != nil && !noRows(err) {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrRunLost
	}
	return rows[0], nil
}

// insert writes what hangs on the run.
func (save *RunSave) insert(ctx context.Context, tx bun.Tx, now *runRow) error {
	if err := insertRunMessages(ctx, tx, now.ID, now.Messages-int64(len(save.Messages)), save.Messages); err != nil {
		return err
	}
	if err := putCalls(ctx, tx, now.ID, save.Calls); err != nil {
		return err
	}
	if err := putWaits(ctx, tx, now, save.Waits); err != nil {
		return err
	}
	first := now.Seq - int64(len(save.Events)) + 1
	for i := range save.Events {
		e := &save.Events[i]
		e.Run, e.Seq = save.ID, first+int64(i)
		if e.At.IsZero() {
			e.At = save.At
		}
	}
	if err := insertEvents(ctx, tx, save.Events); err != nil || save.SearchText == "" {
		return err
	}
	_, err := tx.NewRaw("UPDATE entries SET search_text = SUBSTR(search_text || ?, 1, ?) WHERE id = ?",
		searchable(save.SearchText)+"\n", maxSearchText, now.AnswerID).Exec(ctx)
	return err
}

// endRun makes the conversation free and the open waits void.
func endRun(ctx context.Context, tx bun.Tx, r *runRow, at time.Time) error {
	_, err := tx.NewRaw(`UPDATE run_waits SET fresh = FALSE, ended_at = CASE WHEN status = 'open' THEN ? ELSE ended_at END,
status = CASE WHEN status = 'open' THEN ? ELSE status END WHERE run_id = ? AND (status = 'open' OR fresh)`,
		millis(at), string(patchbay.WaitVoid), r.ID).Exec(ctx)
	if err != nil {
		return err
	}
	u := r.Usage
	_, err = tx.NewRaw(`UPDATE conversations SET run_id = CASE WHEN run_id = ? THEN '' ELSE run_id END, updated_at = ?,
usage_input = usage_input + ?, usage_output = usage_output + ?, usage_reasoning = usage_reasoning + ?,
usage_cache_read = usage_cache_read + ?, usage_cache_write = usage_cache_write + ? WHERE id = ?`,
		r.ID, millis(at), u.Input, u.Output, u.Reasoning, u.CacheRead, u.CacheWrite, r.ConversationID).Exec(ctx)
	return err
}

// Checkpoint keeps what the model has written so far of a message, a Message in JSON. It
// may be lost with the machine's power. The error is ErrRunLost as with SaveRun.
func (s *Store) Checkpoint(ctx context.Context, id patchbay.RunID, owner string, epoch int64, partial json.RawMessage) (err error) {
	defer wrap(&err, "store: checkpoint")
	ok, err := changed(s.db.NewRaw("UPDATE runs SET partial = ? WHERE id = ? AND owner = ? AND owner <> '' AND epoch = ? AND status = 'running'",
		string(partial), string(id), owner, epoch).Exec(ctx))
	if err == nil && !ok {
		err = ErrRunLost
	}
	return err
}
