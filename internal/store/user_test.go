package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

// at is a time that both engines keep exactly.
var at = time.UnixMilli(1_800_000_000_123).UTC()

// makeUser inserts an account called name.
func makeUser(t *testing.T, s *store.Store, name string) *patchbay.User {
	t.Helper()
	u := &patchbay.User{Email: name + "@example.org", Username: name, Name: name, CreatedAt: at}
	require.NoError(t, s.CreateUser(t.Context(), u, "hash of "+name))
	return u
}

func wantCode(t *testing.T, err error, want patchbay.Code) *patchbay.Error {
	t.Helper()
	require.Equal(t, want, patchbay.CodeOf(err), "error: %v", err)
	var e *patchbay.Error
	require.ErrorAs(t, err, &e)
	return e
}

func TestUserRoundTrip(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		want := &patchbay.User{
			ID: patchbay.UserID(store.NewID()), Email: "ada@example.org", EmailVerified: true, Name: `Ada "O'Brien" \ ?0 ünï`, Username: "ada",
			Role: patchbay.RoleUser, Provider: "github", Source: "scim", ExternalID: "x1", GoogleID: "g", FacebookID: "f", OpenIDID: "o",
			SAMLID: "s", LDAPID: "l", GitHubID: "gh", DiscordID: "d", AppleID: "a", TwoFactorEnabled: true, TermsAccepted: true,
			TermsAcceptedAt: at, CreatedAt: at, UpdatedAt: at.Add(time.Second),
		}
		require.NoError(t, s.CreateUser(t.Context(), want, "$hash"))
		got, err := s.User(t.Context(), want.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		got, hash, err := s.UserByEmail(t.Context(), "  ADA@Example.org ")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		require.Equal(t, "$hash", hash)
	})
}

func TestUserDefaultsAndAbsence(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		u := &patchbay.User{Email: "Bob@Example.org", Username: "BOB", CreatedAt: at}
		require.NoError(t, s.CreateUser(t.Context(), u, ""))
		got, err := s.User(t.Context(), u.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(&patchbay.User{
			ID: u.ID, Email: "bob@example.org", Username: "bob", Role: patchbay.RoleUser, Provider: "email", Source: "local", CreatedAt: at, UpdatedAt: at,
		}, got))

		_, err = s.User(t.Context(), "nobody")
		wantCode(t, err, patchbay.CodeNotFound)
		_, _, err = s.UserByEmail(t.Context(), "nobody@example.org")
		wantCode(t, err, patchbay.CodeNotFound)
		_, err = s.PasswordHash(t.Context(), "nobody")
		wantCode(t, err, patchbay.CodeNotFound)
		wantCode(t, s.SetRole(t.Context(), "nobody", patchbay.RoleUser, at), patchbay.CodeNotFound)
		wantCode(t, s.SetDisabled(t.Context(), "nobody", true, at), patchbay.CodeNotFound)
		wantCode(t, s.SetPassword(t.Context(), "nobody", "h", "", at), patchbay.CodeNotFound)
		wantCode(t, s.DeleteUser(t.Context(), "nobody"), patchbay.CodeNotFound)
	})
}

func TestUserConflicts(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ada := makeUser(t, s, "ada")
		for _, tt := range []struct {
			name  string
			user  patchbay.User
			field string
		}{
			{"e-mail", patchbay.User{Email: "ADA@example.org", Username: "other"}, "body.email"},
			{"username", patchbay.User{Email: "other@example.org", Username: "Ada"}, "body.username"},
			{"id", patchbay.User{ID: ada.ID, Email: "other@example.org", Username: "other"}, ""},
		} {
			t.Run(tt.name, func(t *testing.T) {
				e := wantCode(t, s.CreateUser(t.Context(), &tt.user, ""), patchbay.CodeConflict)
				if tt.field == "" {
					require.Empty(t, e.Fields)
				} else {
					require.Equal(t, tt.field, e.Fields[0].Path)
				}
			})
		}
	})
}

