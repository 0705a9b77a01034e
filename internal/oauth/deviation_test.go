package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

// Every way in which a far end deviates ends in a named reason and in what to do next,
// soon, with nothing sent that should not be.
func TestDeviations(t *testing.T) {
	edit := func(name string, value any) func(*world) {
		return func(w *world) {
			w.auth.Change(func(o *testkit.AuthServerOptions) {
				o.Edit = func(m map[string]any) {
					if m[name] = value; value == nil {
						delete(m, name)
					}
				}
			})
		}
	}
	fault := func(f testkit.AuthFault) func(*world) { return func(w *world) { w.auth.Fail(f) } }
	token := func(body string) func(*world) {
		return fault(testkit.AuthFault{At: "token", Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body})
	}
	option := func(change func(*testkit.AuthServerOptions)) func(*world) {
		return func(w *world) { w.auth.Change(change) }
	}
	door := func(change func(*testkit.ProtectOptions)) func(*world) {
		return func(w *world) { w.echo.Change(change) }
	}
	const (
		authenticate, configure, none, retry = patchbay.ActionAuthenticate, patchbay.ActionConfigure, patchbay.ActionNone, patchbay.ActionRetry
		protocol                             = patchbay.ReasonProtocol
	)
	tests := []struct {
		name   string
		how    func(*world)
		step   oauth.StepName
		reason patchbay.Reason
		action patchbay.Action
		says   string // in the message
	}{
		{"authorization server without metadata", option(func(o *testkit.AuthServerOptions) { o.Form = testkit.FormNone }), oauth.StepAuthServer, protocol, none, "authorization_url"},
		{"wrong issuer", edit("issuer", "https://evil.example"), oauth.StepAuthServer, protocol, none, "another issuer"},
		{"no issuer", edit("issuer", nil), oauth.StepAuthServer, protocol, none, "another issuer"},
		{"metadata of the wrong type", edit("issuer", 7), oauth.StepAuthServer, protocol, none, "wrong type"},
		{"no token endpoint", edit("token_endpoint", nil), oauth.StepAuthServer, protocol, none, "no token_endpoint"},
		{"javascript: endpoint", edit("authorization_endpoint", "javascript:alert(document.cookie)"), oauth.StepAuthServer, protocol, none, "https://"},
		{"data: endpoint", edit("authorization_endpoint", "data:text/html,x"), oauth.StepAuthServer, protocol, none, "https://"},
		{"file: endpoint", edit("token_endpoint", "file:///etc/passwd"), oauth.StepAuthServer, protocol, none, "https://"},
		{"endpoint without host", edit("token_endpoint", "https:///token"), oauth.StepAuthServer, protocol, none, "no host"},
		{"endpoint with a user name", edit("token_endpoint", "https://a:b@as.example/token"), oauth.StepAuthServer, protocol, none, "user name"},
		{"plain http endpoint", edit("token_endpoint", "http://as.example/token"), oauth.StepAuthServer, protocol, none, "not https"},
		{"token endpoint inside", edit("token_endpoint", "https://10.1.2.3/token"), oauth.StepAuthServer, patchbay.ReasonBlocked, configure, "allowedAddresses"},
		{"authorization endpoint inside", edit("authorization_endpoint", "https://169.254.169.254/latest"), oauth.StepAuthServer, patchbay.ReasonBlocked, configure, "allowedAddresses"},
		{"endpoint inside, odd spelling", edit("token_endpoint", "https://[::ffff:a9fe:a9fe]/token"), oauth.StepAuthServer, patchbay.ReasonBlocked, configure, "allowedAddresses"},
		{"registration endpoint inside", edit("registration_endpoint", "https://192.168.0.1/register"), oauth.StepRegister, patchbay.ReasonBadDefinition, configure, "client_id"},
		{"no PKCE", edit("code_challenge_methods_supported", nil), oauth.StepAuthServer, protocol, none, "skip_code_challenge_check"},
		{"PKCE plain only", edit("code_challenge_methods_supported", []string{"plain"}), oauth.StepAuthServer, protocol, none, "skip_code_challenge_check"},
		{"implicit only", edit("response_types_supported", []string{"token", "id_token"}), oauth.StepAuthServer, protocol, none, "codes"},
		{"huge metadata", fault(testkit.AuthFault{At: "metadata", Huge: 1 << 20, Times: -1}), oauth.StepAuthServer, protocol, none, "too large"},
		{"deep metadata", fault(testkit.AuthFault{At: "metadata", Status: 200, Body: `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`}), oauth.StepAuthServer, protocol, none, "too deep"},
		{"half metadata", fault(testkit.AuthFault{At: "metadata", Status: 200, Body: `{"issuer":`}), oauth.StepAuthServer, protocol, none, "not valid JSON"},
		{"metadata ill", fault(testkit.AuthFault{At: "metadata", Status: 503, Header: http.Header{"Retry-After": {"7"}}}), oauth.StepAuthServer, patchbay.ReasonUnreachable, retry, "Try again"},
		{"metadata too often", fault(testkit.AuthFault{At: "metadata", Status: 429}), oauth.StepAuthServer, patchbay.ReasonRateLimited, retry, "too often"},
		{"metadata cut off", fault(testkit.AuthFault{At: "metadata", Drop: true, Times: -1}), oauth.StepAuthServer, patchbay.ReasonLost, retry, "Try again"},
		{"metadata leads inside", fault(testkit.AuthFault{At: "metadata", Status: 302, Header: http.Header{"Location": {"http://169.254.169.254/"}}}), oauth.StepAuthServer, patchbay.ReasonBlocked, configure, "allowedAddresses"},

		{"another resource", door(func(o *testkit.ProtectOptions) { o.Resource = "https://other.example/mcp" }), oauth.StepResource, protocol, none, "another resource"},
		{"authorization server inside", door(func(o *testkit.ProtectOptions) { o.Issuers = []string{"https://10.0.0.1"} }), oauth.StepAuthServer, patchbay.ReasonBlocked, configure, "allowedAddresses"},
		{"authorization server by plain http", door(func(o *testkit.ProtectOptions) { o.Issuers = []string{"http://as.example"} }), oauth.StepAuthServer, protocol, none, "not https"},
		{"authorization server by javascript:", door(func(o *testkit.ProtectOptions) { o.Issuers = []string{"javascript:alert(1)"} }), oauth.StepAuthServer, protocol, none, "https://"},
		{"challenge leads inside", door(func(o *testkit.ProtectOptions) {
			o.Challenge, o.MetadataAt = `Bearer resource_metadata="https://10.0.0.1/meta"`, "none"
		}), oauth.StepResource, patchbay.ReasonBlocked, configure, "allowedAddresses"},
		{"challenge leads nowhere", door(func(o *testkit.ProtectOptions) {
			o.MetadataAt, o.Challenge = "none", `Bearer resource_metadata="%s/nowhere"`
		}), oauth.StepResource, protocol, none, "there is none"},

		{"registration refused", fault(testkit.AuthFault{At: "register", Status: 403}), oauth.StepRegister, patchbay.ReasonUnauthorized, none, "client_id"},
		{"no registration", option(func(o *testkit.AuthServerOptions) { o.NoRegistration = true }), oauth.StepRegister, patchbay.ReasonBadDefinition, configure, redirectURI},
		{"registration gives nothing", fault(testkit.AuthFault{At: "register", Status: 201, Body: `{}`}), oauth.StepRegister, protocol, none, "client_id"},
		{"registration sends a page", fault(testkit.AuthFault{At: "register", Status: 200, Body: `<html>`}), oauth.StepRegister, protocol, none, "cannot be read"},
		{"registration elsewhere", fault(testkit.AuthFault{At: "register", Status: 307, Header: http.Header{"Location": {"https://evil.example/"}}}), oauth.StepRegister, patchbay.ReasonUnauthorized, none, "by hand"},
		{"registration ill", fault(testkit.AuthFault{At: "register", Status: 500}), oauth.StepRegister, patchbay.ReasonUnreachable, retry, "Try again"},

		{"denied", option(func(o *testkit.AuthServerOptions) { o.Deny = "access_denied" }), oauth.StepCallback, patchbay.ReasonSigninRequired, authenticate, "Sign in again"},
		{"scope refused", option(func(o *testkit.AuthServerOptions) { o.Deny = "invalid_scope" }), oauth.StepCallback, patchbay.ReasonUnauthorized, none, "oauth.scopes"},
		{"server busy", option(func(o *testkit.AuthServerOptions) { o.Deny = "temporarily_unavailable" }), oauth.StepCallback, patchbay.ReasonUnreachable, retry, "later"},
		{"resource refused", option(func(o *testkit.AuthServerOptions) { o.RefuseResource = true }), oauth.StepCallback, patchbay.ReasonUnauthorized, none, "send_resource_parameter"},
		{"wrong iss", option(func(o *testkit.AuthServerOptions) { o.IssValue = "https://evil.example" }), oauth.StepCallback, protocol, none, "not from the authorization server"},
		{"wrong iss with an error", option(func(o *testkit.AuthServerOptions) { o.IssValue, o.Deny = "https://evil.example", "access_denied" }), oauth.StepCallback, protocol, none, "not from the authorization server"},
		{"iss missing", option(func(o *testkit.AuthServerOptions) { o.IssAdvertised = true }), oauth.StepCallback, protocol, none, "not from the authorization server"},
		{"code in a strange answer", func(w *world) {
			w.auth.Change(func(o *testkit.AuthServerOptions) { o.Deny = "oh\x00<script>no" })
		}, oauth.StepCallback, patchbay.ReasonUnauthorized, none, "refused"},

		{"code refused", fault(testkit.AuthFault{At: "token", Status: 400, Body: `{"error":"invalid_grant"}`}), oauth.StepExchange, patchbay.ReasonSigninRequired, authenticate, "Start the sign-in again"},
		{"client forgotten", func(w *world) {
			w.auth.Fail(testkit.AuthFault{At: "token", Status: 401, Body: `{"error":"invalid_client"}`})
		}, oauth.StepExchange, patchbay.ReasonSigninRequired, authenticate, "any more"},
		{"exchange elsewhere", fault(testkit.AuthFault{At: "token", Status: 307, Header: http.Header{"Location": {"https://evil.example/"}}}), oauth.StepExchange, protocol, none, "not sent on"},
		{"exchange ill", fault(testkit.AuthFault{At: "token", Status: 502}), oauth.StepExchange, patchbay.ReasonUnreachable, retry, "Try again"},
		{"exchange too often", fault(testkit.AuthFault{At: "token", Status: 429}), oauth.StepExchange, patchbay.ReasonRateLimited, retry, "too often"},
		{"exchange lost", fault(testkit.AuthFault{At: "token", Abort: true}), oauth.StepExchange, patchbay.ReasonLost, retry, "closed the connection"},
		{"huge token answer", fault(testkit.AuthFault{At: "token", Huge: 1 << 20}), oauth.StepExchange, protocol, none, "too large"},
		{"error with status 200", token(`{"error":"bad_verification_code","error_description":"no"}`), oauth.StepExchange, patchbay.ReasonSigninRequired, authenticate, "Start the sign-in again"},
		{"MAC token", option(func(o *testkit.AuthServerOptions) { o.TokenType = "mac" }), oauth.StepExchange, protocol, none, "only bearer"},
		{"no token", token(`{}`), oauth.StepExchange, protocol, none, "no access token"},
		{"a page for a token", token(`<html>`), oauth.StepExchange, protocol, none, "no token"},
		{"token breaks the header", token(`{"access_token":"a\r\nX-Evil: 1"}`), oauth.StepExchange, protocol, none, "characters"},
		{"token of 1 MiB", token(`{"access_token":"` + strings.Repeat("a", 17<<10) + `"}`), oauth.StepExchange, protocol, none, "longer"},
		{"token is a number", token(`{"access_token":7}`), oauth.StepExchange, protocol, none, "wrong type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
			tt.how(w)
			start := time.Now()
			_, err := w.signIn(t)
			require.Error(t, err)
			e := asError(t, err)
			require.Less(t, time.Since(start), 5*time.Second)
			require.Equal(t, tt.step, e.Step, e.Message)
			require.Equal(t, tt.reason, e.Reason, e.Message)
			require.Equal(t, tt.action, e.Action(), e.Message)
			require.Contains(t, e.Message, tt.says)
			require.Zero(t, w.auth.Counts().Exchanges*btoi(tt.step != oauth.StepExchange))
			require.Less(t, len(w.auth.Requests()), 12, "no storm")
			if tt.step != oauth.StepCallback { // checked without a client
				require.True(t, slices.ContainsFunc(w.trace.Steps(), func(s oauth.Step) bool {
					return !s.OK && s.Name == tt.step && s.Note == e.Message
				}), "%+v", w.trace.Steps())
			}
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestSkipCodeChallengeCheck(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Edit: func(m map[string]any) { delete(m, "code_challenge_methods_supported") }}, testkit.ProtectOptions{}, func(o *oauth.Options) {
		o.Block = block(func(b *patchbay.OAuthConfig) { b.SkipCodeChallengeCheck = true })
	})
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Equal(t, "S256", parse(t, s.at).Query().Get("code_challenge_method"))
}

// Refresh has answers of its own.
func TestRefreshDeviations(t *testing.T) {
	tests := []struct {
		name    string
		fault   testkit.AuthFault
		reason  patchbay.Reason
		action  patchbay.Action
		grant   bool // InvalidGrant
		lost    bool
		forgot  bool
		retried time.Duration
	}{
		{"expired", testkit.AuthFault{Status: 400, Body: `{"error":"invalid_grant"}`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, true, false, false, 0},
		{"expired, as GitHub says it", testkit.AuthFault{Status: 200, Body: `{"error":"bad_refresh_token"}`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, true, false, false, 0},
		{"client forgotten", testkit.AuthFault{Status: 401, Body: `{"error":"invalid_client"}`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, false, false, true, 0},
		{"client forgotten in words", testkit.AuthFault{Status: 400, Body: `Unknown client.`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, false, false, true, 0},
		{"client mismatch", testkit.AuthFault{Status: 400, Body: `{"error":"invalid_request","error_description":"client_id mismatch"}`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, false, false, true, 0},
		{"refused without a word", testkit.AuthFault{Status: 403}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, false, false, false, 0},
		{"ill", testkit.AuthFault{Status: 503, Header: http.Header{"Retry-After": {"3"}}}, patchbay.ReasonUnreachable, patchbay.ActionRetry, false, true, false, 3 * time.Second},
		{"ill, with a code", testkit.AuthFault{Status: 500, Body: `{"error":"internal"}`}, patchbay.ReasonUnreachable, patchbay.ActionRetry, false, true, false, 0},
		{"expired, by a server that says so with 500", testkit.AuthFault{Status: 500, Body: `{"error":"invalid_grant"}`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, true, false, false, 0},
		{"resource refused", testkit.AuthFault{Status: 400, Body: `{"error":"invalid_target"}`}, patchbay.ReasonSigninExpired, patchbay.ActionAuthenticate, false, false, false, 0},
		{"too often", testkit.AuthFault{Status: 429, Header: http.Header{"Retry-After": {"9"}}}, patchbay.ReasonRateLimited, patchbay.ActionRetry, false, false, false, 9 * time.Second},
		{"not now", testkit.AuthFault{Status: 400, Body: `{"error":"temporarily_unavailable"}`}, patchbay.ReasonUnreachable, patchbay.ActionRetry, false, false, false, 0},
		{"cut off", testkit.AuthFault{Drop: true}, patchbay.ReasonLost, patchbay.ActionRetry, false, true, false, 0},
		{"garbage", testkit.AuthFault{Status: 200, Body: `what?`}, patchbay.ReasonProtocol, patchbay.ActionNone, false, true, false, 0},
		{"elsewhere", testkit.AuthFault{Status: 308, Header: http.Header{"Location": {"https://evil.example/"}}}, patchbay.ReasonProtocol, patchbay.ActionNone, false, false, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
			s, err := w.signIn(t)
			require.NoError(t, err)
			tt.fault.At = "refresh"
			w.auth.Fail(tt.fault)
			_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
			e := asError(t, err)
			require.Equal(t, tt.reason, e.Reason, e.Message)
			require.Equal(t, tt.action, e.Action())
			require.Equal(t, []bool{tt.grant, tt.lost, tt.forgot}, []bool{e.InvalidGrant, e.Lost, e.Forgotten})
			require.Equal(t, tt.retried, e.RetryAfter)
			require.Len(t, w.auth.RequestsTo("token"), 2, "one exchange, one refresh")
		})
	}
}

func TestNoRefreshToken(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{NoRefresh: true}, testkit.ProtectOptions{})
	s, err := w.signIn(t)
	require.NoError(t, err)
	require.Empty(t, s.t.Refresh)
	_, err = w.client.Refresh(t.Context(), s.p.Binding, s.r, s.t)
	e := asError(t, err)
	require.Equal(t, patchbay.ReasonSigninExpired, e.Reason)
	require.True(t, e.InvalidGrant)
	require.Zero(t, w.auth.Counts().RefreshTries)
}

// A slow server is given up after a while, an endless one too.
func TestSlowAndEndless(t *testing.T) {
	const limit = 300 * time.Millisecond
	tests := []struct {
		name  string
		fault testkit.AuthFault
	}{
		{"slow metadata", testkit.AuthFault{At: "metadata", Delay: time.Minute, Times: -1}},
		{"endless metadata", testkit.AuthFault{At: "metadata", Endless: true, Times: -1}},
		{"slow registration", testkit.AuthFault{At: "register", Delay: time.Minute}},
		{"slow token", testkit.AuthFault{At: "token", Delay: time.Minute}},
		{"endless token", testkit.AuthFault{At: "token", Endless: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{})
			w.client.SetTimeout(limit)
			w.auth.Fail(tt.fault)
			start := time.Now()
			_, err := w.signIn(t)
			e := asError(t, err)
			require.Equal(t, patchbay.ReasonTimeout, e.Reason, e.Message)
			require.Equal(t, patchbay.ActionRetry, e.Action())
			require.Equal(t, tt.fault.At == "token", e.Lost)
			require.Less(t, time.Since(start), oauth.ExchangeTimeout)
			require.LessOrEqual(t, len(w.auth.Requests()), 4, "asked once, given up once")
		})
	}
}
