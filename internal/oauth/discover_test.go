package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

// Every place where metadata may be, for issuers with and without a path.
func TestMetadataForms(t *testing.T) {
	forms := []testkit.Form{
		testkit.FormRFC8414, testkit.FormRFC8414Tail, testkit.FormRFC8414Root, testkit.FormOIDC, testkit.FormOIDCInsert, testkit.FormOIDCRoot,
	}
	for _, form := range forms {
		for _, path := range []string{"", "/tenant/7"} {
			t.Run(string(form)+path, func(t *testing.T) {
				w := newWorld(t, testkit.AuthServerOptions{Form: form, Path: path}, testkit.ProtectOptions{})
				d, err := w.client.Discover(t.Context(), oauth.Challenge{})
				require.NoError(t, err, "%+v", w.trace.Steps())
				require.Equal(t, w.auth.Endpoint("token"), d.AuthServer.TokenEndpoint)
				require.Equal(t, w.auth.Endpoint("revoke"), d.AuthServer.RevocationEndpoint)
			})
		}
	}
}

func TestIssuerSlash(t *testing.T) {
	for _, listed := range []string{"", "/"} {
		for _, said := range []string{"", "/"} {
			w := newWorld(t, testkit.AuthServerOptions{Path: "/t"}, testkit.ProtectOptions{})
			w.auth.Change(func(o *testkit.AuthServerOptions) {
				o.Edit = func(m map[string]any) { m["issuer"] = w.auth.BaseURL() + "/t" + said }
			})
			w.echo.Change(func(o *testkit.ProtectOptions) { o.Issuers = []string{w.auth.BaseURL() + "/t" + listed} })
			d, err := w.client.Discover(t.Context(), oauth.Challenge{})
			require.NoError(t, err)
			require.Equal(t, w.auth.BaseURL()+"/t"+said, d.AuthServer.Issuer, "as the metadata spells it")
		}
	}
}

func TestFirstUsableAuthServer(t *testing.T) {
	bad := testkit.NewAuthServer(t, testkit.AuthServerOptions{Form: testkit.FormNone})
	weak := testkit.NewAuthServer(t, testkit.AuthServerOptions{Edit: func(m map[string]any) { delete(m, "code_challenge_methods_supported") }})
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	other := testkit.NewAuthServer(t, testkit.AuthServerOptions{})
	w.echo.Change(func(o *testkit.ProtectOptions) {
		o.Issuers = []string{"javascript:alert(1)", bad.Issuer(), weak.Issuer(), w.auth.Issuer(), other.Issuer()}
	})
	d, err := w.client.Discover(t.Context(), oauth.Challenge{})
	require.NoError(t, err)
	require.Equal(t, w.auth.Issuer(), d.AuthServer.Issuer)
	require.Zero(t, other.Counts().Metadata)

	// The one that the operator named, and nobody else.
	w.opts.Issuer = other.Issuer()
	w.renew(t)
	d, err = w.client.Discover(t.Context(), oauth.Challenge{})
	require.NoError(t, err)
	require.Equal(t, other.Issuer(), d.AuthServer.Issuer)
	w.echo.Change(func(o *testkit.ProtectOptions) { o.Issuers = []string{w.auth.Issuer()} })
	_, err = w.client.Discover(t.Context(), oauth.Challenge{})
	require.Equal(t, patchbay.ReasonBadDefinition, asError(t, err).Reason)
}

// Nothing is guessed while metadata may exist: a failure is a failure.
func TestNoGuessWhenMetadataMayExist(t *testing.T) {
	tests := []struct {
		name   string
		path   string
		status int
		guess  bool
	}{
		{"all is 404", "", 404, true},
		{"all wants a sign-in", "", 401, true},
		{"the resource's is ill", "/.well-known/oauth-protected-resource", 503, false},
		{"the resource's at the path is ill", "/.well-known/oauth-protected-resource/mcp", 500, false},
		{"the authorization server's is ill", "/.well-known/oauth-authorization-server", 502, false},
		{"asked too often", "/.well-known/openid-configuration", 429, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				status := 404
				if tt.path == "" || r.URL.Path == tt.path {
					status = tt.status
				}
				rw.WriteHeader(status)
			}))
			t.Cleanup(srv.Close)
			u := parse(t, srv.URL+"/mcp")
			c, err := oauth.New(oauth.Options{HTTP: oauth.Through(newGuard(t), u, patchbay.TrustOperator, nil), URL: u, Trust: patchbay.TrustOperator, RedirectURI: redirectURI})
			require.NoError(t, err)
			d, err := c.Discover(t.Context(), oauth.Challenge{Bearer: true})
			if tt.guess {
				require.NoError(t, err)
				require.Equal(t, oauth.FromGuess, d.AuthServer.Origin)
				return
			}
			require.Error(t, err)
			require.False(t, asError(t, err).Permanent)
		})
	}
}

