package store

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"patchbay"
)

type runCallRow struct {
	bun.BaseModel `bun:"table:run_calls,alias:k"`

	RunID      string `bun:"run_id,pk"`
	ID         string `bun:"id,pk"`
	Step       int    `bun:"step"`
	Idx        int    `bun:"idx"`
	Name       string `bun:"name"`
	ServerID   string `bun:"server_id"`
	Title      string `bun:"title"`
	Tool       string `bun:"tool"`
	State      string `bun:"state"`
	IsError    bool   `bun:"is_error"`
	Problem    string `bun:"problem"`
	Reason     string `bun:"reason"`
	CreatedAt  int64  `bun:"created_at"`
	StartedAt  int64  `bun:"started_at"`
	EndedAt    int64  `bun:"ended_at"`
	ResultSize int    `bun:"result_size"`
	Args       string `bun:"args"`
	Result     string `bun:"result"`
}

const callColumns = `k.run_id, k.id, k.step, k.idx, k.name, k.server_id, k.title, k.tool, k.state, k.is_error, k.problem, k.reason,
k.created_at, k.started_at, k.ended_at, k.result_size, k.args`

func (r *runCallRow) call() *patchbay.RunCall {
	return &patchbay.RunCall{
		Run: patchbay.RunID(r.RunID), ID: r.ID, Step: r.Step, Index: r.Idx, Name: r.Name, Server: patchbay.ServerID(r.ServerID), Title: r.Title,
		Tool: r.Tool, Args: r.Args, State: patchbay.RunCallState(r.State), Result: raw(r.Result), ResultSize: r.ResultSize, IsError: r.IsError,
		Problem: r.Problem, Reason: r.Reason, CreatedAt: instant(r.CreatedAt), StartedAt: instant(r.StartedAt), EndedAt: instant(r.EndedAt),
	}
}

// putCalls writes calls in place of those with their ids. Of two with one id the last
// counts: a statement cannot change a row twice.
func putCalls(ctx context.Context, tx bun.Tx, run string, calls []*patchbay.RunCall) error {
	at := make(map[string]int, len(calls))
	rows := make([]*runCallRow, 0, len(calls))
	for _, c := range calls {
		row := &runCallRow{
			RunID: run, ID: c.ID, Step: c.Step, Idx: c.Index, Name: c.Name, ServerID: string(c.Server), Title: c.Title, Tool: c.Tool, State: string(c.State),
			IsError: c.IsError, Problem: c.Problem, Reason: c.Reason, CreatedAt: millis(c.CreatedAt), StartedAt: millis(c.StartedAt), EndedAt: millis(c.EndedAt),
			ResultSize: len(c.Result), Args: c.Args, Result: string(c.Result),
		}
		if i, twice := at[c.ID]; twice {
			rows[i] = row
			continue
		}
		at[c.ID] = len(rows)
		rows = append(rows, row)
	}
	for batch := range slices.Chunk(rows, bulkBatch) {
		q := tx.NewInsert().Model(&batch).On("CONFLICT (run_id, id) DO UPDATE")
		for _, column := range []string{"step", "idx", "name", "server_id", "title", "tool", "state", "is_error", "problem", "reason", "created_at", "started_at", "ended_at", "args"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
		}
		_, err := q.Set("result_size = CASE WHEN EXCLUDED.result = '' THEN k.result_size ELSE EXCLUDED.result_size END").
			Set("result = CASE WHEN EXCLUDED.result = '' THEN k.result ELSE EXCLUDED.result END").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// RunCalls returns the calls of runs, by run, step and index; Result is filled when
// withResults says so, ResultSize always.
func (s *Store) RunCalls(ctx context.Context, ids []patchbay.RunID, withResults bool) (list []*patchbay.RunCall, err error) {
	defer wrap(&err, "store: run calls")
	for batch := range slices.Chunk(textsOf(ids), bulkBatch) {
		var rows []*runCallRow
		q := s.db.NewSelect().Model(&rows).ColumnExpr(callColumns).Where("k.run_id IN ?", bun.Tuple(batch)).OrderExpr("k.run_id, k.step, k.idx, k.id")
		if withResults {
			q = q.ColumnExpr("k.result")
		}
		if err := q.Scan(ctx); err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, r.call())
		}
	}
	return list, nil
}

// RunCall returns a call of a user's run, whole.
func (s *Store) RunCall(ctx context.Context, user patchbay.UserID, run patchbay.RunID, id string) (c *patchbay.RunCall, err error) {
	defer wrap(&err, "store: run call")
	row := new(runCallRow)
	err = s.db.NewSelect().Model(row).Where("k.run_id = ?", string(run)).Where("k.id = ?", id).
		Where("EXISTS (SELECT 1 FROM runs AS r WHERE r.id = k.run_id AND r.user_id = ?)", string(user)).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "call")
	}
	return row.call(), nil
}

// CallByID returns a call of some of a user's runs, whole; of several with one id the one
// of the newest run.
func (s *Store) CallByID(ctx context.Context, user patchbay.UserID, runs []patchbay.RunID, id string) (c *patchbay.RunCall, err error) {
	defer wrap(&err, "store: call by id")
	row := new(runCallRow)
	err = s.db.NewSelect().Model(row).Where("k.id = ?", id).
		Where("k.run_id IN (?)", bun.In(runs)).
		Where("EXISTS (SELECT 1 FROM runs AS r WHERE r.id = k.run_id AND r.user_id = ?)", string(user)).
		OrderExpr("k.run_id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "call")
	}
	return row.call(), nil
}
