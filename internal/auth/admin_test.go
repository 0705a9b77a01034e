package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
)

func TestAdministration(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		root, ada := h.add(t, "root", patchbay.RoleAdmin), h.add(t, "ada", "")
		_, admin := h.login(t, "root")
		adaToken, _ := h.login(t, "ada")
		adaActor := h.actor(t, adaToken)
		apiToken, _, err := h.CreateToken(ctx, adaActor, auth.TokenRequest{Name: "n"})
		require.NoError(t, err)
		h.actor(t, apiToken)

		users, next, err := h.ListUsers(ctx, admin, store.UserFilter{Limit: 1})
		require.NoError(t, err)
		require.Len(t, users, 1)
		users, next, err = h.ListUsers(ctx, shell, store.UserFilter{Limit: 1, After: next})
		require.NoError(t, err)
		require.Equal(t, ada.ID, users[0].ID)
		require.Empty(t, next)
		u, err := h.UserByEmail(ctx, admin, "ADA@example.org")
		require.NoError(t, err)
		require.Equal(t, ada.ID, u.ID)
		require.True(t, u.EmailVerified)

		h.events.take()
		require.NoError(t, h.SetRole(ctx, admin, ada.ID, patchbay.RoleAdmin))
		require.Equal(t, []patchbay.UserID{ada.ID}, h.events.take())
		require.True(t, h.actor(t, adaToken).Admin(), "a new role holds at the next call")
		require.NoError(t, h.SetRole(ctx, shell, ada.ID, patchbay.RoleUser))
		require.False(t, h.actor(t, adaToken).Admin())
		require.Equal(t, "body.role", paths(wantCode(t, h.SetRole(ctx, admin, ada.ID, "x"), patchbay.CodeInvalid)))

		require.NoError(t, h.SetDisabled(ctx, admin, ada.ID, true))
		h.refused(t, adaToken)
		h.refused(t, apiToken)
		_, err = h.Login(ctx, "ada@example.org", password, home)
		wantCode(t, err, patchbay.CodeForbidden)
		_, err = h.Login(ctx, "ada@example.org", "wrong password", home)
		wantCode(t, err, patchbay.CodeUnauthenticated)
		_, err = h.ActAs(ctx, shell, "ada@example.org")
		wantCode(t, err, patchbay.CodeForbidden)
		require.NoError(t, h.SetDisabled(ctx, admin, ada.ID, false))
		h.refused(t, adaToken)
		h.actor(t, apiToken)

		wantCode(t, h.SetRole(ctx, admin, root.ID, patchbay.RoleUser), patchbay.CodeConflict)
		wantCode(t, h.SetDisabled(ctx, admin, root.ID, true), patchbay.CodeConflict)
		wantCode(t, h.SetRole(ctx, admin, "nobody", patchbay.RoleUser), patchbay.CodeNotFound)
	})
}

func TestOnlyAdministratorsAdminister(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		root, ada := h.add(t, "root", patchbay.RoleAdmin), h.add(t, "ada", "")
		_, admin := h.login(t, "root")
		narrowToken, _, err := h.CreateToken(ctx, admin, auth.TokenRequest{Name: "n", Scopes: []patchbay.Scope{patchbay.ScopeAccount}})
		require.NoError(t, err)
		asAda, err := h.ActAs(ctx, shell, "ada@example.org")
		require.NoError(t, err)
		for _, tt := range []struct {
			name  string
			actor patchbay.Actor
			want  patchbay.Code
		}{
			{"nobody", patchbay.Actor{}, patchbay.CodeUnauthenticated},
			{"a user", patchbay.Actor{User: ada, Kind: patchbay.ActorUser}, patchbay.CodeForbidden},
			{"the shell as a user", asAda, patchbay.CodeForbidden},
			{"an administrator's token without the scope", h.actor(t, narrowToken), patchbay.CodeForbidden},
		} {
			t.Run(tt.name, func(t *testing.T) {
				_, _, err := h.ListUsers(ctx, tt.actor, store.UserFilter{})
				wantCode(t, err, tt.want)
				_, err = h.UserByEmail(ctx, tt.actor, "root@example.org")
				wantCode(t, err, tt.want)
				_, err = h.AddUser(ctx, tt.actor, auth.Account{Email: "new@example.org", Password: password}, "")
				wantCode(t, err, tt.want)
				wantCode(t, h.SetRole(ctx, tt.actor, ada.ID, patchbay.RoleAdmin), tt.want)
				wantCode(t, h.SetDisabled(ctx, tt.actor, root.ID, true), tt.want)
				wantCode(t, h.SetPassword(ctx, tt.actor, root.ID, other), patchbay.CodeForbidden)
				_, err = h.ActAs(ctx, tt.actor, "root@example.org")
				wantCode(t, err, patchbay.CodeForbidden)
			})
		}
		after, err := h.UserByEmail(ctx, shell, "ada@example.org")
		require.NoError(t, err)
		require.Equal(t, patchbay.RoleUser, after.Role)
		_, err = h.UserByEmail(ctx, shell, "new@example.org")
		wantCode(t, err, patchbay.CodeNotFound)
	})
}

func TestOperator(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ada := h.add(t, "ada", "")
		require.Regexp(t, `^pbo_[A-Za-z0-9_-]{43}$`, h.OperatorToken())
		a := h.actor(t, h.OperatorToken())
		require.Equal(t, shell, a)
		h.refused(t, newHouse(t, h.store, nil).OperatorToken())

		as, err := h.ActAs(t.Context(), a, "Ada@example.org")
		require.NoError(t, err)
		require.Equal(t, ada.ID, as.ID())
		require.Equal(t, patchbay.ActorOperator, as.Kind)
		require.Contains(t, h.log.String(), "operator acts as a person")
		require.Contains(t, h.log.String(), string(ada.ID))
		token, _, err := h.CreateToken(t.Context(), as, auth.TokenRequest{Name: "script"})
		require.NoError(t, err)
		require.Equal(t, ada.ID, h.actor(t, token).ID())
		_, err = h.ActAs(t.Context(), a, "nobody@example.org")
		wantCode(t, err, patchbay.CodeNotFound)
		require.NotContains(t, h.log.String(), token)
		require.NotContains(t, h.log.String(), h.OperatorToken())
	})
}
