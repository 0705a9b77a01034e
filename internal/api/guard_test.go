package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/httpkit"
)

func TestHost(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.BaseURL = mustURL(t, "https://chat.example.test:8443/patchbay")
		o.Hosts = []string{"lan-name:3080"}
	})
	tests := map[string]bool{
		"127.0.0.1:3080": true, "127.0.0.1": true, "[::1]:3080": true, "[::1]": true, "10.1.2.3:80": true, "[fe80::1%25eth0]:80": true,
		"localhost": true, "LOCALHOST:3080": true, "dev.localhost:1": true, "localhost.": true,
		"chat.example.test": true, "chat.example.test:8443": true, "CHAT.example.test:1": true, "lan-name": true, "lan-name:3080": true,
		"evil.example.test": false, "chat.example.test.evil.test": false, "notlocalhost": false, "localhost.evil.test": false, "": false, "127.0.0.1.evil.test": false,
	}
	for host, ours := range tests {
		rec := w.request(t, "GET", "/healthz", "", "", "Host", host)
		if ours && rec.Code != 200 {
			t.Errorf("%q: %d %s", host, rec.Code, rec.Body)
		}
		if !ours {
			wantError(t, rec, 421, patchbay.CodeMisdirected, "DOMAIN_SERVER")
		}
	}
}

func TestBasePath(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.BaseURL = mustURL(t, "https://chat.example.test/patchbay/") })
	for path, want := range map[string]string{"/patchbay/": "ui /", "/patchbay/login": "ui /login", "/login": "ui /login", "/patchbayx": "ui /patchbayx"} {
		if got := w.request(t, "GET", path, "", "").Body.String(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if rec := w.request(t, "GET", "/patchbay", "", ""); rec.Code != 308 || rec.Header().Get("Location") != "/patchbay/" {
		t.Errorf("/patchbay: %d to %q", rec.Code, rec.Header().Get("Location"))
	}
	rec := w.request(t, "GET", "/patchbay/api/mcp/servers/a%20b%2F%C3%B6%25", tokAnn, "")
	if rec.Code != 200 {
		t.Errorf("an escaped name under the base path: %d %s", rec.Code, rec.Body)
	}
	rec = w.request(t, "GET", "/patchbay/api/mcp/servers/remote", tokAnn, "")
	if icon := decode(t, rec.Body.String()).(map[string]any)["icon"]; icon != "/patchbay/api/mcp/remote/icon" {
		t.Errorf("icon %v", icon)
	}
}

// With an Authorization header, even a bad one, the cookie is not read.
func TestAuthorizationBeatsTheCookie(t *testing.T) {
	w := newWorld(t)
	cookie := w.s.plainCookie + "=" + tokRoot
	tests := map[string]struct {
		authorization []string
		cookie        string
		want          string // id, or "" for 401
	}{
		"cookie alone":          {nil, cookie, "u-root"},
		"token alone":           {[]string{"Bearer " + tokAnn}, "", "u-ann"},
		"both":                  {[]string{"Bearer " + tokAnn}, cookie, "u-ann"},
		"lower-case":            {[]string{"bearer " + tokAnn}, "", "u-ann"},
		"bad token":             {[]string{"Bearer fake-unknown"}, cookie, ""},
		"empty":                 {[]string{""}, cookie, ""},
		"another scheme":        {[]string{"Basic " + tokAnn}, cookie, ""},
		"two headers":           {[]string{"Bearer " + tokAnn, "Bearer " + tokAnn}, cookie, ""},
		"operator, cookie":      {nil, w.s.plainCookie + "=" + tokOperator, ""},
		"secure cookie on http": {nil, "__Host-patchbay=" + tokRoot, ""},
		"endless":               {[]string{"Bearer " + strings.Repeat("x", 5000)}, cookie, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "http://localhost/api/user", nil)
			r.Header["Authorization"] = test.authorization
			if test.authorization == nil {
				delete(r.Header, "Authorization")
			}
			if test.cookie != "" {
				r.Header.Set("Cookie", test.cookie)
			}
			rec := httptest.NewRecorder()
			w.s.ServeHTTP(rec, r)
			if test.want == "" {
				wantError(t, rec, 401, patchbay.CodeUnauthenticated, "Sign in")
				return
			}
			if id := decode(t, rec.Body.String()).(map[string]any)["id"]; id != test.want {
				t.Errorf("answered as %v, want %s", id, test.want)
			}
		})
	}
}

