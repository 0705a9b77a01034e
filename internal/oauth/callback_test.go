package oauth_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

func TestCheckCallback(t *testing.T) {
	const issuer = "https://as.example/t"
	known := oauth.Pending{Binding: oauth.Binding{Issuer: issuer}, State: "fake-state"}
	required := known
	required.IssInResponse = true
	assumed := known
	assumed.Issuer, assumed.Assumed = "https://as.example", true
	tests := []struct {
		name   string
		p      oauth.Pending
		q      string
		reason patchbay.Reason // empty: fine
	}{
		{"fine", known, "state=fake-state&code=c", ""},
		{"iss", required, "state=fake-state&code=c&iss=https://as.example/t", ""},
		{"iss not asked for", known, "state=fake-state&code=c&iss=https://as.example/t", ""},
		{"iss with a slash", known, "state=fake-state&code=c&iss=https://as.example/t/", patchbay.ReasonProtocol},
		{"iss in capitals", known, "state=fake-state&code=c&iss=https://AS.example/t", patchbay.ReasonProtocol},
		{"iss with a port", known, "state=fake-state&code=c&iss=https://as.example:443/t", patchbay.ReasonProtocol},
		{"iss empty", known, "state=fake-state&code=c&iss=", patchbay.ReasonProtocol},
		{"iss missing", required, "state=fake-state&code=c", patchbay.ReasonProtocol},
		{"iss of the assumed origin", assumed, "state=fake-state&code=c&iss=https://as.example/anything", ""},
		{"iss of another origin", assumed, "state=fake-state&code=c&iss=https://evil.example", patchbay.ReasonProtocol},
		{"no state", known, "code=c", patchbay.ReasonSigninRequired},
		{"another state", known, "state=fake-statf&code=c", patchbay.ReasonSigninRequired},
		{"a shorter state", known, "state=fake&code=c", patchbay.ReasonSigninRequired},
		{"no state was kept", oauth.Pending{}, "state=&code=c", patchbay.ReasonSigninRequired},
		{"two states", known, "state=fake-state&state=x&code=c", patchbay.ReasonProtocol},
		{"two codes", known, "state=fake-state&code=c&code=d", patchbay.ReasonProtocol},
		{"no code", known, "state=fake-state", patchbay.ReasonProtocol},
		{"endless code", known, "state=fake-state&code=" + strings.Repeat("c", 5000), patchbay.ReasonProtocol},
		{"code with a line break", known, "state=fake-state&code=c%0Ad", patchbay.ReasonProtocol},
		{"denied", known, "state=fake-state&error=access_denied&code=c", patchbay.ReasonSigninRequired},
		{"denied by somebody else", known, "state=fake-state&error=access_denied&iss=https://evil.example", patchbay.ReasonProtocol},
		{"error without state", known, "error=access_denied", patchbay.ReasonSigninRequired},
		{"client forgotten", known, "state=fake-state&error=unauthorized_client", patchbay.ReasonSigninRequired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := url.ParseQuery(tt.q)
			require.NoError(t, err)
			code, err := oauth.CheckCallback(&tt.p, q)
			if tt.reason == "" {
				require.NoError(t, err)
				require.Equal(t, "c", code)
				return
			}
			require.Empty(t, code)
			e := asError(t, err)
			require.Equal(t, tt.reason, e.Reason, e.Message)
			require.Equal(t, tt.name == "client forgotten", e.Forgotten)
			if tt.reason == patchbay.ReasonProtocol {
				require.Empty(t, e.Code+e.Description, "words of who knows whom are not shown")
			}
		})
	}
}

// A hostile authorization server sends the person on to an honest one, so that the honest
// one's code would be handed to it (RFC 9700 4.4). The honest one says who it is.
func TestMixUp(t *testing.T) {
	for _, tt := range []struct {
		name    string
		hostile testkit.AuthServerOptions
		block   bool
	}{
		{"the hostile one has metadata", testkit.AuthServerOptions{}, false},
		{"the hostile one promises iss", testkit.AuthServerOptions{IssAdvertised: true}, false},
		{"the hostile one has none", testkit.AuthServerOptions{Form: testkit.FormNone, Clients: map[string]string{"fake-id": "fake-secret"}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			honest := newWorld(t, testkit.AuthServerOptions{Iss: true}, testkit.ProtectOptions{})
			ours, err := honest.signIn(t)
			require.NoError(t, err)

			hostile := newWorld(t, tt.hostile, testkit.ProtectOptions{})
			hostile.auth.Change(func(o *testkit.AuthServerOptions) {
				o.Impersonate, o.ImpersonateClient = honest.auth, ours.r.ClientID
			})
			if tt.block {
				hostile.echo.Change(func(o *testkit.ProtectOptions) { o.MetadataAt = "none" })
				hostile.opts.Block = block(func(b *patchbay.OAuthConfig) {
					b.AuthorizationURL, b.TokenURL = hostile.auth.Endpoint("authorize"), hostile.auth.Endpoint("token")
					b.ClientID, b.ClientSecret = "fake-id", "fake-secret"
				})
				hostile.renew(t)
			}
			_, err = hostile.signIn(t)
			e := asError(t, err)
			require.Equal(t, oauth.StepCallback, e.Step)
			require.Contains(t, e.Message, "not from the authorization server")
			require.Equal(t, 2, honest.auth.Counts().Authorizations, "it did approve")
			require.Empty(t, hostile.auth.RequestsTo("token"), "and its code went nowhere")
			for _, r := range hostile.auth.Requests() {
				require.NotContains(t, r.Body+r.Form.Encode(), "fake-code-")
			}
		})
	}
}

// A token, a code and a registration are good where they came from, and nowhere else.
func TestBindings(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	s, err := w.signIn(t)
	require.NoError(t, err)
	other := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
	theirs, err := other.signIn(t)
	require.NoError(t, err)
	before := len(other.auth.Requests())

	require.True(t, w.client.Bound(s.p.Binding))
	require.False(t, other.client.Bound(s.p.Binding))
	_, err = other.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.True(t, asError(t, err).InvalidGrant)
	_, err = w.client.Refresh(t.Context(), s.p.Binding, theirs.r, s.t)
	require.True(t, asError(t, err).InvalidGrant)
	_, err = other.client.Exchange(t.Context(), s.p, s.r, "fake-code")
	require.Error(t, err)
	require.Error(t, other.client.Revoke(t.Context(), s.p.Binding, s.r, s.t))
	_, _, err = w.client.Authorize(s.d, theirs.r, nil)
	require.Error(t, err)
	require.Len(t, other.auth.Requests(), before, "nothing was sent")

	// The operator names other endpoints from now on.
	w.opts.Block = block(func(b *patchbay.OAuthConfig) {
		b.AuthorizationURL, b.TokenURL, b.ClientID = other.auth.Endpoint("authorize"), other.auth.Endpoint("token"), s.r.ClientID
	})
	w.renew(t)
	require.False(t, w.client.Bound(s.p.Binding))
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	require.Equal(t, patchbay.ReasonSigninRequired, asError(t, err).Reason)
	require.Len(t, other.auth.Requests(), before)
}
