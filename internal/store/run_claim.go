package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// maxClaims bounds the runs of one claim.
const maxClaims = 100

// RenewRuns makes the leases of runs that owner has longer, and returns those that it does
// not have any more.
func (s *Store) RenewRuns(ctx context.Context, owner string, ids []patchbay.RunID, lease time.Duration) (lost []patchbay.RunID, err error) {
	defer wrap(&err, "store: renew runs")
	if owner == "" || len(ids) == 0 {
		return ids, nil
	}
	var kept []string
	err = s.db.NewRaw("UPDATE runs SET lease_until = ? WHERE owner = ? AND status IN ('running', 'waiting') AND id IN ? RETURNING id",
		s.leaseEnd(lease), owner, bun.Tuple(textsOf(ids))).Scan(ctx, &kept)
	if err != nil && !noRows(err) {
		return nil, err
	}
	has := make(map[string]bool, len(kept))
	for _, id := range kept {
		has[id] = true
	}
	for _, id := range ids {
		if !has[string(id)] {
			lost = append(lost, id)
		}
	}
	return lost, nil
}

// ClaimRuns gives owner up to limit active runs that their owners have no longer: their
// lease is over, on SQLite they are of another process; and running ones that nobody has.
// Of all who try, one gets a run, with the next epoch: what its owner before still writes
// is refused.
func (s *Store) ClaimRuns(ctx context.Context, owner string, lease time.Duration, limit int) (list []*patchbay.Run, err error) {
	defer wrap(&err, "store: claim runs")
	if limit < 1 || limit > maxClaims {
		limit = maxClaims
	}
	free, args := s.free(owner)
	cond := "status IN ('running', 'waiting') AND (" + free + " OR (owner = '' AND status = 'running'))"
	var rows []*runRow
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		all := []any{owner, s.leaseEnd(lease)}
		all = append(all, args...)
		all = append(all, args...)
		all = append(all, limit)
		// The condition is there twice: who waited for another claim looks again. There is no
		// order: with one, all runs that ever were are looked through in it.
		err := tx.NewRaw("UPDATE runs SET owner = ?, lease_until = ?, epoch = epoch + 1 WHERE "+cond+
			" AND id IN (SELECT id FROM runs WHERE "+cond+" LIMIT ?) RETURNING *", all...).Scan(ctx, &rows)
		if noRows(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b *runRow) int { return strings.Compare(a.ID, b.ID) })
	return runsOf(rows)
}

// ClaimRun gives owner one run, with the next epoch: a waiting one that nobody has and that
// has something to take in (an ended wait, a stop), or one that was interrupted or failed,
// which becomes the running one of its conversation again. ok is false when it is
// elsewhere by now. It is a conflict when another run of the conversation is active.
func (s *Store) ClaimRun(ctx context.Context, owner string, id patchbay.RunID, lease time.Duration) (r *patchbay.Run, ok bool, err error) {
	defer wrap(&err, "store: claim run")
	var rows []*runRow
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewRaw(`UPDATE runs SET owner = ?, lease_until = ?, epoch = epoch + 1 WHERE id = ? AND status = 'waiting' AND owner = ''
AND (stop OR EXISTS (SELECT 1 FROM run_waits AS w WHERE w.run_id = runs.id AND w.fresh)) RETURNING *`,
			owner, s.leaseEnd(lease), string(id)).Scan(ctx, &rows)
		if err != nil && !noRows(err) {
			return err
		}
		if len(rows) > 0 {
			return nil
		}
		rows, err = s.reviveRun(ctx, tx, owner, id, lease)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	r, err = rows[0].run()
	return r, err == nil, err
}

// reviveRun makes a run that was interrupted or failed the active one again. Its usage
// comes off the conversation's, to which its next end adds all of it.
func (s *Store) reviveRun(ctx context.Context, tx bun.Tx, owner string, id patchbay.RunID, lease time.Duration) (rows []*runRow, err error) {
	row := new(runRow)
	err = tx.NewRaw("UPDATE runs SET stop = FALSE WHERE id = ? AND status IN ('interrupted', 'failed') RETURNING *", string(id)).Scan(ctx, row)
	if noRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	u := row.Usage
	ok, err := changed(tx.NewRaw(`UPDATE conversations SET run_id = ?, usage_input = usage_input - ?, usage_output = usage_output - ?,
usage_reasoning = usage_reasoning - ?, usage_cache_read = usage_cache_read - ?, usage_cache_write = usage_cache_write - ?
WHERE id = ? AND run_id = ''`, row.ID, u.Input, u.Output, u.Reasoning, u.CacheRead, u.CacheWrite, row.ConversationID).Exec(ctx))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errBusy()
	}
	err = tx.NewRaw("UPDATE runs SET status = 'running', ending = '', ended_at = 0, owner = ?, lease_until = ?, epoch = epoch + 1 WHERE id = ? RETURNING *",
		owner, s.leaseEnd(lease), string(id)).Scan(ctx, &rows)
	return rows, err
}
