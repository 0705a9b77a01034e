package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// Caps of agents.
const (
	MaxAgents   = 1000 // of one user
	maxVersions = 200  // kept of one agent
)

// CreateAgent inserts an agent as version 1; its id is filled when empty. A user who has
// MaxAgents of them gets a conflict.
func (s *Store) CreateAgent(ctx context.Context, a *patchbay.Agent) (err error) {
	defer wrap(&err, "store: create agent")
	if a.ID == "" {
		a.ID = patchbay.AgentID(NewID())
	}
	a.Version = 1
	if a.UpdatedAt.IsZero() {
		a.UpdatedAt = a.CreatedAt
	}
	row, err := rowOfAgent(a)
	if err != nil {
		return err
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*agentRow)(nil)).Where("owner_id = ?", row.OwnerID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxAgents {
			return patchbay.Errorf(patchbay.CodeConflict, "There are %d agents already. Delete one that is not used any more.", n)
		}
		if _, err := tx.NewInsert().Model(row).Returning("*").Exec(ctx); err != nil {
			return ownerGone(err)
		}
		return keepVersion(ctx, tx, row)
	})
}

// Agent returns an agent of whomever: who asks decides whether it may be seen.
func (s *Store) Agent(ctx context.Context, id patchbay.AgentID) (a *patchbay.Agent, err error) {
	defer wrap(&err, "store: agent")
	row := new(agentRow)
	if err := s.db.NewSelect().Model(row).Where("id = ?", string(id)).Scan(ctx); err != nil {
		return nil, orNotFound(err, "agent")
	}
	return row.agent()
}

// AgentFilter selects agents: those of Owner, and those with a grant to one of Grantees.
type AgentFilter struct {
	Owner    patchbay.UserID
	Grantees []patchbay.Grantee // whom the actor is: everyone, a role, groups, a user
	Search   string             // part of name or description, in any case
	After    string
	Limit    int // 1..200; anything else is 25
}

// Agents returns agents, newest first, and the cursor of the next page ("" on the last
// one).
func (s *Store) Agents(ctx context.Context, f AgentFilter) (list []*patchbay.Agent, next string, err error) {
	defer wrap(&err, "store: agents")
	limit := pageOf(f.Limit)
	var rows []*agentRow
	q := s.db.NewSelect().Model(&rows).OrderExpr("a.id DESC").Limit(int64(limit) + 1)
	q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.WhereOr("a.owner_id = ?", string(f.Owner))
		for _, g := range f.Grantees {
			q = q.WhereOr("a.id IN (SELECT g.object_id FROM grants AS g WHERE g.kind = ? AND g.grantee_kind = ? AND g.grantee_name = ? AND g.permissions <> 0)",
				GrantAgent, string(g.Kind), g.Name)
		}
		return q
	})
	if f.After != "" {
		q = q.Where("a.id < ?", f.After)
	}
	if f.Search != "" {
		q = q.Where("a.search_text LIKE ? ESCAPE '!'", searchPattern(f.Search))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *agentRow) string { return r.ID })
	list, err = agentsOf(rows)
	return list, next, err
}

// SaveAgent writes an agent in place of version, and gives a.Version the next one. When it
// has another version by now, the error has CodeStale. Owner and CreatedAt stay.
func (s *Store) SaveAgent(ctx context.Context, a *patchbay.Agent, version int) (err error) {
	defer wrap(&err, "store: save agent")
	next := *a
	next.Version = version + 1
	row, err := rowOfAgent(&next)
	if err != nil {
		return err
	}
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		var kept []*agentRow
		err := tx.NewUpdate().Model(row).ExcludeColumn("id", "owner_id", "created_at").
			Where("id = ?", row.ID).Where("version = ?", version).Returning("*").Scan(ctx, &kept)
		if err != nil && !noRows(err) {
			return err
		}
		if len(kept) > 0 {
			return keepVersion(ctx, tx, kept[0])
		}
		there, err := tx.NewSelect().Model((*agentRow)(nil)).Where("id = ?", row.ID).Exists(ctx)
		if err != nil {
			return err
		}
		if !there {
			return notFound("agent")
		}
		return patchbay.Errorf(patchbay.CodeStale, "The agent was changed meanwhile. Load it again, and then change it.")
	})
	if err == nil {
		a.Version = next.Version
	}
	return err
}

// DeleteAgent removes an agent with its versions and grants. Conversations keep its id.
func (s *Store) DeleteAgent(ctx context.Context, id patchbay.AgentID) (err error) {
	defer wrap(&err, "store: delete agent")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := deleteGrants(ctx, tx, GrantAgent, string(id)); err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*agentRow)(nil)).Where("id = ?", string(id)).Exec(ctx)
		return changedOne(res, err, "agent")
	})
}
