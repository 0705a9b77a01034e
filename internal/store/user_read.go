package store

import (
	"context"
	"strings"

	"patchbay"
)

// User returns the account with this id, or a not-found error.
func (s *Store) User(ctx context.Context, id patchbay.UserID) (u *patchbay.User, err error) {
	defer wrap(&err, "store: user")
	row := new(userRow)
	err = s.db.NewSelect().Model(row).Where("id = ?", string(id)).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "account")
	}
	return row.user(), nil
}

// UserByEmail returns the account with this e-mail address and its password hash
// (empty when it has none), or a not-found error.
func (s *Store) UserByEmail(ctx context.Context, email string) (u *patchbay.User, passwordHash string, err error) {
	defer wrap(&err, "store: user by e-mail")
	row := new(userRow)
	err = s.db.NewSelect().Model(row).Where("email = ?", patchbay.NormalEmail(email)).Scan(ctx)
	if err != nil {
		return nil, "", orNotFound(err, "account")
	}
	return row.user(), row.PasswordHash, nil
}

// PasswordHash returns the password hash of an account, or a not-found error.
func (s *Store) PasswordHash(ctx context.Context, id patchbay.UserID) (hash string, err error) {
	defer wrap(&err, "store: password hash")
	err = s.db.NewSelect().Model((*userRow)(nil)).Column("password_hash").Where("id = ?", string(id)).Scan(ctx, &hash)
	return hash, orNotFound(err, "account")
}

// UserFilter selects accounts.
type UserFilter struct {
	Search string // part of e-mail, name or username, in any case
	After  string // cursor of an earlier page
	Limit  int    // 1..100; anything else is 25
}

// Bounds of a page.
const (
	defaultPage = 25
	maxPage     = 100
)

// ListUsers returns accounts, oldest first, and the cursor of the next page ("" on
// the last one).
func (s *Store) ListUsers(ctx context.Context, f UserFilter) (users []*patchbay.User, next string, err error) {
	defer wrap(&err, "store: list users")
	if f.Limit < 1 || f.Limit > maxPage {
		f.Limit = defaultPage
	}
	var rows []*userRow
	q := s.db.NewSelect().Model(&rows).OrderExpr("id").Limit(int64(f.Limit) + 1)
	if f.After != "" {
		q = q.Where("id > ?", f.After)
	}
	if f.Search != "" {
		q = q.Where("search_text LIKE ? ESCAPE '!'", contains(f.Search))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = rows[f.Limit-1].ID
	}
	users = make([]*patchbay.User, len(rows))
	for i, r := range rows {
		users[i] = r.user()
	}
	return users, next, nil
}

// contains is the LIKE pattern for "holds s", with s taken literally.
func contains(s string) string {
	s = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(s))
	return "%" + s + "%"
}
