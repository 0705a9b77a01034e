package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestSetup(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		token, err := h.SetupToken(ctx)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(token), 43)
		root := auth.Account{Email: " Root@Example.org", Name: "Root", Password: password}

		for _, wrong := range []string{"", "x", token[:10], token + "x"} {
			_, err := h.Setup(ctx, wrong, root, home)
			wantCode(t, err, patchbay.CodeForbidden)
		}
		_, err = h.Setup(ctx, token, auth.Account{Email: "root", Password: "short"}, home)
		e := wantCode(t, err, patchbay.CodeInvalid)
		require.Equal(t, "body.email body.password", paths(e))
		_, err = h.Setup(ctx, token, root, home)
		e = wantCode(t, err, patchbay.CodeRateLimited)
		require.Equal(t, time.Minute, e.RetryAfter)
		_, err = h.Setup(ctx, "x", root, auth.Origin{IP: "198.51.100.1"})
		wantCode(t, err, patchbay.CodeForbidden)

		h.clock.add(time.Minute)
		l, err := h.Setup(ctx, token, root, home)
		require.NoError(t, err)
		require.Equal(t, patchbay.RoleAdmin, l.User.Role)
		a := h.actor(t, l.Token)
		require.True(t, a.Admin())
		require.Equal(t, "root@example.org", a.User.Email)
		require.True(t, a.User.EmailVerified)
		require.Equal(t, "root", a.User.Username)
		require.Equal(t, []patchbay.UserID{l.User.ID}, h.events.take())

		token2, err := h.SetupToken(ctx)
		require.NoError(t, err)
		require.Empty(t, token2)
		root.Email = "again@example.org"
		_, err = h.Setup(ctx, token, root, home)
		wantCode(t, err, patchbay.CodeConflict)
	})
}

func TestSetupEndsWithAnAdminOfTheShell(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	token, err := h.SetupToken(t.Context())
	require.NoError(t, err)
	h.add(t, "ada", patchbay.RoleUser)
	still, err := h.SetupToken(t.Context())
	require.NoError(t, err)
	require.Equal(t, token, still)
	h.add(t, "root", patchbay.RoleAdmin)
	_, err = h.Setup(t.Context(), token, auth.Account{Email: "x@example.org", Password: password}, home)
	wantCode(t, err, patchbay.CodeConflict)
}

func TestSetupTokenIsNewAtEachStart(t *testing.T) {
	s := storekit.SQLite(t)
	one, err := newHouse(t, s, nil).SetupToken(t.Context())
	require.NoError(t, err)
	two, err := newHouse(t, s, nil).SetupToken(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, one, two)
}

func TestRegister(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHouse(t, s, func(o *auth.Options) { o.Limits.RegisterTries = 4 })
		ada := auth.Account{Email: "Ada@Example.org", Password: password}
		_, err := h.Register(ctx, ada, home)
		wantCode(t, err, patchbay.CodeForbidden)
		require.False(t, h.RegistrationAllowed())

		h.SetRegistration(auth.Registration{Allowed: true, AllowedDomains: []string{"@EXAMPLE.org", "example.net"}})
		require.True(t, h.RegistrationAllowed())
		_, err = h.Register(ctx, ada, home)
		require.ErrorContains(t, err, "not set up")
		h.add(t, "root", patchbay.RoleAdmin)

		l, err := h.Register(ctx, ada, home)
		require.NoError(t, err)
		a := h.actor(t, l.Token)
		require.Equal(t, patchbay.RoleUser, a.User.Role)
		require.False(t, a.User.EmailVerified, "nobody has looked at this address")
		require.Equal(t, "ada", a.User.Name)
		require.Equal(t, "ada", a.User.Username)

		for _, email := range []string{"ada@example.com", "ada@sub.example.org", "ada@example.org.evil.example"} {
			_, err = h.Register(ctx, auth.Account{Email: email, Password: password}, home)
			require.ErrorContains(t, err, "domain")
		}
		_, err = h.Register(ctx, ada, home)
		e := wantCode(t, err, patchbay.CodeConflict)
		require.Equal(t, "body.email", paths(e))
		l, err = h.Register(ctx, auth.Account{Email: "ada@example.net", Password: password}, home)
		require.NoError(t, err)
		require.Regexp(t, `^ada-[0-9a-f]{6}$`, l.User.Username, "the plain username is taken")
		_, err = h.Register(ctx, auth.Account{Email: "bob@example.net", Username: "ADA", Password: password}, home)
		e = wantCode(t, err, patchbay.CodeConflict)
		require.Equal(t, "body.username", paths(e))
		_, err = h.Register(ctx, auth.Account{Email: "carol@example.net", Password: password}, home)
		wantCode(t, err, patchbay.CodeRateLimited)
		_, err = h.Register(ctx, auth.Account{Email: "carol@example.net", Password: password}, auth.Origin{IP: "198.51.100.1"})
		require.NoError(t, err)
	})
}

