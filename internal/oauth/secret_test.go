package oauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

// Whatever happens, no secret stands in an error, its chain, a step or a log line.
func TestNothingSecretIsTold(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	s, err := w.signIn(t)
	require.NoError(t, err)
	secrets := []string{s.t.Access, s.t.Refresh, s.p.State, s.p.Verifier, s.r.ClientSecret}
	for i, secret := range secrets {
		require.GreaterOrEqual(t, len(secret), 20, i)
	}
	clean := func(what, text string) {
		t.Helper()
		for _, secret := range append(secrets, "fake-code-") {
			require.NotContains(t, text, secret, what)
		}
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("all", "token", s.t, "pending", *s.p, "registration", s.r, "value", *s.t)
	}
	clean("log", log.String())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		clean(verb, fmt.Sprintf(verb+verb+verb+verb, s.t, *s.t, s.p, s.r))
	}
	clean("steps", fmt.Sprint(w.trace.Steps()))

	// An authorization server that repeats what it was sent.
	for _, at := range []string{"refresh", "revoke"} {
		body := fmt.Sprintf(`{"error":"nope","error_description":"token %s of %s (%s) is bad"}`, s.t.Refresh, s.r.ClientSecret, s.t.Access)
		w.auth.Fail(testkit.AuthFault{At: at, Status: 400, Body: body, Times: 2})
	}
	_, refreshErr := w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	revokeErr := w.client.Revoke(t.Context(), s.p.Binding, s.r, s.t)
	for _, err := range []error{refreshErr, revokeErr} {
		e := asError(t, err)
		require.Contains(t, e.Description, "is bad")
		for ; err != nil; err = errors.Unwrap(err) {
			clean("error", fmt.Sprintf("%v %+v %#v", err, err, err))
		}
	}
	clean("steps", fmt.Sprint(w.trace.Steps()))
}

func TestSecretsSurviveJSON(t *testing.T) {
	in := oauth.Token{Access: "fake-a", Refresh: "fake-r", Type: "Bearer", Scopes: []string{"s"}, Issued: time.Unix(1, 0).UTC(), ExpiresAt: time.Unix(2, 0).UTC()}
	raw, err := json.Marshal(in)
	require.NoError(t, err)
	var out oauth.Token
	require.NoError(t, json.Unmarshal(raw, &out))
	require.True(t, in.Access == out.Access && in.Refresh == out.Refresh && in.ExpiresAt.Equal(out.ExpiresAt))

	p := oauth.Pending{Binding: oauth.Binding{Issuer: "https://as.example", TokenEndpoint: "https://as.example/t"}, State: "fake-s", Verifier: "fake-v", Scopes: []string{"a"}}
	raw, err = json.Marshal(p)
	require.NoError(t, err)
	var back oauth.Pending
	require.NoError(t, json.Unmarshal(raw, &back))
	require.True(t, back.Verifier == p.Verifier && back.TokenEndpoint == p.TokenEndpoint && back.State == p.State)

	r := oauth.Registration{Issuer: "i", ClientID: "c", ClientSecret: "fake-secret", Source: oauth.Dynamic, AuthMethod: oauth.AuthBasic}
	raw, err = json.Marshal(r)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "secretExpiresAt")
	var again oauth.Registration
	require.NoError(t, json.Unmarshal(raw, &again))
	require.True(t, again == r)
	require.True(t, again.Usable(time.Unix(1, 0)))
	again.SecretExpiresAt = time.Unix(1, 0)
	require.False(t, again.Usable(time.Unix(1, 0)))
}

// trap is a server that should not be reached.
func trap(t *testing.T) (address string, reached func() []string) {
	t.Helper()
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		got = append(got, r.Method+" "+r.URL.String()+" "+fmt.Sprint(r.Header)+" "+b.String())
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() []string { return got }
}

func TestSecretsFollowNoRedirect(t *testing.T) {
	address, reached := trap(t)
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	s, err := w.signIn(t)
	require.NoError(t, err)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, at := range []string{"token", "refresh", "revoke", "register"} {
			w.auth.Fail(testkit.AuthFault{At: at, Status: status, Header: http.Header{"Location": {address}}, Times: 2})
			var err error
			switch at {
			case "token":
				_, err = w.client.Exchange(t.Context(), s.p, s.r, "fake-code")
			case "refresh":
				_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
			case "revoke":
				err = w.client.Revoke(t.Context(), s.p.Binding, s.r, s.t)
			case "register":
				_, err = w.client.Register(t.Context(), s.d, false)
			}
			require.Error(t, err)
			w.auth.Heal()
		}
	}
	require.Empty(t, reached())
}

