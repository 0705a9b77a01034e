package doctor_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/doctor"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
	"patchbay/internal/vault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ward is a doctor with its patient's circumstances, set by the test.
type ward struct {
	guard   *netguard.Guard
	token   vault.TokenInfo
	facts   conn.Facts
	connect error
	tried   int
}

func (w *ward) TokenInfo(context.Context, patchbay.UserID, patchbay.ServerID) (vault.TokenInfo, error) {
	return w.token, nil
}
func (w *ward) Facts(conn.Key) conn.Facts { return w.facts }

func (w *ward) examine(t *testing.T, server *patchbay.Server, user *patchbay.User) *doctor.Report {
	t.Helper()
	s, err := doctor.New(doctor.Options{
		Values: func(_ context.Context, t conn.Target) (expand.Values, error) { return expand.Values{User: t.User}, nil },
		Guard:  func() *netguard.Guard { return w.guard }, Tokens: w, Facts: w,
		Connect: func(context.Context, patchbay.Actor, *patchbay.Server) error {
			w.tried++
			if w.connect == nil {
				w.facts = conn.Facts{Phase: patchbay.PhaseConnected, ProtocolVersion: "2025-11-25", ToolsKnown: true, ToolCount: 3}
			}
			return w.connect
		},
		Client: func(_ context.Context, _ *patchbay.User, server *patchbay.Server, base string, observe func(oauth.Step)) (*oauth.Client, error) {
			target, err := url.Parse(server.URL)
			if err != nil {
				return nil, err
			}
			return oauth.New(oauth.Options{
				HTTP: oauth.Through(w.guard, target, patchbay.TrustOperator, nil), URL: target, Trust: patchbay.TrustOperator, Block: server.OAuth,
				RedirectURI: base + "/api/mcp/x/oauth/callback", Observe: observe,
			})
		},
	})
	require.NoError(t, err)
	report, err := s.Examine(t.Context(), patchbay.Actor{Kind: patchbay.ActorUser, User: user}, server, "http://localhost:3080")
	require.NoError(t, err)
	require.NotEmpty(t, report.Next)
	for _, step := range report.Steps {
		require.NotEmpty(t, step.Name)
		require.NotEmpty(t, step.Answer, "%s", step.Name)
	}
	if len(report.Steps) > 0 {
		require.Equal(t, report.OK, report.Steps[len(report.Steps)-1].OK, "the last step says what the verdict says")
	}
	return report
}

