package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// APIToken is a personal token for REST and the shell. Hash is its SHA-256 in
// hexadecimal; the token itself is nowhere.
type APIToken struct {
	ID         string
	User       patchbay.UserID
	Hash       string `json:"-"`
	Name       string
	Scopes     []patchbay.Scope // nil: all
	Issuer     string           // empty: made here
	Audience   string
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
	ExpiresAt  time.Time // zero: never
}

type apiTokenRow struct {
	bun.BaseModel `bun:"table:api_tokens,alias:t"`

	ID         string `bun:"id,pk"`
	UserID     string `bun:"user_id"`
	TokenHash  string `bun:"token_hash"`
	Name       string `bun:"name"`
	Scopes     string `bun:"scopes"`
	Issuer     string `bun:"issuer"`
	Audience   string `bun:"audience"`
	CreatedAt  int64  `bun:"created_at"`
	LastUsedAt int64  `bun:"last_used_at"`
	ExpiresAt  int64  `bun:"expires_at"`
}

func rowOfAPIToken(t *APIToken) (*apiTokenRow, error) {
	scopes := ""
	if t.Scopes != nil {
		text, err := json.Marshal(t.Scopes)
		if err != nil {
			return nil, err
		}
		scopes = string(text)
	}
	return &apiTokenRow{
		ID: t.ID, UserID: string(t.User), TokenHash: t.Hash, Name: t.Name, Scopes: scopes,
		Issuer: t.Issuer, Audience: t.Audience,
		CreatedAt: millis(t.CreatedAt), LastUsedAt: millis(t.LastUsedAt), ExpiresAt: millis(t.ExpiresAt),
	}, nil
}

func (r *apiTokenRow) token() (*APIToken, error) {
	t := &APIToken{
		ID: r.ID, User: patchbay.UserID(r.UserID), Hash: r.TokenHash, Name: r.Name,
		Issuer: r.Issuer, Audience: r.Audience,
		CreatedAt: instant(r.CreatedAt), LastUsedAt: instant(r.LastUsedAt), ExpiresAt: instant(r.ExpiresAt),
	}
	if r.Scopes == "" {
		return t, nil
	}
	// A scope list that cannot be read must not become "all scopes".
	t.Scopes = []patchbay.Scope{}
	if err := json.Unmarshal([]byte(r.Scopes), &t.Scopes); err != nil || t.Scopes == nil {
		return nil, fmt.Errorf("scopes of API token %s cannot be read", r.ID)
	}
	return t, nil
}

// MaxAPITokens bounds the API tokens of one account.
const MaxAPITokens = 100

// CreateAPIToken inserts a token; its id is filled when empty. An account that has
// MaxAPITokens of them gets a conflict.
func (s *Store) CreateAPIToken(ctx context.Context, t *APIToken) (err error) {
	defer wrap(&err, "store: create API token")
	if t.ID == "" {
		t.ID = NewID()
	}
	row, err := rowOfAPIToken(t)
	if err != nil {
		return err
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*apiTokenRow)(nil)).Where("user_id = ?", row.UserID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxAPITokens {
			return patchbay.Errorf(patchbay.CodeConflict, "There are %d API tokens already. Delete one that is not used any more.", n)
		}
		_, err = tx.NewInsert().Model(row).Exec(ctx)
		return ownerGone(err)
	})
}

// APITokenByHash returns a token, expired or not, and its user.
func (s *Store) APITokenByHash(ctx context.Context, hash string) (t *APIToken, u *patchbay.User, err error) {
	defer wrap(&err, "store: API token by hash")
	row := new(apiTokenRow)
	if err := s.db.NewSelect().Model(row).Where("token_hash = ?", hash).Scan(ctx); err != nil {
		return nil, nil, orNotFound(err, "API token")
	}
	if t, err = row.token(); err != nil {
		return nil, nil, err
	}
	u, err = s.User(ctx, t.User)
	return t, u, err
}

// APITokens returns the tokens of a user, newest first, expired ones included. There
// are at most MaxAPITokens.
func (s *Store) APITokens(ctx context.Context, user patchbay.UserID) (tokens []*APIToken, err error) {
	defer wrap(&err, "store: API tokens")
	var rows []*apiTokenRow
	err = s.db.NewSelect().Model(&rows).Where("user_id = ?", string(user)).OrderExpr("id DESC").Limit(MaxAPITokens).Scan(ctx)
	if err != nil {
		return nil, err
	}
	tokens = make([]*APIToken, len(rows))
	for i, r := range rows {
		if tokens[i], err = r.token(); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// DeleteAPIToken revokes one token of a user. A token of somebody else is not found.
func (s *Store) DeleteAPIToken(ctx context.Context, user patchbay.UserID, id string) (err error) {
	defer wrap(&err, "store: delete API token")
	return s.changeAccounts(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*apiTokenRow)(nil)).Where("id = ?", id).Where("user_id = ?", string(user)).Exec(ctx)
		return changedOne(res, err, "API token")
	})
}
