package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// Bounds of groups.
const (
	MaxGroups  = 10_000
	MaxMembers = 20_000 // of one group
)

// Group is a number of people who are given permissions together.
type Group struct {
	ID        string // made by CreateGroup when empty
	Name      string
	Source    string // who keeps it: "local"
	Members   int    // how many
	CreatedAt time.Time
}

type groupRow struct {
	bun.BaseModel `bun:"table:user_groups,alias:g"`

	ID         string `bun:"id,pk"`
	Name       string `bun:"name"`
	Source     string `bun:"source"`
	ExternalID string `bun:"external_id"`
	CreatedAt  int64  `bun:"created_at"`
	Members    int    `bun:"members,scanonly"`
}

type memberRow struct {
	bun.BaseModel `bun:"table:user_group_members,alias:m"`

	GroupID string `bun:"group_id,pk"`
	UserID  string `bun:"user_id,pk"`
	Source  string `bun:"source"`
}

// CreateGroup inserts a group. A name that is taken is a conflict.
func (s *Store) CreateGroup(ctx context.Context, g *Group) (err error) {
	defer wrap(&err, "store: create group")
	if g.ID == "" {
		g.ID = NewID()
	}
	if g.Source == "" {
		g.Source = "local"
	}
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*groupRow)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxGroups {
			return patchbay.Errorf(patchbay.CodeConflict, "There are %d groups already, which is the limit. Delete some first.", MaxGroups)
		}
		_, err = tx.NewInsert().Model(&groupRow{ID: g.ID, Name: g.Name, Source: g.Source, CreatedAt: millis(g.CreatedAt)}).Exec(ctx)
		return groupConflict(err)
	})
}

func groupConflict(err error) error {
	if _, unique, _ := violated(err); !unique {
		return err
	}
	return &patchbay.Error{
		Code: patchbay.CodeConflict, Message: "A group of this name exists already. Choose another name.", Err: err,
		Fields: []patchbay.FieldError{{Path: "body.name", Message: "is taken"}},
	}
}

// RenameGroup changes a group's name.
func (s *Store) RenameGroup(ctx context.Context, id, name string) (err error) {
	defer wrap(&err, "store: rename group")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Model((*groupRow)(nil)).Set("name = ?", name).Where("id = ?", id).Exec(ctx)
		return changedOne(res, groupConflict(err), "group")
	})
}

// DeleteGroup removes a group, its memberships and what it was granted.
func (s *Store) DeleteGroup(ctx context.Context, id string) (err error) {
	defer wrap(&err, "store: delete group")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*serverGrantRow)(nil)).Where("kind = ?", string(patchbay.GranteeGroup)).Where("name = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*groupRow)(nil)).Where("id = ?", id).Exec(ctx)
		return changedOne(res, err, "group")
	})
}

// Groups returns every group by name, with the number of its members.
func (s *Store) Groups(ctx context.Context) (all []*Group, err error) {
	defer wrap(&err, "store: groups")
	var rows []*groupRow
	err = s.db.NewSelect().Model(&rows).ColumnExpr("g.*").
		ColumnExpr("(SELECT COUNT(*) FROM user_group_members AS m WHERE m.group_id = g.id) AS members").
		OrderExpr("name").Limit(MaxGroups).Scan(ctx)
	for _, r := range rows {
		all = append(all, &Group{ID: r.ID, Name: r.Name, Source: r.Source, Members: r.Members, CreatedAt: instant(r.CreatedAt)})
	}
	return all, err
}

// AddMember puts a person into a group; one who is in it already stays.
func (s *Store) AddMember(ctx context.Context, group string, user patchbay.UserID) (err error) {
	defer wrap(&err, "store: add member")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*memberRow)(nil)).Where("group_id = ?", group).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxMembers {
			return patchbay.Errorf(patchbay.CodeConflict, "This group has %d members, which is the limit.", MaxMembers)
		}
		_, err = tx.NewInsert().Model(&memberRow{GroupID: group, UserID: string(user), Source: "local"}).On("CONFLICT DO NOTHING").Exec(ctx)
		if _, _, foreign := violated(err); foreign {
			return notFound("group or account")
		}
		return err
	})
}

// RemoveMember takes a person out of a group.
func (s *Store) RemoveMember(ctx context.Context, group string, user patchbay.UserID) (err error) {
	defer wrap(&err, "store: remove member")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*memberRow)(nil)).Where("group_id = ?", group).Where("user_id = ?", string(user)).Exec(ctx)
		return changedOne(res, err, "member of this group")
	})
}

// Members returns the people of a group, by id, from behind after on.
func (s *Store) Members(ctx context.Context, group string, after patchbay.UserID, limit int) (users []*patchbay.User, err error) {
	defer wrap(&err, "store: members")
	var rows []*userRow
	err = s.db.NewSelect().Model(&rows).Where("id IN (SELECT user_id FROM user_group_members WHERE group_id = ?)", group).
		Where("id > ?", string(after)).OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	for _, r := range rows {
		users = append(users, r.user())
	}
	return users, err
}

// Memberships returns the groups of every person who is in one.
func (s *Store) Memberships(ctx context.Context) (of map[patchbay.UserID][]string, err error) {
	defer wrap(&err, "store: memberships")
	var rows []*memberRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("user_id, group_id").Scan(ctx); err != nil {
		return nil, err
	}
	of = map[patchbay.UserID][]string{}
	for _, r := range rows {
		of[patchbay.UserID(r.UserID)] = append(of[patchbay.UserID(r.UserID)], r.GroupID)
	}
	return of, nil
}
