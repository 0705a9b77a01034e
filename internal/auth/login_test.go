package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestLoginAndLogout(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ada, bob := h.add(t, "ada", ""), h.add(t, "bob", "")
		l, err := h.Login(ctx, " ADA@example.org ", password, auth.Origin{IP: "2001:db8::1", UserAgent: "a\x00b\n" + strings.Repeat("ü", 300)})
		require.NoError(t, err)
		require.Regexp(t, `^pbl_[A-Za-z0-9_-]{43}$`, l.Token)
		require.Equal(t, ada.ID, l.User.ID)
		a := h.actor(t, l.Token)
		require.Equal(t, ada.ID, a.ID())
		require.Equal(t, patchbay.ActorUser, a.Kind)
		require.Nil(t, a.Scopes)
		require.NotEmpty(t, a.LoginID)
		require.Equal(t, "ab"+strings.Repeat("ü", 127), l.Login.UserAgent)

		second, _ := h.login(t, "ada")
		bobToken, bobActor := h.login(t, "bob")
		require.Equal(t, bob.ID, bobActor.ID())

		logins, err := h.ListLogins(ctx, a)
		require.NoError(t, err)
		require.Len(t, logins, 2)
		wantCode(t, h.EndLogin(ctx, bobActor, a.LoginID), patchbay.CodeNotFound)

		h.events.take()
		require.NoError(t, h.EndOtherLogins(ctx, a))
		require.Equal(t, []patchbay.UserID{ada.ID}, h.events.take())
		h.refused(t, second)
		h.actor(t, l.Token)
		h.actor(t, bobToken)
		require.NoError(t, h.Logout(ctx, a))
		h.refused(t, l.Token)
		h.actor(t, bobToken)
		wantCode(t, h.Logout(ctx, a), patchbay.CodeNotFound)
		wantCode(t, h.Logout(ctx, patchbay.Actor{User: bob, TokenID: "t"}), patchbay.CodeBadRequest)
	})
}

func TestWrongLoginsLookTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add(t, "ada", "")
		require.NoError(t, h.store.CreateUser(t.Context(), &patchbay.User{Email: "no@example.org", Username: "no"}, ""))
		var messages []string
		for _, try := range [][2]string{
			{"ada@example.org", "wrong password"},
			{"nobody@example.org", password},
			{"no@example.org", ""},
			{"no@example.org", password},
			{"ada@example.org", strings.Repeat("x", 5000)},
			{"", ""},
			{"a\x00\xff" + strings.Repeat("x", 5000), password},
		} {
			_, err := h.Login(t.Context(), try[0], try[1], home)
			messages = append(messages, wantCode(t, err, patchbay.CodeUnauthenticated).Message)
		}
		for _, m := range messages {
			require.Equal(t, messages[0], m)
		}
	})
}

// TestEveryLoginHashes pins that an address nobody has takes as long as any other:
// it waits for its turn to hash.
func TestEveryLoginHashes(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	h.add(t, "ada", "")
	require.NoError(t, h.store.CreateUser(t.Context(), &patchbay.User{Email: "no@example.org", Username: "no"}, ""))
	for _, email := range []string{"ada@example.org", "no@example.org", "nobody@example.org"} {
		for _, password := range []string{"wrong password", strings.Repeat("x", 5000)} {
			release, err := h.OccupyHasher(t.Context())
			require.NoError(t, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if _, err := h.Login(t.Context(), email, password, home); patchbay.CodeOf(err) != patchbay.CodeUnauthenticated {
					t.Errorf("Login: %v", err)
				}
			}()
			require.True(t, h.WaitForHasher(done), "%s was answered without hashing", email)
			release()
			<-done
		}
	}
}

