package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
)

// Every token that seed writes belongs to a user of its own, who may use it.
func TestSeed(t *testing.T) {
	dir := t.TempDir()
	o := options{data: filepath.Join(dir, "data"), n: 1200, out: filepath.Join(dir, "tokens")}
	require.NoError(t, seed(t.Context(), o))

	info, err := os.Stat(o.out)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	raw, err := os.ReadFile(o.out)
	require.NoError(t, err)
	tokens := strings.Fields(string(raw))
	require.Len(t, tokens, o.n)

	s, err := store.Open(t.Context(), store.Options{DataDir: o.data})
	require.NoError(t, err)
	defer s.Close()
	service, err := auth.New(auth.Options{Store: s})
	require.NoError(t, err)
	users := map[patchbay.UserID]bool{}
	for _, token := range tokens {
		actor, err := service.Authenticate(t.Context(), token)
		require.NoError(t, err)
		require.True(t, actor.User.EmailVerified)
		require.Equal(t, patchbay.RoleUser, actor.User.Role)
		require.True(t, actor.Has(patchbay.ScopeToolsCall))
		users[actor.User.ID] = true
	}
	require.Len(t, users, o.n)
}

func TestSeedRefuses(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name string
		o    options
		want string
	}{
		{"none", options{data: dir, out: filepath.Join(dir, "t")}, "-n must be between"},
		{"too many", options{data: dir, n: maxAccounts + 1, out: filepath.Join(dir, "t")}, "-n must be between"},
		{"no folder", options{n: 1, out: filepath.Join(dir, "t")}, "data folder"},
		{"no place for the tokens", options{data: dir, n: 1, out: filepath.Join(dir, "no", "t")}, "write the tokens"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.ErrorContains(t, seed(t.Context(), tt.o), tt.want) })
	}
}
