package oauth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

func TestScopes(t *testing.T) {
	type s = []string
	tests := []struct {
		name                                             string
		challenge, resource, configured, server, granted s
		want                                             s
	}{
		{"nothing known", nil, nil, nil, nil, nil, nil},
		{"the challenge first", s{"c"}, s{"r"}, s{"o"}, nil, nil, s{"c"}},
		{"then the resource", nil, s{"r"}, s{"o"}, nil, nil, s{"r"}},
		{"then the configuration", nil, nil, s{"o"}, nil, nil, s{"o"}},
		{"the server's list is no wish", nil, nil, nil, s{"a", "b"}, nil, nil},
		{"what was granted stays", s{"c"}, s{"r"}, nil, nil, s{"g", "c"}, s{"g", "c"}},
		{"offline_access is listed", s{"c"}, nil, nil, s{"c", "offline_access"}, nil, s{"c", "offline_access"}},
		{"never offline_access alone", nil, nil, nil, s{"offline_access"}, nil, nil},
		{"offline_access is not listed", s{"offline_access", "c"}, nil, nil, s{"c"}, nil, s{"c"}},
		{"offline_access is configured", nil, nil, s{"o", "offline_access"}, s{"c"}, nil, s{"o", "offline_access"}},
		{"nothing is listed", s{"offline_access"}, nil, nil, nil, nil, s{"offline_access"}},
		{"no scopes at all", s{"a b", "\"", "ok", ""}, nil, nil, nil, nil, s{"ok"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{}, func(o *oauth.Options) {
				o.Block = block(func(b *patchbay.OAuthConfig) { b.Scopes = tt.configured })
			})
			d := &oauth.Discovery{Challenge: oauth.Challenge{Scopes: tt.challenge}, Scopes: tt.resource, AuthServer: oauth.AuthServer{Scopes: tt.server}}
			require.Equal(t, tt.want, w.client.Scopes(d, tt.granted))
		})
	}
}

func TestStepUp(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{ChallengeScopes: []string{"read"}, Required: []string{"read"}})
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, []string{"read"}, s.t.Scopes)
	require.Equal(t, 200, w.call(t, s.t))

	w.echo.Change(func(o *testkit.ProtectOptions) { o.Required = []string{"read", "write"} })
	require.Equal(t, 403, w.call(t, s.t))
	want, again := oauth.StepUp(s.t.Scopes, oauth.Challenge{Error: "insufficient_scope", Scopes: []string{"write"}}, 0)
	require.True(t, again)
	require.Equal(t, []string{"read", "write"}, want)
	p, at, err := w.client.Authorize(s.d, s.r, want)
	require.NoError(t, err)
	q, err := browse(t, at)
	require.NoError(t, err)
	code, err := oauth.CheckCallback(p, q)
	require.NoError(t, err)
	token, err := w.client.Exchange(t.Context(), p, s.r, code)
	require.NoError(t, err)
	require.Equal(t, 200, w.call(t, token))

	_, again = oauth.StepUp(token.Scopes, oauth.Challenge{Scopes: []string{"write"}}, 0)
	require.False(t, again, "nothing to gain")
	_, again = oauth.StepUp(token.Scopes, oauth.Challenge{Scopes: []string{"admin"}}, oauth.MaxStepUps)
	require.False(t, again, "obeyed often enough")
	_, again = oauth.StepUp(token.Scopes, oauth.Challenge{}, 0)
	require.False(t, again, "nothing asked for")
}
