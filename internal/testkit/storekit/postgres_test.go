package storekit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
)

func TestBinDir(t *testing.T) {
	root := t.TempDir()
	install := func(version string) string {
		dir := filepath.Join(root, version, "bin")
		require.NoError(t, os.MkdirAll(dir, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "initdb"), nil, 0o700))
		return dir
	}
	pattern := filepath.Join(root, "*", "bin")
	none := filepath.Join(root, "no-pg_config")
	_, err := binDir(none, pattern)
	require.ErrorIs(t, err, errAbsent)
	install("14")
	newest := install("16")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "17", "bin"), 0o700), "a client alone has no initdb")
	dir, err := binDir(none, pattern)
	require.NoError(t, err)
	require.Equal(t, newest, dir)
	told := install("told")
	pgConfig := filepath.Join(root, "pg_config")
	require.NoError(t, os.WriteFile(pgConfig, []byte("#!/bin/sh\necho "+told+"\n"), 0o700))
	dir, err = binDir(pgConfig, pattern)
	require.NoError(t, err)
	require.Equal(t, told, dir, "pg_config comes first")
}

// TestDatabasesAreApart pins that two tests never see each other's rows.
func TestDatabasesAreApart(t *testing.T) {
	one, two := Postgres(t), Postgres(t)
	u := &patchbay.User{Email: "ada@example.org", Username: "ada"}
	require.NoError(t, one.CreateUser(t.Context(), u, ""))
	_, err := two.User(t.Context(), u.ID)
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
}