func TestListUsers(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		var all []string
		for i := range 7 {
			all = append(all, makeUser(t, s, fmt.Sprintf("user%d", i)).Username)
		}
		odd := &patchbay.User{Email: "odd@example.org", Username: "odd", Name: `50%_Ünï\!`, CreatedAt: at}
		require.NoError(t, s.CreateUser(t.Context(), odd, ""))

		pages := func(f store.UserFilter) (names []string) {
			for {
				users, next, err := s.ListUsers(t.Context(), f)
				require.NoError(t, err)
				require.LessOrEqual(t, len(users), f.Limit)
				for _, u := range users {
					names = append(names, u.Username)
				}
				if next == "" {
					return names
				}
				f.After = next
			}
		}
		for _, tt := range []struct {
			name   string
			filter store.UserFilter
			want   []string
		}{
			{"pages of three", store.UserFilter{Limit: 3}, append(all, "odd")},
			{"pages that end exactly", store.UserFilter{Limit: 4}, append(all, "odd")},
			{"part of the username, in any case", store.UserFilter{Limit: 2, Search: "SER"}, all},
			{"part of the e-mail address", store.UserFilter{Limit: 5, Search: "user3@ex"}, []string{"user3"}},
			{"percent is no wildcard", store.UserFilter{Limit: 5, Search: "0%"}, []string{"odd"}},
			{"underscore is no wildcard", store.UserFilter{Limit: 5, Search: "_ü"}, []string{"odd"}},
			{"neither escape nor backslash escape", store.UserFilter{Limit: 5, Search: `\!`}, []string{"odd"}},
			{"other letters fold too", store.UserFilter{Limit: 5, Search: "ÜNÏ"}, []string{"odd"}},
			{"a quote ends nothing", store.UserFilter{Limit: 5, Search: `' OR '1'='1`}, nil},
			{"a question mark is no argument", store.UserFilter{Limit: 5, Search: `?0`}, nil},
		} {
			t.Run(tt.name, func(t *testing.T) {
				require.Empty(t, cmp.Diff(tt.want, pages(tt.filter)))
			})
		}
		users, next, err := s.ListUsers(t.Context(), store.UserFilter{Limit: 101})
		require.NoError(t, err)
		require.Len(t, users, 8, "a limit out of range is the default")
		require.Empty(t, next)
	})
}

func TestLastAdminStays(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		one := &patchbay.User{Email: "one@example.org", Username: "one", CreatedAt: at}
		require.NoError(t, s.CreateFirstAdmin(ctx, one, ""))
		two := makeUser(t, s, "two")
		wantCode(t, s.CreateFirstAdmin(ctx, &patchbay.User{Email: "x@example.org", Username: "x"}, ""), patchbay.CodeConflict)

		wantCode(t, s.SetRole(ctx, one.ID, patchbay.RoleUser, at), patchbay.CodeConflict)
		wantCode(t, s.SetDisabled(ctx, one.ID, true, at), patchbay.CodeConflict)
		wantCode(t, s.DeleteUser(ctx, one.ID), patchbay.CodeConflict)

		require.NoError(t, s.SetRole(ctx, two.ID, patchbay.RoleAdmin, at))
		require.NoError(t, s.SetDisabled(ctx, two.ID, true, at))
		wantCode(t, s.SetRole(ctx, one.ID, patchbay.RoleUser, at), patchbay.CodeConflict)
		require.NoError(t, s.SetDisabled(ctx, two.ID, false, at))
		require.NoError(t, s.SetRole(ctx, one.ID, patchbay.RoleUser, at))
		got, err := s.User(ctx, one.ID)
		require.NoError(t, err)
		require.Equal(t, patchbay.RoleUser, got.Role)
		yes, err := s.AdminExists(ctx)
		require.NoError(t, err)
		require.True(t, yes)
	})
}

