package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// MaxServers bounds the servers that people made, all together.
const MaxServers = 20_000

// Server is a server that a person made: its definition is sealed.
type Server struct {
	ID        patchbay.ServerID // made by CreateServer when empty
	Name      string
	Author    patchbay.UserID
	Sealed    string
	KeyID     string // of the key it is sealed under
	Version   int64  // goes up with every change of Sealed
	Grants    []patchbay.Grant
	CreatedAt time.Time
	UpdatedAt time.Time
}

type serverRow struct {
	bun.BaseModel `bun:"table:servers,alias:s"`

	ID        string `bun:"id,pk"`
	Name      string `bun:"name"`
	AuthorID  string `bun:"author_id"`
	Sealed    string `bun:"sealed"`
	KeyID     string `bun:"key_id"`
	Version   int64  `bun:"version"`
	CreatedAt int64  `bun:"created_at"`
	UpdatedAt int64  `bun:"updated_at"`
}

type serverGrantRow struct {
	bun.BaseModel `bun:"table:server_grants,alias:g"`

	ServerID    string `bun:"server_id,pk"`
	Kind        string `bun:"kind,pk"`
	Name        string `bun:"name,pk"`
	Permissions int64  `bun:"permissions"`
}

func rowOfServer(s *Server) *serverRow {
	return &serverRow{
		ID: string(s.ID), Name: s.Name, AuthorID: string(s.Author), Sealed: s.Sealed, KeyID: s.KeyID, Version: s.Version,
		CreatedAt: millis(s.CreatedAt), UpdatedAt: millis(s.UpdatedAt),
	}
}

func (r *serverRow) server() *Server {
	return &Server{
		ID: patchbay.ServerID(r.ID), Name: r.Name, Author: patchbay.UserID(r.AuthorID), Sealed: r.Sealed, KeyID: r.KeyID, Version: r.Version,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

func (r *serverGrantRow) grant() patchbay.Grant {
	return patchbay.Grant{
		Grantee:     patchbay.Grantee{Kind: patchbay.GranteeKind(r.Kind), Name: r.Name},
		Permissions: patchbay.Permission(r.Permissions), //nolint:gosec // written from a Permission
	}
}

const topicServers = "servers"

// changeServers runs fn in a durable transaction that moves the servers' version, whose
// row is taken first: such changes happen one after the other, on every replica.
func (s *Store) changeServers(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("UPDATE versions SET version = version + 1 WHERE topic = ?", topicServers).Exec(ctx); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// ServersVersion returns a number that goes up with every change of a server, a grant or a
// group, by whichever process.
func (s *Store) ServersVersion(ctx context.Context) (v int64, err error) {
	defer wrap(&err, "store: servers version")
	err = s.db.NewRaw("SELECT version FROM versions WHERE topic = ?", topicServers).Scan(ctx, &v)
	return v, err
}

// CreateServer inserts a server, of version 1 and without grants. A name that is taken is
// a conflict.
func (s *Store) CreateServer(ctx context.Context, v *Server) (err error) {
	defer wrap(&err, "store: create server")
	if v.ID == "" {
		v.ID = patchbay.ServerID(NewID())
	}
	v.Version = 1
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*serverRow)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxServers {
			return patchbay.Errorf(patchbay.CodeConflict, "There are %d servers here already, which is the limit. Delete some first.", MaxServers)
		}
		_, err = tx.NewInsert().Model(rowOfServer(v)).Exec(ctx)
		return serverConflict(ownerGone(err))
	})
}

// serverConflict says that a server's name is taken.
func serverConflict(err error) error {
	if _, unique, _ := violated(err); !unique {
		return err
	}
	return &patchbay.Error{
		Code: patchbay.CodeConflict, Message: "A server of this name exists already. Choose another name.", Err: err,
		Fields: []patchbay.FieldError{{Path: "body.name", Message: "is taken"}},
	}
}

// Servers returns every server that a person made, with its grants, by id.
func (s *Store) Servers(ctx context.Context) (all []*Server, err error) {
	defer wrap(&err, "store: servers")
	var rows []*serverRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("id").Limit(MaxServers).Scan(ctx); err != nil {
		return nil, err
	}
	var grants []*serverGrantRow
	if err := s.db.NewSelect().Model(&grants).OrderExpr("server_id, kind, name").Scan(ctx); err != nil {
		return nil, err
	}
	byID := make(map[string]*Server, len(rows))
	for _, r := range rows {
		v := r.server()
		all, byID[r.ID] = append(all, v), v
	}
	for _, g := range grants {
		if v := byID[g.ServerID]; v != nil {
			v.Grants = append(v.Grants, g.grant())
		}
	}
	return all, nil
}

