package vault_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/vault"
)

func fakeKey(text string) vault.ModelKey { return vault.ModelKey{Secret: patchbay.NewSecret(text)} }

func TestModelKeysOfTwoUsers(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		v := newVault(t, vault.Options{Store: s})
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		until := time.UnixMilli(1_900_000_000_000).UTC()
		full := vault.ModelKey{Secret: patchbay.NewSecret("fake-ada"), BaseURL: "https://ada.example/v1", ExpiresAt: until}

		require.NoError(t, v.SetModelKey(ctx, ada, "openAI", full))
		require.NoError(t, v.SetModelKey(ctx, bob, "openAI", fakeKey("fake-bob")))
		require.NoError(t, v.SetModelKey(ctx, ada, "local", fakeKey("fake-local")))

		got, err := v.ModelKey(ctx, ada, "openAI")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(full, got))
		got, err = v.ModelKey(ctx, bob, "openAI")
		require.NoError(t, err)
		require.Equal(t, "fake-bob", got.Secret.Reveal())
		_, err = v.ModelKey(ctx, bob, "local")
		require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err))

		flags, err := v.ModelKeys(ctx, ada)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(map[string]vault.ModelKeyFlag{
			"openAI": {HasURL: true, ExpiresAt: until}, "local": {},
		}, flags, cmpopts.IgnoreFields(vault.ModelKeyFlag{}, "UpdatedAt")))

		require.NoError(t, v.DeleteModelKey(ctx, ada, "openAI"))
		_, err = v.ModelKey(ctx, ada, "openAI")
		require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err))
		_, err = v.ModelKey(ctx, bob, "openAI")
		require.NoError(t, err, "bob's key is bob's")

		// They are no server's: what a server's end erases leaves them alone.
		require.NoError(t, v.DeleteServer(ctx, alpha))
		_, err = v.ModelKey(ctx, ada, "local")
		require.NoError(t, err)
	})
}

func TestModelKeyIsSealedToItsOwner(t *testing.T) {
	ctx, s := t.Context(), storekit.SQLite(t)
	v := newVault(t, vault.Options{Store: s})
	ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
	require.NoError(t, v.SetModelKey(ctx, ada, "openAI", fakeKey("fake-ada")))
	rows, err := s.Credentials(ctx, ada, "", "model_key")
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.NotContains(t, rows[0].Sealed, "fake-ada")

	// A row that was moved to somebody else, or to another provider, does not open.
	require.NoError(t, s.PutCredentials(ctx, bob, "", "model_key", rows, nil))
	_, err = v.ModelKey(ctx, bob, "openAI")
	require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err))
	require.ErrorContains(t, err, "cannot be opened any more")
	flags, err := v.ModelKeys(ctx, bob)
	require.NoError(t, err)
	require.True(t, flags["openAI"].Broken)
}

func TestModelKeyRotates(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		require.NoError(t, newVault(t, vault.Options{Store: s, Box: newBox(t, 1)}).SetModelKey(ctx, ada, "openAI", fakeKey("fake-ada")))
		n, err := newVault(t, vault.Options{Store: s, Box: newBox(t, 2, 1)}).Rotate(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		got, err := newVault(t, vault.Options{Store: s, Box: newBox(t, 2)}).ModelKey(ctx, ada, "openAI")
		require.NoError(t, err)
		require.Equal(t, "fake-ada", got.Secret.Reveal())
	})
}

func TestModelKeyBounds(t *testing.T) {
	ctx, s := t.Context(), storekit.SQLite(t)
	v := newVault(t, vault.Options{Store: s})
	ada := makeUser(t, s, "ada")
	for name, err := range map[string]error{
		"nobody":      v.SetModelKey(ctx, "", "openAI", fakeKey("fake")),
		"no provider": v.SetModelKey(ctx, ada, "", fakeKey("fake")),
		"too long":    v.SetModelKey(ctx, ada, "openAI", fakeKey(strings.Repeat("x", vault.MaxValue+1))),
		"not text":    v.SetModelKey(ctx, ada, "openAI", fakeKey("fake\x00")),
	} {
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "xxx")
	}
	for i := range vault.MaxModelKeys {
		require.NoError(t, v.SetModelKey(ctx, ada, fmt.Sprint("p", i), fakeKey("fake")))
	}
	require.Equal(t, patchbay.CodeTooLarge, patchbay.CodeOf(v.SetModelKey(ctx, ada, "more", fakeKey("fake"))))
	require.NoError(t, v.SetModelKey(ctx, ada, "p0", fakeKey("fake-2")), "one in place of another is no more")
}
