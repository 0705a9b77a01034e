package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// keepVersion keeps an agent as it is now, and forgets the version that is too old.
func keepVersion(ctx context.Context, tx bun.Tx, row *agentRow) error {
	data, err := jsonText(row)
	if err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(&agentVersionRow{AgentID: row.ID, Version: row.Version, Data: data}).Exec(ctx); err != nil {
		return err
	}
	_, err = tx.NewDelete().Model((*agentVersionRow)(nil)).Where("agent_id = ?", row.ID).Where("version <= ?", row.Version-maxVersions).Exec(ctx)
	return err
}

// AgentVersions returns an agent as it was, the newest version first and from below the
// version after on (0: from the newest), and where the list goes on (0: nowhere). The
// first is the agent as it is. The last 200 versions are kept.
func (s *Store) AgentVersions(ctx context.Context, id patchbay.AgentID, after, limit int) (list []*patchbay.Agent, next int, err error) {
	defer wrap(&err, "store: agent versions")
	limit = pageOf(limit)
	var rows []*agentVersionRow
	q := s.db.NewSelect().Model(&rows).Where("agent_id = ?", string(id)).OrderExpr("version DESC").Limit(int64(limit) + 1)
	if after > 0 {
		q = q.Where("version < ?", after)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, 0, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].Version
	}
	list = make([]*patchbay.Agent, len(rows))
	for i, r := range rows {
		if list[i], err = r.agent(); err != nil {
			return nil, 0, err
		}
	}
	return list, next, nil
}

// AgentVersion returns an agent as it was in one version.
func (s *Store) AgentVersion(ctx context.Context, id patchbay.AgentID, version int) (a *patchbay.Agent, err error) {
	defer wrap(&err, "store: agent version")
	row := new(agentVersionRow)
	err = s.db.NewSelect().Model(row).Where("agent_id = ?", string(id)).Where("version = ?", version).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "version of the agent")
	}
	return row.agent()
}
