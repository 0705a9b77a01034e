package store

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"patchbay"
)

// bulkBatch bounds the rows of one statement.
const bulkBatch = 200

// UserWithToken is a new account and, when Token is not nil, its API token.
type UserWithToken struct {
	User         *patchbay.User
	PasswordHash string
	Token        *APIToken // its User is filled
}

// InsertUsersWithTokens creates many accounts in one transaction, as an import or a
// benchmark needs them. Values are filled as CreateUser and CreateAPIToken do.
func (s *Store) InsertUsersWithTokens(ctx context.Context, all []UserWithToken) (err error) {
	defer wrap(&err, "store: insert users")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		for batch := range slices.Chunk(all, bulkBatch) {
			if err := insertBatch(ctx, tx, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertBatch(ctx context.Context, tx bun.Tx, batch []UserWithToken) error {
	users := make([]*userRow, len(batch))
	var tokens []*apiTokenRow
	for i, b := range batch {
		prepareUser(b.User)
		users[i] = rowOfUser(b.User, b.PasswordHash)
		if b.Token == nil {
			continue
		}
		b.Token.User = b.User.ID
		if b.Token.ID == "" {
			b.Token.ID = NewID()
		}
		row, err := rowOfAPIToken(b.Token)
		if err != nil {
			return err
		}
		tokens = append(tokens, row)
	}
	if _, err := tx.NewInsert().Model(&users).Exec(ctx); err != nil {
		return accountConflict(err)
	}
	if len(tokens) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&tokens).Exec(ctx)
	return err
}
