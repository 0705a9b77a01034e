package oauth_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

func TestSignIn(t *testing.T) {
	tests := []struct {
		name   string
		auth   testkit.AuthServerOptions
		echo   testkit.ProtectOptions
		method string
	}{
		{"by the book", testkit.AuthServerOptions{}, testkit.ProtectOptions{}, oauth.AuthBasic},
		{"post only", testkit.AuthServerOptions{AuthMethods: []string{"client_secret_post"}}, testkit.ProtectOptions{}, oauth.AuthPost},
		{"public clients only", testkit.AuthServerOptions{AuthMethods: []string{"none"}}, testkit.ProtectOptions{}, oauth.AuthNone},
		{"iss", testkit.AuthServerOptions{Iss: true, IssAdvertised: true}, testkit.ProtectOptions{}, oauth.AuthBasic},
		{"iss not advertised", testkit.AuthServerOptions{Iss: true}, testkit.ProtectOptions{}, oauth.AuthBasic},
		{"JWT without expires_in", testkit.AuthServerOptions{JWT: true, NoExpiry: true}, testkit.ProtectOptions{}, oauth.AuthBasic},
		{"resource required", testkit.AuthServerOptions{RequireResource: true}, testkit.ProtectOptions{}, oauth.AuthBasic},
		{"issuer with a path", testkit.AuthServerOptions{Path: "/tenant/7"}, testkit.ProtectOptions{}, oauth.AuthBasic},
		{"metadata at the root", testkit.AuthServerOptions{}, testkit.ProtectOptions{MetadataAt: "/.well-known/oauth-protected-resource", NoHint: true}, oauth.AuthBasic},
		{"metadata in an odd place", testkit.AuthServerOptions{}, testkit.ProtectOptions{MetadataAt: "/meta/data.json"}, oauth.AuthBasic},
		{"odd challenge", testkit.AuthServerOptions{}, testkit.ProtectOptions{Challenge: `bearer RESOURCE_METADATA = %s scope='a b'`, MetadataAt: "/odd"}, oauth.AuthBasic},
		{"challenge without scheme", testkit.AuthServerOptions{}, testkit.ProtectOptions{Challenge: `resource_metadata="%s"`, MetadataAt: "/odd"}, oauth.AuthBasic},
		{"no challenge at all", testkit.AuthServerOptions{}, testkit.ProtectOptions{Challenge: "-"}, oauth.AuthBasic},
		{"anonymous start", testkit.AuthServerOptions{}, testkit.ProtectOptions{AnonymousStart: true}, oauth.AuthBasic},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.auth, tt.echo)
			s, err := w.signIn(t)
			require.NoError(t, err, "%+v", w.trace.Steps())
			require.Equal(t, w.auth.Issuer(), s.d.AuthServer.Issuer)
			require.Equal(t, tt.method, s.r.AuthMethod)
			require.Equal(t, oauth.Dynamic, s.r.Source)
			require.InDelta(t, 3600, hour(s.t).Seconds(), 2)
			require.Equal(t, 200, w.call(t, s.t))

			fresh, err := w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
			require.NoError(t, err)
			require.NotEqual(t, s.t.Access, fresh.Access)
			require.Equal(t, s.t.Refresh, fresh.Refresh, "kept, since no new one came")
			require.Equal(t, 200, w.call(t, fresh))

			require.NoError(t, w.client.Revoke(t.Context(), s.p.Binding, s.r, fresh))
			require.Equal(t, 401, w.call(t, fresh))
			got := w.auth.Counts()
			require.Equal(t, []int{1, 1, 1, 1, 2}, []int{got.Registrations, got.Authorizations, got.Exchanges, got.Refreshes, got.Revocations})
			for _, name := range []string{"authorize", "token"} {
				for _, r := range w.auth.RequestsTo(name) {
					require.Equal(t, w.echo.URL(), r.Form.Get("resource"), name)
				}
			}
		})
	}
}