// Other sites are refused by cookie only: a token is sent on purpose.
func TestCrossOrigin(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.BaseURL = mustURL(t, "http://chat.example.test") })
	cookie := []string{"Cookie", w.s.plainCookie + "=" + tokAnn}
	tests := map[string]struct {
		token   string
		headers []string
		refused bool
	}{
		"our own page":           {"", append(cookie, "Sec-Fetch-Site", "same-origin"), false},
		"typed by the person":    {"", append(cookie, "Sec-Fetch-Site", "none"), false},
		"another site":           {"", append(cookie, "Sec-Fetch-Site", "cross-site"), true},
		"a sibling":              {"", append(cookie, "Sec-Fetch-Site", "same-site"), true},
		"an old browser":         {"", append(cookie, "Origin", "http://evil.example.test"), true},
		"our address, by proxy":  {"", append(cookie, "Origin", "http://chat.example.test"), false},
		"a token from elsewhere": {tokAnn, []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example.test"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := w.request(t, "POST", callPath, test.token, `{}`, test.headers...)
			if test.refused {
				wantError(t, rec, 403, patchbay.CodeForbidden, "other sites")
			} else if rec.Code != 200 {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		})
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/api/mcp/servers", "/api/nothing", "/api/openapi.json", "/api/docs"} {
		h := w.request(t, "GET", path, "", "").Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
			h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: %v", path, h)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s lets other sites read", path)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	w := newWorld(t)
	wantError(t, w.request(t, "GET", "/api/nothing", "", ""), 404, patchbay.CodeNotFound, "nothing at this path")
	wantError(t, w.request(t, "POST", "/api/nothing", "", "{}"), 404, patchbay.CodeNotFound, "nothing at this path")
	wantError(t, w.request(t, "GET", "/metrics", tokRoot, ""), 404, patchbay.CodeNotFound, "nothing at this path")
	rec := w.request(t, "PUT", "/api/mcp/servers/github-mcp", tokAnn, "{}")
	wantError(t, rec, 405, patchbay.CodeNotAllowed, "GET, PATCH, DELETE")
	if got := rec.Header().Get("Allow"); got != "GET, PATCH, DELETE" {
		t.Errorf("Allow %q", got)
	}
	wantError(t, w.request(t, "POST", "/login", "", "{}"), 405, patchbay.CodeNotAllowed, "GET, HEAD")
	if got := w.request(t, "GET", "/some/page", "", "").Body.String(); got != "ui /some/page" {
		t.Errorf("the UI: %q", got)
	}
}

// One account's loop slows nobody else down.
func TestUserLimit(t *testing.T) {
	w := newWorld(t)
	w.s.limits.of(ann.ID)
	w.s.limits.known[ann.ID].AllowN(jan(1), 0)
	for w.s.limits.of(ann.ID) == 0 { // use the burst up
	}
	rec := w.request(t, "GET", "/api/user", tokAnn, "")
	wantError(t, rec, 429, patchbay.CodeRateLimited, "wait")
	if rec.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if rec := w.request(t, "GET", "/api/user", tokBob, ""); rec.Code != 200 {
		t.Errorf("bob: %d", rec.Code)
	}
}

func TestLimitsForget(t *testing.T) {
	l := newLimits()
	for i := range maxKnown + 10 {
		l.of(patchbay.UserID(strings.Repeat("x", i%7) + http.StatusText(i%600) + string(rune(i))))
	}
	if len(l.known) > maxKnown {
		t.Errorf("%d accounts are remembered", len(l.known))
	}
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t)
	tests := map[string]func(*Options){
		"nothing given":    func(o *Options) { *o = Options{} },
		"a bad base":       func(o *Options) { o.BaseURL = mustURL(t, "chat.example.test") },
		"another scheme":   func(o *Options) { o.BaseURL = mustURL(t, "ftp://chat.example.test") },
		"a bad instance":   func(o *Options) { o.Instance = "a;b" },
		"no authenticator": func(o *Options) { o.Auth = nil },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			o := w.s.o
			spoil(&o)
			if _, err := New(o); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestSchemeOfCookies(t *testing.T) {
	behindProxy, err := httpkit.ParseProxies("loopback")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*Options)
		proto  string
		name   string
		secure bool
	}{
		"http":              {func(o *Options) { o.Instance = "i1" }, "", "patchbay_i1", false},
		"https by setting":  {func(o *Options) { o.BaseURL = mustURL(t, "https://chat.example.test") }, "", "__Host-patchbay", true},
		"https by a proxy":  {func(o *Options) { o.Proxies = behindProxy }, "https", "__Host-patchbay", true},
		"a stranger's word": {func(*Options) {}, "https", "patchbay_login", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.change)
			r := httptest.NewRequest("POST", "http://localhost/api/auth/login", strings.NewReader(`{"email":"ann@example.test","password":"correct horse"}`))
			r.RemoteAddr = "127.0.0.1:9999"
			r.Header.Set("Content-Type", "application/json")
			if test.proto != "" {
				r.Header.Set("X-Forwarded-Proto", test.proto)
			}
			rec := httptest.NewRecorder()
			w.s.ServeHTTP(rec, r)
			cookies := rec.Result().Cookies()
			if len(cookies) != 1 {
				t.Fatalf("%d cookies; %s", len(cookies), rec.Body)
			}
			c := cookies[0]
			if c.Name != test.name || c.Secure != test.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%+v", c)
			}
			again := httptest.NewRequest("GET", "http://localhost/api/user", nil)
			again.RemoteAddr = r.RemoteAddr
			again.Header = http.Header{"Cookie": {c.Name + "=" + c.Value}, "X-Forwarded-Proto": r.Header["X-Forwarded-Proto"]}
			rec = httptest.NewRecorder()
			w.s.ServeHTTP(rec, again)
			if rec.Code != 200 {
				t.Errorf("with the cookie: %d %s", rec.Code, rec.Body)
			}
		})
	}
}
