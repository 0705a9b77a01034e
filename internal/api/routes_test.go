package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"patchbay"
)

// filled fills the parameters of a pattern in.
func filled(pattern string) string {
	return strings.NewReplacer("{serverName}", "github-mcp", "{toolName}", "echo", "{id}", "x", "{callId}", "c1", "{name}", "openAI", "{file}", "docs.js", "/*", "/index.html").Replace(pattern)
}

// The table and the router hold the same routes, and each row is complete.
func TestTableAndRouterAgree(t *testing.T) {
	w := newWorld(t)
	table := map[string]bool{}
	for _, rt := range w.s.routes() {
		if err := rt.complete(); err != nil {
			t.Errorf("%s %s: %v", rt.method, rt.pattern, err)
		}
		table[rt.method+" "+rt.pattern] = true
		if got := w.s.router.Find(chi.NewRouteContext(), rt.method, filled(rt.pattern)); got != rt.pattern {
			t.Errorf("%s %s is served by %q", rt.method, filled(rt.pattern), got)
		}
	}
	err := chi.Walk(w.s.router, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !table[method+" "+pattern] {
			t.Errorf("%s %s is served and not in the table", method, pattern)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every row refuses who may not call it, by the column that says so. A handler that ran
// all the same would answer something else.
func TestEveryRouteIsGuarded(t *testing.T) {
	w := newWorld(t)
	for _, rt := range w.s.routes() {
		t.Run(rt.method+" "+rt.pattern, func(t *testing.T) {
			p := filled(rt.pattern)
			if rt.who == public {
				if rt.cross == crossSameOrigin {
					wantError(t, w.request(t, rt.method, p, "", "{}", "Sec-Fetch-Site", "cross-site"), 403, patchbay.CodeForbidden, "other sites")
				}
				return
			}
			wantError(t, w.request(t, rt.method, p, "", ""), 401, patchbay.CodeUnauthenticated, "Sign in")
			wantError(t, w.request(t, rt.method, p, "fake-and-unknown", ""), 401, patchbay.CodeUnauthenticated, "Sign in")
			cookie := w.s.plainCookie + "=" + tokRoot
			if rt.cross == crossSameOrigin {
				wantError(t, w.request(t, rt.method, p, "", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"), 403, patchbay.CodeForbidden, "other sites")
				wantError(t, w.request(t, rt.method, p, "", "", "Cookie", cookie, "Origin", "http://evil.example.test"), 403, patchbay.CodeForbidden, "other sites")
			}
			if rt.scope != patchbay.ScopeServersRead {
				wantError(t, w.request(t, rt.method, p, tokReader, ""), 403, patchbay.CodeForbidden, "lacks the scope "+string(rt.scope))
			}
			if rt.who == admin {
				wantError(t, w.request(t, rt.method, p, tokAnn, ""), 403, patchbay.CodeForbidden, "admin")
			}
			if !rt.operator {
				wantError(t, w.request(t, rt.method, p, tokOperator, ""), 403, patchbay.CodeForbidden, "--as")
			}
			wantError(t, w.request(t, rt.method, p, tokAnn, "", "X-Patchbay-As", bob.Email), 403, patchbay.CodeForbidden, "Only the operator")
			if rt.perm != 0 {
				hidden := strings.Replace(rt.pattern, "{serverName}", "bobs", 1)
				wantError(t, w.request(t, rt.method, filled(hidden), tokAnn, ""), 404, patchbay.CodeNotFound, "MCP server 'bobs' not found in configuration")
			}
			if rt.perm&patchbay.PermUse != 0 {
				seen := strings.Replace(rt.pattern, "{serverName}", "look", 1)
				wantError(t, w.request(t, rt.method, filled(seen), tokAnn, ""), 403, patchbay.CodeForbidden, "USE")
			}
			if rt.missing != "" {
				wantError(t, w.request(t, rt.method, p, tokAnn, ""), 501, patchbay.CodeNotImplemented, "not available in this build yet")
			}
			if rt.later && rt.perm&^(patchbay.PermView|patchbay.PermUse|patchbay.PermEdit) == 0 && !strings.Contains(rt.pattern, pathServer) {
				wantError(t, w.request(t, rt.method, p, tokRoot, ""), 501, patchbay.CodeNotImplemented, "not available in this build yet")
			}
		})
	}
}

func TestBodyCaps(t *testing.T) {
	w := newWorld(t)
	for _, rt := range w.s.routes() {
		if rt.method == "GET" || rt.method == "HEAD" {
			continue
		}
		t.Run(rt.method+" "+rt.pattern, func(t *testing.T) {
			body := `{"x":"` + strings.Repeat("y", int(rt.body)) + `"}`
			token := tokRoot
			if rt.who == public {
				token = ""
			}
			wantError(t, w.request(t, rt.method, filled(rt.pattern), token, body), 413, patchbay.CodeTooLarge, "larger than")
		})
	}
}

// Forgetting a column keeps the host from starting.
func TestIncompleteRoutesAreRefused(t *testing.T) {
	w := newWorld(t)
	good := func() route {
		return route{method: "POST", pattern: "/api/x", id: "x", summary: "x", who: person, scope: patchbay.ScopeAccount, body: noBody, limit: limitUser, cross: crossSameOrigin, handler: w.s.later("X")}
	}
	tests := map[string]func(*route){
		"nobody may":             func(r *route) { r.who = undeclared },
		"no scope":               func(r *route) { r.scope = "" },
		"no cap":                 func(r *route) { r.body = 0 },
		"no limit":               func(r *route) { r.limit = limitUndeclared },
		"no cross-origin class":  func(r *route) { r.cross = crossUndeclared },
		"unsafe and safe":        func(r *route) { r.cross = crossSafe },
		"public without reason":  func(r *route) { r.who, r.scope = public, "" },
		"admin by another scope": func(r *route) { r.who = admin },
		"server without perm":    func(r *route) { r.pattern = "/api/x/{serverName}" },
		"perm without server":    func(r *route) { r.perm = patchbay.PermUse },
		"no handler":             func(r *route) { r.handler = handler{} },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			rt := good()
			if err := w.s.mount([]route{rt}); err != nil {
				t.Fatalf("the good row: %v", err)
			}
			spoil(&rt)
			if err := w.s.mount([]route{rt}); err == nil {
				t.Error("it was taken")
			}
			if err := w.s.mount([]route{good(), good()}); err == nil {
				t.Error("a row that is there twice was taken")
			}
		})
	}
}
