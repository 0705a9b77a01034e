package store

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// OAuthToken is what a person's sign-in at a server brought, sealed.
type OAuthToken struct {
	User     patchbay.UserID
	Server   patchbay.ServerID
	Issuer   string
	Resource string
	ClientID string
	// Sealed is empty when the sign-in is over: only a new one helps.
	Sealed    string
	KeyID     string    // of the key it is sealed under
	ExpiresAt time.Time // of the access token; zero: not said
	// Version goes up with every change of Sealed. A writer who read another version has
	// lost against somebody.
	Version    int64
	LeaseOwner string    // who refreshes; empty: nobody
	LeaseUntil time.Time // by the database's clock
	UpdatedAt  time.Time
}

type oauthTokenRow struct {
	bun.BaseModel `bun:"table:oauth_tokens,alias:t"`

	UserID     string `bun:"user_id,pk"`
	ServerID   string `bun:"server_id,pk"`
	Issuer     string `bun:"issuer"`
	Resource   string `bun:"resource"`
	ClientID   string `bun:"client_id"`
	Sealed     string `bun:"sealed"`
	KeyID      string `bun:"key_id"`
	ExpiresAt  int64  `bun:"expires_at"`
	Version    int64  `bun:"version"`
	LeaseOwner string `bun:"lease_owner"`
	LeaseUntil int64  `bun:"lease_until"`
	UpdatedAt  int64  `bun:"updated_at"`
}

func (r *oauthTokenRow) token() *OAuthToken {
	return &OAuthToken{
		User: patchbay.UserID(r.UserID), Server: patchbay.ServerID(r.ServerID), Issuer: r.Issuer, Resource: r.Resource, ClientID: r.ClientID,
		Sealed: r.Sealed, KeyID: r.KeyID, ExpiresAt: instant(r.ExpiresAt), Version: r.Version,
		LeaseOwner: r.LeaseOwner, LeaseUntil: instant(r.LeaseUntil), UpdatedAt: instant(r.UpdatedAt),
	}
}

// OAuthToken returns what a user's sign-in at a server brought.
func (s *Store) OAuthToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (t *OAuthToken, err error) {
	defer wrap(&err, "store: oauth token")
	row := new(oauthTokenRow)
	err = s.db.NewSelect().Model(row).Where("user_id = ?", string(user)).Where("server_id = ?", string(server)).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "sign-in")
	}
	return row.token(), nil
}

// PutOAuthToken writes what a new sign-in brought in place of what there was, with the
// next version, which it returns, and without a lease: who refreshes what was there loses.
// With a flow, that flow must be finishing and becomes done in the same transaction; when
// it is elsewhere (cancelled, say) nothing is written and the error is not-found.
func (s *Store) PutOAuthToken(ctx context.Context, t *OAuthToken, flow string) (version int64, err error) {
	defer wrap(&err, "store: put oauth token")
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if flow != "" {
			if _, err := endFlow(ctx, tx, flow, FlowDone, "", t.UpdatedAt, []FlowStatus{FlowFinishing}); err != nil {
				return err
			}
		}
		// The first version is a time: who still refreshes what was there before a sign-out
		// must not find its version again.
		row := &oauthTokenRow{
			UserID: string(t.User), ServerID: string(t.Server), Issuer: t.Issuer, Resource: t.Resource, ClientID: t.ClientID,
			Sealed: t.Sealed, KeyID: t.KeyID, ExpiresAt: millis(t.ExpiresAt), Version: time.Now().UnixMilli(), UpdatedAt: millis(t.UpdatedAt),
		}
		err := tx.NewInsert().Model(row).On("CONFLICT (user_id, server_id) DO UPDATE").
			Set("issuer = EXCLUDED.issuer").Set("resource = EXCLUDED.resource").Set("client_id = EXCLUDED.client_id").
			Set("sealed = EXCLUDED.sealed").Set("key_id = EXCLUDED.key_id").Set("expires_at = EXCLUDED.expires_at").
			Set("version = t.version + 1").Set("lease_owner = ''").Set("lease_until = 0").Set("updated_at = EXCLUDED.updated_at").
			Returning("version").Scan(ctx, &version)
		return ownerGone(err)
	})
	return version, err
}

