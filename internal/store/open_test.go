package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay/internal/store"
)

func TestDataFolderIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%e", "data")
	s, err := store.Open(t.Context(), store.Options{DataDir: dir})
	require.NoError(t, err)
	makeUser(t, s, "ada")
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Mode().Perm()
	}
	require.Equal(t, os.FileMode(0o700), mode(dir))
	for _, name := range []string{"patchbay.db", "patchbay.db-wal", "patchbay.db-shm", "patchbay.lock"} {
		require.Equal(t, os.FileMode(0o600), mode(filepath.Join(dir, name)), name)
	}
	require.NoError(t, s.Close())

	require.NoError(t, os.Chmod(dir, 0o755))
	s, err = store.Open(t.Context(), store.Options{DataDir: dir})
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), mode(dir), "an open folder is closed")
	_, _, err = s.UserByEmail(t.Context(), "ada@example.org")
	require.NoError(t, err, "rows survive a restart")
	require.NoError(t, s.Close())
}

func TestOneProcessPerDataFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Options{DataDir: dir})
	require.NoError(t, err)
	_, err = store.Open(t.Context(), store.Options{DataDir: dir})
	var locked *store.LockedError
	require.ErrorAs(t, err, &locked)
	require.Equal(t, os.Getpid(), locked.PID)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "--data")
	require.NoError(t, s.Close())
	s, err = store.Open(t.Context(), store.Options{DataDir: dir})
	require.NoError(t, err, "given back at Close")
	require.NoError(t, s.Close())
}

func TestOpenFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	garbage := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(garbage, "patchbay.db"), []byte("this is no database, but text that is long enough"), 0o600))
	for _, tt := range []struct {
		name string
		o    store.Options
		want string
	}{
		{"nowhere", store.Options{}, "data folder"},
		{"a file for a folder", store.Options{DataDir: filepath.Join(file, "data")}, "data folder"},
		{"not a database", store.Options{DataDir: garbage}, "database"},
		{"not a URL", store.Options{DatabaseURL: "postgres://u:hunter2-not-real@[::1"}, "postgres://USER:PASSWORD@HOST"},
		{"nobody there", store.Options{DatabaseURL: "postgres://u:hunter2-not-real@127.0.0.1:1/db?connect_timeout=2"}, "reach the database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := store.Open(t.Context(), tt.o)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
			require.Nil(t, s)
		})
	}
}

func TestOpenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Open(ctx, store.Options{DataDir: t.TempDir()})
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
}
