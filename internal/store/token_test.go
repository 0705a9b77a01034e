package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestLogins(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		var logins []*store.Login
		for i := range 3 {
			l := &store.Login{
				User: ada.ID, Hash: fmt.Sprint("ada", i), IP: "192.0.2.1", UserAgent: "Mozilla/5.0 'x'",
				CreatedAt: at, LastUsedAt: at, ExpiresAt: at.Add(time.Duration(i) * time.Hour),
			}
			require.NoError(t, s.CreateLogin(ctx, l))
			logins = append(logins, l)
		}
		require.NoError(t, s.CreateLogin(ctx, &store.Login{User: bob.ID, Hash: "bob", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}))

		l, u, err := s.LoginByHash(ctx, "ada2")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(logins[2], l))
		require.Equal(t, ada.ID, u.ID)

		got, err := s.Logins(ctx, ada.ID, at)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]*store.Login{logins[2], logins[1]}, got), "the expired one is left out, the newest is first")

		wantCode(t, s.DeleteLogin(ctx, bob.ID, logins[2].ID), patchbay.CodeNotFound)
		require.NoError(t, s.DeleteLogin(ctx, ada.ID, logins[2].ID))
		_, _, err = s.LoginByHash(ctx, "ada2")
		wantCode(t, err, patchbay.CodeNotFound)

		require.NoError(t, s.DeleteOtherLogins(ctx, ada.ID, logins[1].ID))
		_, _, err = s.LoginByHash(ctx, "ada0")
		wantCode(t, err, patchbay.CodeNotFound)
		_, _, err = s.LoginByHash(ctx, "ada1")
		require.NoError(t, err)
		_, _, err = s.LoginByHash(ctx, "bob")
		require.NoError(t, err)

		wantCode(t, s.CreateLogin(ctx, &store.Login{User: "nobody", Hash: "x"}), patchbay.CodeNotFound)
	})
}

func TestLoginsAreBounded(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ada := makeUser(t, s, "ada")
		for i := range 103 {
			require.NoError(t, s.CreateLogin(t.Context(), &store.Login{
				User: ada.ID, Hash: fmt.Sprint(i), CreatedAt: at, LastUsedAt: at.Add(time.Duration(i) * time.Second), ExpiresAt: at.Add(time.Hour),
			}))
		}
		got, err := s.Logins(t.Context(), ada.ID, at)
		require.NoError(t, err)
		require.Len(t, got, 100)
		require.Equal(t, "3", got[99].Hash, "the ones used longest ago made room")
	})
}

func TestPasswordAndDisablingEndLogins(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		keep := &store.Login{User: ada.ID, Hash: "keep", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
		require.NoError(t, s.CreateLogin(ctx, keep))
		require.NoError(t, s.CreateLogin(ctx, &store.Login{User: ada.ID, Hash: "other", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}))

		require.NoError(t, s.SetPassword(ctx, ada.ID, "new", keep.ID, at.Add(time.Minute)))
		hash, err := s.PasswordHash(ctx, ada.ID)
		require.NoError(t, err)
		require.Equal(t, "new", hash)
		got, err := s.Logins(ctx, ada.ID, at)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, "keep", got[0].Hash)

		require.NoError(t, s.SetDisabled(ctx, ada.ID, true, at))
		got, err = s.Logins(ctx, ada.ID, at)
		require.NoError(t, err)
		require.Empty(t, got)
	})
}

func TestAPITokens(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		var tokens []*store.APIToken
		for i, scopes := range [][]patchbay.Scope{nil, {}, {patchbay.ScopeToolsCall, patchbay.ScopeServersRead}} {
			tok := &store.APIToken{
				User: ada.ID, Hash: fmt.Sprint("h", i), Name: "café", Scopes: scopes, Issuer: "i", Audience: "a",
				CreatedAt: at, ExpiresAt: at.Add(time.Hour),
			}
			require.NoError(t, s.CreateAPIToken(ctx, tok))
			tokens = append(tokens, tok)
		}
		got, err := s.APITokens(ctx, ada.ID)
		require.NoError(t, err)
		slices.Reverse(tokens)
		require.Empty(t, cmp.Diff(tokens, got), "no scopes and all scopes stay apart")

		wantCode(t, s.DeleteAPIToken(ctx, bob.ID, tokens[0].ID), patchbay.CodeNotFound)
		require.NoError(t, s.DeleteAPIToken(ctx, ada.ID, tokens[0].ID))
		_, _, err = s.APITokenByHash(ctx, tokens[0].Hash)
		wantCode(t, err, patchbay.CodeNotFound)
		wantCode(t, s.CreateAPIToken(ctx, &store.APIToken{User: "nobody", Hash: "x"}), patchbay.CodeNotFound)

		for i := range store.MaxAPITokens - 2 {
			require.NoError(t, s.CreateAPIToken(ctx, &store.APIToken{User: ada.ID, Hash: fmt.Sprint("more", i), CreatedAt: at}))
		}
		wantCode(t, s.CreateAPIToken(ctx, &store.APIToken{User: ada.ID, Hash: "over"}), patchbay.CodeConflict)
	})
}