// LeaseOAuthToken gives owner the sole right to refresh the credential of a version for
// length, unless somebody else has it and their lease has not ended. An owner's own lease
// is made longer. An owner is PROCESS/ID: on SQLite there is one process, so leases of
// others are of those that ended. It reports whether owner has it now; false too when the
// version is another by now.
func (s *Store) LeaseOAuthToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, version int64, owner string, length time.Duration) (ok bool, err error) {
	defer wrap(&err, "store: lease oauth token")
	now, err := s.clock(ctx)
	if err != nil {
		return false, err
	}
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewUpdate().Model((*oauthTokenRow)(nil)).Set("lease_owner = ?", owner).Set("lease_until = ?", millis(now.Add(length))).
			Where("user_id = ?", string(user)).Where("server_id = ?", string(server)).Where("version = ?", version)
		if s.Shared() {
			q = q.Where("(lease_owner IN ('', ?) OR lease_until <= ?)", owner, millis(now))
		} else {
			process, _, _ := strings.Cut(owner, "/")
			q = q.Where("(lease_owner IN ('', ?) OR lease_until <= ? OR lease_owner NOT LIKE ?)", owner, millis(now), process+"/%")
		}
		ok, err = changed(q.Exec(ctx))
		return err
	})
	return ok, err
}

// clock is the time that leases count by: the database's where several processes share it.
func (s *Store) clock(ctx context.Context) (time.Time, error) {
	if !s.Shared() {
		return time.Now(), nil
	}
	var ms int64
	err := s.db.NewRaw("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)").Scan(ctx, &ms)
	return instant(ms), err
}

// ReleaseOAuthToken gives up owner's lease without having changed anything.
func (s *Store) ReleaseOAuthToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, owner string) (err error) {
	defer wrap(&err, "store: release oauth token")
	_, err = s.db.NewUpdate().Model((*oauthTokenRow)(nil)).Set("lease_owner = ''").Set("lease_until = 0").
		Where("user_id = ?", string(user)).Where("server_id = ?", string(server)).Where("lease_owner = ?", owner).Exec(ctx)
	return err
}

// CommitOAuthToken writes what a refresh of t.Version brought (Sealed, KeyID, ExpiresAt,
// UpdatedAt; an empty Sealed ends the sign-in), moves the version on and ends the lease.
// ok is false, and nothing is written, when the version is another by now: somebody signed
// in anew, refreshed after our lease had ended, or took the credential away. When ok, it
// is on disk.
func (s *Store) CommitOAuthToken(ctx context.Context, t *OAuthToken) (ok bool, err error) {
	defer wrap(&err, "store: commit oauth token")
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		ok, err = changed(tx.NewUpdate().Model((*oauthTokenRow)(nil)).
			Set("sealed = ?", t.Sealed).Set("key_id = ?", t.KeyID).Set("expires_at = ?", millis(t.ExpiresAt)).
			Set("version = version + 1").Set("lease_owner = ''").Set("lease_until = 0").Set("updated_at = ?", millis(t.UpdatedAt)).
			Where("user_id = ?", string(t.User)).Where("server_id = ?", string(t.Server)).Where("version = ?", t.Version).Exec(ctx))
		return err
	})
	return ok, err
}

// DeleteOAuthToken removes what a user's sign-in at a server brought. With a version above
// 0 only that one is removed. One that is not there is no error.
func (s *Store) DeleteOAuthToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, version int64) (err error) {
	defer wrap(&err, "store: delete oauth token")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewDelete().Model((*oauthTokenRow)(nil)).Where("user_id = ?", string(user)).Where("server_id = ?", string(server))
		if version > 0 {
			q = q.Where("version = ?", version)
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// OAuthServers lists the servers that anybody has signed in to.
func (s *Store) OAuthServers(ctx context.Context) (ids []patchbay.ServerID, err error) {
	defer wrap(&err, "store: oauth servers")
	err = s.db.NewRaw("SELECT DISTINCT server_id FROM oauth_tokens ORDER BY server_id").Scan(ctx, &ids)
	return ids, err
}

// OAuthTokensNotUnder returns up to limit tokens that are sealed under another key than
// keyID, from behind after on (nil: from the first), as CredentialsNotUnder does.
func (s *Store) OAuthTokensNotUnder(ctx context.Context, keyID string, after *OAuthToken, limit int) (out []*OAuthToken, err error) {
	defer wrap(&err, "store: oauth tokens of other keys")
	var rows []*oauthTokenRow
	q := s.db.NewSelect().Model(&rows).Where("key_id NOT IN ('', ?)", keyID).OrderExpr("user_id, server_id").Limit(int64(limit))
	if after != nil {
		q = q.Where("(user_id, server_id) > (?, ?)", string(after.User), string(after.Server))
	}
	err = q.Scan(ctx)
	for _, r := range rows {
		out = append(out, r.token())
	}
	return out, err
}

// ReplaceSealedToken puts a token that was sealed again in place of old, unless it was
// changed meanwhile. Version and lease stay: it is the same token.
func (s *Store) ReplaceSealedToken(ctx context.Context, t *OAuthToken, old string) (err error) {
	defer wrap(&err, "store: replace sealed token")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*oauthTokenRow)(nil)).Set("sealed = ?", t.Sealed).Set("key_id = ?", t.KeyID).
			Where("user_id = ?", string(t.User)).Where("server_id = ?", string(t.Server)).Where("sealed = ?", old).Exec(ctx)
		return err
	})
}
