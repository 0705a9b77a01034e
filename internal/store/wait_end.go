package store

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// EndWaits selects open waits and says how they end. At least one of Expired, IDs, Run,
// User, and Server must be given; all that are given must hold.
type EndWaits struct {
	Status patchbay.RunWaitStatus
	Answer *patchbay.WaitAnswer // kept with them; may be nil
	Now    time.Time

	Expired bool // those whose time is over at Now
	IDs     []string
	Run     patchbay.RunID
	User    patchbay.UserID
	Server  patchbay.ServerID
	Kind    patchbay.WaitKind
	Tool    string
	NotHash string // those that were asked about another definition of their tool
	Live    bool   // those that live on a connection
	Limit   int    // 1..1000; anything else is 1000: call again when there were as many
}

// maxEndWaits bounds the waits that one call ends.
const maxEndWaits = 1000

// EndWaits ends the open waits that e selects, and returns them: each is returned to one
// caller. Their runs have to take them in; RunInput says so.
func (s *Store) EndWaits(ctx context.Context, e EndWaits) (list []*patchbay.RunWait, err error) {
	defer wrap(&err, "store: end waits")
	if !e.Expired && e.IDs == nil && e.Run == "" && e.User == "" && e.Server == "" {
		return nil, errors.New("nothing says which waits are meant")
	}
	if e.IDs != nil && len(e.IDs) == 0 {
		return nil, nil
	}
	if e.Limit < 1 || e.Limit > maxEndWaits {
		e.Limit = maxEndWaits
	}
	answer, err := answerText(e.Answer)
	if err != nil {
		return nil, err
	}
	var rows []*waitRow
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewUpdate().Model((*waitRow)(nil)).Set("status = ?", string(e.Status)).Set("answer = ?", answer).
			Set("ended_at = ?", millis(e.Now)).Set("fresh = TRUE").
			Where("w.status = 'open'").Where("w.id IN (?)", e.query(tx)).Returning("*").Scan(ctx, &rows)
		if err != nil && !noRows(err) {
			return err
		}
		told := make(map[string]bool, len(rows))
		for _, r := range rows {
			if told[r.RunID] {
				continue
			}
			told[r.RunID] = true
			if err := s.hint(ctx, tx, TopicRun, r.RunID, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return waitsOf(rows)
}

// query is the ids of the waits.
func (e *EndWaits) query(tx bun.Tx) *bun.SelectQuery {
	q := tx.NewSelect().TableExpr("run_waits AS o").ColumnExpr("o.id").Where("o.status = 'open'").OrderExpr("o.id").Limit(int64(e.Limit))
	if e.Expired {
		q = q.Where("o.expires_at > 0").Where("o.expires_at <= ?", millis(e.Now))
	}
	if e.IDs != nil {
		q = q.Where("o.id IN ?", bun.Tuple(e.IDs))
	}
	for _, c := range []struct{ column, value string }{
		{"o.run_id", string(e.Run)},
		{"o.user_id", string(e.User)},
		{"o.server_id", string(e.Server)},
		{"o.kind", string(e.Kind)},
		{"o.tool", e.Tool},
	} {
		if c.value != "" {
			q = q.Where("? = ?", bun.Safe(c.column), c.value)
		}
	}
	if e.NotHash != "" {
		q = q.Where("o.hash <> ?", e.NotHash)
	}
	if e.Live {
		q = q.Where("o.live")
	}
	return q
}
