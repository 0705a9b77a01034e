package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patchbay"
)

const annJSON = `{"id": "u-ann", "email": "ann@example.test", "emailVerified": true, "name": "Ann", "username": "ann", "role": "USER",
	"provider": "email", "twoFactorEnabled": false, "termsAccepted": false, "disabled": false, "createdAt": "2026-01-01T10:00:00Z", "updatedAt": null}`

func TestJoining(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		path, body string
		status     int
	}{
		"setup":    {"/api/auth/setup", `{"token":"fake","email":"root@example.test","name":"Root","password":"correct horse"}`, 201},
		"register": {"/api/auth/register", `{"email":"ann@example.test","name":"Ann","username":"ann","password":"correct horse"}`, 201},
		"login":    {"/api/auth/login", `{"email":"ann@example.test","password":"correct horse"}`, 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := w.request(t, "POST", test.path, "", test.body)
			body := decode(t, rec.Body.String()).(map[string]any)
			if rec.Code != test.status || body["token"] != tokAnn || body["user"] == nil {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
			if c := rec.Result().Cookies(); len(c) != 1 || c[0].Value != tokAnn || c[0].Expires.IsZero() {
				t.Errorf("cookies %v", c)
			}
		})
	}
	wantJSON(t, w.request(t, "POST", "/api/auth/login", "", `{"email":"ann@example.test","password":"hunter2"}`), 401,
		`{"error": "E-mail address or password is wrong.", "code": "unauthenticated"}`)
}

// Passwords are never part of an answer, whatever is wrong with the rest.
func TestNoSubmittedValueComesBack(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{
		`{"email":"a","password":"hunter2"`,
		`{"email":7777777,"password":"hunter2"}`,
		`{"password":"hunter2"}`,
		`{"email":"ann@example.test","password":["hunter2"]}`,
		`{"email":"ann@example.test","password":"hunter2","extra":"hunter2"}`,
		`"hunter2"`,
		`{"email":"` + strings.Repeat("7777777", 100) + `","password":"hunter2"}`,
	} {
		rec := w.request(t, "POST", "/api/auth/login", "", body)
		if rec.Code != 400 && rec.Code != 422 {
			t.Errorf("%.60s: %d", body, rec.Code)
		}
		answer := decode(t, rec.Body.String()).(map[string]any)
		if containsAny(rec.Body.String(), "hunter2", "7777777") || answer["error"] == "" || answer["code"] == nil {
			t.Errorf("%.60s: %s", body, rec.Body)
		}
		if rec.Code == 422 && (answer["path"] == nil || answer["message"] == nil) {
			t.Errorf("%.60s: no path or message in %s", body, rec.Body)
		}
	}
}

// What auth says of limits passes through.
func TestLoginLimitPassesThrough(t *testing.T) {
	w := newWorld(t)
	w.err = &patchbay.Error{Code: patchbay.CodeRateLimited, Message: "Too many tries", RetryAfter: 90 * time.Second}
	rec := w.request(t, "POST", "/api/auth/login", "", `{"email":"ann@example.test","password":"correct horse"}`)
	wantError(t, rec, 429, patchbay.CodeRateLimited, "Too many tries")
	if got := rec.Header().Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After %q", got)
	}
	if len(rec.Result().Cookies()) != 0 {
		t.Error("a refused login sets a cookie")
	}
}

