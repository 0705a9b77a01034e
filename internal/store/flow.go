package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// FlowStatus is where the row of a flow stands.
type FlowStatus string

// Statuses of flows. Pending and finishing are active: of one (user, server) there is at
// most one such row. The others are the end.
const (
	FlowPending   FlowStatus = "pending"   // the person has not come back yet
	FlowFinishing FlowStatus = "finishing" // the callback was taken; no other will be
	FlowDone      FlowStatus = "done"
	FlowFailed    FlowStatus = "failed"
	FlowCancelled FlowStatus = "cancelled"
)

// Active reports whether the flow has not ended.
func (s FlowStatus) Active() bool { return s == FlowPending || s == FlowFinishing }

// Flow is one sign-in that a person began.
type Flow struct {
	ID          string // made by CreateFlow when empty
	User        patchbay.UserID
	Server      patchbay.ServerID
	StateHash   string // empty until the person is sent away
	BrowserHash string // of the binding cookie; empty until a browser is bound
	Sealed      string // what the callback needs; empty once the flow has ended
	KeyID       string // of the key it is sealed under
	Status      FlowStatus
	Error       string // a sentence, with FlowFailed
	CreatedAt   time.Time
	ExpiresAt   time.Time
	UpdatedAt   time.Time
}

type flowRow struct {
	bun.BaseModel `bun:"table:oauth_flows,alias:f"`

	ID          string `bun:"id,pk"`
	UserID      string `bun:"user_id"`
	ServerID    string `bun:"server_id"`
	StateHash   string `bun:"state_hash"`
	BrowserHash string `bun:"browser_hash"`
	Sealed      string `bun:"sealed"`
	KeyID       string `bun:"key_id"`
	Status      string `bun:"status"`
	Error       string `bun:"error"`
	CreatedAt   int64  `bun:"created_at"`
	ExpiresAt   int64  `bun:"expires_at"`
	UpdatedAt   int64  `bun:"updated_at"`
}

func rowOfFlow(f *Flow) *flowRow {
	return &flowRow{
		ID: f.ID, UserID: string(f.User), ServerID: string(f.Server), StateHash: f.StateHash, BrowserHash: f.BrowserHash,
		Sealed: f.Sealed, KeyID: f.KeyID, Status: string(f.Status), Error: f.Error,
		CreatedAt: millis(f.CreatedAt), ExpiresAt: millis(f.ExpiresAt), UpdatedAt: millis(f.UpdatedAt),
	}
}