// The servers of 2025-03-26 are their own authorization servers, with or without metadata.
func TestSignInAtTheServerItself(t *testing.T) {
	for _, form := range []testkit.Form{testkit.FormRFC8414, testkit.FormOIDC, testkit.FormNone} {
		t.Run("form "+string(form), func(t *testing.T) {
			auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{Form: form})
			trace := &oauth.Trace{}
			u := parse(t, auth.BaseURL()+"/mcp")
			c, err := oauth.New(oauth.Options{
				HTTP: oauth.Through(newGuard(t), u, patchbay.TrustOperator, nil), URL: u, Trust: patchbay.TrustOperator,
				RedirectURI: redirectURI, Observe: trace.Add,
			})
			require.NoError(t, err)
			d, err := c.Discover(t.Context(), oauth.Challenge{Bearer: true})
			require.NoError(t, err)
			require.Equal(t, auth.BaseURL(), d.AuthServer.Issuer)
			if form == testkit.FormNone {
				require.Equal(t, oauth.FromGuess, d.AuthServer.Origin)
			}
			r, err := c.Register(t.Context(), d, false)
			require.NoError(t, err)
			p, at, err := c.Authorize(d, r, nil)
			require.NoError(t, err)
			q, err := browse(t, at)
			require.NoError(t, err)
			code, err := oauth.CheckCallback(p, q)
			require.NoError(t, err)
			token, err := c.Exchange(t.Context(), p, r, code)
			require.NoError(t, err)
			_, ok := auth.Introspect(token.Access)
			require.True(t, ok)
		})
	}
}

func TestAuthorizeURL(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{
		Scopes: []string{"read", "offline_access"},
		Edit: func(m map[string]any) {
			m["authorization_endpoint"] = m["authorization_endpoint"].(string) + "?tenant=7&state=theirs"
		},
	}, testkit.ProtectOptions{Scopes: []string{"read"}}, func(o *oauth.Options) {
		o.Block = block(func(b *patchbay.OAuthConfig) { b.Audience = "https://api.example" })
	})
	s, err := w.signIn(t)
	require.NoError(t, err)
	q := parse(t, s.at).Query()
	require.Len(t, q.Get("state"), 43)
	require.Len(t, s.p.Verifier, 43)
	require.NotEqual(t, s.p.State, s.p.Verifier)
	want := url.Values{
		"tenant": {"7"}, "response_type": {"code"}, "client_id": {s.r.ClientID}, "redirect_uri": {redirectURI}, "state": {s.p.State},
		"code_challenge": q["code_challenge"], "code_challenge_method": {"S256"}, "scope": {"read offline_access"},
		"resource": {w.echo.URL()}, "audience": {"https://api.example"},
	}
	if diff := cmp.Diff(want, q); diff != "" {
		t.Error(diff)
	}
	require.NotContains(t, w.auth.RequestsTo("token")[0].Form, "audience", "never with a code")
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.NoError(t, err)
	require.Equal(t, "https://api.example", w.auth.RequestsTo("token")[1].Form.Get("audience"))

	w.opts.Block.ForwardAudienceOnRefresh = false
	w.renew(t)
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.NoError(t, err)
	require.NotContains(t, w.auth.RequestsTo("token")[2].Form, "audience")
}

func TestResourceParameterCanBeLeftOut(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{RefuseResource: true}, testkit.ProtectOptions{AnyAudience: true}, func(o *oauth.Options) {
		o.Block = block(func(b *patchbay.OAuthConfig) { b.SendResource = false })
	})
	s, err := w.signIn(t)
	require.NoError(t, err)
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.NoError(t, err)
	for _, r := range w.auth.Requests() {
		require.NotContains(t, r.Form, "resource")
	}
}

