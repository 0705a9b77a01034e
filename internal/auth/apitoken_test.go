package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestAPITokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ada := h.add(t, "ada", "")
		h.add(t, "bob", "")
		_, a := h.login(t, "ada")
		_, b := h.login(t, "bob")

		token, row, err := h.CreateToken(ctx, a, auth.TokenRequest{
			Name: " laptop ", ExpiresAt: h.clock.Now().Add(time.Hour),
			Scopes: []patchbay.Scope{patchbay.ScopeToolsCall, patchbay.ScopeAccount, patchbay.ScopeToolsCall},
		})
		require.NoError(t, err)
		require.Regexp(t, `^pbt_[A-Za-z0-9_-]{43}$`, token)
		require.Equal(t, "laptop", row.Name)
		require.NotContains(t, row.Hash, token)
		got := h.actor(t, token)
		want := patchbay.Actor{User: a.User, Kind: patchbay.ActorUser, TokenID: row.ID, Scopes: []patchbay.Scope{patchbay.ScopeAccount, patchbay.ScopeToolsCall}}
		require.Empty(t, cmp.Diff(want, got))
		require.Equal(t, ada.ID, got.ID())

		list, err := h.ListTokens(ctx, a)
		require.NoError(t, err)
		require.Len(t, list, 1)
		list, err = h.ListTokens(ctx, b)
		require.NoError(t, err)
		require.Empty(t, list)

		wantCode(t, h.DeleteToken(ctx, b, row.ID), patchbay.CodeNotFound)
		h.actor(t, token)
		h.events.take()
		require.NoError(t, h.DeleteToken(ctx, a, row.ID))
		require.Equal(t, []patchbay.UserID{ada.ID}, h.events.take())
		h.refused(t, token) // at the next call
	})
}

func TestAPITokenExpires(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	h.add(t, "ada", "")
	_, a := h.login(t, "ada")
	brief, _, err := h.CreateToken(t.Context(), a, auth.TokenRequest{Name: "brief", ExpiresAt: h.clock.Now().Add(time.Minute)})
	require.NoError(t, err)
	forever, _, err := h.CreateToken(t.Context(), a, auth.TokenRequest{Name: "forever"})
	require.NoError(t, err)
	h.clock.add(59 * time.Second)
	h.actor(t, brief)
	h.clock.add(time.Second)
	_, err = h.Authenticate(t.Context(), brief)
	require.ErrorContains(t, err, "expired")
	h.clock.add(10 * 365 * 24 * time.Hour)
	h.actor(t, forever)
}

func TestTokenOfAToken(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	h.add(t, "ada", "")
	_, a := h.login(t, "ada")
	make := func(a patchbay.Actor, scopes ...patchbay.Scope) (patchbay.Actor, error) {
		token, _, err := h.CreateToken(t.Context(), a, auth.TokenRequest{Name: "n", Scopes: scopes})
		if err != nil {
			return patchbay.Actor{}, err
		}
		return h.actor(t, token), nil
	}
	narrow, err := make(a, patchbay.ScopeAccount, patchbay.ScopeServersRead)
	require.NoError(t, err)
	_, err = make(narrow, patchbay.ScopeToolsCall)
	require.Equal(t, "body.scopes", paths(wantCode(t, err, patchbay.CodeInvalid)))
	child, err := make(narrow)
	require.NoError(t, err)
	require.Equal(t, narrow.Scopes, child.Scopes, "no scopes asked for is no more than the parent has")
	narrower, err := make(narrow, patchbay.ScopeServersRead)
	require.NoError(t, err)
	_, err = make(narrower)
	wantCode(t, err, patchbay.CodeForbidden)
	_, err = h.ListTokens(t.Context(), narrower)
	wantCode(t, err, patchbay.CodeForbidden)
	_, err = h.ListLogins(t.Context(), narrower)
	wantCode(t, err, patchbay.CodeForbidden)
	wantCode(t, h.EndOtherLogins(t.Context(), narrower), patchbay.CodeForbidden)
	wantCode(t, h.EndLogin(t.Context(), narrower, "x"), patchbay.CodeForbidden)
	wantCode(t, h.DeleteToken(t.Context(), narrower, "x"), patchbay.CodeForbidden)
	wantCode(t, h.ChangePassword(t.Context(), narrower, password, other), patchbay.CodeForbidden)
	all, err := make(a)
	require.NoError(t, err)
	require.Nil(t, all.Scopes)
}

func TestTokenRequestsAreChecked(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	h.add(t, "ada", "")
	_, a := h.login(t, "ada")
	for _, tt := range []struct {
		name    string
		request auth.TokenRequest
		want    string
	}{
		{"no name", auth.TokenRequest{Name: " "}, "body.name"},
		{"long name", auth.TokenRequest{Name: strings.Repeat("n", 101)}, "body.name"},
		{"control character", auth.TokenRequest{Name: "a\x07"}, "body.name"},
		{"unknown scope", auth.TokenRequest{Name: "n", Scopes: []patchbay.Scope{patchbay.ScopeAccount, "everything-fake"}}, "body.scopes"},
		{"in the past", auth.TokenRequest{Name: "n", ExpiresAt: h.clock.Now()}, "body.expiresAt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := h.CreateToken(t.Context(), a, tt.request)
			require.Equal(t, tt.want, paths(wantCode(t, err, patchbay.CodeInvalid)))
			require.NotContains(t, err.Error(), "everything-fake")
		})
	}
	_, _, err := h.CreateToken(t.Context(), patchbay.Actor{}, auth.TokenRequest{Name: "n"})
	wantCode(t, err, patchbay.CodeUnauthenticated)
	_, _, err = h.CreateToken(t.Context(), shell, auth.TokenRequest{Name: "n"})
	require.ErrorContains(t, err, "--as EMAIL")
}

// TestManyTokens writes what a benchmark needs, without hashing a password.
func TestManyTokens(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	const n = 1200
	tokens := make([]string, n)
	all := make([]store.UserWithToken, n)
	for i := range all {
		var hash string
		tokens[i], hash = auth.MintAPIToken()
		name := fmt.Sprint("bench", i)
		all[i] = store.UserWithToken{
			User:  &patchbay.User{Email: name + "@example.org", Username: name, Name: name, EmailVerified: true},
			Token: &store.APIToken{Hash: hash, Name: "bench"},
		}
	}
	require.NoError(t, h.store.InsertUsersWithTokens(t.Context(), all))
	for i, token := range tokens {
		require.Equal(t, fmt.Sprint("bench", i), h.actor(t, token).User.Username)
	}
}
