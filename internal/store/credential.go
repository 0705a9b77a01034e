package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// Credential is a value kept for one user at one server, sealed.
type Credential struct {
	User      patchbay.UserID
	Server    patchbay.ServerID
	Kind      string // "var"
	Name      string
	Sealed    string
	KeyID     string // of the key it is sealed under
	UpdatedAt time.Time
}

type credentialRow struct {
	bun.BaseModel `bun:"table:credentials,alias:c"`

	UserID    string `bun:"user_id,pk"`
	ServerID  string `bun:"server_id,pk"`
	Kind      string `bun:"kind,pk"`
	Name      string `bun:"name,pk"`
	Sealed    string `bun:"sealed"`
	KeyID     string `bun:"key_id"`
	UpdatedAt int64  `bun:"updated_at"`
}

func rowOfCredential(c *Credential) *credentialRow {
	return &credentialRow{
		UserID: string(c.User), ServerID: string(c.Server), Kind: c.Kind, Name: c.Name,
		Sealed: c.Sealed, KeyID: c.KeyID, UpdatedAt: millis(c.UpdatedAt),
	}
}

func (r *credentialRow) credential() *Credential {
	return &Credential{
		User: patchbay.UserID(r.UserID), Server: patchbay.ServerID(r.ServerID), Kind: r.Kind, Name: r.Name,
		Sealed: r.Sealed, KeyID: r.KeyID, UpdatedAt: instant(r.UpdatedAt),
	}
}

func credentials(rows []*credentialRow) []*Credential {
	out := make([]*Credential, len(rows))
	for i, r := range rows {
		out[i] = r.credential()
	}
	return out
}

// Credentials returns what is kept of one kind for a user at a server, by name.
func (s *Store) Credentials(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, kind string) (out []*Credential, err error) {
	defer wrap(&err, "store: credentials")
	var rows []*credentialRow
	err = s.db.NewSelect().Model(&rows).Where("user_id = ?", string(user)).Where("server_id = ?", string(server)).
		Where("kind = ?", kind).OrderExpr("name").Scan(ctx)
	return credentials(rows), err
}

// PutCredentials writes and removes values of one kind for a user at a server, all or
// nothing. What puts say of user, server and kind is overwritten by the arguments.
func (s *Store) PutCredentials(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, kind string, puts []*Credential, remove []string) (err error) {
	defer wrap(&err, "store: put credentials")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if len(remove) > 0 {
			_, err := tx.NewDelete().Model((*credentialRow)(nil)).Where("user_id = ?", string(user)).
				Where("server_id = ?", string(server)).Where("kind = ?", kind).Where("name IN ?", bun.Tuple(remove)).Exec(ctx)
			if err != nil {
				return err
			}
		}
		for _, c := range puts {
			row := rowOfCredential(c)
			row.UserID, row.ServerID, row.Kind = string(user), string(server), kind
			_, err := tx.NewInsert().Model(row).
				On("CONFLICT (user_id, server_id, kind, name) DO UPDATE").
				Set("sealed = EXCLUDED.sealed").Set("key_id = EXCLUDED.key_id").Set("updated_at = EXCLUDED.updated_at").
				Exec(ctx)
			if err != nil {
				return ownerGone(err)
			}
		}
		return nil
	})
}

// DeleteCredentials removes everything of one kind for a user at a server.
func (s *Store) DeleteCredentials(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, kind string) (err error) {
	defer wrap(&err, "store: delete credentials")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*credentialRow)(nil)).Where("user_id = ?", string(user)).
			Where("server_id = ?", string(server)).Where("kind = ?", kind).Exec(ctx)
		return err
	})
}

// DeleteServerCredentials removes what every user has at a server that is gone.
func (s *Store) DeleteServerCredentials(ctx context.Context, server patchbay.ServerID) (err error) {
	defer wrap(&err, "store: delete server credentials")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*credentialRow)(nil)).Where("server_id = ?", string(server)).Exec(ctx)
		return err
	})
}

// CredentialsNotUnder returns up to limit values that are sealed under another key
// than keyID, those that rotation has to seal again, in the order of their keys and
// from behind after on (nil: from the first).
func (s *Store) CredentialsNotUnder(ctx context.Context, keyID string, after *Credential, limit int) (out []*Credential, err error) {
	defer wrap(&err, "store: credentials of other keys")
	var rows []*credentialRow
	q := s.db.NewSelect().Model(&rows).Where("key_id <> ?", keyID).
		OrderExpr("user_id, server_id, kind, name").Limit(int64(limit))
	if after != nil {
		q = q.Where("(user_id, server_id, kind, name) > (?, ?, ?, ?)",
			string(after.User), string(after.Server), after.Kind, after.Name)
	}
	err = q.Scan(ctx)
	return credentials(rows), err
}

// ReplaceSealed puts a value that was sealed again in place of old, unless it was
// changed meanwhile.
func (s *Store) ReplaceSealed(ctx context.Context, c *Credential, old string) (err error) {
	defer wrap(&err, "store: replace sealed")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*credentialRow)(nil)).Set("sealed = ?", c.Sealed).Set("key_id = ?", c.KeyID).
			Where("user_id = ?", string(c.User)).Where("server_id = ?", string(c.Server)).
			Where("kind = ?", c.Kind).Where("name = ?", c.Name).Where("sealed = ?", old).Exec(ctx)
		return err
	})
}
