package store

import (
	"context"

	"patchbay"
)

// OpenWaits returns the open waits of a kind of all users, oldest first, and the cursor of
// the next page ("" on the last one): for who looks whether what they wait for has come.
func (s *Store) OpenWaits(ctx context.Context, kind patchbay.WaitKind, after string, limit int) (list []*patchbay.RunWait, next string, err error) {
	defer wrap(&err, "store: open waits")
	limit = pageOf(limit)
	var rows []*waitRow
	q := s.db.NewSelect().Model(&rows).Where("w.status = 'open'").Where("w.kind = ?", string(kind)).OrderExpr("w.id").Limit(int64(limit) + 1)
	if after != "" {
		q = q.Where("w.id > ?", after)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *waitRow) string { return r.ID })
	list, err = waitsOf(rows)
	return list, next, err
}