func (r *flowRow) flow() *Flow {
	return &Flow{
		ID: r.ID, User: patchbay.UserID(r.UserID), Server: patchbay.ServerID(r.ServerID), StateHash: r.StateHash, BrowserHash: r.BrowserHash,
		Sealed: r.Sealed, KeyID: r.KeyID, Status: FlowStatus(r.Status), Error: r.Error,
		CreatedAt: instant(r.CreatedAt), ExpiresAt: instant(r.ExpiresAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

func flows(rows []*flowRow) []*Flow {
	out := make([]*Flow, len(rows))
	for i, r := range rows {
		out[i] = r.flow()
	}
	return out
}

// flowExpired is what a flow that ran out ended with.
const flowExpired = "The sign-in was not finished in time. Start it again."

// CreateFlow makes f the active flow of its (user, server), or returns the one that there
// is (created is false): two callers at the same time, in two processes too, get the same.
// An active one that ran out at now is ended first. CreatedAt and UpdatedAt are set to
// now and Status to FlowPending. The account being gone is a not-found error.
func (s *Store) CreateFlow(ctx context.Context, f *Flow, now time.Time) (got *Flow, created bool, err error) {
	defer wrap(&err, "store: create flow")
	row := rowOfFlow(f)
	if row.ID == "" {
		row.ID = NewID()
	}
	row.Status, row.CreatedAt, row.UpdatedAt = string(FlowPending), millis(now), millis(now)
	found := new(flowRow)
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`UPDATE oauth_flows SET status = ?, error = ?, sealed = '', key_id = '', updated_at = ?
WHERE user_id = ? AND server_id = ? AND status IN (?, ?) AND expires_at <= ?`,
			string(FlowFailed), flowExpired, millis(now), row.UserID, row.ServerID,
			string(FlowPending), string(FlowFinishing), millis(now)).Exec(ctx)
		if err != nil {
			return err
		}
		res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return ownerGone(err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		created = n == 1
		return tx.NewSelect().Model(found).Where("user_id = ?", row.UserID).Where("server_id = ?", row.ServerID).
			Where("status IN (?, ?)", string(FlowPending), string(FlowFinishing)).Scan(ctx)
	})
	if err != nil {
		return nil, false, orNotFound(err, "sign-in")
	}
	return found.flow(), created, nil
}

// Flow returns a flow by id, whatever its status.
func (s *Store) Flow(ctx context.Context, id string) (*Flow, error) {
	return s.oneFlow(ctx, "id = ?", id)
}

// FlowByState returns a flow by the hash of its state, whatever its status.
func (s *Store) FlowByState(ctx context.Context, stateHash string) (*Flow, error) {
	if stateHash == "" {
		return nil, notFound("sign-in")
	}
	return s.oneFlow(ctx, "state_hash = ?", stateHash)
}

func (s *Store) oneFlow(ctx context.Context, where, value string) (f *Flow, err error) {
	defer wrap(&err, "store: flow")
	row := new(flowRow)
	if err := s.db.NewSelect().Model(row).Where(where, value).Scan(ctx); err != nil {
		return nil, orNotFound(err, "sign-in")
	}
	return row.flow(), nil
}

// ActiveFlow returns the active flow of a user at a server that has not run out at now.
func (s *Store) ActiveFlow(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, now time.Time) (f *Flow, err error) {
	defer wrap(&err, "store: active flow")
	row := new(flowRow)
	err = s.db.NewSelect().Model(row).Where("user_id = ?", string(user)).Where("server_id = ?", string(server)).
		Where("status IN (?, ?)", string(FlowPending), string(FlowFinishing)).Where("expires_at > ?", millis(now)).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "sign-in")
	}
	return row.flow(), nil
}

// ActiveFlows returns every active flow that has not run out at now, oldest first: what a
// process that starts has to take up.
func (s *Store) ActiveFlows(ctx context.Context, now time.Time) (out []*Flow, err error) {
	defer wrap(&err, "store: active flows")
	var rows []*flowRow
	err = s.db.NewSelect().Model(&rows).Where("status IN (?, ?)", string(FlowPending), string(FlowFinishing)).
		Where("expires_at > ?", millis(now)).OrderExpr("id").Scan(ctx)
	return flows(rows), err
}

// UpdateFlow writes StateHash, BrowserHash, Sealed, KeyID and ExpiresAt of a pending flow
// that has not run out at now; anything else is a not-found error. old is the StateHash
// that the caller read: when it is another by now, the error has CodeStale.
func (s *Store) UpdateFlow(ctx context.Context, f *Flow, old string, now time.Time) (err error) {
	defer wrap(&err, "store: update flow")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		var state string
		err := tx.NewRaw("UPDATE oauth_flows SET updated_at = ? WHERE id = ? AND status = ? AND expires_at > ? RETURNING state_hash",
			millis(now), f.ID, string(FlowPending), millis(now)).Scan(ctx, &state)
		if err != nil {
			return orNotFound(err, "sign-in")
		}
		if state != old {
			return patchbay.Errorf(patchbay.CodeStale, "The sign-in was changed meanwhile.")
		}
		_, err = tx.NewRaw("UPDATE oauth_flows SET state_hash = ?, browser_hash = ?, sealed = ?, key_id = ?, expires_at = ? WHERE id = ?",
			f.StateHash, f.BrowserHash, f.Sealed, f.KeyID, millis(f.ExpiresAt), f.ID).Exec(ctx)
		return err
	})
}

