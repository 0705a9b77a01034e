package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// SetRole changes a role. The last administrator who is not disabled cannot lose
// theirs: that is a conflict.
func (s *Store) SetRole(ctx context.Context, id patchbay.UserID, role patchbay.Role, now time.Time) (err error) {
	defer wrap(&err, "store: set role")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		if role != patchbay.RoleAdmin {
			if err := notLastAdmin(ctx, tx, id); err != nil {
				return err
			}
		}
		res, err := updateUser(tx, id, now).Set("role = ?", string(role)).Exec(ctx)
		return changedOne(res, err, "account")
	})
}

// SetDisabled disables or enables an account. Disabling ends its logins; its API
// tokens stay, refused while it is disabled. The last administrator stays enabled.
func (s *Store) SetDisabled(ctx context.Context, id patchbay.UserID, disabled bool, now time.Time) (err error) {
	defer wrap(&err, "store: set disabled")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		if disabled {
			if err := notLastAdmin(ctx, tx, id); err != nil {
				return err
			}
			if err := deleteLogins(ctx, tx, id, ""); err != nil {
				return err
			}
		}
		res, err := updateUser(tx, id, now).Set("disabled = ?", disabled).Exec(ctx)
		return changedOne(res, err, "account")
	})
}

// SetPassword changes the password hash and ends every login of the account but
// keepLogin (which may be empty: all of them).
func (s *Store) SetPassword(ctx context.Context, id patchbay.UserID, hash, keepLogin string, now time.Time) (err error) {
	defer wrap(&err, "store: set password")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := updateUser(tx, id, now).Set("password_hash = ?", hash).Exec(ctx)
		if err := changedOne(res, err, "account"); err != nil {
			return err
		}
		return deleteLogins(ctx, tx, id, keepLogin)
	})
}

// DeleteUser deletes an account with everything that is its own. The last
// administrator cannot be deleted.
func (s *Store) DeleteUser(ctx context.Context, id patchbay.UserID) (err error) {
	defer wrap(&err, "store: delete user")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := notLastAdmin(ctx, tx, id); err != nil {
			return err
		}
		if err := dropRuns(ctx, tx, "user_id = ?", string(id)); err != nil {
			return err
		}
		if err := deleteGrantsOf(ctx, tx, id); err != nil {
			return err
		}
		// Servers that they made go with them.
		if _, err := tx.NewRaw("UPDATE versions SET version = version + 1 WHERE topic = ?", topicServers).Exec(ctx); err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*userRow)(nil)).Where("id = ?", string(id)).Exec(ctx)
		return changedOne(res, err, "account")
	})
}

func updateUser(tx bun.Tx, id patchbay.UserID, now time.Time) *bun.UpdateQuery {
	return tx.NewUpdate().Model((*userRow)(nil)).Set("updated_at = ?", millis(now)).Where("id = ?", string(id))
}

// notLastAdmin fails when id is the only administrator who is not disabled.
func notLastAdmin(ctx context.Context, tx bun.Tx, id patchbay.UserID) error {
	var ids []string
	err := tx.NewSelect().Model((*userRow)(nil)).Column("id").
		Where("role = ?", string(patchbay.RoleAdmin)).Where("disabled = ?", false).
		Limit(2).Scan(ctx, &ids)
	if err != nil {
		return err
	}
	if len(ids) == 1 && ids[0] == string(id) {
		return patchbay.Errorf(patchbay.CodeConflict, "This is the last administrator. Make another account ADMIN first.")
	}
	return nil
}
