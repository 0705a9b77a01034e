package api

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/registry"
)

// What a person with VIEW and USE sees: the seeds' members, the status, nothing of how the
// server is reached.
func TestGetServer(t *testing.T) {
	w := newWorld(t)
	w.statuses["u-ann github-mcp"] = patchbay.StatusFacts{Phase: patchbay.PhaseConnected, Since: jan(5), ToolsKnown: true, ToolCount: 3, ProtocolVersion: "2025-11-25"}
	const view = `{
		"name": "github-mcp", "title": "GitHub MCP Server", "description": "Access GitHub repositories and issues", "type": "stdio",
		"icon": null, "chatMenu": true, "requiresOAuth": false,
		"customUserVars": {
			"GITHUB_TOKEN": "GitHub Personal Access Token",
			"GITHUB_ORG": {"title": "Organisation", "description": "Which one", "sensitive": true}
		},
		"source": "yaml", "author": null, "createdAt": null, "updatedAt": null,
		"status": "connected", "reason": "", "message": "Connected. The server offers 3 tools.", "action": "none",
		"since": "2026-01-05T10:00:00Z", "toolCount": 3, "protocolVersion": "2025-11-25",
		"permissions": ["VIEW", "USE"]
	}`
	wantJSON(t, w.request(t, "GET", "/api/mcp/servers/github-mcp", tokAnn, ""), 200, view)
	// Bob's status is his own.
	got := decode(t, w.request(t, "GET", "/api/mcp/servers/github-mcp", tokBob, "").Body.String()).(map[string]any)
	if got["status"] != "disconnected" || got["toolCount"] != 0.0 {
		t.Errorf("bob sees %v with %v tools", got["status"], got["toolCount"])
	}
}

func TestGetServerWithEdit(t *testing.T) {
	w := newWorld(t)
	tests := map[string]map[string]any{
		"github-mcp": {
			"command": "npx",
			"args":    []any{"-y", "@modelcontextprotocol/server-github", "--api-key", "set"},
			"env":     map[string]any{"GITHUB_TOKEN": "${GITHUB_TOKEN}", "OTHER_TOKEN": "set", "NODE_ENV": "production"},
			"level":   "user", "startup": false,
		},
		"remote": {
			"url":     "https://set@mcp.example.test/mcp?api_key=set&team={{TEAM}}&v=1",
			"headers": map[string]any{"Authorization": "Bearer {{TEAM}}", "X-Api-Key": "set", "X-Mixed": "set", "Accept": "text/plain"},
			"oauth":   map[string]any{"client_id": "public-id", "client_secret": "set", "token_url": "https://issuer.example.test/token", "scope": "a b", "scopes": []any{"a", "b"}},
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			rec := w.request(t, "GET", "/api/mcp/servers/"+name, tokRoot, "")
			got := decode(t, rec.Body.String()).(map[string]any)
			for member, v := range want {
				if diff := cmp.Diff(v, got[member]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", member, diff)
				}
			}
			if strings.Contains(rec.Body.String(), "hunter2") {
				t.Errorf("a literal secret is shown: %s", rec.Body)
			}
		})
	}
}

func names(t *testing.T, body string) (names []string, after string, more bool) {
	t.Helper()
	page := decode(t, body).(map[string]any)
	for _, item := range page["data"].([]any) {
		names = append(names, item.(map[string]any)["name"].(string))
	}
	after, _ = page["after"].(string)
	if _, ok := page["after"]; !ok {
		t.Error("the page has no after")
	}
	return names, after, page["has_more"].(bool)
}

func TestListServers(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		token, query string
		want         []string
	}{
		"ann sees what she may": {tokAnn, "", []string{"a b/ö%", "github-mcp", "look", "remote"}},
		"bob sees his too":      {tokBob, "", []string{"a b/ö%", "bobs", "github-mcp", "look", "remote"}},
		"search in the title":   {tokAnn, "?search=GITHUB", []string{"github-mcp"}},
		"in the description":    {tokAnn, "?search=repositories", []string{"github-mcp"}},
		"nothing":               {tokAnn, "?search=nothing", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, after, more := names(t, w.request(t, "GET", "/api/mcp/servers"+test.query, test.token, "").Body.String())
			if diff := cmp.Diff(test.want, got); diff != "" || after != "" || more {
				t.Errorf("after %q, more %v (-want +got):\n%s", after, more, diff)
			}
		})
	}
}