func TestRotation(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Rotate: true, DetectReuse: true}, testkit.ProtectOptions{})
	s, err := w.signIn(t)
	require.NoError(t, err)
	fresh, err := w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.NoError(t, err)
	require.NotEqual(t, s.t.Refresh, fresh.Refresh)

	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t) // the old one again
	e := asError(t, err)
	require.True(t, e.InvalidGrant)
	require.Equal(t, patchbay.ReasonSigninExpired, e.Reason)
	require.Equal(t, 401, w.call(t, fresh), "the family is ended")
	require.Equal(t, 1, w.auth.Counts().Reuses)
}

func TestLostRefresh(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	s, err := w.signIn(t)
	require.NoError(t, err)
	w.auth.LoseRefreshes(1)
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	e := asError(t, err)
	require.True(t, e.Lost)
	require.False(t, e.Permanent)
	require.False(t, e.InvalidGrant)
	require.Equal(t, 1, w.auth.Counts().Refreshes, "carried out")
	require.Equal(t, 1, w.auth.Counts().RefreshTries, "never sent twice by itself")
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.NoError(t, err)
}

func TestRefreshWithoutScopes(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{RefuseRefreshScope: true}, testkit.ProtectOptions{Scopes: []string{"read", "write"}})
	s, err := w.signIn(t)
	require.NoError(t, err)
	fresh, err := w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.NoError(t, err)
	require.Equal(t, []string{"read", "write"}, fresh.Scopes)
	require.Equal(t, 2, w.auth.Counts().RefreshTries)
}

// A client that the operator registered: id and secret with characters that must be
// encoded, by each way of showing them.
func TestPreregistered(t *testing.T) {
	const id, secret = "fake client:1", "fake+secret/ä:&%"
	for _, tt := range []struct{ method, exchange string }{{"client_secret_basic", "basic_auth_header"}, {"client_secret_post", "default_post"}} {
		t.Run(tt.method, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{Clients: map[string]string{id: secret}, AuthMethods: []string{tt.method}}, testkit.ProtectOptions{})
			w.opts.Block = block(func(b *patchbay.OAuthConfig) {
				b.AuthorizationURL, b.TokenURL = w.auth.Endpoint("authorize"), w.auth.Endpoint("token")
				b.ClientID, b.ClientSecret, b.TokenExchangeMethod = id, secret, tt.exchange
			})
			w.renew(t)
			s, err := w.signIn(t)
			require.NoError(t, err)
			require.Equal(t, oauth.Preregistered, s.r.Source)
			require.Equal(t, oauth.FromBlock, s.d.AuthServer.Origin)
			require.Equal(t, w.auth.Issuer(), s.d.AuthServer.Issuer, "found by its metadata")
			require.Zero(t, w.auth.Counts().Registrations)
			header := w.auth.RequestsTo("token")[0].Header.Get("Authorization")
			if tt.method == "client_secret_basic" {
				raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(header, "Basic "))
				require.NoError(t, err)
				require.Equal(t, url.QueryEscape(id)+":"+url.QueryEscape(secret), string(raw))
				require.NotContains(t, w.auth.RequestsTo("token")[0].Form, "client_secret")
			} else {
				require.Empty(t, header)
			}
			require.NoError(t, w.client.Revoke(t.Context(), s.p.Binding, s.r, s.t))
		})
	}
}

// Without a method in the block, the metadata of the same authorization server decides.
func TestPreregisteredMethodIsDiscovered(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Clients: map[string]string{"fake-id": "fake-secret"}, AuthMethods: []string{"client_secret_post"}}, testkit.ProtectOptions{})
	w.opts.Block = block(func(b *patchbay.OAuthConfig) {
		b.AuthorizationURL, b.TokenURL, b.ClientID, b.ClientSecret = w.auth.Endpoint("authorize"), w.auth.Endpoint("token"), "fake-id", "fake-secret"
	})
	w.renew(t)
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, oauth.AuthPost, s.r.AuthMethod)
	require.NotEmpty(t, s.p.RevocationEndpoint)
}