func TestAccountsAreChecked(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	long := strings.Repeat("x", 1025)
	for _, tt := range []struct {
		name    string
		account auth.Account
		want    string
	}{
		{"no e-mail", auth.Account{Password: password}, "body.email"},
		{"no domain", auth.Account{Email: "ada@", Password: password}, "body.email"},
		{"display name", auth.Account{Email: "Ada <ada@example.org>", Password: password}, "body.email"},
		{"two addresses", auth.Account{Email: "a@example.org,b@example.org", Password: password}, "body.email"},
		{"quoted", auth.Account{Email: `"a b"@example.org`, Password: password}, "body.email"},
		{"line break", auth.Account{Email: "ada@example.org\r\nX: y", Password: password}, "body.email"},
		{"NUL", auth.Account{Email: "a\x00da@example.org", Password: password}, "body.email"},
		{"not text", auth.Account{Email: "a\xff@example.org", Password: password}, "body.email"},
		{"comment", auth.Account{Email: "ada(x)@example.org", Password: password}, "body.email"},
		{"two dots", auth.Account{Email: "ada@example..org", Password: password}, "body.email"},
		{"long e-mail", auth.Account{Email: strings.Repeat("a", 250) + "@example.org", Password: password}, "body.email"},
		{"short username", auth.Account{Email: "a@example.org", Username: "a", Password: password}, "body.username"},
		{"username with space", auth.Account{Email: "a@example.org", Username: "a b", Password: password}, "body.username"},
		{"username as a path", auth.Account{Email: "a@example.org", Username: "..", Password: password}, "body.username"},
		{"name with a control character", auth.Account{Email: "a@example.org", Name: "a\x1b[31m", Password: password}, "body.name"},
		{"long name", auth.Account{Email: "a@example.org", Name: long, Password: password}, "body.name"},
		{"short password", auth.Account{Email: "a@example.org", Password: "1234567"}, "body.password"},
		{"long password", auth.Account{Email: "a@example.org", Password: long}, "body.password"},
		{"all at once", auth.Account{Username: "-", Name: "\n", Email: "x"}, "body.email body.username body.password"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.AddUser(t.Context(), shell, tt.account, "")
			e := wantCode(t, err, patchbay.CodeInvalid)
			require.Equal(t, tt.want, paths(e))
			for _, sent := range []string{tt.account.Email, tt.account.Username, tt.account.Password} {
				if len(sent) > 2 {
					require.NotContains(t, err.Error(), sent, "what was sent is never shown")
				}
			}
		})
	}
	for _, good := range []string{"ada.lovelace+mcp@sub.example.org", "root@localhost", "ünï@example.org", "x@example.org", "-_-b@example.org"} {
		t.Run(good, func(t *testing.T) {
			u, err := h.AddUser(t.Context(), shell, auth.Account{Email: good, Password: password}, "")
			require.NoError(t, err)
			require.Regexp(t, `^[a-z0-9][a-z0-9._-]{1,63}$`, u.Username)
		})
	}
	_, err := h.AddUser(t.Context(), shell, auth.Account{Email: "r@example.org", Password: password}, "OWNER")
	require.Equal(t, "body.role", paths(wantCode(t, err, patchbay.CodeInvalid)))
	require.NotContains(t, fmt.Sprint(err), "OWNER")
}