func TestResourceMatch(t *testing.T) {
	tests := []struct {
		name, resource string // %: the server's origin
		ok             bool
	}{
		{"the server", "%/api/mcp", true},
		{"with a slash", "%/api/mcp/", true},
		{"a prefix", "%/api", true},
		{"the origin", "%", true},
		{"half a segment", "%/api/mc", false},
		{"below", "%/api/mcp/x", false},
		{"another path", "%/other", false},
		{"another host", "http://localhost:1/api/mcp", false},
		{"another scheme", "ftp://127.0.0.1/api/mcp", false},
		{"a name", "urn:mcp", false},
		{"missing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{Path: "/api/mcp"})
			said := tt.resource
			if len(said) > 0 && said[0] == '%' {
				said = w.echo.BaseURL() + said[1:]
			}
			w.echo.Change(func(o *testkit.ProtectOptions) { o.Edit = func(m map[string]any) { m["resource"] = said } })
			d, err := w.client.Discover(t.Context(), oauth.Challenge{})
			if tt.ok {
				require.NoError(t, err)
				require.Equal(t, said, d.Resource)
				return
			}
			require.Equal(t, patchbay.ReasonProtocol, asError(t, err).Reason)
			require.Zero(t, w.auth.Counts().Metadata, "nobody it names is asked")
		})
	}
}

// A websocket's documents are at the http address of the same place.
func TestWebSocketURL(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{}, func(o *oauth.Options) {
		u := *o.URL
		u.Scheme, u.RawQuery = "ws", "key=fake-canary"
		o.URL = &u
	})
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, w.echo.URL(), s.p.Resource)
	require.Equal(t, w.echo.URL(), s.p.Server)
}

// stdio has no address: the block says all.
func TestStdio(t *testing.T) {
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{Clients: map[string]string{"fake-id": ""}})
	o := oauth.Options{
		HTTP: oauth.Through(newGuard(t), nil, patchbay.TrustOperator, nil), Trust: patchbay.TrustOperator, RedirectURI: redirectURI,
		Block: block(func(b *patchbay.OAuthConfig) {
			b.AuthorizationURL, b.TokenURL, b.ClientID = auth.Endpoint("authorize"), auth.Endpoint("token"), "fake-id"
		}),
	}
	c, err := oauth.New(o)
	require.NoError(t, err)
	w := &world{auth: auth, opts: o, client: c}
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Empty(t, s.p.Resource)
	require.True(t, c.Bound(s.p.Binding))

	o.Block = nil
	_, err = oauth.New(o)
	require.Equal(t, patchbay.ReasonBadDefinition, asError(t, err).Reason)
}

func TestBlockWithoutMetadata(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Form: testkit.FormNone, Iss: true, Clients: map[string]string{"fake-id": "fake-secret"}}, testkit.ProtectOptions{MetadataAt: "none"})
	w.opts.Block = block(func(b *patchbay.OAuthConfig) {
		b.AuthorizationURL, b.TokenURL, b.ClientID, b.ClientSecret = w.auth.Endpoint("authorize"), w.auth.Endpoint("token"), "fake-id", "fake-secret"
		b.RevocationURL = w.auth.Endpoint("revoke")
	})
	w.renew(t)
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.True(t, s.d.AuthServer.Assumed)
	require.NoError(t, w.client.Revoke(t.Context(), s.p.Binding, s.r, s.t))
	require.Equal(t, 2, w.auth.Counts().Revocations)
}

func TestPresets(t *testing.T) {
	for _, name := range oauth.Presets() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{Scopes: []string{"offline_access", "a"}}, func(o *oauth.Options) {
				o.Block = block(func(b *patchbay.OAuthConfig) { b.Provider = name })
				o.PresetClientID, o.PresetClientSecret = "fake-id", "fake-secret"
			})
			d, err := w.client.Discover(t.Context(), oauth.Challenge{})
			require.NoError(t, err)
			r, err := w.client.Register(t.Context(), d, false)
			require.NoError(t, err)
			require.Equal(t, oauth.Preregistered, r.Source)
			require.Equal(t, oauth.AuthPost, r.AuthMethod)
			p, at, err := w.client.Authorize(d, r, w.client.Scopes(d, nil))
			require.NoError(t, err)
			q := parse(t, at).Query()
			require.Equal(t, "a", q.Get("scope"), "it has no offline_access")
			require.Equal(t, "S256", q.Get("code_challenge_method"))
			require.Equal(t, name == "google", q.Get("access_type") == "offline" && q.Get("prompt") == "consent")
			require.Equal(t, name == "github", q.Has("resource"))
			require.Equal(t, map[string]string{"google": "accounts.google.com", "github": "github.com"}[name], p.AuthHost)
			require.Zero(t, w.auth.Counts().Metadata)

			w.opts.PresetClientID, w.opts.PresetClientSecret = "", ""
			w.renew(t)
			_, err = w.client.Register(t.Context(), d, false)
			e := asError(t, err)
			require.Equal(t, patchbay.ReasonBadDefinition, e.Reason)
			require.Contains(t, e.Message, redirectURI)
		})
	}
}

func TestHiddenPath(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{Path: "/s/fake-canary/mcp"}, func(o *oauth.Options) { o.HidePath = true })
	_, err := w.signIn(t)
	require.NoError(t, err)
	require.NotEmpty(t, w.trace.Steps())
	for _, s := range w.trace.Steps() {
		require.NotContains(t, s.URL+s.Note, "fake-canary")
	}
}