// Server returns one server that a person made, with its grants.
func (s *Store) Server(ctx context.Context, id patchbay.ServerID) (v *Server, err error) {
	defer wrap(&err, "store: server")
	row := new(serverRow)
	if err := s.db.NewSelect().Model(row).Where("id = ?", string(id)).Scan(ctx); err != nil {
		return nil, orNotFound(err, "server")
	}
	var grants []*serverGrantRow
	if err := s.db.NewSelect().Model(&grants).Where("server_id = ?", string(id)).OrderExpr("kind, name").Scan(ctx); err != nil {
		return nil, err
	}
	v = row.server()
	for _, g := range grants {
		v.Grants = append(v.Grants, g.grant())
	}
	return v, nil
}

// SaveServer writes Sealed and KeyID in place of those of v.Version, and moves it on. Of a
// version that is another by now nothing is written, and the error has CodeStale. With
// moved, the definition leads elsewhere: what people have given for it goes in the same
// transaction, so that no process ever has both.
func (s *Store) SaveServer(ctx context.Context, v *Server, moved bool) (err error) {
	defer wrap(&err, "store: save server")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		ok, err := changed(tx.NewUpdate().Model((*serverRow)(nil)).Set("sealed = ?", v.Sealed).Set("key_id = ?", v.KeyID).
			Set("version = version + 1").Set("updated_at = ?", millis(v.UpdatedAt)).
			Where("id = ?", string(v.ID)).Where("version = ?", v.Version).Exec(ctx))
		if err == nil && !ok {
			err = patchbay.Errorf(patchbay.CodeStale, "This server was changed or deleted meanwhile. Read it again, and change it then.")
		}
		if err == nil && moved {
			for _, model := range []any{(*credentialRow)(nil), (*oauthTokenRow)(nil), (*oauthRegistrationRow)(nil), (*flowRow)(nil)} {
				if _, err := tx.NewDelete().Model(model).Where("server_id = ?", string(v.ID)).Exec(ctx); err != nil {
					return err
				}
			}
		}
		if err == nil {
			v.Version++
		}
		return err
	})
}

// PutServerGrants replaces the grants of a server.
func (s *Store) PutServerGrants(ctx context.Context, id patchbay.ServerID, grants []patchbay.Grant) (err error) {
	defer wrap(&err, "store: put server grants")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*serverGrantRow)(nil)).Where("server_id = ?", string(id)).Exec(ctx); err != nil {
			return err
		}
		rows := make([]*serverGrantRow, len(grants))
		for i, g := range grants {
			rows[i] = &serverGrantRow{ServerID: string(id), Kind: string(g.Grantee.Kind), Name: g.Grantee.Name, Permissions: int64(g.Permissions)}
		}
		if len(rows) == 0 {
			return nil
		}
		_, err := tx.NewInsert().Model(&rows).Exec(ctx)
		if _, _, foreign := violated(err); foreign {
			return notFound("server")
		}
		return err
	})
}

// DeleteServer removes a server with its grants. Credentials of people at it are the
// vault's to remove.
func (s *Store) DeleteServer(ctx context.Context, id patchbay.ServerID) (err error) {
	defer wrap(&err, "store: delete server")
	return s.changeServers(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*serverRow)(nil)).Where("id = ?", string(id)).Exec(ctx)
		return changedOne(res, err, "server")
	})
}

// ServersNotUnder returns up to limit servers that are sealed under another key than
// keyID, from behind after on (nil: from the first).
func (s *Store) ServersNotUnder(ctx context.Context, keyID string, after *Server, limit int) (out []*Server, err error) {
	defer wrap(&err, "store: servers of other keys")
	var rows []*serverRow
	q := s.db.NewSelect().Model(&rows).Where("key_id <> ?", keyID).OrderExpr("id").Limit(int64(limit))
	if after != nil {
		q = q.Where("id > ?", string(after.ID))
	}
	err = q.Scan(ctx)
	for _, r := range rows {
		out = append(out, r.server())
	}
	return out, err
}

// ReplaceSealedServer puts a definition that was sealed again in place of old, unless it
// was changed meanwhile. Its version stays: it says the same.
func (s *Store) ReplaceSealedServer(ctx context.Context, v *Server, old string) (err error) {
	defer wrap(&err, "store: replace sealed server")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model(rowOfServer(v)).Column("sealed", "key_id").WherePK().Where("sealed = ?", old).Exec(ctx)
		return err
	})
}
