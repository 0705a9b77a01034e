package store_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestMigrationsAreASequence(t *testing.T) {
	names, err := store.MigrationNames()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for i, name := range names {
		require.Regexp(t, regexp.MustCompile(fmt.Sprintf(`^%05d_[a-z0-9_]+\.sql$`, i+1)), name,
			"migrations are numbered without gaps, and new ones come at the end")
	}
}

// TestUpgrade takes a database that the first release wrote to the newest schema.
func TestUpgrade(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		require.NoError(t, s.MigrateTo(ctx, 0))
		require.NoError(t, s.MigrateTo(ctx, 1))
		require.NoError(t, s.Exec(ctx, `INSERT INTO users VALUES ('u1', 'ada@example.org', TRUE, 'Ada', 'ada', 'ADMIN', 'email', 'local',
'', '', '', '', '', '', '', '', '', FALSE, TRUE, 1800000000123, FALSE, 'hash', 'ada', 1800000000123, 1800000000123)`))
		require.NoError(t, s.Exec(ctx, `INSERT INTO api_tokens VALUES ('t1', 'u1', 'th', 'n', '["tools:call"]', '', '', 1800000000123, 0, 0)`))
		require.NoError(t, s.Exec(ctx, `INSERT INTO credentials VALUES ('u1', 'yaml/a', 'var', 'X', 'v1.k.s', 'k', 1800000000123)`))

		require.NoError(t, s.MigrateTo(ctx, 3))
		require.NoError(t, s.Exec(ctx, `INSERT INTO conversations VALUES ('c1', 'u1', 'Rain', FALSE, '{"provider":"p"}', FALSE, 'e2', 'r1', 1, 2, 3, 4, 5, 1800000000123, 1800000000123, 'rain')`))
		require.NoError(t, s.Exec(ctx, `INSERT INTO entries VALUES ('e1', 'c1', 'u1', '', 'user', '', 1800000000123, '{"role":"user","parts":[{"kind":"text","text":"Rain?"}]}', 'rain?')`))
		require.NoError(t, s.Exec(ctx, `INSERT INTO runs VALUES ('r1', 'c1', 'u1', 'e1', 'e2', 0, 'waiting', 1, 2, 0, 1, 2, 3, 4, 5, FALSE, '', 0, 1, 1800000000123, 1800000000123, 0, '{}', '', '{}', '')`))
		require.NoError(t, s.Exec(ctx, `INSERT INTO run_waits VALUES ('w1', 'r1', 'c1', 'u1', 'k', 'approval', 'yaml/a', 'a', 't', 'h', FALSE, 'open', FALSE, 1800000000123, 0, 0, '{"args":"{}"}', '', '')`))

		names, err := store.MigrationNames()
		require.NoError(t, err)
		require.NoError(t, s.MigrateTo(ctx, int64(len(names))))
		chat, err := s.Conversation(ctx, "u1", "c1")
		require.NoError(t, err)
		require.Equal(t, patchbay.RunWaiting, chat.RunStatus)
		waits, _, err := s.Waits(ctx, "u1", store.WaitFilter{Runs: []patchbay.RunID{"r1"}})
		require.NoError(t, err)
		require.Len(t, waits, 1)
		entries, _, err := s.Entries(ctx, "u1", "c1", "", 0)
		require.NoError(t, err)
		require.Equal(t, "Rain?", entries[0].Message.Text())
		tok, u, err := s.APITokenByHash(ctx, "th")
		require.NoError(t, err)
		require.Equal(t, "ada", u.Username)
		require.True(t, u.EmailVerified)
		require.Equal(t, at, u.TermsAcceptedAt)
		require.Len(t, tok.Scopes, 1)
		creds, err := s.Credentials(ctx, u.ID, "yaml/a", "var")
		require.NoError(t, err)
		require.Len(t, creds, 1)
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   func(t *testing.T) store.Options
	}{
		{"sqlite", func(t *testing.T) store.Options { return store.Options{DataDir: t.TempDir()} }},
		{"postgres", func(t *testing.T) store.Options { return store.Options{DatabaseURL: storekit.PostgresURL(t)} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := tt.at(t)
			s, err := store.Open(t.Context(), o)
			require.NoError(t, err)
			require.NoError(t, s.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)"))
			require.NoError(t, s.Close())
			_, err = store.Open(t.Context(), o)
			require.ErrorContains(t, err, "newer patchbay")
		})
	}
}

func TestSQLiteSettings(t *testing.T) {
	s := storekit.SQLite(t)
	for _, tt := range []struct{ pragma, quick, sure string }{
		{"journal_mode", "wal", "wal"},
		{"foreign_keys", "1", "1"},
		{"busy_timeout", "10000", "10000"},
		{"synchronous", "1", "2"},
		{"cache_size", "-512", "-512"},
	} {
		quick, sure, err := s.Pragma(t.Context(), tt.pragma)
		require.NoError(t, err)
		require.Equal(t, tt.quick, quick, tt.pragma)
		require.Equal(t, tt.sure, sure, tt.pragma+" of what must survive")
	}
}

// TestReplicasStartTogether pins that migrations take turns.
func TestReplicasStartTogether(t *testing.T) {
	url := storekit.PostgresURL(t)
	s := storekit.Open(t, store.Options{DatabaseURL: url})
	require.NoError(t, s.MigrateTo(t.Context(), 0))
	stores := make([]*store.Store, 3)
	errs := together(len(stores), func(i int) (err error) {
		stores[i], err = store.Open(t.Context(), store.Options{DatabaseURL: url})
		return err
	})
	require.Empty(t, failures(errs))
	for _, s := range stores {
		require.NoError(t, s.Close())
	}
}
