package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// Login is a browser's or a shell's login. Hash is the SHA-256 of its opaque token in
// hexadecimal; the token itself is nowhere.
type Login struct {
	ID         string
	User       patchbay.UserID
	Hash       string `json:"-"`
	IP         string
	UserAgent  string
	CreatedAt  time.Time
	LastUsedAt time.Time
	ExpiresAt  time.Time
}

type loginRow struct {
	bun.BaseModel `bun:"table:logins,alias:l"`

	ID         string `bun:"id,pk"`
	UserID     string `bun:"user_id"`
	TokenHash  string `bun:"token_hash"`
	IP         string `bun:"ip"`
	UserAgent  string `bun:"user_agent"`
	CreatedAt  int64  `bun:"created_at"`
	LastUsedAt int64  `bun:"last_used_at"`
	ExpiresAt  int64  `bun:"expires_at"`
}

func rowOfLogin(l *Login) *loginRow {
	return &loginRow{
		ID: l.ID, UserID: string(l.User), TokenHash: l.Hash, IP: l.IP, UserAgent: l.UserAgent,
		CreatedAt: millis(l.CreatedAt), LastUsedAt: millis(l.LastUsedAt), ExpiresAt: millis(l.ExpiresAt),
	}
}

func (r *loginRow) login() *Login {
	return &Login{
		ID: r.ID, User: patchbay.UserID(r.UserID), Hash: r.TokenHash, IP: r.IP, UserAgent: r.UserAgent,
		CreatedAt: instant(r.CreatedAt), LastUsedAt: instant(r.LastUsedAt), ExpiresAt: instant(r.ExpiresAt),
	}
}

// maxLogins bounds the logins of one account: the one used longest ago makes room.
const maxLogins = 100

// CreateLogin inserts a login; its id is filled when empty.
func (s *Store) CreateLogin(ctx context.Context, l *Login) (err error) {
	defer wrap(&err, "store: create login")
	if l.ID == "" {
		l.ID = NewID()
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(rowOfLogin(l)).Exec(ctx); err != nil {
			return ownerGone(err)
		}
		newest := tx.NewSelect().Model((*loginRow)(nil)).Column("id").Where("user_id = ?", string(l.User)).
			OrderExpr("last_used_at DESC, id DESC").Limit(maxLogins)
		_, err := tx.NewDelete().Model((*loginRow)(nil)).Where("user_id = ?", string(l.User)).
			Where("id NOT IN (?)", newest).Exec(ctx)
		return err
	})
}

// LoginByHash returns a login, expired or not, and its user.
func (s *Store) LoginByHash(ctx context.Context, hash string) (l *Login, u *patchbay.User, err error) {
	defer wrap(&err, "store: login by hash")
	row := new(loginRow)
	if err := s.db.NewSelect().Model(row).Where("token_hash = ?", hash).Scan(ctx); err != nil {
		return nil, nil, orNotFound(err, "login")
	}
	l = row.login()
	u, err = s.User(ctx, l.User)
	return l, u, err
}

// Logins returns the logins of a user that have not expired, newest first. There are
// at most 100.
func (s *Store) Logins(ctx context.Context, user patchbay.UserID, now time.Time) (logins []*Login, err error) {
	defer wrap(&err, "store: logins")
	var rows []*loginRow
	err = s.db.NewSelect().Model(&rows).Where("user_id = ?", string(user)).Where("expires_at > ?", millis(now)).
		OrderExpr("id DESC").Limit(maxLogins).Scan(ctx)
	if err != nil {
		return nil, err
	}
	logins = make([]*Login, len(rows))
	for i, r := range rows {
		logins[i] = r.login()
	}
	return logins, nil
}

// DeleteLogin ends one login of a user. A login of somebody else is not found.
func (s *Store) DeleteLogin(ctx context.Context, user patchbay.UserID, id string) (err error) {
	defer wrap(&err, "store: delete login")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*loginRow)(nil)).Where("id = ?", id).Where("user_id = ?", string(user)).Exec(ctx)
		return changedOne(res, err, "login")
	})
}

// DeleteOtherLogins ends every login of a user but keep (which may be empty).
func (s *Store) DeleteOtherLogins(ctx context.Context, user patchbay.UserID, keep string) (err error) {
	defer wrap(&err, "store: delete other logins")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		return deleteLogins(ctx, tx, user, keep)
	})
}

func deleteLogins(ctx context.Context, tx bun.Tx, user patchbay.UserID, keep string) error {
	_, err := tx.NewDelete().Model((*loginRow)(nil)).Where("user_id = ?", string(user)).Where("id <> ?", keep).Exec(ctx)
	return err
}
