package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// OAuthRegistration is our client at an issuer, sealed. Server, Issuer, RedirectURI and
// Source are its key.
type OAuthRegistration struct {
	Server      patchbay.ServerID
	Issuer      string
	RedirectURI string
	Source      string
	Sealed      string
	KeyID       string // of the key it is sealed under
	UpdatedAt   time.Time
}

type oauthRegistrationRow struct {
	bun.BaseModel `bun:"table:oauth_registrations,alias:r"`

	ServerID    string `bun:"server_id,pk"`
	Issuer      string `bun:"issuer,pk"`
	RedirectURI string `bun:"redirect_uri,pk"`
	Source      string `bun:"source,pk"`
	Sealed      string `bun:"sealed"`
	KeyID       string `bun:"key_id"`
	UpdatedAt   int64  `bun:"updated_at"`
}

func rowOfOAuthRegistration(r *OAuthRegistration) *oauthRegistrationRow {
	return &oauthRegistrationRow{
		ServerID: string(r.Server), Issuer: r.Issuer, RedirectURI: r.RedirectURI, Source: r.Source,
		Sealed: r.Sealed, KeyID: r.KeyID, UpdatedAt: millis(r.UpdatedAt),
	}
}

func (r *oauthRegistrationRow) registration() *OAuthRegistration {
	return &OAuthRegistration{
		Server: patchbay.ServerID(r.ServerID), Issuer: r.Issuer, RedirectURI: r.RedirectURI, Source: r.Source,
		Sealed: r.Sealed, KeyID: r.KeyID, UpdatedAt: instant(r.UpdatedAt),
	}
}

// OAuthRegistration returns the registration with the key of k.
func (s *Store) OAuthRegistration(ctx context.Context, k *OAuthRegistration) (r *OAuthRegistration, err error) {
	defer wrap(&err, "store: oauth registration")
	row := rowOfOAuthRegistration(k)
	if err := s.db.NewSelect().Model(row).WherePK().Scan(ctx); err != nil {
		return nil, orNotFound(err, "registration")
	}
	return row.registration(), nil
}

// PutOAuthRegistration writes a registration in place of what is under its key.
func (s *Store) PutOAuthRegistration(ctx context.Context, r *OAuthRegistration) (err error) {
	defer wrap(&err, "store: put oauth registration")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(rowOfOAuthRegistration(r)).On("CONFLICT (server_id, issuer, redirect_uri, source) DO UPDATE").
			Set("sealed = EXCLUDED.sealed").Set("key_id = EXCLUDED.key_id").Set("updated_at = EXCLUDED.updated_at").Exec(ctx)
		return err
	})
}

// DeleteOAuthRegistration removes the registration with the key of r. When r.Sealed is set
// only what is sealed so is removed. One that is not there is no error.
func (s *Store) DeleteOAuthRegistration(ctx context.Context, r *OAuthRegistration) (err error) {
	defer wrap(&err, "store: delete oauth registration")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewDelete().Model(rowOfOAuthRegistration(r)).WherePK()
		if r.Sealed != "" {
			q = q.Where("sealed = ?", r.Sealed)
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// DeleteServerOAuth removes every token, registration and flow at a server that is gone or
// that leads elsewhere.
func (s *Store) DeleteServerOAuth(ctx context.Context, server patchbay.ServerID) (err error) {
	defer wrap(&err, "store: delete server oauth")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, model := range []any{(*oauthTokenRow)(nil), (*oauthRegistrationRow)(nil), (*flowRow)(nil)} {
			if _, err := tx.NewDelete().Model(model).Where("server_id = ?", string(server)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// OAuthRegistrationsNotUnder returns up to limit registrations that are sealed under
// another key than keyID, from behind after on (nil: from the first).
func (s *Store) OAuthRegistrationsNotUnder(ctx context.Context, keyID string, after *OAuthRegistration, limit int) (out []*OAuthRegistration, err error) {
	defer wrap(&err, "store: oauth registrations of other keys")
	var rows []*oauthRegistrationRow
	q := s.db.NewSelect().Model(&rows).Where("key_id <> ?", keyID).OrderExpr("server_id, issuer, redirect_uri, source").Limit(int64(limit))
	if after != nil {
		q = q.Where("(server_id, issuer, redirect_uri, source) > (?, ?, ?, ?)", string(after.Server), after.Issuer, after.RedirectURI, after.Source)
	}
	err = q.Scan(ctx)
	for _, r := range rows {
		out = append(out, r.registration())
	}
	return out, err
}

// ReplaceSealedRegistration puts a registration that was sealed again in place of old,
// unless it was changed meanwhile.
func (s *Store) ReplaceSealedRegistration(ctx context.Context, r *OAuthRegistration, old string) (err error) {
	defer wrap(&err, "store: replace sealed registration")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model(rowOfOAuthRegistration(r)).Column("sealed", "key_id").WherePK().Where("sealed = ?", old).Exec(ctx)
		return err
	})
}
