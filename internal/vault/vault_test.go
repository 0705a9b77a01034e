package vault_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/seal"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/vault"
)

const (
	alpha = patchbay.ServerID("yaml/alpha")
	beta  = patchbay.ServerID("yaml/beta")
)

func newBox(t *testing.T, keys ...byte) *seal.Box {
	t.Helper()
	all := make([][]byte, len(keys))
	for i, k := range keys {
		all[i] = bytes.Repeat([]byte{k}, seal.KeySize)
	}
	b, err := seal.New(all[0], all[1:]...)
	require.NoError(t, err)
	return b
}

// changes records what OnChange was told.
type changes struct {
	mu  sync.Mutex
	all []string
}

func (c *changes) note(user patchbay.UserID, server patchbay.ServerID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, string(user)+" "+string(server))
}

func (c *changes) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

func newVault(t *testing.T, o vault.Options) *vault.Vault {
	t.Helper()
	if o.Box == nil {
		o.Box = newBox(t, 1)
	}
	v, err := vault.New(o)
	require.NoError(t, err)
	return v
}

func makeUser(t *testing.T, s *store.Store, name string) patchbay.UserID {
	t.Helper()
	u := &patchbay.User{Email: name + "@example.org", Username: name}
	require.NoError(t, s.CreateUser(t.Context(), u, ""))
	return u.ID
}

func vars(t *testing.T, v *vault.Vault, user patchbay.UserID, server patchbay.ServerID) map[string]string {
	t.Helper()
	got, err := v.Vars(t.Context(), user, server)
	require.NoError(t, err)
	return got
}

func TestTwoUsers(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var told changes
		v := newVault(t, vault.Options{Store: s, OnChange: told.note})
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")

		require.Empty(t, vars(t, v, ada, alpha))
		require.NoError(t, v.SetVars(ctx, ada, alpha, map[string]string{"KEY": "fake-ada", "URL": "u"}))
		require.Equal(t, []string{string(ada) + " yaml/alpha"}, told.take(), "only ada's connection to alpha is made anew")
		require.NoError(t, v.SetVars(ctx, bob, alpha, map[string]string{"KEY": "fake-bob"}))
		require.NoError(t, v.SetVars(ctx, ada, beta, map[string]string{"KEY": "fake-ada-beta"}))
		told.take()

		for range 2 { // from the store, then from memory
			require.Empty(t, cmp.Diff(map[string]string{"KEY": "fake-ada", "URL": "u"}, vars(t, v, ada, alpha)))
			require.Empty(t, cmp.Diff(map[string]string{"KEY": "fake-bob"}, vars(t, v, bob, alpha)))
			require.Empty(t, cmp.Diff(map[string]string{"KEY": "fake-ada-beta"}, vars(t, v, ada, beta)))
			require.Empty(t, vars(t, v, bob, beta))
		}
		mine := vars(t, v, ada, alpha)
		mine["KEY"] = "changed by the caller"
		require.Equal(t, "fake-ada", vars(t, v, ada, alpha)["KEY"])

		server := &patchbay.Server{ID: alpha, UserVars: []patchbay.UserVar{{Name: "KEY"}, {Name: "URL"}, {Name: "MORE"}}}
		flags, err := v.Flags(ctx, bob, server)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(map[string]bool{"KEY": true, "URL": false, "MORE": false}, flags))

		require.NoError(t, v.SetVars(ctx, ada, alpha, map[string]string{"KEY": "fake-ada-2"}))
		require.Empty(t, cmp.Diff(map[string]string{"KEY": "fake-ada-2", "URL": "u"}, vars(t, v, ada, alpha)), "the others stay")
		require.NoError(t, v.SetVars(ctx, ada, alpha, map[string]string{"URL": "", "NEVER": ""}))
		require.Empty(t, cmp.Diff(map[string]string{"KEY": "fake-ada-2"}, vars(t, v, ada, alpha)), "an empty value deletes")
		told.take()

		require.NoError(t, v.SetVars(ctx, ada, alpha, map[string]string{"KEY": "fake-ada-2", "NEVER": ""}))
		require.NoError(t, v.DeleteVars(ctx, ada, alpha, "NEVER"))
		require.Empty(t, told.take(), "nothing changed, so nobody reconnects")

		require.NoError(t, v.DeleteVars(ctx, ada, alpha))
		require.Equal(t, []string{string(ada) + " yaml/alpha"}, told.take())
		require.Empty(t, vars(t, v, ada, alpha))
		require.Equal(t, "fake-bob", vars(t, v, bob, alpha)["KEY"])

		require.NoError(t, v.SetVars(ctx, ada, alpha, map[string]string{"A": "1", "B": "2"}))
		require.NoError(t, v.DeleteVars(ctx, ada, alpha, "A"))
		require.Empty(t, cmp.Diff(map[string]string{"B": "2"}, vars(t, v, ada, alpha)))

		require.NoError(t, v.DeleteServer(ctx, alpha))
		require.Empty(t, vars(t, v, ada, alpha))
		require.Empty(t, vars(t, v, bob, alpha))
		require.Equal(t, "fake-ada-beta", vars(t, v, ada, beta)["KEY"])
	})
}

