package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// putWaits writes waits of a run; their ids are filled when empty. One that has ended
// counts as taken in. What ended meanwhile is not opened again.
func putWaits(ctx context.Context, tx bun.Tx, run *runRow, waits []*patchbay.RunWait) error {
	at := make(map[string]int, len(waits))
	rows := make([]*waitRow, 0, len(waits))
	for _, w := range waits {
		if w.ID == "" {
			w.ID = NewID()
		}
		w.Run, w.Conversation, w.User = patchbay.RunID(run.ID), patchbay.ConversationID(run.ConversationID), patchbay.UserID(run.UserID)
		if w.Status == "" {
			w.Status = patchbay.WaitOpen
		}
		row, err := rowOfWait(w)
		if err != nil {
			return err
		}
		if i, twice := at[w.ID]; twice {
			rows[i] = row
			continue
		}
		at[w.ID] = len(rows)
		rows = append(rows, row)
	}
	// keep is where a row that has ended meets one that is open.
	const keep = "CASE WHEN EXCLUDED.status = 'open' AND w.status <> 'open' THEN "
	for batch := range slices.Chunk(rows, bulkBatch) {
		_, err := tx.NewInsert().Model(&batch).On("CONFLICT (id) DO UPDATE").
			Set("call_id = EXCLUDED.call_id").Set("kind = EXCLUDED.kind").Set("server_id = EXCLUDED.server_id").Set("server_name = EXCLUDED.server_name").
			Set("tool = EXCLUDED.tool").Set("hash = EXCLUDED.hash").Set("live = EXCLUDED.live").Set("expires_at = EXCLUDED.expires_at").
			Set("detail = EXCLUDED.detail").Set("resume = EXCLUDED.resume").
			Set("fresh = " + keep + "w.fresh ELSE FALSE END").
			Set("ended_at = " + keep + "w.ended_at ELSE EXCLUDED.ended_at END").
			Set("answer = CASE WHEN EXCLUDED.answer = '' THEN w.answer ELSE EXCLUDED.answer END").
			Set("status = " + keep + "w.status ELSE EXCLUDED.status END").
			Where("w.run_id = EXCLUDED.run_id").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// WaitFilter selects waits of one user.
type WaitFilter struct {
	Run          patchbay.RunID          // empty: any
	Runs         []patchbay.RunID        // nil: any; at most 200
	Conversation patchbay.ConversationID // empty: any
	Open         bool                    // open ones only
	Kind         patchbay.WaitKind       // empty: any
	After        string
	Limit        int // 1..200; anything else is 25
}

// Waits returns waits of a user in the order in which they were made, and the cursor of
// the next page ("" on the last one).
func (s *Store) Waits(ctx context.Context, user patchbay.UserID, f WaitFilter) (list []*patchbay.RunWait, next string, err error) {
	defer wrap(&err, "store: waits")
	if f.Runs != nil && len(f.Runs) == 0 {
		return nil, "", nil
	}
	limit := pageOf(f.Limit)
	var rows []*waitRow
	q := s.db.NewSelect().Model(&rows).OrderExpr("w.id").Limit(int64(limit) + 1)
	if f.Run != "" || f.Runs != nil {
		// The waits of a run are few, those of a user are not: their index must not be taken.
		q = q.Where("w.user_id || '' = ?", string(user))
	} else {
		q = q.Where("w.user_id = ?", string(user))
	}
	if f.Run != "" {
		q = q.Where("w.run_id = ?", string(f.Run))
	}
	if f.Runs != nil {
		q = q.Where("w.run_id IN ?", bun.Tuple(textsOf(f.Runs)))
	}
	if f.Conversation != "" {
		q = q.Where("w.conversation_id = ?", string(f.Conversation))
	}
	if f.Open {
		q = q.Where("w.status = 'open'")
	}
	if f.Kind != "" {
		q = q.Where("w.kind = ?", string(f.Kind))
	}
	if f.After != "" {
		q = q.Where("w.id > ?", f.After)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *waitRow) string { return r.ID })
	list, err = waitsOf(rows)
	return list, next, err
}

// Wait returns a wait of a user.
func (s *Store) Wait(ctx context.Context, user patchbay.UserID, id string) (w *patchbay.RunWait, err error) {
	defer wrap(&err, "store: wait")
	row := new(waitRow)
	if err := s.db.NewSelect().Model(row).Where("w.id = ?", id).Where("w.user_id = ?", string(user)).Scan(ctx); err != nil {
		return nil, orNotFound(err, "question")
	}
	return row.wait()
}

// AnswerWait ends an open wait of a user with their answer, which the run then has to take
// in: on disk when it returns. It is a conflict when the wait is not open or has expired
// at now: of two answers one counts.
func (s *Store) AnswerWait(ctx context.Context, user patchbay.UserID, id string, status patchbay.RunWaitStatus, answer *patchbay.WaitAnswer, now time.Time) (w *patchbay.RunWait, err error) {
	defer wrap(&err, "store: answer wait")
	text, err := answerText(answer)
	if err != nil {
		return nil, err
	}
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		row := new(waitRow)
		err := tx.NewRaw(`UPDATE run_waits SET status = ?, answer = ?, ended_at = ?, fresh = TRUE
WHERE id = ? AND user_id = ? AND status = 'open' AND (expires_at = 0 OR expires_at > ?) RETURNING *`,
			string(status), text, millis(now), id, string(user), millis(now)).Scan(ctx, row)
		if noRows(err) {
			return notOpen(ctx, tx, user, id)
		}
		if err != nil {
			return err
		}
		if w, err = row.wait(); err != nil {
			return err
		}
		return s.hint(ctx, tx, TopicRun, row.RunID, 0)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// notOpen says why a wait cannot be answered.
func notOpen(ctx context.Context, tx bun.Tx, user patchbay.UserID, id string) error {
	row := new(waitRow)
	if err := tx.NewSelect().Model(row).Column("status").Where("w.id = ?", id).Where("w.user_id = ?", string(user)).Scan(ctx); err != nil {
		return orNotFound(err, "question")
	}
	switch patchbay.RunWaitStatus(row.Status) {
	case patchbay.WaitAnswered, patchbay.WaitRefused:
		return patchbay.Errorf(patchbay.CodeConflict, "This was answered already.")
	case patchbay.WaitOpen, patchbay.WaitExpired:
		return patchbay.Errorf(patchbay.CodeConflict, "The time to answer this is over. Ask again in the conversation.")
	}
	return patchbay.Errorf(patchbay.CodeConflict, "This is not waiting for an answer any more.")
}
