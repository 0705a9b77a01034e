package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// Run returns a run of a user, whole. Somebody else's is not found.
func (s *Store) Run(ctx context.Context, user patchbay.UserID, id patchbay.RunID) (r *patchbay.Run, err error) {
	defer wrap(&err, "store: run")
	row := new(runRow)
	if err := s.db.NewSelect().Model(row).Where("r.id = ?", string(id)).Where("r.user_id = ?", string(user)).Scan(ctx); err != nil {
		return nil, orNotFound(err, "run")
	}
	return row.run()
}

// RunByID returns a run of whomever, whole: for who executes runs.
func (s *Store) RunByID(ctx context.Context, id patchbay.RunID) (r *patchbay.Run, err error) {
	defer wrap(&err, "store: run by id")
	row := new(runRow)
	if err := s.db.NewSelect().Model(row).Where("r.id = ?", string(id)).Scan(ctx); err != nil {
		return nil, orNotFound(err, "run")
	}
	return row.run()
}

// RunFilter selects runs of one user.
type RunFilter struct {
	Conversation patchbay.ConversationID // empty: any
	IDs          []patchbay.RunID        // nil: any; at most 200
	Active       bool                    // active ones only
	After        patchbay.RunID
	Limit        int // 1..200; anything else is 25
}

// Runs returns runs of a user in the order in which they were made, and the cursor of the
// next page ("" on the last one). They come without State.
func (s *Store) Runs(ctx context.Context, user patchbay.UserID, f RunFilter) (list []*patchbay.Run, next string, err error) {
	defer wrap(&err, "store: runs")
	if f.IDs != nil && len(f.IDs) == 0 {
		return nil, "", nil
	}
	limit := pageOf(f.Limit)
	var rows []*runRow
	q := s.db.NewSelect().Model(&rows).ColumnExpr(runColumns).Where("r.user_id = ?", string(user)).OrderExpr("r.id").Limit(int64(limit) + 1)
	if f.Conversation != "" {
		q = q.Where("r.conversation_id = ?", string(f.Conversation))
	}
	if f.IDs != nil {
		q = q.Where("r.id IN ?", bun.Tuple(textsOf(f.IDs)))
	}
	if f.Active {
		q = q.Where("r.status IN ('running', 'waiting')")
	}
	if f.After != "" {
		q = q.Where("r.id > ?", string(f.After))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *runRow) string { return r.ID })
	list, err = runsOf(rows)
	return list, next, err
}

// textsOf is ids as plain text.
func textsOf[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}
