package testkit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
)

const (
	testRedirect = "http://127.0.0.1:1/callback"
	testVerifier = "fake-verifier-fake-verifier-fake-verifier-0"
)

// browser sends one request and follows nothing.
func browser(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := tr.RoundTrip(req.WithContext(t.Context()))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp, string(body)
}

func authorizeRequest(t *testing.T, a *AuthServer, client, resource string) *http.Request {
	t.Helper()
	sum := sha256.Sum256([]byte(testVerifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {testRedirect}, "state": {"fake-state"}, "scope": {"read"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	if resource != "" {
		q.Set("resource", resource)
	}
	req, err := http.NewRequest(http.MethodGet, a.Endpoint("authorize")+"?"+q.Encode(), nil)
	require.NoError(t, err)
	return req
}

// codeFor goes through the authorization endpoint.
func codeFor(t *testing.T, a *AuthServer, client, resource string) url.Values {
	t.Helper()
	resp, body := browser(t, authorizeRequest(t, a, client, resource))
	require.Equal(t, http.StatusFound, resp.StatusCode, body)
	to, err := resp.Location()
	require.NoError(t, err)
	require.Equal(t, "fake-state", to.Query().Get("state"))
	return to.Query()
}

type tokenResponse struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int    `json:"expires_in"`
	Error   string `json:"error"`
}

func postForm(t *testing.T, at string, form url.Values) (int, tokenResponse) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, at, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, body := browser(t, req)
	var tr tokenResponse
	_ = json.Unmarshal([]byte(body), &tr) // some answers have no body
	return resp.StatusCode, tr
}

func exchangeForm(code, resource string) url.Values {
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {"fake-app"}, "code": {code}, "redirect_uri": {testRedirect}, "code_verifier": {testVerifier}}
	if resource != "" {
		form.Set("resource", resource)
	}
	return form
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {"fake-app"}, "refresh_token": {token}}
}

// tokens signs in and returns what that gave.
func tokens(t *testing.T, a *AuthServer, resource string) tokenResponse {
	t.Helper()
	status, tr := postForm(t, a.Endpoint("token"), exchangeForm(codeFor(t, a, "fake-app", resource).Get("code"), resource))
	require.Equal(t, 200, status, tr.Error)
	return tr
}

func newApp(t *testing.T, change func(*AuthServerOptions)) *AuthServer {
	t.Helper()
	o := AuthServerOptions{Clients: map[string]string{"fake-app": ""}}
	if change != nil {
		change(&o)
	}
	return NewAuthServer(t, o)
}

func TestAuthServerGrants(t *testing.T) {
	a := newApp(t, nil)
	code := codeFor(t, a, "fake-app", "").Get("code")
	wrong := exchangeForm(code, "")
	wrong.Set("code_verifier", "another")
	status, tr := postForm(t, a.Endpoint("token"), wrong)
	require.Equal(t, 400, status)
	require.Equal(t, "invalid_grant", tr.Error)

	status, tr = postForm(t, a.Endpoint("token"), exchangeForm(code, ""))
	require.Equal(t, 200, status)
	require.Equal(t, 3600, tr.Expires)
	_, ok := a.Introspect(tr.Access)
	require.True(t, ok)
	status, _ = postForm(t, a.Endpoint("token"), exchangeForm(code, ""))
	require.Equal(t, 400, status)
	_, ok = a.Introspect(tr.Access)
	require.False(t, ok, "a code used twice ends what it gave")

	tr = tokens(t, a, "")
	a.ExpireTokens()
	_, ok = a.Introspect(tr.Access)
	require.False(t, ok)
	status, fresh := postForm(t, a.Endpoint("token"), refreshForm(tr.Refresh))
	require.Equal(t, 200, status)
	require.Empty(t, fresh.Refresh, "it stays the same")
	status, _ = postForm(t, a.Endpoint("revoke"), url.Values{"client_id": {"fake-app"}, "token": {tr.Refresh}})
	require.Equal(t, 200, status)
	status, _ = postForm(t, a.Endpoint("token"), refreshForm(tr.Refresh))
	require.Equal(t, 400, status)
	tr = tokens(t, a, "")
	a.EndGrants()
	status, _ = postForm(t, a.Endpoint("token"), refreshForm(tr.Refresh))
	require.Equal(t, 400, status)
	c := a.Counts()
	require.Equal(t, []int{3, 3, 1, 3, 1}, []int{c.Authorizations, c.Exchanges, c.Refreshes, c.RefreshTries, c.Revocations})
}