func TestExamine(t *testing.T) {
	ann := &patchbay.User{ID: "ann"}
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{})
	silent := testkit.NewAuthServer(t, testkit.AuthServerOptions{NoRegistration: true})
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	remote := func(address string, level patchbay.Level) *patchbay.Server {
		return &patchbay.Server{ID: "yaml/x", Name: "x", Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP, URL: address, Level: level}
	}
	guarded := remote(auth.Protect(t, echo, testkit.ProtectOptions{}).URL(), patchbay.LevelUser)
	tests := map[string]struct {
		server *patchbay.Server
		user   *patchbay.User
		ward   ward
		ok     bool
		reason patchbay.Reason
		action patchbay.Action
		steps  string // names in their order, doubled ones once
		tried  int
	}{
		"a definition with a problem": {
			server: &patchbay.Server{ID: "yaml/x", Name: "x", Problem: &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url is missing"}},
			reason: patchbay.ReasonBadDefinition, action: patchbay.ActionNone, steps: "definition",
		},
		"an environment variable that is not set": {
			server: remote("https://${NOT_SET}/mcp", patchbay.LevelApp), reason: patchbay.ReasonEnvMissing, action: patchbay.ActionNone, steps: "definition",
		},
		"nobody for a server of each person": {server: guarded, action: patchbay.ActionNone, steps: "definition"},
		"nothing listens": {
			server: remote("http://127.0.0.1:1/mcp", patchbay.LevelApp), reason: patchbay.ReasonUnreachable, action: patchbay.ActionRetry, steps: "definition address",
		},
		"a program": {
			server: &patchbay.Server{ID: "yaml/x", Name: "x", Source: patchbay.SourceYAML, Transport: patchbay.TransportStdio, Command: "sh", Level: patchbay.LevelApp},
			ok:     true, action: patchbay.ActionNone, steps: "definition connect tools", tried: 1,
		},
		"a program that exits": {
			server: &patchbay.Server{ID: "yaml/x", Name: "x", Source: patchbay.SourceYAML, Transport: patchbay.TransportStdio, Command: "sh", Level: patchbay.LevelApp},
			ward:   ward{connect: &patchbay.ConnectError{Server: "x", Reason: patchbay.ReasonExited, Message: "The program ended with code 1."}},
			reason: patchbay.ReasonExited, action: patchbay.ActionRetry, steps: "definition connect", tried: 1,
		},
		"open to everybody": {
			server: remote(echo.URL(), patchbay.LevelApp), ok: true, action: patchbay.ActionNone,
			steps: "definition network address probe sign-in connect tools", tried: 1,
		},
		"connected already": {
			server: remote(echo.URL(), patchbay.LevelApp), ok: true, action: patchbay.ActionNone,
			ward:  ward{facts: conn.Facts{Phase: patchbay.PhaseConnected, ProtocolVersion: "2025-11-25"}},
			steps: "definition network address probe sign-in connect tools",
		},
		"not signed in": {
			server: guarded, user: ann, ward: ward{token: vault.TokenInfo{State: vault.TokenNone}},
			reason: patchbay.ReasonSigninRequired, action: patchbay.ActionAuthenticate,
			steps: "definition network address probe resource metadata authorization server client registration token connect",
		},
		"signed in": {
			server: guarded, user: ann, ward: ward{token: vault.TokenInfo{State: vault.TokenLive, Refreshable: true, Scopes: []string{"read"}}},
			ok: true, action: patchbay.ActionNone, tried: 1,
			steps: "definition network address probe resource metadata authorization server client registration token connect tools",
		},
		"no way to be a client": {
			server: remote(silent.Protect(t, echo, testkit.ProtectOptions{}).URL(), patchbay.LevelUser), user: ann,
			ward:   ward{token: vault.TokenInfo{State: vault.TokenNone}},
			reason: patchbay.ReasonBadDefinition, action: patchbay.ActionConfigure,
			steps: "definition network address probe resource metadata authorization server client registration token connect",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := tt.ward
			var err error
			w.guard, err = netguard.New(netguard.Policy{})
			require.NoError(t, err)
			defer w.guard.CloseIdle()
			report := w.examine(t, tt.server, tt.user)
			raw, err := json.MarshalIndent(report, "", " ")
			require.NoError(t, err)
			var names []string
			for _, s := range report.Steps {
				if len(names) == 0 || names[len(names)-1] != s.Name {
					names = append(names, s.Name)
				}
			}
			require.Equal(t, tt.steps, strings.Join(names, " "), "%s", raw)
			require.Equal(t, tt.ok, report.OK, "%s", raw)
			require.Equal(t, tt.reason, report.Reason, "%s", raw)
			require.Equal(t, tt.action, report.Action, "%s", raw)
			require.Equal(t, tt.tried, w.tried)
		})
	}
}

// What a definition keeps secret is in no report.
func TestReportsHoldNoSecret(t *testing.T) {
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{})
	door := auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	guard, err := netguard.New(netguard.Policy{})
	require.NoError(t, err)
	defer guard.CloseIdle()
	w := &ward{guard: guard, token: vault.TokenInfo{State: vault.TokenNone}}
	server := &patchbay.Server{
		ID: "yaml/x", Name: "x", Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP, Level: patchbay.LevelUser,
		URL: door.URL() + "?key=canary-query", Headers: map[string]string{"X-Key": "canary-header"},
		OAuth: &patchbay.OAuthConfig{
			ClientID: "fake-client", ClientSecret: "canary-secret", SendResource: true,
			AuthorizationURL: auth.Endpoint("authorize"), TokenURL: auth.Endpoint("token"),
		},
	}
	report := w.examine(t, server, &patchbay.User{ID: "ann"})
	raw, err := json.Marshal(report)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "canary")
}
