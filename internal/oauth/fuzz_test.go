package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
)

func fuzzClient(f *testing.F) *oauth.Client {
	f.Helper()
	g, err := netguard.New(netguard.Policy{})
	if err != nil {
		f.Fatal(err)
	}
	u := &url.URL{Scheme: "https", Host: "mcp.example", Path: "/mcp"}
	c, err := oauth.New(oauth.Options{HTTP: oauth.Through(g, u, patchbay.TrustOperator, nil), URL: u, Trust: patchbay.TrustOperator, RedirectURI: redirectURI})
	if err != nil {
		f.Fatal(err)
	}
	return c
}

// FuzzTokenAnswer holds that what is taken for a token can stand in a header, and that its
// times make sense.
func FuzzTokenAnswer(f *testing.F) {
	c := fuzzClient(f)
	for _, s := range []string{
		`{"access_token":"fake","token_type":"bearer","expires_in":3600,"refresh_token":"r","scope":"a b"}`,
		`{"access_token":"fake","expires_in":"1e400","scope":["a",7,"b"]}`, `{"access_token":"a.eyJleHAiOjF9.b"}`,
		`access_token=fake&scope=a%2Cb&token_type=bearer`, `{"access_token":"\u0000"}`, `{"access_token":null}`, `[]`, "\xef\xbb\xbf{}",
	} {
		f.Add([]byte(s), "application/x-www-form-urlencoded")
		f.Add([]byte(s), "application/json")
	}
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte, media string) {
		token, err := c.ReadToken(body, media, now)
		if err != nil {
			if len(err.Error()) > 300 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		req := &http.Request{Header: http.Header{"Authorization": {token.Header()}}}
		for _, r := range req.Header.Get("Authorization")[len("Bearer "):] {
			if r <= ' ' || r > '~' {
				t.Errorf("%q cannot stand in a header", token.Access)
			}
		}
		if token.Access == "" || len(token.Access) > 16<<10 || len(token.Refresh) > 16<<10 {
			t.Errorf("a token of %d bytes", len(token.Access))
		}
		if !token.ExpiresAt.IsZero() && (token.ExpiresAt.Before(now) || token.ExpiresAt.After(now.AddDate(11, 0, 0))) {
			t.Errorf("expires at %s", token.ExpiresAt)
		}
		for _, s := range token.Scopes {
			if s == "" || strings.ContainsAny(s, " \"\\\x00\n") {
				t.Errorf("scope %q", s)
			}
		}
	})
}

// FuzzMetadata holds that whatever metadata says, the endpoints that are used are https
// addresses (http on this machine alone) that the guard does not forbid by their look.
func FuzzMetadata(f *testing.F) {
	c := fuzzClient(f)
	for _, s := range []string{
		`{"issuer":"https://as.example","authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example/t","code_challenge_methods_supported":["S256"]}`,
		`{"authorization_endpoint":"javascript:alert(1)","token_endpoint":"https://10.0.0.1/","code_challenge_methods_supported":"S256"}`,
		`{"authorization_endpoint":"https://a\\@b/","token_endpoint":"HTTPS://0x7f.1/","code_challenge_methods_supported":["S256",1,null]}`,
		`{"issuer":{"a":[[[]]]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		as, err := c.JudgeMetadata(body)
		if err != nil {
			return
		}
		for _, s := range []string{as.AuthorizationEndpoint, as.TokenEndpoint, as.RegistrationEndpoint, as.RevocationEndpoint} {
			if s == "" {
				continue
			}
			u, err := url.Parse(s)
			if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(s, " \r\n\t\\") {
				t.Fatalf("%q is used", s)
			}
			host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
			if u.Scheme != "https" && !(u.Scheme == "http" && (host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "::1" || strings.Contains(host, "ffff:"))) {
				t.Fatalf("%q is used", s)
			}
		}
		if as.TokenEndpoint == "" || as.AuthorizationEndpoint == "" || len(as.Scopes) > 200 {
			t.Fatalf("%+v", as)
		}
	})
}
