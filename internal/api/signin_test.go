package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/flow"
)

// visits notes who came by which browser, and answers as the test says.
type visits struct {
	SignIns
	seen []flow.Visit
	to   string
	err  error
}

func (v *visits) Initiate(_ context.Context, visit flow.Visit, userID, flowID string) (string, error) {
	v.seen = append(v.seen, visit)
	if userID != string(ann.ID) || flowID != "f1" {
		return "", &flow.Failure{Outcome: flow.Person, Message: "Not yours."}
	}
	return v.to, v.err
}

func (v *visits) Callback(_ context.Context, visit flow.Visit, _ url.Values) (string, error) {
	v.seen = append(v.seen, visit)
	return v.to, v.err
}

func (v *visits) Bind(_ context.Context, a patchbay.Actor, _ *patchbay.Server, browser string) error {
	v.seen = append(v.seen, flow.Visit{Actor: a, Browser: browser})
	return v.err
}

func (v *visits) Cancel(context.Context, patchbay.Actor, *patchbay.Server) (bool, error) {
	return v.to != "", v.err
}
func (v *visits) SignOut(context.Context, patchbay.Actor, *patchbay.Server) error { return v.err }

func (v *visits) Document(name string) (*flow.Document, bool) {
	return &flow.Document{ClientID: "https://chat.example.test/oauth/client/" + name}, name == "known.json"
}

const (
	pathInitiate = "/api/mcp/remote/oauth/initiate?userId=u-ann&flowId=f1"
	pathCallback = "/api/mcp/remote/oauth/callback?code=fake-code&state=fake-state"
	asPage       = "text/html,application/xhtml+xml"
)

func cookieOf(t *testing.T, rec *httptest.ResponseRecorder, name string) *http.Cookie {
	t.Helper()
	for _, c := range rec.Result().Cookies() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cookie %s in %v", name, rec.Header())
	return nil
}

func TestInitiateBindsTheBrowserAndRedirects(t *testing.T) {
	v := &visits{to: "https://issuer.example.test/authorize?state=fake"}
	w := newWorld(t, func(o *Options) { o.SignIns = v })
	rec := w.request(t, "GET", pathInitiate, tokAnn, "", "Accept", asPage)
	if rec.Code != 302 || rec.Header().Get("Location") != v.to {
		t.Fatalf("%d to %q", rec.Code, rec.Header().Get("Location"))
	}
	c := cookieOf(t, rec, "patchbay_login_signin")
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || len(c.Value) != 43 || c.Value != v.seen[0].Browser || v.seen[0].Base != "http://localhost:3080" {
		t.Errorf("cookie %v, visit %+v", c, v.seen[0])
	}
	again := w.request(t, "GET", pathInitiate, tokAnn, "", "Cookie", c.Name+"="+c.Value)
	if got := cookieOf(t, again, c.Name).Value; got != c.Value {
		t.Errorf("the browser was given another binding: %q", got)
	}
	foreign := w.request(t, "GET", pathInitiate, tokAnn, "", "Cookie", c.Name+"=short")
	if got := cookieOf(t, foreign, c.Name).Value; len(got) != 43 {
		t.Errorf("a binding that is not ours was kept: %q", got)
	}
	secure := newWorld(t, func(o *Options) { o.SignIns, o.BaseURL = v, mustURL(t, "https://chat.example.test/sub") })
	rec = secure.request(t, "GET", "/sub"+pathInitiate, tokAnn, "", "Host", "chat.example.test")
	if c := cookieOf(t, rec, "__Host-patchbay-signin"); !c.Secure || c.Path != "/" {
		t.Errorf("cookie %v", c)
	}
	if got := v.seen[len(v.seen)-1].Base; got != "https://chat.example.test/sub" {
		t.Errorf("base %q", got)
	}
}

func TestInitiateFromAnotherSiteShowsAButton(t *testing.T) {
	v := &visits{to: "https://issuer.example.test/authorize"}
	w := newWorld(t, func(o *Options) { o.SignIns = v })
	for _, site := range []string{"cross-site", "same-site"} {
		rec := w.request(t, "GET", pathInitiate, "", "", "Cookie", w.s.plainCookie+"="+tokAnn, "Sec-Fetch-Site", site, "Accept", asPage)
		body := rec.Body.String()
		if rec.Code != 200 || !strings.Contains(body, `href="/api/mcp/remote/oauth/initiate?userId=u-ann&amp;flowId=f1"`) || strings.Contains(body, "<script") {
			t.Errorf("%s: %d %s", site, rec.Code, body)
		}
		if len(v.seen) != 0 || len(rec.Result().Cookies()) != 0 {
			t.Errorf("%s: it was initiated", site)
		}
	}
	for _, site := range []string{"none", "same-origin", ""} {
		if rec := w.request(t, "GET", pathInitiate, tokAnn, "", "Sec-Fetch-Site", site); rec.Code != 302 {
			t.Errorf("%q: %d", site, rec.Code)
		}
	}
}

