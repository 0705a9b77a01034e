package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// CreateUser inserts an account. Id, role, provider and source are filled when empty;
// e-mail and username are stored in lower case. passwordHash may be empty: no login
// by password. A taken e-mail address or username is a conflict that names the field.
func (s *Store) CreateUser(ctx context.Context, u *patchbay.User, passwordHash string) (err error) {
	defer wrap(&err, "store: create user")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		return insertUser(ctx, tx, u, passwordHash)
	})
}

// CreateFirstAdmin is CreateUser with the role ADMIN, and fails with a conflict when
// there is an administrator already. Of two at the same time, one wins.
func (s *Store) CreateFirstAdmin(ctx context.Context, u *patchbay.User, passwordHash string) (err error) {
	defer wrap(&err, "store: create first admin")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		exists, err := adminExists(ctx, tx)
		if err != nil {
			return err
		}
		if exists {
			return patchbay.Errorf(patchbay.CodeConflict, "Setup is done: an administrator exists already. Log in instead.")
		}
		u.Role = patchbay.RoleAdmin
		return insertUser(ctx, tx, u, passwordHash)
	})
}

func insertUser(ctx context.Context, tx bun.IDB, u *patchbay.User, passwordHash string) error {
	prepareUser(u)
	_, err := tx.NewInsert().Model(rowOfUser(u, passwordHash)).Exec(ctx)
	return accountConflict(err)
}

// AdminExists reports whether there is an administrator, disabled ones included: an
// instance that was set up stays set up.
func (s *Store) AdminExists(ctx context.Context) (yes bool, err error) {
	defer wrap(&err, "store: admin exists")
	return adminExists(ctx, s.db)
}

func adminExists(ctx context.Context, db bun.IDB) (bool, error) {
	return db.NewSelect().Model((*userRow)(nil)).Where("role = ?", string(patchbay.RoleAdmin)).Exists(ctx)
}