func TestLoginLimits(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHouse(t, s, func(o *auth.Options) {
			o.Limits = auth.Limits{LoginTries: 3, LoginTriesIP: 5, LoginWindow: time.Minute}
		})
		h.add(t, "ada", "")
		h.add(t, "bob", "")
		wrong := func(email, ip string, want patchbay.Code) *patchbay.Error {
			t.Helper()
			_, err := h.Login(ctx, email, "wrong password", auth.Origin{IP: ip})
			return wantCode(t, err, want)
		}
		for range 20 {
			h.login(t, "ada") // right ones do not count
		}
		for range 3 {
			wrong("ada@example.org", "192.0.2.1", patchbay.CodeUnauthenticated)
		}
		e := wrong("ADA@example.org", "198.51.100.1", patchbay.CodeRateLimited)
		require.Equal(t, time.Minute, e.RetryAfter)
		_, err := h.Login(ctx, "ada@example.org", password, auth.Origin{IP: "198.51.100.2"})
		wantCode(t, err, patchbay.CodeRateLimited)
		_, err = h.Login(ctx, "bob@example.org", password, auth.Origin{IP: "192.0.2.1"})
		require.NoError(t, err, "somebody else is not locked out")

		wrong("x1@example.org", "192.0.2.1", patchbay.CodeUnauthenticated)
		wrong("x2@example.org", "192.0.2.1", patchbay.CodeUnauthenticated)
		wrong("x3@example.org", "::ffff:192.0.2.1", patchbay.CodeRateLimited)
		h.clock.add(time.Minute)
		_, err = h.Login(ctx, "ada@example.org", password, auth.Origin{IP: "192.0.2.1"})
		require.NoError(t, err, "the window is over")
	})
}

func TestIPv6IsCountedByNetwork(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), func(o *auth.Options) { o.Limits = auth.Limits{LoginTriesIP: 2} })
	for i, tt := range []struct {
		ip   string
		want patchbay.Code
	}{
		{"2001:db8::1", patchbay.CodeUnauthenticated},
		{"2001:db8::2:1", patchbay.CodeUnauthenticated},
		{"2001:db8::3", patchbay.CodeRateLimited},
		{"2001:db8:0:1::3", patchbay.CodeUnauthenticated},
		{"not an address", patchbay.CodeUnauthenticated},
	} {
		_, err := h.Login(t.Context(), strings.Repeat("x", i+1)+"@example.org", "wrong password", auth.Origin{IP: tt.ip})
		wantCode(t, err, tt.want)
	}
}

func TestLoginExpires(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), func(o *auth.Options) { o.LoginTTL = time.Hour })
	h.add(t, "ada", "")
	token, a := h.login(t, "ada")
	h.clock.add(time.Hour - time.Second)
	h.actor(t, token)
	h.clock.add(time.Second)
	h.refused(t, token)
	logins, err := h.ListLogins(t.Context(), a)
	require.NoError(t, err)
	require.Empty(t, logins)
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ada := h.add(t, "ada", "")
		h.add(t, "bob", "")
		elsewhere, _ := h.login(t, "ada")
		here, a := h.login(t, "ada")
		bob, _ := h.login(t, "bob")

		e := wantCode(t, h.ChangePassword(ctx, a, "wrong password", other), patchbay.CodeInvalid)
		require.Equal(t, "body.currentPassword", paths(e))
		e = wantCode(t, h.ChangePassword(ctx, a, password, "short"), patchbay.CodeInvalid)
		require.Equal(t, "body.newPassword", paths(e))
		h.actor(t, elsewhere)
		h.events.take()
		require.NoError(t, h.ChangePassword(ctx, a, password, other))
		require.Equal(t, []patchbay.UserID{ada.ID}, h.events.take())
		h.refused(t, elsewhere)
		h.actor(t, here)
		h.actor(t, bob)
		_, err := h.Login(ctx, "ada@example.org", password, home)
		wantCode(t, err, patchbay.CodeUnauthenticated)
		_, err = h.Login(ctx, "ada@example.org", other, home)
		require.NoError(t, err)

		for range 10 {
			wantCode(t, h.ChangePassword(ctx, a, "wrong password", other), patchbay.CodeInvalid)
		}
		wantCode(t, h.ChangePassword(ctx, a, other, password), patchbay.CodeRateLimited)
	})
}

func TestSetPasswordIsTheShells(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	ada := h.add(t, "ada", "")
	h.add(t, "root", patchbay.RoleAdmin)
	token, _ := h.login(t, "ada")
	_, root := h.login(t, "root")
	wantCode(t, h.SetPassword(t.Context(), root, ada.ID, other), patchbay.CodeForbidden)
	asAda, err := h.ActAs(t.Context(), shell, "ada@example.org")
	require.NoError(t, err)
	wantCode(t, h.SetPassword(t.Context(), asAda, ada.ID, other), patchbay.CodeForbidden)
	wantCode(t, h.SetPassword(t.Context(), shell, ada.ID, "short"), patchbay.CodeInvalid)
	h.actor(t, token)
	require.NoError(t, h.SetPassword(t.Context(), shell, ada.ID, other))
	h.refused(t, token)
	_, err = h.Login(t.Context(), "ada@example.org", other, home)
	require.NoError(t, err)
	require.NotContains(t, h.log.String(), other)
}
