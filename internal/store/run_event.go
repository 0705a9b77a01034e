package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

type runEventRow struct {
	bun.BaseModel `bun:"table:run_events,alias:v"`

	RunID string `bun:"run_id,pk"`
	Seq   int64  `bun:"seq,pk"`
	Kind  string `bun:"kind"`
	At    int64  `bun:"at"`
	Data  string `bun:"data"`
}

// maxEvents bounds the events of one read.
const maxEvents = 1000

func insertEvents(ctx context.Context, tx bun.Tx, events []patchbay.RunEvent) error {
	rows := make([]*runEventRow, len(events))
	for i, e := range events {
		rows[i] = &runEventRow{RunID: string(e.Run), Seq: e.Seq, Kind: string(e.Kind), At: millis(e.At), Data: string(e.Data)}
	}
	return insertAll(ctx, tx, rows)
}

// RunEvents returns facts about a run behind after, in order. A limit that is not 1..1000
// is 1000.
func (s *Store) RunEvents(ctx context.Context, run patchbay.RunID, after int64, limit int) (list []patchbay.RunEvent, err error) {
	defer wrap(&err, "store: run events")
	if limit < 1 || limit > maxEvents {
		limit = maxEvents
	}
	var rows []*runEventRow
	err = s.db.NewSelect().Model(&rows).Where("run_id = ?", string(run)).Where("seq > ?", after).OrderExpr("seq").Limit(int64(limit)).Scan(ctx)
	list = make([]patchbay.RunEvent, len(rows))
	for i, r := range rows {
		list[i] = patchbay.RunEvent{Run: patchbay.RunID(r.RunID), Seq: r.Seq, Kind: patchbay.RunEventKind(r.Kind), At: instant(r.At), Data: raw(r.Data)}
	}
	return list, err
}