// TestTwoAdminsDemoteEachOther pins that counting administrators and changing one are
// one step, also between replicas.
func TestTwoAdminsDemoteEachOther(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		one, two := makeUser(t, s, "one"), makeUser(t, s, "two")
		require.NoError(t, s.SetRole(t.Context(), one.ID, patchbay.RoleAdmin, at))
		require.NoError(t, s.SetRole(t.Context(), two.ID, patchbay.RoleAdmin, at))
		errs := together(2, func(i int) error {
			return s.SetRole(t.Context(), []patchbay.UserID{one.ID, two.ID}[i], patchbay.RoleUser, at)
		})
		require.Len(t, failures(errs), 1, "exactly one of the two may win")
	})
}

func TestFirstAdminIsOne(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		errs := together(4, func(i int) error {
			name := fmt.Sprintf("admin%d", i)
			return s.CreateFirstAdmin(t.Context(), &patchbay.User{Email: name + "@example.org", Username: name}, "")
		})
		for _, err := range failures(errs) {
			wantCode(t, err, patchbay.CodeConflict)
		}
		require.Len(t, failures(errs), 3)
	})
}

// together runs fn n times at once.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errs
}

func failures(errs []error) (failed []error) {
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	return failed
}

func TestDeleteUserTakesEverythingAlong(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		for _, u := range []*patchbay.User{ada, bob} {
			require.NoError(t, s.CreateLogin(ctx, &store.Login{User: u.ID, Hash: "l" + u.Username, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}))
			require.NoError(t, s.CreateAPIToken(ctx, &store.APIToken{User: u.ID, Hash: "t" + u.Username, Name: "n", CreatedAt: at}))
			require.NoError(t, s.PutCredentials(ctx, u.ID, "yaml/a", "var", []*store.Credential{{Name: "K", Sealed: "v1.k.x", KeyID: "k"}}, nil))
		}
		require.NoError(t, s.DeleteUser(ctx, ada.ID))
		for _, u := range []*patchbay.User{ada, bob} {
			_, _, lerr := s.LoginByHash(ctx, "l"+u.Username)
			_, _, terr := s.APITokenByHash(ctx, "t"+u.Username)
			creds, err := s.Credentials(ctx, u.ID, "yaml/a", "var")
			require.NoError(t, err)
			if u == bob {
				require.NoError(t, lerr)
				require.NoError(t, terr)
				require.Len(t, creds, 1)
				continue
			}
			wantCode(t, lerr, patchbay.CodeNotFound)
			wantCode(t, terr, patchbay.CodeNotFound)
			require.Empty(t, creds)
		}
	})
}

func TestBulk(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		const n = 1200
		all := make([]store.UserWithToken, n)
		for i := range all {
			name := fmt.Sprintf("u%d", i)
			all[i] = store.UserWithToken{
				User:  &patchbay.User{Email: name + "@example.org", Username: name, Name: name, EmailVerified: true, CreatedAt: at},
				Token: &store.APIToken{Hash: strings.Repeat("0", 60) + fmt.Sprint(i), Name: "bench", CreatedAt: at},
			}
		}
		require.NoError(t, s.InsertUsersWithTokens(t.Context(), all))
		tok, u, err := s.APITokenByHash(t.Context(), all[n-1].Token.Hash)
		require.NoError(t, err)
		require.Equal(t, "u1199", u.Username)
		require.Nil(t, tok.Scopes)

		err = s.InsertUsersWithTokens(t.Context(), []store.UserWithToken{
			{User: &patchbay.User{Email: "new@example.org", Username: "new"}},
			{User: &patchbay.User{Email: "u7@example.org", Username: "again"}},
		})
		wantCode(t, err, patchbay.CodeConflict)
		_, _, err = s.UserByEmail(t.Context(), "new@example.org")
		wantCode(t, err, patchbay.CodeNotFound)
	})
}