func TestListServersPages(t *testing.T) {
	w := newWorld(t)
	var all []string
	query := "?limit=3"
	for range 3 {
		got, after, more := names(t, w.request(t, "GET", "/api/mcp/servers"+query, tokBob, "").Body.String())
		all = append(all, got...)
		if !more {
			break
		}
		query = "?limit=3&after=" + url.QueryEscape(after)
	}
	if diff := cmp.Diff([]string{"a b/ö%", "bobs", "github-mcp", "look", "remote"}, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, limit := range []string{"0", "101", "many"} {
		rec := w.request(t, "GET", "/api/mcp/servers?limit="+limit, tokAnn, "")
		wantError(t, rec, 422, patchbay.CodeInvalid, "query.limit")
	}
	wantError(t, w.request(t, "GET", "/api/mcp/servers?after=%25%25", tokAnn, ""), 422, patchbay.CodeInvalid, "query.after")
}

// More servers than a default page.
func TestListServersDefaultLimit(t *testing.T) {
	w := newWorld(t)
	var many []*patchbay.Server
	for range 30 {
		def := *definitions()[0]
		def.Name += strings.Repeat("x", len(many))
		def.ID = patchbay.YAMLServerID(def.Name)
		many = append(many, &def)
	}
	w.registry.Replace(many, registry.Rules{})
	got, _, more := names(t, w.request(t, "GET", "/api/mcp/servers", tokAnn, "").Body.String())
	if len(got) != 25 || !more {
		t.Errorf("%d servers, more %v; want 25 and more", len(got), more)
	}
}

func TestNamesAreDecodedOnce(t *testing.T) {
	w := newWorld(t)
	rec := w.request(t, "GET", "/api/mcp/servers/"+url.PathEscape("a b/ö%"), tokAnn, "")
	if got := decode(t, rec.Body.String()).(map[string]any)["name"]; got != "a b/ö%" {
		t.Errorf("got %v", got)
	}
	wantError(t, w.request(t, "GET", "/api/mcp/servers/github%252Dmcp", tokAnn, ""), 404, patchbay.CodeNotFound, "github%2Dmcp")
	rec = w.request(t, "POST", "/api/mcp/servers/"+url.PathEscape("a b/ö%")+"/tools/x%2Fy%25/call", tokAnn, "{}")
	if rec.Code != 200 {
		t.Errorf("call: %d %s", rec.Code, rec.Body)
	}
}

func TestServersOfTheFileAreNotEdited(t *testing.T) {
	w := newWorld(t)
	const want = "MCP server 'github-mcp' is defined in librechat.yaml and is changed there only"
	for _, method := range []string{"PATCH", "DELETE"} {
		wantError(t, w.request(t, method, "/api/mcp/servers/github-mcp", tokRoot, "{}"), 403, patchbay.CodeForbidden, want)
	}
	wantError(t, w.request(t, "PUT", "/api/mcp/servers/github-mcp/access", tokRoot, "{}"), 403, patchbay.CodeForbidden, want)
}

func TestListTools(t *testing.T) {
	w := newWorld(t)
	w.tools.entries = []ToolEntry{
		{Server: "github-mcp", Key: "github_create_issue_mcp_github-mcp", Tool: patchbay.Tool{
			Name: "github_create_issue", Description: "Create a new GitHub issue",
			InputSchema: []byte(`{"type":"object","properties":{"n":{"maximum":9007199254740993}}}`), Annotations: []byte(`{"readOnlyHint":true}`),
		}},
		{Server: "remote", Key: "x_mcp_remote", Stale: true, Tool: patchbay.Tool{Name: "x"}},
	}
	rec := w.request(t, "GET", "/api/mcp/tools", tokAnn, "")
	wantJSON(t, rec, 200, `[
		{"name": "github_create_issue", "description": "Create a new GitHub issue",
		 "inputSchema": {"type": "object", "properties": {"n": {"maximum": 9007199254740993}}}, "serverName": "github-mcp",
		 "key": "github_create_issue_mcp_github-mcp", "title": "", "annotations": {"readOnlyHint": true}, "outputSchema": null, "stale": false},
		{"name": "x", "description": "", "inputSchema": null, "serverName": "remote",
		 "key": "x_mcp_remote", "title": "", "annotations": null, "outputSchema": null, "stale": true}
	]`)
	if !strings.Contains(rec.Body.String(), "9007199254740993") {
		t.Error("a number lost its last digits")
	}
	w.request(t, "GET", "/api/mcp/tools?server=remote&connect=1", tokAnn, "")
	if diff := cmp.Diff(ToolFilter{Server: "remote", Connect: true}, w.tools.filter); diff != "" {
		t.Errorf("filter (-want +got):\n%s", diff)
	}
	wantError(t, w.request(t, "GET", "/api/mcp/tools?server=bobs", tokAnn, ""), 404, patchbay.CodeNotFound, "MCP server 'bobs' not found in configuration")
	for site, status := range map[string]int{"cross-site": 403, "same-origin": 200, "none": 200} {
		rec := w.request(t, "GET", "/api/mcp/tools?connect=1", "", "", "Cookie", w.s.plainCookie+"="+tokAnn, "Sec-Fetch-Site", site)
		if rec.Code != status {
			t.Errorf("connect from %s: %d, want %d", site, rec.Code, status)
		}
	}
	w.tools.entries = nil
	wantJSON(t, w.request(t, "GET", "/api/mcp/tools", tokAnn, ""), 200, `[]`)
}
