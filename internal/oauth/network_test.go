package oauth_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

// What the network says has a reason and a next step, too.
func TestNetworkErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "https://" + l.Addr().String()
	require.NoError(t, l.Close())
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of us, rightly
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	tests := []struct {
		name, issuer string
		reason       patchbay.Reason
		says         string
	}{
		{"nothing listens", closed, patchbay.ReasonUnreachable, "connection refused"},
		{"unknown certificate", unknown.URL, patchbay.ReasonTLS, "signed by an authority"},
		{"no TLS", "https://" + plain.Listener.Addr().String(), patchbay.ReasonTLS, "does not speak TLS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{Issuers: []string{tt.issuer}})
			_, err := w.client.Discover(t.Context(), oauth.Challenge{})
			e := asError(t, err)
			require.Equal(t, tt.reason, e.Reason, e.Message)
			require.Contains(t, e.Error(), tt.says)
			require.False(t, e.Lost)
		})
	}
	t.Run("list of domains", func(t *testing.T) {
		g, err := netguard.New(netguard.Policy{AllowedDomains: []string{"mcp.example"}})
		require.NoError(t, err)
		w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
		w.opts.HTTP = oauth.Through(g, w.opts.URL, patchbay.TrustOperator, nil)
		w.renew(t)
		_, err = w.client.Discover(t.Context(), oauth.Challenge{})
		require.Contains(t, asError(t, err).Message, "allowedDomains")
	})
}

// A block that cannot work is refused with the key to correct, before anybody is asked.
func TestBadBlocks(t *testing.T) {
	tests := []struct {
		name string
		edit func(*patchbay.OAuthConfig)
		says string
	}{
		{"unknown provider", func(b *patchbay.OAuthConfig) { b.Provider = "myspace" }, "oauth.provider"},
		{"half of the endpoints", func(b *patchbay.OAuthConfig) { b.TokenURL = "https://as.example/t" }, "belong together"},
		{"the other half", func(b *patchbay.OAuthConfig) { b.AuthorizationURL = "https://as.example/a" }, "belong together"},
		{"javascript:", func(b *patchbay.OAuthConfig) {
			b.AuthorizationURL, b.TokenURL = "javascript:alert(1)", "https://as.example/t"
		}, "oauth.authorization_url"},
		{"no URL", func(b *patchbay.OAuthConfig) { b.RevocationURL = "https://a b/" }, "oauth.revocation_endpoint"},
		{"secret without id", func(b *patchbay.OAuthConfig) { b.ClientSecret = "fake-canary" }, "oauth.client_id"},
		{"secret without endpoints", func(b *patchbay.OAuthConfig) { b.ClientID, b.ClientSecret = "fake-id", "fake-canary" }, "never sent to an address that was discovered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := parse(t, "https://mcp.example/mcp")
			_, err := oauth.New(oauth.Options{HTTP: oauth.Through(newGuard(t), u, patchbay.TrustOperator, nil), URL: u, Trust: patchbay.TrustOperator, Block: block(tt.edit)})
			e := asError(t, err)
			require.Equal(t, patchbay.ReasonBadDefinition, e.Reason)
			require.Equal(t, patchbay.ActionConfigure, e.Action())
			require.Contains(t, e.Message, tt.says)
			require.NotContains(t, e.Error(), "fake-canary")
		})
	}
}

// What a registration endpoint answers decides how the client shows itself.
func TestRegistrationAnswers(t *testing.T) {
	tests := []struct {
		name, answer string
		advertised   []string
		method       string // empty: refused
	}{
		{"as asked", `{"client_id":"c","client_secret":"fake-s"}`, nil, oauth.AuthBasic},
		{"told otherwise", `{"client_id":"c","client_secret":"fake-s","token_endpoint_auth_method":"client_secret_post"}`, nil, oauth.AuthPost},
		{"no secret", `{"client_id":"c","token_endpoint_auth_method":"client_secret_basic"}`, nil, oauth.AuthNone},
		{"a secret for a public client", `{"client_id":"c","client_secret":"fake-s"}`, []string{"none"}, oauth.AuthNone},
		{"told none", `{"client_id":"c","client_secret":"fake-s","token_endpoint_auth_method":"none"}`, nil, oauth.AuthNone},
		{"a method of another kind", `{"client_id":"c","client_secret":"fake-s","token_endpoint_auth_method":"tls_client_auth"}`, nil, ""},
		{"no id", `{"client_secret":"fake-s"}`, nil, ""},
		{"an id with a line break", `{"client_id":"a\nb"}`, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{AuthMethods: tt.advertised}, testkit.ProtectOptions{})
			w.auth.Fail(testkit.AuthFault{At: "register", Status: 201, Body: tt.answer})
			d, err := w.client.Discover(t.Context(), oauth.Challenge{})
			require.NoError(t, err)
			r, err := w.client.Register(t.Context(), d, false)
			if tt.method == "" {
				require.Equal(t, patchbay.ReasonProtocol, asError(t, err).Reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.method, r.AuthMethod)
			require.Equal(t, oauth.RegistrationKey{Issuer: w.auth.Issuer(), RedirectURI: redirectURI, Source: oauth.Dynamic}, r.Key())
			require.Equal(t, tt.method == oauth.AuthNone, r.ClientSecret == "")
		})
	}
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	w.auth.Fail(testkit.AuthFault{At: "register", Status: 201, Body: `{"client_id":"c","client_secret":"fake-s","client_secret_expires_at":1795176060}`})
	d, err := w.client.Discover(t.Context(), oauth.Challenge{})
	require.NoError(t, err)
	r, err := w.client.Register(t.Context(), d, false)
	require.NoError(t, err)
	require.Equal(t, "2026-11-20T12:01:00Z", r.SecretExpiresAt.Format(time.RFC3339))
}

// GitHub separates scopes by commas, and answers in a form when it feels like it.
func TestGitHubTokens(t *testing.T) {
	u := parse(t, "https://mcp.example/mcp")
	c, err := oauth.New(oauth.Options{
		HTTP: oauth.Through(newGuard(t), u, patchbay.TrustOperator, nil), URL: u, Trust: patchbay.TrustOperator,
		Block: block(func(b *patchbay.OAuthConfig) { b.Provider = "github" }),
	})
	require.NoError(t, err)
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for media, body := range map[string]string{
		"application/json":                  `{"access_token":"fake","scope":"repo,gist","token_type":"bearer"}`,
		"application/x-www-form-urlencoded": `access_token=fake&scope=repo%2Cgist&token_type=bearer`,
	} {
		token, err := c.ReadToken([]byte(body), media, now)
		require.NoError(t, err)
		require.Equal(t, []string{"repo", "gist"}, token.Scopes)
		require.False(t, token.Expired(now.AddDate(100, 0, 0)), "it says no end")
	}
}