// TakeFlow moves the flow of a state from pending to finishing and returns it as it was,
// with its sealed part. Of all who try, in all processes, one gets it; the others, and
// whoever comes after it ran out, get a not-found error. The state cannot be used again.
func (s *Store) TakeFlow(ctx context.Context, stateHash string, now time.Time) (f *Flow, err error) {
	defer wrap(&err, "store: take flow")
	if stateHash == "" {
		return nil, notFound("sign-in")
	}
	row := new(flowRow)
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("UPDATE oauth_flows SET status = ?, updated_at = ? WHERE state_hash = ? AND status = ? AND expires_at > ? RETURNING *",
			string(FlowFinishing), millis(now), stateHash, string(FlowPending), millis(now)).Scan(ctx, row)
	})
	if err != nil {
		return nil, orNotFound(err, "sign-in")
	}
	return row.flow(), nil
}

// EndFlow moves a flow that is in one of from to its end and erases what was sealed.
// Message is kept with FlowFailed. A flow that is elsewhere is a not-found error: somebody
// else ended it. To end one as done together with its token, see PutToken.
func (s *Store) EndFlow(ctx context.Context, id string, to FlowStatus, message string, now time.Time, from ...FlowStatus) (f *Flow, err error) {
	defer wrap(&err, "store: end flow")
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err = endFlow(ctx, tx, id, to, message, now, from)
		return err
	})
	return f, err
}

func endFlow(ctx context.Context, tx bun.Tx, id string, to FlowStatus, message string, now time.Time, from []FlowStatus) (*Flow, error) {
	row := new(flowRow)
	err := tx.NewRaw("UPDATE oauth_flows SET status = ?, error = ?, sealed = '', key_id = '', updated_at = ? WHERE id = ? AND status IN ? RETURNING *",
		string(to), message, millis(now), id, bun.Tuple(texts(from))).Scan(ctx, row)
	if err != nil {
		return nil, orNotFound(err, "sign-in")
	}
	return row.flow(), nil
}

// ExpireFlows ends the active flows that ran out at now as failed and returns them, and
// deletes what ended more than keep ago. Each is returned once, to one process.
func (s *Store) ExpireFlows(ctx context.Context, now time.Time, keep time.Duration) (out []*Flow, err error) {
	defer wrap(&err, "store: expire flows")
	var rows []*flowRow
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM oauth_flows WHERE status NOT IN (?, ?) AND updated_at <= ?",
			string(FlowPending), string(FlowFinishing), millis(now.Add(-keep))).Exec(ctx)
		if err != nil {
			return err
		}
		err = tx.NewRaw("UPDATE oauth_flows SET status = ?, error = ?, sealed = '', key_id = '', updated_at = ? WHERE status IN (?, ?) AND expires_at <= ? RETURNING *",
			string(FlowFailed), flowExpired, millis(now), string(FlowPending), string(FlowFinishing), millis(now)).Scan(ctx, &rows)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	return flows(rows), err
}

func texts(from []FlowStatus) []string {
	out := make([]string, len(from))
	for i, f := range from {
		out[i] = string(f)
	}
	return out
}

// FlowsNotUnder returns up to limit active flows that are sealed under another key than
// keyID, from behind the id after on.
func (s *Store) FlowsNotUnder(ctx context.Context, keyID, after string, limit int) (out []*Flow, err error) {
	defer wrap(&err, "store: flows of other keys")
	var rows []*flowRow
	err = s.db.NewSelect().Model(&rows).Where("key_id NOT IN ('', ?)", keyID).Where("id > ?", after).OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	return flows(rows), err
}

// ReplaceSealedFlow puts what was sealed again in place of old, unless it was changed
// meanwhile.
func (s *Store) ReplaceSealedFlow(ctx context.Context, f *Flow, old string) (err error) {
	defer wrap(&err, "store: replace sealed flow")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*flowRow)(nil)).Set("sealed = ?", f.Sealed).Set("key_id = ?", f.KeyID).
			Where("id = ?", f.ID).Where("sealed = ?", old).Exec(ctx)
		return err
	})
}
