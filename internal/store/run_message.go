package store

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"patchbay"
)

type runMessageRow struct {
	bun.BaseModel `bun:"table:run_messages,alias:m"`

	RunID   string `bun:"run_id,pk"`
	Idx     int64  `bun:"idx,pk"`
	Message string `bun:"message"`
}

func insertRunMessages(ctx context.Context, tx bun.Tx, run string, first int64, messages []patchbay.Message) error {
	rows := make([]*runMessageRow, len(messages))
	for i := range messages {
		text, err := jsonText(messages[i])
		if err != nil {
			return err
		}
		rows[i] = &runMessageRow{RunID: run, Idx: first + int64(i), Message: text}
	}
	return insertAll(ctx, tx, rows)
}

// insertAll inserts rows, a bounded number with each statement.
func insertAll[T any](ctx context.Context, tx bun.Tx, rows []*T) error {
	for batch := range slices.Chunk(rows, bulkBatch) {
		if _, err := tx.NewInsert().Model(&batch).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// RunMessages returns what a run has added to the conversation, in order.
func (s *Store) RunMessages(ctx context.Context, id patchbay.RunID) (list []patchbay.Message, err error) {
	all, err := s.RunsMessages(ctx, []patchbay.RunID{id})
	return all[id], err
}

// RunsMessages returns what each of the runs has added, in order.
func (s *Store) RunsMessages(ctx context.Context, ids []patchbay.RunID) (all map[patchbay.RunID][]patchbay.Message, err error) {
	defer wrap(&err, "store: run messages")
	all = make(map[patchbay.RunID][]patchbay.Message, len(ids))
	for batch := range slices.Chunk(textsOf(ids), bulkBatch) {
		var rows []*runMessageRow
		if err := s.db.NewSelect().Model(&rows).Where("run_id IN ?", bun.Tuple(batch)).OrderExpr("run_id, idx").Scan(ctx); err != nil {
			return nil, err
		}
		for _, r := range rows {
			var m patchbay.Message
			if err := fromJSON(r.Message, &m, "a message of run "+r.RunID); err != nil {
				return nil, err
			}
			all[patchbay.RunID(r.RunID)] = append(all[patchbay.RunID(r.RunID)], m)
		}
	}
	return all, nil
}
