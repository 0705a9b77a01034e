package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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

	s, err = store.Open(t.Context(), store.Options{DataDir: dir})
	require.NoError(t, err)
	_, _, err = s.UserByEmail(t.Context(), "ada@example.org")
	require.NoError(t, err, "rows survive a restart")
	require.NoError(t, s.Close())
}

func TestFoldersThatAreThere(t *testing.T) {
	for _, tt := range []struct {
		name    string
		mode    os.FileMode
		file    string
		want    os.FileMode
		warning bool
	}{
		{"empty", 0o755, "", 0o700, false},
		{"private", 0o700, "notes.txt", 0o700, false},
		{"somebody's home", 0o755, "notes.txt", 0o755, true},
		{"sticky, as /tmp", 0o777 | os.ModeSticky, "", 0o777, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			require.NoError(t, os.Mkdir(dir, 0o700))
			require.NoError(t, os.Chmod(dir, tt.mode))
			if tt.file != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, tt.file), nil, 0o600))
			}
			var log bytes.Buffer
			s, err := store.Open(t.Context(), store.Options{DataDir: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			require.NoError(t, err)
			require.NoError(t, s.Close())
			info, err := os.Stat(dir)
			require.NoError(t, err)
			require.Equal(t, tt.want, info.Mode().Perm())
			require.Equal(t, tt.warning, strings.Contains(log.String(), "chmod 700"), log.String())
		})
	}
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