func TestTouchAndExpiry(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		l := &store.Login{User: ada.ID, Hash: "l", CreatedAt: at, LastUsedAt: at, ExpiresAt: at.Add(time.Hour)}
		require.NoError(t, s.CreateLogin(ctx, l))
		tok := &store.APIToken{User: ada.ID, Hash: "t", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
		require.NoError(t, s.CreateAPIToken(ctx, tok))
		require.NoError(t, s.CreateAPIToken(ctx, &store.APIToken{User: ada.ID, Hash: "never", CreatedAt: at}))

		later := at.Add(5 * time.Minute)
		require.NoError(t, s.Touch(ctx, []store.Use{{ID: tok.ID, Token: true, At: later}, {ID: l.ID, At: later}, {ID: "gone", At: later}}))
		require.NoError(t, s.Touch(ctx, []store.Use{{ID: l.ID, At: at.Add(time.Minute)}}))
		gotL, _, err := s.LoginByHash(ctx, "l")
		require.NoError(t, err)
		require.Equal(t, later, gotL.LastUsedAt, "an older time replaced a newer one")
		gotT, _, err := s.APITokenByHash(ctx, "t")
		require.NoError(t, err)
		require.Equal(t, later, gotT.LastUsedAt)

		require.NoError(t, s.DeleteExpired(ctx, at.Add(time.Hour), 24*time.Hour))
		_, _, err = s.LoginByHash(ctx, "l")
		wantCode(t, err, patchbay.CodeNotFound)
		_, _, err = s.APITokenByHash(ctx, "t")
		require.NoError(t, err, "an expired token is still shown for a while")
		require.NoError(t, s.DeleteExpired(ctx, at.Add(25*time.Hour), 24*time.Hour))
		_, _, err = s.APITokenByHash(ctx, "t")
		wantCode(t, err, patchbay.CodeNotFound)
		_, _, err = s.APITokenByHash(ctx, "never")
		require.NoError(t, err)
	})
}

func TestAttempts(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		try := func(key string, now time.Time) (bool, time.Duration) {
			ok, wait, err := s.Attempt(ctx, key, 3, time.Minute, now)
			require.NoError(t, err)
			return ok, wait
		}
		for range 3 {
			ok, _ := try("a", at)
			require.True(t, ok)
		}
		ok, wait := try("a", at.Add(20*time.Second))
		require.False(t, ok)
		require.Equal(t, 40*time.Second, wait)
		ok, _ = try("b", at)
		require.True(t, ok, "another key has a count of its own")
		ok, _ = try("a", at.Add(time.Minute))
		require.True(t, ok, "the window is over")

		require.NoError(t, s.ForgetAttempts(ctx, "b"))
		for range 3 {
			ok, _ := try("b", at)
			require.True(t, ok)
		}
		require.NoError(t, s.ReturnAttempt(ctx, "b"))
		ok, _ = try("b", at)
		require.True(t, ok)
		ok, _ = try("b", at)
		require.False(t, ok)

		errs := together(20, func(int) error {
			ok, _, err := s.Attempt(ctx, "c", 3, time.Minute, at)
			if err == nil && !ok {
				err = patchbay.Errorf(patchbay.CodeRateLimited, "refused")
			}
			return err
		})
		require.Len(t, failures(errs), 17, "tries at the same time are counted one by one")
		require.NoError(t, s.DeleteExpired(ctx, at.Add(time.Hour), 0))
	})
}

// TestEpoch pins that a process sees changes of others, and not its own.
func TestEpoch(t *testing.T) {
	url := storekit.PostgresURL(t)
	here := storekit.Open(t, store.Options{DatabaseURL: url})
	there := storekit.Open(t, store.Options{DatabaseURL: url})
	epoch := func() int64 {
		n, err := here.Epoch(t.Context())
		require.NoError(t, err)
		return n
	}
	first := epoch()
	ada := makeUser(t, here, "ada")
	require.NoError(t, here.SetDisabled(t.Context(), ada.ID, true, at))
	require.NoError(t, here.SetDisabled(t.Context(), ada.ID, false, at))
	require.Equal(t, first, epoch(), "own changes are known already")
	require.NoError(t, there.SetDisabled(t.Context(), ada.ID, true, at))
	second := epoch()
	require.NotEqual(t, first, second)
	require.Equal(t, second, epoch())
	require.NoError(t, there.SetDisabled(t.Context(), ada.ID, false, at))
	require.NoError(t, here.SetDisabled(t.Context(), ada.ID, true, at))
	require.NotEqual(t, second, epoch(), "a foreign change hidden behind an own one")
}