func TestAuthServerRotation(t *testing.T) {
	a := newApp(t, func(o *AuthServerOptions) { o.Rotate, o.DetectReuse = true, true })
	first := tokens(t, a, "")
	_, second := postForm(t, a.Endpoint("token"), refreshForm(first.Refresh))
	require.NotEmpty(t, second.Refresh)
	require.NotEqual(t, first.Refresh, second.Refresh)
	_, ok := a.Introspect(second.Access)
	require.True(t, ok)
	status, _ := postForm(t, a.Endpoint("token"), refreshForm(first.Refresh))
	require.Equal(t, 400, status)
	_, ok = a.Introspect(second.Access)
	require.False(t, ok)
	status, _ = postForm(t, a.Endpoint("token"), refreshForm(second.Refresh))
	require.Equal(t, 400, status)
	require.Equal(t, 1, a.Counts().Reuses)
}

func TestAuthServerSeesRefreshesAtTheSameTime(t *testing.T) {
	a := newApp(t, func(o *AuthServerOptions) { o.RefreshTime = 200 * time.Millisecond })
	tr := tokens(t, a, "")
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { postForm(t, a.Endpoint("token"), refreshForm(tr.Refresh)) })
	}
	all.Wait()
	require.Equal(t, 3, a.Counts().Refreshes)
	require.GreaterOrEqual(t, a.Counts().MostRefreshes, 2)
}

