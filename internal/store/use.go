package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// touchBatch bounds the rows of one transaction, so that other writers get their turn.
const touchBatch = 200

// Use is when a login or an API token was last used.
type Use struct {
	ID    string
	Token bool // an API token, not a login
	At    time.Time
}

// Touch records times of last use; an older time never replaces a newer one, and an
// id that is gone is passed over.
func (s *Store) Touch(ctx context.Context, uses []Use) (err error) {
	defer wrap(&err, "store: touch")
	// One order for all processes: rows that two of them update cannot dead-lock.
	slices.SortFunc(uses, func(a, b Use) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	for batch := range slices.Chunk(uses, touchBatch) {
		err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			for _, u := range batch {
				q := tx.NewUpdate().Model((*loginRow)(nil))
				if u.Token {
					q = tx.NewUpdate().Model((*apiTokenRow)(nil))
				}
				_, err := q.Set("last_used_at = ?", millis(u.At)).Where("id = ?", u.ID).Where("last_used_at < ?", millis(u.At)).Exec(ctx)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteExpired deletes what nobody can use any more: expired logins, API tokens that
// expired more than keepTokens ago (their owner may still want to see why they
// stopped working), and windows of tries that are over.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, keepTokens time.Duration) (err error) {
	defer wrap(&err, "store: delete expired")
	if _, err := s.db.NewDelete().Model((*loginRow)(nil)).Where("expires_at <= ?", millis(now)).Exec(ctx); err != nil {
		return err
	}
	_, err = s.db.NewDelete().Model((*apiTokenRow)(nil)).
		Where("expires_at > 0").Where("expires_at <= ?", millis(now.Add(-keepTokens))).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = s.db.NewRaw("DELETE FROM login_attempts WHERE window_end <= ?", millis(now)).Exec(ctx)
	return err
}
