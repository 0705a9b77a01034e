package oauth_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

const redirectURI = "http://127.0.0.1:3080/api/mcp/notes/oauth/callback"

// world is a protected server, its authorization server, and a client of the definition.
type world struct {
	auth   *testkit.AuthServer
	echo   *testkit.Protected
	guard  *netguard.Guard
	opts   oauth.Options
	trace  *oauth.Trace
	client *oauth.Client
}

func newWorld(t *testing.T, a testkit.AuthServerOptions, p testkit.ProtectOptions, edit ...func(*oauth.Options)) *world {
	t.Helper()
	w := &world{auth: testkit.NewAuthServer(t, a), trace: &oauth.Trace{}}
	w.echo = w.auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), p)
	w.guard = newGuard(t)
	w.opts = oauth.Options{URL: parse(t, w.echo.URL()), Trust: patchbay.TrustOperator, RedirectURI: redirectURI, Observe: w.trace.Add}
	for _, e := range edit {
		e(&w.opts)
	}
	w.renew(t)
	return w
}

// renew makes the client anew from the options.
func (w *world) renew(t *testing.T) {
	t.Helper()
	if w.opts.HTTP == nil {
		w.opts.HTTP = oauth.Through(w.guard, w.opts.URL, w.opts.Trust, nil)
	}
	c, err := oauth.New(w.opts)
	require.NoError(t, err)
	w.client = c
}

func newGuard(t *testing.T) *netguard.Guard {
	t.Helper()
	g, err := netguard.New(netguard.Policy{})
	require.NoError(t, err)
	t.Cleanup(g.CloseIdle)
	return g
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	require.NoError(t, err)
	return u
}

// block is an oauth block as the configuration fills it.
func block(edit func(*patchbay.OAuthConfig)) *patchbay.OAuthConfig {
	b := &patchbay.OAuthConfig{SendResource: true, ForwardAudienceOnRefresh: true}
	edit(b)
	return b
}

// browse follows redirects as a browser does until one leads to our callback, and returns
// its query.
func browse(t *testing.T, address string) (url.Values, error) {
	t.Helper()
	var at *url.URL
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	c := &http.Client{Transport: tr, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirectURI) {
			at = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := c.Get(address)
	require.NoError(t, err)
	defer resp.Body.Close()
	if at == nil {
		said, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return nil, fmt.Errorf("HTTP %d: %s", resp.StatusCode, said)
	}
	return at.Query(), nil
}

// signedIn is the result of a whole sign-in.
type signedIn struct {
	d  *oauth.Discovery
	r  *oauth.Registration
	p  *oauth.Pending
	at string // where the person was sent
	t  *oauth.Token
}

// signIn goes the whole way, from a challenge to a token. Its error is that of the first
// step that failed.
func (w *world) signIn(t *testing.T) (s signedIn, err error) {
	t.Helper()
	ch, err := w.client.Probe(t.Context())
	if err != nil {
		return s, err
	}
	if s.d, err = w.client.Discover(t.Context(), ch); err != nil {
		return s, err
	}
	if s.r, err = w.client.Register(t.Context(), s.d, false); err != nil {
		return s, err
	}
	if s.p, s.at, err = w.client.Authorize(s.d, s.r, w.client.Scopes(s.d, nil)); err != nil {
		return s, err
	}
	q, err := browse(t, s.at)
	if err != nil {
		return s, err
	}
	code, err := oauth.CheckCallback(s.p, q)
	if err != nil {
		return s, err
	}
	s.t, err = w.client.Exchange(t.Context(), s.p, s.r, code)
	return s, err
}

// call sends a request with a token to the protected server and returns its status.
func (w *world) call(t *testing.T, token *oauth.Token) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.echo.URL(), strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", token.Header())
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := tr.RoundTrip(req)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode
}

func asError(t *testing.T, err error) *oauth.Error {
	t.Helper()
	e, ok := oauth.As(err)
	require.True(t, ok, "%T %v", err, err)
	return e
}

func hour(t *oauth.Token) time.Duration { return t.ExpiresAt.Sub(t.Issued) }