func TestOwnAccount(t *testing.T) {
	w := newWorld(t)
	wantJSON(t, w.request(t, "GET", "/api/user", tokAnn, ""), 200, annJSON)
	wantJSON(t, w.request(t, "GET", "/api/user", tokOperator, "", "X-Patchbay-As", ann.Email), 200, annJSON)
	wantJSON(t, w.request(t, "PUT", "/api/user/password", tokAnn, `{"currentPassword":"a","newPassword":"b"}`), 200, `{"success": true}`)
	wantJSON(t, w.request(t, "GET", "/api/user/logins", tokAnn, ""), 200, `{"data": [
		{"id": "login-ann", "userAgent": "agent", "ip": "192.0.2.1", "current": true, "createdAt": "2026-01-01T10:00:00Z", "lastUsedAt": null, "expiresAt": null},
		{"id": "login-zzz", "userAgent": "", "ip": "", "current": false, "createdAt": "2026-01-02T10:00:00Z", "lastUsedAt": null, "expiresAt": null}
	], "has_more": false, "after": null}`)
	wantJSON(t, w.request(t, "DELETE", "/api/user/logins/login-zzz", tokAnn, ""), 200, `{"success": true}`)
	rec := w.request(t, "POST", "/api/auth/logout", tokAnn, "")
	wantJSON(t, rec, 200, `{"message": "Logout successful"}`)
	if c := rec.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the cookie is not taken back: %v", c)
	}
	if got := strings.Join(w.ended, " "); got != "login-zzz login-ann" {
		t.Errorf("ended %q", got)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	wantJSON(t, w.request(t, "GET", "/api/user/tokens", tokAnn, ""), 200, `{"data": [
		{"id": "t1", "name": "ci", "scopes": [], "createdAt": "2026-01-01T10:00:00Z", "expiresAt": null, "lastUsedAt": null}
	], "has_more": false, "after": null}`)
	wantJSON(t, w.request(t, "POST", "/api/user/tokens", tokAnn, `{"name":"ci","scopes":["tools:call"],"expiresAt":"2026-01-31T12:00:00+02:00"}`), 201,
		`{"id": "t2", "name": "ci", "scopes": ["tools:call"], "createdAt": "2026-01-01T10:00:00Z", "expiresAt": "2026-01-31T10:00:00Z", "lastUsedAt": null, "token": "fake-new-token"}`)
	rec := w.request(t, "POST", "/api/user/tokens", tokAnn, `{"name":"ci","expiresAt":"hunter2"}`)
	wantError(t, rec, 422, patchbay.CodeInvalid, "body.expiresAt must be a time")
	if strings.Contains(rec.Body.String(), "hunter2") {
		t.Error("the submitted value comes back")
	}
	wantJSON(t, w.request(t, "DELETE", "/api/user/tokens/t1", tokAnn, ""), 200, `{"success": true}`)
}

func TestUsers(t *testing.T) {
	w := newWorld(t)
	rec := w.request(t, "GET", "/api/users?limit=2", tokRoot, "")
	page := decode(t, rec.Body.String()).(map[string]any)
	if len(page["data"].([]any)) != 2 || page["has_more"] != true || page["after"] != "two" {
		t.Errorf("first page: %s", rec.Body)
	}
	rec = w.request(t, "GET", "/api/users?limit=2&after=two", tokOperator, "")
	page = decode(t, rec.Body.String()).(map[string]any)
	if len(page["data"].([]any)) != 1 || page["has_more"] != false || page["after"] != nil {
		t.Errorf("second page: %s", rec.Body)
	}
	rec = w.request(t, "POST", "/api/users", tokOperator, `{"email":"new@example.test","password":"correct horse","role":"ADMIN"}`)
	if user := decode(t, rec.Body.String()).(map[string]any); rec.Code != 201 || user["role"] != "ADMIN" || user["email"] != "new@example.test" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	wantJSON(t, w.request(t, "PATCH", "/api/users/u-bob", tokRoot, `{"disabled":true}`), 200, `{"success": true}`)
	wantError(t, w.request(t, "PATCH", "/api/users/u-bob", tokRoot, `{"role":"OWNER"}`), 422, patchbay.CodeInvalid, `body.role must be one of "ADMIN, USER"`)
	wantError(t, w.request(t, "POST", "/api/users", tokAnn, `{}`), 403, patchbay.CodeForbidden, "Only an admin")
}

func TestHostRoutes(t *testing.T) {
	w := newWorld(t)
	wantJSON(t, w.request(t, "GET", "/healthz", "", ""), 200, `{"status": "ok"}`)
	wantJSON(t, w.request(t, "GET", "/readyz", "", ""), 200, `{"status": "ready"}`)
	w.ready = patchbay.Errorf(patchbay.CodeUnavailable, "The database does not answer")
	wantJSON(t, w.request(t, "GET", "/readyz", "", ""), 503, `{"error": "The database does not answer", "code": "unavailable"}`)
	wantJSON(t, w.request(t, "GET", "/api/mcp/config", tokRoot, ""), 200, `{"ok": true, "path": "/etc/patchbay/librechat.yaml", "loadedAt": null, "findings": []}`)
	w.config = ConfigState{Path: "x.yaml", Message: "x.yaml:3:1: a tab", Findings: []Finding{{Severity: "error", Line: 3, Column: 1, Message: "a tab"}}}
	wantJSON(t, w.request(t, "GET", "/api/mcp/config", tokOperator, ""), 200,
		`{"ok": false, "path": "x.yaml", "message": "x.yaml:3:1: a tab", "loadedAt": null, "findings": [{"severity": "error", "line": 3, "column": 1, "message": "a tab"}]}`)
}

func TestOriginOfLogins(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("GET", "http://localhost/", nil)
	r.RemoteAddr = "[::ffff:192.0.2.7]:1234"
	r.Header.Set("User-Agent", "agent")
	if o := w.s.origin(r); o.IP != "192.0.2.7" || o.UserAgent != "agent" {
		t.Errorf("%+v", o)
	}
}
