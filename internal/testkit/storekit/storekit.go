// Package storekit gives tests a store on each engine: SQLite in a temporary folder,
// and PostgreSQL in a cluster of its own, made with the server programs that are
// installed. It owns the cluster, one per test process, and its databases, one per
// test; it does not own what is tested. Everything is safe for concurrent use.
package storekit

import (
	"testing"

	"patchbay/internal/store"
)

// Each runs fn once per engine, each time with a fresh, migrated store.
func Each(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// SQLite returns a fresh store on SQLite, closed when the test ends.
func SQLite(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, store.Options{DataDir: tb.TempDir()})
}

// Postgres returns a fresh store on PostgreSQL, closed when the test ends. Without an
// installed server the test is skipped; with CI=true it fails.
func Postgres(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, store.Options{DatabaseURL: PostgresURL(tb)})
}

// Open opens a store that is closed when the test ends: for a second replica on one
// PostgreSQL database.
func Open(tb testing.TB, o store.Options) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), o)
	if err != nil {
		tb.Fatalf("open the store: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return s
}