func TestAuthServerLosesRefreshes(t *testing.T) {
	a := newApp(t, func(o *AuthServerOptions) { o.Rotate = true })
	tr := tokens(t, a, "")
	a.LoseRefreshes(1)
	req, err := http.NewRequest(http.MethodPost, a.Endpoint("token"), strings.NewReader(refreshForm(tr.Refresh).Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = (&http.Transport{DisableKeepAlives: true}).RoundTrip(req.WithContext(t.Context()))
	require.Error(t, err)
	require.Equal(t, 1, a.Counts().Refreshes, "carried out")
	status, _ := postForm(t, a.Endpoint("token"), refreshForm(tr.Refresh))
	require.Equal(t, 400, status, "the old one is used up")
}

func TestAuthServerPage(t *testing.T) {
	a := newApp(t, func(o *AuthServerOptions) { o.Manual, o.Path, o.Iss = true, "/t", true })
	for _, answer := range []string{"allow", "deny"} {
		_, body := browser(t, authorizeRequest(t, a, "fake-app", ""))
		ask := regexp.MustCompile(`name="ask" value="([^"]+)"`).FindStringSubmatch(body)
		require.Len(t, ask, 2, body)
		require.Contains(t, body, `action="/t/authorize/decide"`)
		form := url.Values{"ask": {ask[1]}, "answer": {answer}}
		press := func() *http.Response {
			req, err := http.NewRequest(http.MethodPost, a.BaseURL()+"/t/authorize/decide", strings.NewReader(form.Encode()))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, _ := browser(t, req)
			return resp
		}
		resp := press()
		require.Equal(t, http.StatusFound, resp.StatusCode)
		to, err := resp.Location()
		require.NoError(t, err)
		require.Equal(t, a.Issuer(), to.Query().Get("iss"))
		require.Equal(t, answer == "allow", to.Query().Has("code"))
		require.Equal(t, answer == "deny", to.Query().Get("error") == "access_denied")
		require.Equal(t, http.StatusBadRequest, press().StatusCode, "decided once")
	}
}

func TestAuthServerClients(t *testing.T) {
	a := newApp(t, func(o *AuthServerOptions) { o.ClientDocuments = true })
	var doc string
	docs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, 200, map[string]any{"client_id": doc, "redirect_uris": []string{testRedirect}})
	}))
	t.Cleanup(docs.Close)
	doc = docs.URL + "/client.json"
	require.NotEmpty(t, codeFor(t, a, doc, "").Get("code"))
	resp, _ := browser(t, authorizeRequest(t, a, docs.URL+"/another.json", ""))
	require.Equal(t, 400, resp.StatusCode, "the document is about another client")
	resp, _ = browser(t, authorizeRequest(t, a, "unknown", ""))
	require.Equal(t, 400, resp.StatusCode)

	req, err := http.NewRequest(http.MethodPost, a.Endpoint("register"), strings.NewReader(`{"redirect_uris":["`+testRedirect+`"],"token_endpoint_auth_method":"none"}`))
	require.NoError(t, err)
	resp, body := browser(t, req)
	require.Equal(t, 201, resp.StatusCode)
	var made struct {
		ID string `json:"client_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &made))
	require.NotEmpty(t, codeFor(t, a, made.ID, "").Get("code"))
	a.ForgetClients()
	resp, _ = browser(t, authorizeRequest(t, a, made.ID, ""))
	require.Equal(t, 400, resp.StatusCode)
}

func TestProtect(t *testing.T) {
	a := newApp(t, func(o *AuthServerOptions) { o.JWT = true })
	p := a.Protect(t, NewEcho(t, EchoOptions{Stateless: true, JSON: true}), ProtectOptions{ToolRequired: map[string][]string{"big": {"admin"}}})
	call := func(token, tool string) (*http.Response, string) {
		req, err := http.NewRequest(http.MethodPost, p.URL(), strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"`+tool+`","arguments":{"text":"hi","kb":1}}}`))
		require.NoError(t, err)
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		return browser(t, req)
	}
	resp, _ := call("", "echo")
	require.Equal(t, 401, resp.StatusCode)
	require.Contains(t, resp.Header.Get("WWW-Authenticate"), `resource_metadata="`+p.BaseURL()+`/.well-known/oauth-protected-resource/mcp"`)

	good := tokens(t, a, p.URL())
	resp, body := call(good.Access, "echo")
	require.Equal(t, 200, resp.StatusCode)
	require.Contains(t, body, "hi")
	resp, _ = call(good.Access, "big")
	require.Equal(t, 403, resp.StatusCode)
	require.Contains(t, resp.Header.Get("WWW-Authenticate"), `scope="admin", error="insufficient_scope"`)
	resp, _ = call(tokens(t, a, "https://other.example/mcp").Access, "echo")
	require.Equal(t, 401, resp.StatusCode, "meant for another server")
	require.Equal(t, 1, p.Tokens()[good.Access])
	require.Equal(t, 3, p.Refused())
}

// What is behind Forward is reached on every network transport.
func TestForward(t *testing.T) {
	a := newApp(t, nil)
	for _, tt := range []struct {
		transport patchbay.Transport
		path      string
	}{{patchbay.TransportHTTP, "/mcp"}, {patchbay.TransportSSE, "/sse"}, {patchbay.TransportWebSocket, "/ws"}} {
		t.Run(string(tt.transport), func(t *testing.T) {
			behind := Works.Serve(t, tt.transport, Settings{})
			p := a.Protect(t, Forward(t, behind.URL[:strings.LastIndex(behind.URL, "/")]), ProtectOptions{Path: tt.path})
			req, err := http.NewRequest(http.MethodGet, p.URL(), nil)
			require.NoError(t, err)
			resp, _ := browser(t, req)
			require.Equal(t, 401, resp.StatusCode)

			req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL(), nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+tokens(t, a, p.URL()).Access)
			if tt.transport == patchbay.TransportWebSocket {
				for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "mcp"} {
					req.Header.Set(name, value)
				}
			}
			resp, err = (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, map[patchbay.Transport]int{
				patchbay.TransportHTTP: http.StatusMethodNotAllowed, patchbay.TransportSSE: http.StatusOK, patchbay.TransportWebSocket: http.StatusSwitchingProtocols,
			}[tt.transport], resp.StatusCode)
			if tt.transport == patchbay.TransportSSE {
				start := make([]byte, len("event: endpoint"))
				_, err := io.ReadFull(resp.Body, start)
				require.NoError(t, err)
				require.Equal(t, "event: endpoint", string(start))
			}
		})
	}
}