// The operator's secret goes to nobody whom only the MCP server, or nobody, named.
func TestOperatorsSecretNeedsNamedEndpoints(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	o := w.opts
	o.Block = block(func(b *patchbay.OAuthConfig) { b.ClientID, b.ClientSecret = "fake-id", "fake-canary-secret" })
	_, err := oauth.New(o)
	require.Equal(t, patchbay.ReasonBadDefinition, asError(t, err).Reason)

	// Named, and then the server has no metadata any more: its default paths get nothing.
	o.Issuer = w.auth.Issuer()
	c, err := oauth.New(o)
	require.NoError(t, err)
	w.echo.Change(func(p *testkit.ProtectOptions) { p.MetadataAt = "none" })
	w.auth.Change(func(a *testkit.AuthServerOptions) { a.Form = testkit.FormNone })
	_, err = c.Discover(t.Context(), oauth.Challenge{Bearer: true})
	require.Error(t, err)

	guessed := &oauth.Discovery{Server: w.echo.URL(), AuthServer: oauth.AuthServer{
		Issuer: w.auth.Issuer(), Assumed: true, Origin: oauth.FromGuess, AuthorizationEndpoint: w.auth.Endpoint("authorize"), TokenEndpoint: w.auth.Endpoint("token"),
	}}
	_, err = c.Register(t.Context(), guessed, false)
	require.Equal(t, patchbay.ReasonBadDefinition, asError(t, err).Reason)
	for _, r := range w.auth.Requests() {
		require.NotContains(t, fmt.Sprint(r), "fake-canary-secret")
	}
}

// oauth_headers are for whom the operator named, not for whoever the server names.
func TestOAuthHeaders(t *testing.T) {
	headers := http.Header{"X-Gate": {"fake-canary-header"}, "Authorization": {"Bearer fake-canary-header"}}
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{}, func(o *oauth.Options) { o.Header = headers })
	_, err := w.signIn(t)
	require.NoError(t, err)
	for _, r := range w.auth.Requests() {
		require.NotContains(t, fmt.Sprint(r), "fake-canary-header")
	}
	w.opts.Issuer = w.auth.Issuer()
	w.renew(t)
	before := len(w.auth.Requests())
	_, err = w.signIn(t)
	require.NoError(t, err)
	for _, r := range w.auth.Requests()[before:] {
		if strings.HasSuffix(r.Path, "authorize") {
			continue // the person's browser
		}
		require.Equal(t, "fake-canary-header", r.Header.Get("X-Gate"), r.Path)
		if strings.HasSuffix(r.Path, "token") {
			require.True(t, strings.HasPrefix(r.Header.Get("Authorization"), "Basic "), "our own goes first")
		}
	}
}

// A person's definition leads to public addresses only, at every step.
func TestPersonsDefinitionStaysOutside(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{}, func(o *oauth.Options) { o.Trust = patchbay.TrustPerson })
	_, err := w.client.Probe(t.Context())
	require.Equal(t, patchbay.ReasonBlocked, asError(t, err).Reason)
	_, err = w.client.Discover(t.Context(), oauth.Challenge{})
	require.Equal(t, patchbay.ReasonBlocked, asError(t, err).Reason)
	require.Zero(t, w.echo.Refused())
	require.Empty(t, w.auth.Requests())
}

func FuzzCheckCallback(f *testing.F) {
	for _, s := range []string{"state=s&code=c", "state=s&error=access_denied&error_description=x", "state=s&iss=https://as.example", "error=%00%ff", "state=s&code=c&iss=://"} {
		f.Add(s)
	}
	p := oauth.Pending{Binding: oauth.Binding{Issuer: "https://as.example"}, State: "s"}
	assumed := p
	assumed.Assumed = true
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		for _, p := range []oauth.Pending{p, assumed} {
			code, err := oauth.CheckCallback(&p, q)
			if err == nil && (code == "" || q.Get("state") != "s" || q.Has("error") || len(q["iss"]) > 1) {
				t.Errorf("%q gives code %q", raw, code)
			}
			if e, ok := oauth.As(err); ok && (strings.ContainsFunc(e.Code+e.Description, func(r rune) bool { return r < ' ' }) || len(e.Code) > 64 || len(e.Description) > 204 || e.Message == "") {
				t.Errorf("%q gives %+v", raw, e)
			}
		}
	})
}
