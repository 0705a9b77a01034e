package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// maxInput bounds the runs of one poll.
const maxInput = 1000

// RequestStop asks for a user's active run to be stopped, which its owner does: on disk
// when it returns. It returns the run; asking again, or for one that has ended, changes
// nothing.
func (s *Store) RequestStop(ctx context.Context, user patchbay.UserID, id patchbay.RunID) (r *patchbay.Run, err error) {
	defer wrap(&err, "store: request stop")
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE runs SET stop = TRUE, updated_at = ? WHERE id = ? AND user_id = ? AND status IN ('running', 'waiting') AND NOT stop",
			millis(time.Now()), string(id), string(user)).Exec(ctx)
		if err != nil {
			return err
		}
		row := new(runRow)
		if err := tx.NewSelect().Model(row).Where("r.id = ?", string(id)).Where("r.user_id = ?", string(user)).Scan(ctx); err != nil {
			return orNotFound(err, "run")
		}
		if r, err = row.run(); err != nil {
			return err
		}
		return s.hint(ctx, tx, TopicRun, row.ID, row.Seq)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// RunInput lists the active runs of owner, and the waiting ones that nobody has, for which
// there is something to take in: a stop, or a wait that has ended. It is what is polled.
func (s *Store) RunInput(ctx context.Context, owner string) (ids []patchbay.RunID, err error) {
	defer wrap(&err, "store: run input")
	// Without an order: with one, all runs that ever were are looked through in it.
	err = s.db.NewRaw(`SELECT r.id FROM runs AS r WHERE r.status IN ('running', 'waiting') AND r.owner IN (?, '') AND (r.owner <> '' OR r.status = 'waiting')
AND (r.stop OR EXISTS (SELECT 1 FROM run_waits AS w WHERE w.run_id = r.id AND w.fresh)) LIMIT ?`, owner, maxInput).Scan(ctx, &ids)
	if noRows(err) {
		err = nil
	}
	slices.Sort(ids)
	return ids, err
}