// TestRowsAreBound pins that a sealed value opens in its own row only, and that no
// value stands in the database in the clear.
func TestRowsAreBound(t *testing.T) {
	s := storekit.SQLite(t)
	ctx := t.Context()
	v := newVault(t, vault.Options{Store: s})
	ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
	require.NoError(t, v.SetVars(ctx, ada, alpha, map[string]string{"KEY": "fake-ada"}))
	rows, err := s.Credentials(ctx, ada, alpha, "var")
	require.NoError(t, err)
	require.NotContains(t, rows[0].Sealed, "fake-ada")
	for _, place := range []struct {
		user   patchbay.UserID
		server patchbay.ServerID
		name   string
	}{{bob, alpha, "KEY"}, {ada, beta, "KEY"}, {ada, beta, "OTHER"}} {
		c := []*store.Credential{{Name: place.name, Sealed: rows[0].Sealed, KeyID: rows[0].KeyID}}
		require.NoError(t, s.PutCredentials(ctx, place.user, place.server, "var", c, nil))
		v := newVault(t, vault.Options{Store: s}) // one that has nothing in memory
		_, err := v.Vars(ctx, place.user, place.server)
		require.Equal(t, patchbay.CodeNeedsVariables, patchbay.CodeOf(err))
		require.ErrorContains(t, err, place.name)
		require.NotContains(t, err.Error(), "fake-ada")
		flags, err := v.Flags(ctx, place.user, &patchbay.Server{ID: place.server, UserVars: []patchbay.UserVar{{Name: place.name}}})
		require.NoError(t, err)
		require.False(t, flags[place.name])
		require.NoError(t, v.SetVars(ctx, place.user, place.server, map[string]string{place.name: "fake-new", "KEY": "fake-new"}), "giving it again cures it")
		require.Equal(t, "fake-new", vars(t, v, place.user, place.server)[place.name])
	}
}

func TestRefusedValues(t *testing.T) {
	s := storekit.SQLite(t)
	var told changes
	v := newVault(t, vault.Options{Store: s, OnChange: told.note})
	ada := makeUser(t, s, "ada")
	many := map[string]string{}
	for i := range vault.MaxVars + 1 {
		many[fmt.Sprint("V", i)] = "x"
	}
	for _, tt := range []struct {
		name   string
		values map[string]string
		code   patchbay.Code
		path   string
	}{
		{"too long", map[string]string{"GOOD": "x", "KEY": "fake" + strings.Repeat("x", vault.MaxValue)}, patchbay.CodeInvalid, "body.authValues.KEY"},
		{"NUL", map[string]string{"KEY": "fake\x00"}, patchbay.CodeInvalid, "body.authValues.KEY"},
		{"not text", map[string]string{"KEY": "fake\xff"}, patchbay.CodeInvalid, "body.authValues.KEY"},
		{"no name", map[string]string{"": "fake"}, patchbay.CodeInvalid, "body.authValues"},
		{"name too long", map[string]string{strings.Repeat("N", vault.MaxName+1): "fake"}, patchbay.CodeInvalid, "body.authValues"},
		{"too many", many, patchbay.CodeTooLarge, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := v.SetVars(t.Context(), ada, alpha, tt.values)
			require.Equal(t, tt.code, patchbay.CodeOf(err))
			require.NotContains(t, err.Error(), "fake")
			if tt.path != "" {
				var e *patchbay.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, tt.path, e.Fields[0].Path)
			}
			require.Empty(t, vars(t, v, ada, alpha), "all or nothing")
		})
	}
	require.Empty(t, told.take())
	err := v.SetVars(t.Context(), "nobody", alpha, map[string]string{"KEY": "x"})
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	_, err = v.Vars(t.Context(), "", alpha)
	require.Error(t, err, "no credential without a user")
	require.NoError(t, v.SetVars(t.Context(), ada, alpha, map[string]string{"KEY": strings.Repeat("x", vault.MaxValue)}))
}

