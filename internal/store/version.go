package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Epoch returns a number that changes when another process changed an account, a
// login or a token: whoever keeps snapshots of them drops them then. It costs one
// small query on PostgreSQL and none on SQLite, where there is no other process.
func (s *Store) Epoch(ctx context.Context) (n int64, err error) {
	if !s.Shared() {
		return 0, nil
	}
	defer wrap(&err, "store: epoch")
	v, err := accountsVersion(ctx, s.db)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v != s.seen {
		s.seen = v
		s.foreign++
	}
	return s.foreign, nil
}

func accountsVersion(ctx context.Context, db bun.IDB) (v int64, err error) {
	err = db.NewRaw("SELECT version FROM versions WHERE topic = ?", topicAccounts).Scan(ctx, &v)
	return v, err
}

const topicAccounts = "accounts"

// changeAccounts runs fn in a durable transaction that moves the accounts' version.
// Its row is taken first, so that such changes happen one after the other, on every
// replica: fn may count administrators and rely on it.
func (s *Store) changeAccounts(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	var v int64
	err := s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewRaw("UPDATE versions SET version = version + 1 WHERE topic = ? RETURNING version", topicAccounts).Scan(ctx, &v)
		if err != nil {
			return err
		}
		return fn(ctx, tx)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Only a version that follows the newest known one is surely ours alone. Any
	// other makes Epoch report a foreign change that was none, which is harmless.
	if v == s.seen+1 {
		s.seen = v
	}
	return nil
}
