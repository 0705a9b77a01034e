package expand_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/expand"
)

func ann() *patchbay.User {
	return &patchbay.User{
		ID: "0190-ann", Name: "Ann Ö", Username: "ann", Email: "ann@example.com", EmailVerified: true,
		Role: patchbay.RoleUser, Provider: "email", TermsAccepted: true,
		TermsAcceptedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func values() expand.Values {
	env := map[string]string{
		"TOKEN": "t0k", "TRAILING": " x \n", "HOST_LABEL": "eu-1", "WIDE": "✓", "EMPTY": "", "NESTED": "${TOKEN}{{LIBRECHAT_USER_ID}}",
		"CREDS_KEY": "canary", "OPENAI_API_KEY": "canary",
	}
	return expand.Values{
		Env:  func(n string) (string, bool) { v, ok := env[n]; return v, ok },
		User: ann(), Vars: map[string]string{"VAR": "v", "KEY": "k", "DOTS": "..", "CRLF": "a\r\nX: y", "SLASH": "a/b?c#d", "BRACES": "{{KEY}}${TOKEN}"},
		Body: patchbay.CallBody{ConversationID: "c1"}, HasBody: true,
	}
}

func vars(names ...string) []patchbay.UserVar {
	var vs []patchbay.UserVar
	for _, n := range names {
		vs = append(vs, patchbay.UserVar{Name: n})
	}
	return vs
}

var allVars = vars("VAR", "KEY", "DOTS", "CRLF", "SLASH", "BRACES", "GONE")

func remote(url string, headers map[string]string) *patchbay.Server {
	return &patchbay.Server{
		Name: "s", Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP,
		URL: url, Headers: headers, UserVars: allVars,
	}
}

func TestURL(t *testing.T) {
	for _, tc := range []struct {
		name, url, want string
		reason          patchbay.Reason
	}{
		{name: "no placeholder", url: "https://h.example/a%20b?x=1#f", want: "https://h.example/a%20b?x=1#f"},
		{name: "path segment", url: "https://h/users/{{LIBRECHAT_USER_USERNAME}}/mcp", want: "https://h/users/ann/mcp"},
		{name: "slash stays in its segment", url: "https://h/{{SLASH}}/x", want: "https://h/a%2Fb%3Fc%23d/x"},
		{name: "query stays in its parameter", url: "https://h/?a={{SLASH}}&b=1", want: "https://h/?a=a%2Fb%3Fc%23d&b=1"},
		{name: "not expanded twice", url: "https://h/?a=${NESTED}&b={{BRACES}}", want: "https://h/?a=%24%7BTOKEN%7D%7B%7BLIBRECHAT_USER_ID%7D%7D&b=%7B%7BKEY%7D%7D%24%7BTOKEN%7D"},
		{name: "host label", url: "https://${HOST_LABEL}.example.com:8443/", want: "https://eu-1.example.com:8443/"},
		{name: "host label with dots", url: "https://{{DOTS}}.example.com/", reason: patchbay.ReasonNeedsVariables},
		{name: "host takes no port", url: "https://{{LIBRECHAT_USER_EMAIL}}/", reason: patchbay.ReasonBlocked},
		{name: "dots in path", url: "https://h/{{DOTS}}/x", reason: patchbay.ReasonNeedsVariables},
		{name: "dots with dots beside", url: "https://h/.{{ONE}}/x", reason: patchbay.ReasonBadDefinition},
		{name: "empty field in path", url: "https://h/{{LIBRECHAT_USER_GOOGLEID}}/x", reason: patchbay.ReasonBlocked},
		{name: "empty field in query", url: "https://h/?g={{LIBRECHAT_USER_GOOGLEID}}", want: "https://h/?g="},
		{name: "scheme", url: "${TOKEN}://h/", reason: patchbay.ReasonBadDefinition},
		{name: "whole address", url: "${TOKEN}", reason: patchbay.ReasonBadDefinition},
		{name: "userinfo", url: "https://u:${TOKEN}@h/", reason: patchbay.ReasonBadDefinition},
		{name: "port", url: "https://h:${TOKEN}/", reason: patchbay.ReasonBadDefinition},
		{name: "fragment", url: "https://h/#${TOKEN}", reason: patchbay.ReasonBadDefinition},
		{name: "address literal", url: "https://[::{{VAR}}]/", reason: patchbay.ReasonBadDefinition},
		{name: "escape made with the value", url: "https://h/%2{{VAR}}", reason: patchbay.ReasonBadDefinition},
		{name: "unset", url: "https://h/${NOPE}", reason: patchbay.ReasonEnvMissing},
		{name: "not given", url: "https://h/{{GONE}}", reason: patchbay.ReasonNeedsVariables},
		{name: "unknown", url: "https://h/{{LIBRECHAT_USER_PASSWORD}}", reason: patchbay.ReasonBadDefinition},
		{name: "oidc", url: "https://h/{{LIBRECHAT_OPENID_TOKEN}}", reason: patchbay.ReasonNeedsOIDCLogin},
		{name: "graph", url: "https://h/{{LIBRECHAT_GRAPH_ACCESS_TOKEN}}", reason: patchbay.ReasonNeedsOIDCLogin},
		{name: "own secret", url: "https://h/?k=${CREDS_KEY}", reason: patchbay.ReasonBadDefinition},
		{name: "own secret's file", url: "https://h/?k=${creds_key_file}", reason: patchbay.ReasonBadDefinition},
		{name: "body", url: "https://h/{{LIBRECHAT_BODY_CONVERSATIONID}}", want: "https://h/c1"},
		{name: "body field not given", url: "https://h/{{LIBRECHAT_BODY_MESSAGEID}}", reason: patchbay.ReasonBlocked},
		{name: "unclosed is text", url: "https://h/?a=$%7B&b={{", want: "https://h/?a=$%7B&b={{"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, err := expand.Server(remote(tc.url, nil), values())
			if tc.reason != "" {
				wantReason(t, err, tc.reason)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, e.URL.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A segment that becomes .. only together with what stands beside it is refused too.
func TestURLDotsTogether(t *testing.T) {
	def := remote("https://h/{{ONE}}{{ONE}}/x", nil)
	def.UserVars = vars("ONE")
	v := values()
	v.Vars = map[string]string{"ONE": "%2e"}
	if e, err := expand.Server(def, v); err != nil || e.URL.EscapedPath() != "/%252e%252e/x" {
		t.Fatalf("an escaped escape is a plain text: %v %v", e, err)
	}
	def.URL = "https://h/%2e{{ONE}}/x"
	v.Vars = map[string]string{"ONE": "."}
	_, err := expand.Server(def, v)
	wantReason(t, err, patchbay.ReasonNeedsVariables)
	def.URL = "https://h/.{{ONE}}{{TWO}}/x"
	def.UserVars = vars("ONE", "TWO")
	v.Vars = map[string]string{"ONE": "x", "TWO": "y"}
	if e, err := expand.Server(def, v); err != nil || e.URL.Path != "/.xy/x" {
		t.Fatalf("got %v, %v", e, err)
	}
}

func wantReason(t *testing.T, err error, reason patchbay.Reason) *patchbay.ConnectError {
	t.Helper()
	var ce *patchbay.ConnectError
	if !errors.As(err, &ce) {
		t.Fatalf("want a ConnectError with %s, got %v", reason, err)
	}
	if ce.Reason != reason {
		t.Fatalf("reason %s, want %s: %v", ce.Reason, reason, err)
	}
	if ce.Server != "s" || ce.Message == "" {
		t.Fatalf("incomplete: %#v", ce)
	}
	return ce
}

func TestHeaders(t *testing.T) {
	for _, tc := range []struct {
		name, text, want string
		reason           patchbay.Reason
	}{
		{name: "environment", text: "Bearer ${TOKEN}", want: "Bearer t0k"},
		{name: "trimmed", text: "${TRAILING}", want: "x"},
		{name: "Latin-1", text: "{{LIBRECHAT_USER_NAME}}", want: "Ann \xd6"},
		{name: "beyond Latin-1", text: "a ${WIDE}", want: "a b64:4pyT"},
		{name: "empty", text: "x${EMPTY}", want: "x"},
		{name: "line break", text: "{{CRLF}}", reason: patchbay.ReasonNeedsVariables},
		{name: "not expanded twice", text: "{{BRACES}}", want: "{{KEY}}${TOKEN}"},
		{name: "role in lower case", text: "{{LIBRECHAT_USER_ROLE}}", want: "user"},
		{name: "booleans", text: "{{LIBRECHAT_USER_EMAILVERIFIED}} {{LIBRECHAT_USER_TWOFACTORENABLED}}", want: "true false"},
		{name: "time", text: "{{LIBRECHAT_USER_TERMSACCEPTEDAT}}", want: "2026-01-02T03:04:05.000Z"},
		{name: "three braces", text: "{{{VAR}}}", want: "{v}"},
		{name: "shell default", text: "${TOKEN:-x}", reason: patchbay.ReasonBadDefinition},
		{name: "blanks", text: "{{ VAR }}", reason: patchbay.ReasonBadDefinition},
		{name: "literal line break", text: "a\nb", reason: patchbay.ReasonBadDefinition},
		{name: "literal beyond Latin-1", text: "✓", reason: patchbay.ReasonBadDefinition},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, err := expand.Server(remote("https://h/", map[string]string{"x-h": tc.text}), values())
			if tc.reason != "" {
				wantReason(t, err, tc.reason)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(http.Header{"X-H": {tc.want}}, e.Header); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	for _, tc := range []struct {
		name, header, want string
	}{
		{"one unset", "${NOPE}", "environment variable NOPE is not set"},
		{"two unset", "${NOPE}${NO2}", "environment variables NOPE, NO2 are not set"},
		{"not given", "{{GONE}}", "give a value for GONE first"},
		{"near", "{{LIBRECHAT_USER_EMAILS}}", "headers.A: nobody knows the placeholder {{LIBRECHAT_USER_EMAILS}}; did you mean {{LIBRECHAT_USER_EMAIL}}?"},
		{"nothing near", "{{SOMETHING_ELSE}}", "headers.A: nobody knows the placeholder {{SOMETHING_ELSE}}; declare SOMETHING_ELSE in customUserVars to ask each user for it, or write ${SOMETHING_ELSE} for an environment variable"},
		{"value", "{{CRLF}}", "the value of {{CRLF}} in headers.A holds a control character or line break, which no header may carry"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := expand.Server(remote("https://h/", map[string]string{"A": tc.header}), values())
			var ce *patchbay.ConnectError
			if !errors.As(err, &ce) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, ce.Message); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEmailNeedsProof(t *testing.T) {
	def := remote("https://h/", map[string]string{"A": "<{{LIBRECHAT_USER_EMAIL}}>"})
	for _, tc := range []struct {
		verified, trust bool
		want            string
	}{{true, false, "<ann@example.com>"}, {false, false, "<>"}, {false, true, "<ann@example.com>"}} {
		v := values()
		v.User.EmailVerified, v.TrustEmail = tc.verified, tc.trust
		e, err := expand.Server(def, v)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Header.Get("A"); got != tc.want {
			t.Errorf("verified %v, trusted %v: %q, want %q", tc.verified, tc.trust, got, tc.want)
		}
	}
}

func TestStdio(t *testing.T) {
	def := &patchbay.Server{
		Name: "s", Source: patchbay.SourceYAML, Transport: patchbay.TransportStdio, Command: "prog", UserVars: allVars,
		Args: []string{"--user={{LIBRECHAT_USER_NAME}}", "{{CRLF}}", "plain"}, Env: map[string]string{"B": "${TOKEN}", "A": "{{KEY}}"}, Dir: "/d",
	}
	e, err := expand.Server(def, values())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"prog", "--user=Ann Ö", "a\r\nX: y", "plain"}, e.Argv); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"A=k", "B=t0k"}, e.Env); diff != "" {
		t.Error(diff)
	}
	if e.Dir != "/d" || e.Stderr != patchbay.StderrInherit || e.Trust != patchbay.TrustOperator {
		t.Errorf("%+v", *e)
	}
	v := values()
	v.Vars["KEY"] = "a\x00b"
	_, err = expand.Server(def, v)
	wantReason(t, err, patchbay.ReasonNeedsVariables)
	def.Command = "${TOKEN}"
	_, err = expand.Server(def, values())
	wantReason(t, err, patchbay.ReasonBadDefinition)
}

func TestRequestHeadersAndAPIKey(t *testing.T) {
	def := remote("https://h/", map[string]string{"x-one": "1", "authorization": "old"})
	def.RequestHeaders = map[string]string{"X-ONE": "{{VAR}}", "X-Two": "2"}
	def.OAuthHeaders = map[string]string{"X-O": "${TOKEN}"}
	def.APIKey = &patchbay.APIKey{Source: "admin", AuthorizationType: "bearer", Key: "${TOKEN}"}
	e, err := expand.Server(def, values())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(http.Header{"X-One": {"1"}, "Authorization": {"Bearer t0k"}}, e.Header); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(http.Header{"X-One": {"v"}, "X-Two": {"2"}, "Authorization": {"Bearer t0k"}}, e.ForCalls()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(http.Header{"X-O": {"t0k"}}, e.OAuthHeader); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct{ kind, custom, header, want string }{
		{"basic", "", "Authorization", "Basic t0k"},
		{"custom", "", "X-Api-Key", "t0k"},
		{"custom", "X-Mine", "X-Mine", "t0k"},
	} {
		def.APIKey.AuthorizationType, def.APIKey.CustomHeader = tc.kind, tc.custom
		e, err := expand.Server(def, values())
		if err != nil || e.Header.Get(tc.header) != tc.want {
			t.Errorf("%s: %v %v", tc.kind, e.Header, err)
		}
	}
}

func TestTrust(t *testing.T) {
	for _, tc := range []struct {
		name, url string
		source    patchbay.Source
		want      patchbay.Trust
	}{
		{"operator", "https://h/{{VAR}}", patchbay.SourceYAML, patchbay.TrustOperator},
		{"environment in the host", "https://${HOST_LABEL}.h/", patchbay.SourceYAML, patchbay.TrustOperator},
		{"variable in the host", "https://{{VAR}}.h/", patchbay.SourceYAML, patchbay.TrustPerson},
		{"account in the host", "https://{{LIBRECHAT_USER_USERNAME}}.h/", patchbay.SourceYAML, patchbay.TrustPerson},
		{"person", "https://h/", patchbay.SourceUser, patchbay.TrustPerson},
	} {
		t.Run(tc.name, func(t *testing.T) {
			def := remote(tc.url, nil)
			def.Source = tc.source
			e, err := expand.Server(def, values())
			if err != nil {
				t.Fatal(err)
			}
			if e.Trust != tc.want {
				t.Errorf("%s, want %s", e.Trust, tc.want)
			}
		})
	}
}

// A definition made by a person reads nothing of our environment.
func TestPersonReadsNoEnvironment(t *testing.T) {
	def := remote("https://h/?k=${TOKEN}", map[string]string{"A": "${CREDS_KEY}"})
	def.Source = patchbay.SourceUser
	def.UserVars = vars("TOKEN", "CREDS_KEY")
	_, err := expand.Server(def, values())
	wantReason(t, err, patchbay.ReasonNeedsVariables)
	v := values()
	v.Vars = map[string]string{"TOKEN": "mine", "CREDS_KEY": "also mine"}
	e, err := expand.Server(def, v)
	if err != nil {
		t.Fatal(err)
	}
	if e.URL.RawQuery != "k=mine" || e.Header.Get("A") != "also mine" {
		t.Errorf("%s %v", e.URL, e.Header)
	}
	if names := expand.EnvNames(def); len(names) != 0 {
		t.Errorf("reads %v", names)
	}
	if diff := cmp.Diff([]string{"TOKEN", "CREDS_KEY"}, expand.PersonEnv(def)); diff != "" {
		t.Error(diff)
	}
	def.URL = "https://h/{{LIBRECHAT_BODY_MESSAGEID}}"
	_, err = expand.Server(def, v)
	wantReason(t, err, patchbay.ReasonBadDefinition)
}

func TestProxy(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		reason     patchbay.Reason
	}{
		{"http://p:1", "http://p:1", ""},
		{"http://${TOKEN}@p:1", "http://t0k@p:1", ""},
		{"socks://p:1", "socks5://p:1", ""},
		{"{{VAR}}", "", patchbay.ReasonBadDefinition},
		{"${TOKEN}", "", patchbay.ReasonBadDefinition},
		{"ftp://p", "", patchbay.ReasonBadDefinition},
	} {
		def := remote("https://h/", nil)
		def.Proxy = tc.text
		e, err := expand.Server(def, values())
		if tc.reason != "" {
			wantReason(t, err, tc.reason)
			continue
		}
		if err != nil || e.Proxy.String() != tc.want {
			t.Errorf("%s: %v %v", tc.text, e, err)
		}
	}
}

func TestOAuth(t *testing.T) {
	def := remote("https://h/", nil)
	def.OAuth = &patchbay.OAuthConfig{
		AuthorizationURL: "https://{{VAR}}.h/a", TokenURL: "https://h/${TOKEN}", ClientID: "${TOKEN}",
		ClientSecret: "{{KEY}}", Scopes: []string{"a", "{{VAR}}"}, Audience: "x",
	}
	o, err := expand.OAuth(def, values())
	if err != nil {
		t.Fatal(err)
	}
	want := &patchbay.OAuthConfig{
		AuthorizationURL: "https://v.h/a", TokenURL: "https://h/t0k", ClientID: "t0k", ClientSecret: "k", Scopes: []string{"a", "v"}, Audience: "x",
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Error(diff)
	}
	if def.OAuth.Scopes[1] != "{{VAR}}" {
		t.Error("the definition was changed")
	}
	def.OAuth.TokenURL = "https://h:${TOKEN}/"
	_, err = expand.OAuth(def, values())
	wantReason(t, err, patchbay.ReasonBadDefinition)
}

func TestProblemAndMissingUser(t *testing.T) {
	def := remote("https://h/", nil)
	def.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url: is wrong"}
	_, err := expand.Server(def, values())
	if ce := wantReason(t, err, patchbay.ReasonBadDefinition); ce.Message != "url: is wrong" {
		t.Error(ce.Message)
	}
	v := values()
	v.User = nil
	_, err = expand.Server(remote("https://h/{{LIBRECHAT_USER_ID}}", nil), v)
	wantReason(t, err, patchbay.ReasonBlocked)
}

func TestEndpointHidesItself(t *testing.T) {
	def := remote("https://h/secret-path?k=${TOKEN}", map[string]string{"A": "${TOKEN}"})
	e, err := expand.Server(def, values())
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, e); got != "streamable-http https://h" {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if got := e.LogValue().String(); got != "streamable-http https://h" {
		t.Error(got)
	}
}
