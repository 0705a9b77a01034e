package seal

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoadOrCreateKey(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "creds.key")
	made, err := LoadOrCreateKey(path)
	require.NoError(t, err)
	require.Len(t, made, KeySize)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	again, err := LoadOrCreateKey(path)
	require.NoError(t, err)
	require.Equal(t, made, again)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing else is left in the folder")
}

func TestLoadOrCreateKeyTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "creds.key")
	keys := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			k, err := LoadOrCreateKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = k
		})
	}
	wg.Wait()
	for _, k := range keys {
		require.Equal(t, keys[0], k)
	}
}

func TestKeyFileProblems(t *testing.T) {
	good := strings.Repeat("0f", KeySize)
	for _, tt := range []struct {
		name, content string
		mode          os.FileMode
		want          string
	}{
		{"others may read it", good, 0o644, "chmod 600"},
		{"too short", good[2:], 0o600, "openssl rand"},
		{"other characters", "zz" + good[2:], 0o600, "openssl rand"},
		{"empty", "", 0o600, "openssl rand"},
		{"huge", strings.Repeat(good, 100), 0o600, "no key file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "creds.key")
			require.NoError(t, os.WriteFile(path, []byte(tt.content), 0o600))
			require.NoError(t, os.Chmod(path, tt.mode))
			_, err := LoadOrCreateKey(path)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "0f0f0f")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, tt.content, string(after), "a file that is there is never replaced")
		})
	}
	_, err := LoadOrCreateKey(filepath.Join(t.TempDir(), "missing", "creds.key"))
	require.Error(t, err)
}

func TestParseKey(t *testing.T) {
	k, err := ParseKey("  " + strings.Repeat("0F", KeySize) + "\n")
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("0f", KeySize), hex.EncodeToString(k))
}