// The operator named the issuer, so its discovered token endpoint may have the secret.
func TestPreregisteredAtNamedIssuer(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Clients: map[string]string{"fake-id": "fake-secret"}}, testkit.ProtectOptions{})
	w.opts.Block = block(func(b *patchbay.OAuthConfig) { b.ClientID, b.ClientSecret = "fake-id", "fake-secret" })
	w.opts.Issuer = w.auth.Issuer() + "/"
	w.renew(t)
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, oauth.FromMetadata, s.d.AuthServer.Origin)
}

func TestClientDocument(t *testing.T) {
	const doc = "https://patchbay.example/oauth/client/fake.json"
	w := newWorld(t, testkit.AuthServerOptions{ClientDocuments: true}, testkit.ProtectOptions{}, func(o *oauth.Options) { o.ClientDocument = doc })
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, oauth.ClientDocument, s.r.Source)
	require.Equal(t, doc, s.r.ClientID)
	require.Equal(t, oauth.AuthNone, s.r.AuthMethod)
	require.Zero(t, w.auth.Counts().Registrations)

	// It takes documents and did not call back: the next rung.
	source, err := w.client.SourceFor(s.d, true)
	require.NoError(t, err)
	require.Equal(t, oauth.Dynamic, source)
	// It does not take documents.
	w.auth.Change(func(o *testkit.AuthServerOptions) { o.ClientDocuments = false })
	s, err = w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, oauth.Dynamic, s.r.Source)
}

func TestRegistrationRequest(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Scopes: []string{"offline_access"}}, testkit.ProtectOptions{Scopes: []string{"read"}})
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.JSONEq(t, `{"client_name":"patchbay","redirect_uris":["`+redirectURI+`"],"grant_types":["authorization_code","refresh_token"],
		"response_types":["code"],"token_endpoint_auth_method":"client_secret_basic","application_type":"native","scope":"read offline_access"}`,
		w.auth.RequestsTo("register")[0].Body)

	w.opts.RedirectURI = "https://patchbay.example/api/mcp/notes/oauth/callback"
	w.renew(t)
	_, err = w.client.Register(t.Context(), s.d, false)
	require.NoError(t, err)
	require.Contains(t, w.auth.RequestsTo("register")[1].Body, `"application_type":"web"`)
}

// A token says by itself how long it lives, in one of several ways, or not at all.
func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	jwt := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	tests := []struct{ name, answer, want string }{
		{"number", `{"access_token":"fake","expires_in":60}`, "2026-11-20T12:01:00Z"},
		{"string", `{"access_token":"fake","expires_in":"60"}`, "2026-11-20T12:01:00Z"},
		{"fraction", `{"access_token":"fake","expires_in":60.9}`, "2026-11-20T12:01:00Z"},
		{"zero", `{"access_token":"fake","expires_in":0}`, ""},
		{"negative", `{"access_token":"fake","expires_in":-5}`, ""},
		{"nonsense", `{"access_token":"fake","expires_in":"soon"}`, ""},
		{"null", `{"access_token":"fake","expires_in":null}`, ""},
		{"enormous", `{"access_token":"fake","expires_in":1e300}`, "2036-11-17T12:00:00Z"},
		{"none", `{"access_token":"fake"}`, ""},
		{"JWT", `{"access_token":"` + jwt(`{"exp":1795176060}`) + `"}`, "2026-11-20T12:01:00Z"},
		{"JWT of the past", `{"access_token":"` + jwt(`{"exp":1}`) + `"}`, ""},
		{"no JWT", `{"access_token":"a.b.c"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{}, func(o *oauth.Options) { o.Now = func() time.Time { return now } })
			w.auth.Fail(testkit.AuthFault{At: "token", Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: tt.answer})
			s, err := w.signIn(t)
			require.NoError(t, err)
			got := ""
			if !s.t.ExpiresAt.IsZero() {
				got = s.t.ExpiresAt.Format(time.RFC3339)
			}
			require.Equal(t, tt.want, got)
		})
	}
}
