package store_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/seal"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestCredentials(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		put := func(u patchbay.UserID, server patchbay.ServerID, name, sealed string, remove ...string) {
			t.Helper()
			c := []*store.Credential{{Name: name, Sealed: sealed, KeyID: "k1", UpdatedAt: at}}
			require.NoError(t, s.PutCredentials(ctx, u, server, "var", c, remove))
		}
		put(ada.ID, "yaml/a", "X", "ada-a-x")
		put(ada.ID, "yaml/a", "Y", "ada-a-y")
		put(ada.ID, "yaml/b", "X", "ada-b-x")
		put(bob.ID, "yaml/a", "X", "bob-a-x")
		put(ada.ID, "yaml/a", "X", "ada-a-x2", "Y", "not there")

		got, err := s.Credentials(ctx, ada.ID, "yaml/a", "var")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]*store.Credential{
			{User: ada.ID, Server: "yaml/a", Kind: "var", Name: "X", Sealed: "ada-a-x2", KeyID: "k1", UpdatedAt: at},
		}, got))
		got, err = s.Credentials(ctx, bob.ID, "yaml/a", "var")
		require.NoError(t, err)
		require.Equal(t, "bob-a-x", got[0].Sealed)
		got, err = s.Credentials(ctx, ada.ID, "yaml/a", "token")
		require.NoError(t, err)
		require.Empty(t, got)

		err = s.PutCredentials(ctx, "nobody", "yaml/a", "var", []*store.Credential{{Name: "X"}}, nil)
		wantCode(t, err, patchbay.CodeNotFound)

		require.NoError(t, s.DeleteCredentials(ctx, ada.ID, "yaml/b", "var"))
		require.NoError(t, s.DeleteServerCredentials(ctx, "yaml/a"))
		for _, u := range []patchbay.UserID{ada.ID, bob.ID} {
			for _, server := range []patchbay.ServerID{"yaml/a", "yaml/b"} {
				got, err = s.Credentials(ctx, u, server, "var")
				require.NoError(t, err)
				require.Empty(t, got)
			}
		}
	})
}

func TestCredentialsNotUnder(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		for _, c := range []store.Credential{{Name: "A", KeyID: "old"}, {Name: "B", KeyID: "new"}, {Name: "C", KeyID: "old"}, {Name: "D", KeyID: "older"}} {
			c.Sealed = "sealed " + c.Name
			require.NoError(t, s.PutCredentials(ctx, ada.ID, "yaml/a", "var", []*store.Credential{&c}, nil))
		}
		var names []string
		var last *store.Credential
		for {
			rows, err := s.CredentialsNotUnder(ctx, "new", last, 2)
			require.NoError(t, err)
			if len(rows) == 0 {
				break
			}
			for _, c := range rows {
				names = append(names, c.Name)
			}
			last = rows[len(rows)-1]
		}
		require.Equal(t, []string{"A", "C", "D"}, names)

		last.Sealed, last.KeyID = "again", "new"
		require.NoError(t, s.ReplaceSealed(ctx, last, "something else"))
		rows, err := s.CredentialsNotUnder(ctx, "new", nil, 9)
		require.NoError(t, err)
		require.Len(t, rows, 3, "a value that was changed meanwhile stays")
		require.NoError(t, s.ReplaceSealed(ctx, last, "sealed D"))
		rows, err = s.CredentialsNotUnder(ctx, "new", nil, 9)
		require.NoError(t, err)
		require.Len(t, rows, 2)
	})
}

func TestCheckKey(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first, second := bytes.Repeat([]byte{1}, seal.KeySize), bytes.Repeat([]byte{2}, seal.KeySize)
		box := func(current []byte, previous ...[]byte) *seal.Box {
			b, err := seal.New(current, previous...)
			require.NoError(t, err)
			return b
		}
		require.NoError(t, s.CheckKey(ctx, box(first)))
		require.NoError(t, s.CheckKey(ctx, box(second)), "nothing is sealed yet: any key will do")
		require.NoError(t, s.CheckKey(ctx, box(first)))

		ada := makeUser(t, s, "ada")
		c := []*store.Credential{{Name: "X", Sealed: "s", KeyID: box(first).KeyID()}}
		require.NoError(t, s.PutCredentials(ctx, ada.ID, "yaml/a", "var", c, nil))
		require.NoError(t, s.CheckKey(ctx, box(first)))
		err := s.CheckKey(ctx, box(second))
		require.ErrorContains(t, err, "set CREDS_KEY")
		require.ErrorContains(t, err, box(first).KeyID())
		require.NoError(t, s.CheckKey(ctx, box(second, first)), "the old key still opens")
		require.ErrorContains(t, s.CheckKey(ctx, box(second)), "set CREDS_KEY", "rows of the old key remain")

		c[0].KeyID = box(second).KeyID()
		require.NoError(t, s.PutCredentials(ctx, ada.ID, "yaml/a", "var", c, nil))
		require.NoError(t, s.CheckKey(ctx, box(second)), "rotation is done")
	})
}