// Browsers that are turned away get a page with the next step, programs the error.
func TestBrowsersThatAreTurnedAway(t *testing.T) {
	v := &visits{}
	w := newWorld(t, func(o *Options) { o.SignIns = v })
	next := url.QueryEscape(pathInitiate)
	tests := map[string]struct{ path, token, want string }{
		"initiate without a login":     {pathInitiate, "", "http://localhost:3080/login?next=" + next},
		"initiate a hidden server":     {strings.Replace(pathInitiate, "remote", "bobs", 1), tokAnn, "http://localhost:3080/oauth/done?serverName=bobs#person"},
		"initiate somebody else's":     {pathInitiate, tokBob, ""},
		"callback without a login":     {pathCallback, "", "http://localhost:3080/oauth/done?serverName=remote#login"},
		"callback of a server unknown": {strings.Replace(pathCallback, "remote", "no-such", 1), tokAnn, "http://localhost:3080/oauth/done?serverName=no-such#person"},
		"callback that worked":         {pathCallback, tokAnn, "http://localhost:3080/oauth/done?serverName=remote#done"},
		"callback that is too long":    {pathCallback + strings.Repeat("&x=y", maxCallback), tokAnn, "http://localhost:3080/oauth/done?serverName=remote#failed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.want == "" {
				tt.want, v.err = "http://localhost:3080/oauth/done?serverName=remote#person", &flow.Failure{Outcome: flow.Person, Message: "x"}
				defer func() { v.err = nil }()
			}
			rec := w.request(t, "GET", tt.path, tt.token, "", "Accept", asPage)
			if got := rec.Header().Get("Location"); rec.Code != 303 || got != tt.want {
				t.Errorf("%d to %q, want %q", rec.Code, got, tt.want)
			}
			if strings.Contains(rec.Header().Get("Location"), "fake-code") || strings.Contains(rec.Body.String(), "fake-code") {
				t.Error("what came back with the person was sent on")
			}
		})
	}
	wantError(t, w.request(t, "GET", pathCallback, "", ""), 401, patchbay.CodeUnauthenticated, "Sign in")
	v.err = &flow.Failure{Outcome: flow.Browser, Message: "Begun in another browser."}
	wantError(t, w.request(t, "GET", pathCallback, tokAnn, ""), 403, patchbay.CodeForbidden, "another browser")
	v.err = errors.New("secret detail")
	wantError(t, w.request(t, "GET", pathCallback, tokAnn, ""), 500, patchbay.CodeInternal, "")
}

func TestCallbackThatGoesRoundAgain(t *testing.T) {
	v := &visits{to: "https://issuer.example.test/authorize?again"}
	w := newWorld(t, func(o *Options) { o.SignIns = v })
	rec := w.request(t, "GET", pathCallback, tokAnn, "", "Accept", asPage)
	if rec.Code != 302 || rec.Header().Get("Location") != v.to {
		t.Errorf("%d to %q", rec.Code, rec.Header().Get("Location"))
	}
	if v.seen[0].Browser != "" {
		t.Errorf("a callback made up a browser: %q", v.seen[0].Browser)
	}
}

func TestBindCancelAndSignOut(t *testing.T) {
	v := &visits{}
	w := newWorld(t, func(o *Options) { o.SignIns = v })
	rec := w.request(t, "POST", "/api/mcp/remote/oauth/bind", tokAnn, "")
	wantJSON(t, rec, 200, `{"success":true}`)
	if c := cookieOf(t, rec, "patchbay_login_signin"); c.Value != v.seen[0].Browser {
		t.Errorf("cookie %v", c)
	}
	wantJSON(t, w.request(t, "POST", "/api/mcp/oauth/cancel/remote", tokAnn, ""), 200, `{"success":true,"message":"No OAuth flow was pending","serverName":"remote"}`)
	v.to = "x"
	wantJSON(t, w.request(t, "POST", "/api/mcp/oauth/cancel/remote", tokAnn, ""), 200, `{"success":true,"message":"OAuth flow cancelled successfully","serverName":"remote"}`)
	wantJSON(t, w.request(t, "DELETE", "/api/mcp/remote/oauth", tokAnn, ""), 200, `{"success":true,"message":"OAuth tokens revoked","serverName":"remote"}`)
	if rec := w.request(t, "GET", "/oauth/client/known.json", "", ""); rec.Code != 200 || !strings.Contains(rec.Body.String(), `"client_id":"https://chat.example.test/oauth/client/known.json"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	wantError(t, w.request(t, "GET", "/oauth/client/other.json", "", ""), 404, patchbay.CodeNotFound, "nothing at this path")
}

// When no sign-in can be offered, reinitialize and calls say what is in the way.
func TestSignInThatCannotBeOffered(t *testing.T) {
	why := &patchbay.ConnectError{Server: "remote", Reason: patchbay.ReasonBadDefinition, Message: "oauth.client_id is missing."}
	w := newWorld(t, func(o *Options) { o.SignIns = fakeSignIns{err: why} })
	refused := &patchbay.ConnectError{Server: "remote", Reason: patchbay.ReasonSigninRequired, Message: "Sign in."}
	w.tools.connect = refused
	w.tools.call = func(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
		return patchbay.Outcome{}, refused
	}
	wantError(t, w.request(t, "POST", pathServerCall, tokAnn, `{"arguments":{}}`), 500, patchbay.CodeConnectFailed, msgConnectFailed)
	if rec := w.request(t, "POST", "/api/mcp/remote/reinitialize", tokAnn, ""); rec.Code != 200 || !strings.Contains(rec.Body.String(), "oauth.client_id is missing.") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

const pathServerCall = "/api/mcp/servers/remote/tools/echo/call"
