package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

// TestHostileText pins that what strangers write in a URL or a form finds nothing,
// on either engine, and never becomes an internal error.
func TestHostileText(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		for _, text := range []string{"\x00", "a\x00da", "\xff\xfe", "'", "\\", "\\'", "?", "?0", "$1", "--", ";", "ada\x00"} {
			_, err := s.User(ctx, patchbay.UserID(text))
			wantCode(t, err, patchbay.CodeNotFound)
			_, _, err = s.UserByEmail(ctx, text)
			wantCode(t, err, patchbay.CodeNotFound)
			_, _, err = s.LoginByHash(ctx, text)
			wantCode(t, err, patchbay.CodeNotFound)
			_, _, err = s.APITokenByHash(ctx, text)
			wantCode(t, err, patchbay.CodeNotFound)
			wantCode(t, s.DeleteLogin(ctx, ada.ID, text), patchbay.CodeNotFound)
			wantCode(t, s.DeleteAPIToken(ctx, ada.ID, text), patchbay.CodeNotFound)
			wantCode(t, s.SetRole(ctx, patchbay.UserID(text), patchbay.RoleUser, at), patchbay.CodeNotFound)
			users, _, err := s.ListUsers(ctx, store.UserFilter{Search: "zz" + text})
			require.NoError(t, err)
			require.Empty(t, users)
			_, _, err = s.ListUsers(ctx, store.UserFilter{After: text})
			require.NoError(t, err)
			creds, err := s.Credentials(ctx, ada.ID, patchbay.ServerID(text), "var")
			require.NoError(t, err)
			require.Empty(t, creds)
			_, _, err = s.Attempt(ctx, text, 1, time.Minute, at)
			require.NoError(t, err)
		}
		server := patchbay.ServerID(`yaml/it's a "server" \ ünï ?0 | %`)
		require.NoError(t, s.PutCredentials(ctx, ada.ID, server, "var", []*store.Credential{{Name: `a'b\`, Sealed: "s"}}, nil))
		creds, err := s.Credentials(ctx, ada.ID, server, "var")
		require.NoError(t, err)
		require.Equal(t, server, creds[0].Server)
		require.Equal(t, `a'b\`, creds[0].Name)
	})
}

// TestWritersTakeTurns pins that nobody is told that the database is busy.
func TestWritersTakeTurns(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		errs := together(12, func(i int) error {
			for range 20 {
				var err error
				switch i % 4 {
				case 0:
					_, _, err = s.Attempt(ctx, "key", 1, time.Minute, at)
				case 1:
					err = s.CreateLogin(ctx, &store.Login{User: ada.ID, Hash: store.NewID(), CreatedAt: at, ExpiresAt: at})
				case 2:
					err = s.Touch(ctx, []store.Use{{ID: "x", At: at}, {ID: "y", Token: true, At: at}})
				case 3:
					_, _, err = s.ListUsers(ctx, store.UserFilter{})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		require.Empty(t, failures(errs))
	})
}
