package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// GrantAgent is the kind of grants on agents.
const GrantAgent = "agent"

type grantRow struct {
	bun.BaseModel `bun:"table:grants,alias:g"`

	Kind        string `bun:"kind,pk"`
	ObjectID    string `bun:"object_id,pk"`
	GranteeKind string `bun:"grantee_kind,pk"`
	GranteeName string `bun:"grantee_name,pk"`
	Permissions int64  `bun:"permissions"`
}

// maxGrants bounds the grants of one thing.
const maxGrants = 1000

// Grants returns who may do what with a thing of a kind.
func (s *Store) Grants(ctx context.Context, kind, id string) (list []patchbay.Grant, err error) {
	defer wrap(&err, "store: grants")
	var rows []*grantRow
	err = s.db.NewSelect().Model(&rows).Where("kind = ?", kind).Where("object_id = ?", id).OrderExpr("grantee_kind, grantee_name").Limit(maxGrants).Scan(ctx)
	list = make([]patchbay.Grant, len(rows))
	for i, r := range rows {
		list[i] = patchbay.Grant{
			Grantee:     patchbay.Grantee{Kind: patchbay.GranteeKind(r.GranteeKind), Name: r.GranteeName},
			Permissions: patchbay.Permission(r.Permissions),
		}
	}
	return list, err
}

// PutGrants writes all grants of a thing in place of those that there are. One without
// permissions is left out; of two for one grantee both count.
func (s *Store) PutGrants(ctx context.Context, kind, id string, grants []patchbay.Grant) (err error) {
	defer wrap(&err, "store: put grants")
	if len(grants) > maxGrants {
		return patchbay.Errorf(patchbay.CodeInvalid, "At most %d grants can be given. Use groups.", maxGrants)
	}
	of := make(map[patchbay.Grantee]patchbay.Permission, len(grants))
	var order []patchbay.Grantee
	for _, g := range grants {
		if g.Permissions != 0 && of[g.Grantee] == 0 {
			order = append(order, g.Grantee)
		}
		of[g.Grantee] |= g.Permissions
	}
	rows := make([]*grantRow, len(order))
	for i, g := range order {
		rows[i] = &grantRow{Kind: kind, ObjectID: id, GranteeKind: string(g.Kind), GranteeName: g.Name, Permissions: int64(of[g])}
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := deleteGrants(ctx, tx, kind, id); err != nil {
			return err
		}
		return insertAll(ctx, tx, rows)
	})
}

func deleteGrants(ctx context.Context, tx bun.Tx, kind, id string) error {
	_, err := tx.NewDelete().Model((*grantRow)(nil)).Where("kind = ?", kind).Where("object_id = ?", id).Exec(ctx)
	return err
}

// deleteGrantsOf removes the grants to a user, and those on what goes with the user.
func deleteGrantsOf(ctx context.Context, tx bun.Tx, user patchbay.UserID) error {
	_, err := tx.NewRaw(`DELETE FROM grants WHERE (grantee_kind = ? AND grantee_name = ?)
OR (kind = ? AND object_id IN (SELECT a.id FROM agents AS a WHERE a.owner_id = ?))`,
		string(patchbay.GranteeUser), string(user), GrantAgent, string(user)).Exec(ctx)
	return err
}