func TestRotate(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		old := newVault(t, vault.Options{Store: s, Box: newBox(t, 1)})
		require.NoError(t, old.SetVars(ctx, ada, alpha, map[string]string{"A": "fake-1", "B": "fake-2"}))
		require.NoError(t, old.SetVars(ctx, bob, beta, map[string]string{"A": "fake-3"}))
		damaged := []*store.Credential{{Name: "A", Sealed: "v1.x.y", KeyID: newBox(t, 1).KeyID()}}
		require.NoError(t, s.PutCredentials(ctx, ada, beta, "var", damaged, nil))

		both := newVault(t, vault.Options{Store: s, Box: newBox(t, 2, 1)})
		n, err := both.Rotate(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		n, err = both.Rotate(ctx)
		require.NoError(t, err)
		require.Zero(t, n)

		next := newVault(t, vault.Options{Store: s, Box: newBox(t, 2)})
		require.Empty(t, cmp.Diff(map[string]string{"A": "fake-1", "B": "fake-2"}, vars(t, next, ada, alpha)))
		require.Equal(t, "fake-3", vars(t, next, bob, beta)["A"])
	})
}

// TestReplicas pins that what another process wrote is seen within two seconds, and
// that a change never starts from what memory holds.
func TestReplicas(t *testing.T) {
	url := storekit.PostgresURL(t)
	now := time.Unix(1_800_000_000, 0)
	open := func() (*store.Store, *vault.Vault) {
		s := storekit.Open(t, store.Options{DatabaseURL: url})
		return s, newVault(t, vault.Options{Store: s, Now: func() time.Time { return now }})
	}
	s, here := open()
	_, there := open()
	ada := makeUser(t, s, "ada")
	require.NoError(t, here.SetVars(t.Context(), ada, alpha, map[string]string{"KEY": "one"}))
	require.Equal(t, "one", vars(t, here, ada, alpha)["KEY"])
	require.NoError(t, there.SetVars(t.Context(), ada, alpha, map[string]string{"KEY": "two"}))
	now = now.Add(2 * time.Second)
	require.Equal(t, "two", vars(t, here, ada, alpha)["KEY"])
	require.NoError(t, there.SetVars(t.Context(), ada, alpha, map[string]string{"KEY": "three"}))
	require.NoError(t, here.SetVars(t.Context(), ada, alpha, map[string]string{"KEY": "two"}))
	require.Equal(t, "two", vars(t, here, ada, alpha)["KEY"], "memory said that there was nothing to change")
}

// TestCacheIsBounded goes round more users than fit, while values change.
func TestCacheIsBounded(t *testing.T) {
	s := storekit.SQLite(t)
	v := newVault(t, vault.Options{Store: s, MaxUsers: 2})
	var users []patchbay.UserID
	for i := range 5 {
		users = append(users, makeUser(t, s, fmt.Sprint("user", i)))
	}
	var wg sync.WaitGroup
	for _, u := range users {
		wg.Go(func() {
			for i := range 10 {
				want := fmt.Sprint(u, i)
				if err := v.SetVars(t.Context(), u, alpha, map[string]string{"KEY": want}); err != nil {
					t.Error(err)
				}
				got, err := v.Vars(t.Context(), u, alpha)
				if err != nil || got["KEY"] != want {
					t.Errorf("%s read %q, wrote %q: %v", u, got["KEY"], want, err)
				}
			}
		})
	}
	wg.Wait()
	for _, u := range users {
		require.Len(t, vars(t, v, u, alpha), 1)
		require.LessOrEqual(t, v.CachedUsers(), 2)
	}
	v.Forget(users[4])
	require.Less(t, v.CachedUsers(), 2)
	require.Equal(t, fmt.Sprint(users[0], 9), vars(t, v, users[0], alpha)["KEY"])
}
