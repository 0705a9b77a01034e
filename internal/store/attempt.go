package store

import (
	"context"
	"time"
)

// Attempt counts one try under key, at most limit within a window, all replicas
// together. ok is false when the limit is passed; wait says when the window ends.
func (s *Store) Attempt(ctx context.Context, key string, limit int, window time.Duration, now time.Time) (ok bool, wait time.Duration, err error) {
	defer wrap(&err, "store: attempt")
	// One statement, so that two tries at the same time are two.
	const upsert = `INSERT INTO login_attempts AS a (key, tries, window_end) VALUES (?0, 1, ?1)
ON CONFLICT (key) DO UPDATE SET
  tries = CASE WHEN a.window_end <= ?2 THEN 1 ELSE a.tries + 1 END,
  window_end = CASE WHEN a.window_end <= ?2 THEN excluded.window_end ELSE a.window_end END
RETURNING tries, window_end`
	var tries, end int64
	err = s.db.NewRaw(upsert, key, millis(now.Add(window)), millis(now)).Scan(ctx, &tries, &end)
	if err != nil {
		return false, 0, err
	}
	if tries > int64(limit) {
		return false, instant(end).Sub(now), nil
	}
	return true, 0, nil
}

// ForgetAttempts starts the count under key again.
func (s *Store) ForgetAttempts(ctx context.Context, key string) (err error) {
	defer wrap(&err, "store: forget attempts")
	_, err = s.db.NewRaw("DELETE FROM login_attempts WHERE key = ?", key).Exec(ctx)
	return err
}

// ReturnAttempt takes back one try that turned out not to count.
func (s *Store) ReturnAttempt(ctx context.Context, key string) (err error) {
	defer wrap(&err, "store: return attempt")
	_, err = s.db.NewRaw("UPDATE login_attempts SET tries = tries - 1 WHERE key = ? AND tries > 0", key).Exec(ctx)
	return err
}
