package api

import (
	"testing"

	"patchbay"
	"patchbay/internal/registry"
)

func failedWith(reason patchbay.Reason, message string) patchbay.StatusFacts {
	return patchbay.StatusFacts{Phase: patchbay.PhaseFailed, Since: jan(5), Err: &patchbay.ConnectError{Reason: reason, Message: message}}
}

// The seeds' shape, with `error` present as null, and the members of contract 3.
func TestListConnections(t *testing.T) {
	w := newWorld(t)
	w.statuses["u-ann github-mcp"] = patchbay.StatusFacts{Phase: patchbay.PhaseConnected, Since: jan(5), ToolsKnown: true, ToolCount: 2, ProtocolVersion: "2025-11-25"}
	w.statuses["u-ann remote"] = failedWith(patchbay.ReasonTimeout, "Connection timeout")
	w.statuses["u-ann look"] = patchbay.StatusFacts{Phase: patchbay.PhaseConnecting}
	w.statuses["u-ann a b/ö%"] = failedWith(patchbay.ReasonProtocol, "It does not speak MCP.")
	wantJSON(t, w.request(t, "GET", "/api/mcp/connection/status", tokAnn, ""), 200, `{
		"success": true,
		"connectionStatus": {
			"github-mcp": {"connectionState": "connected", "requiresOAuth": false, "error": null, "status": "connected", "reason": "",
				"message": "Connected. The server offers 2 tools.", "action": "none", "since": "2026-01-05T10:00:00Z", "toolCount": 2, "protocolVersion": "2025-11-25"},
			"remote": {"connectionState": "disconnected", "requiresOAuth": true, "error": "Connection timeout", "status": "disconnected", "reason": "timeout",
				"message": "Connection timeout", "action": "retry", "since": "2026-01-05T10:00:00Z", "toolCount": 0, "protocolVersion": ""},
			"look": {"connectionState": "connecting", "requiresOAuth": false, "error": null, "status": "initializing", "reason": "",
				"message": "Connecting.", "action": "cancel", "since": null, "toolCount": 0, "protocolVersion": ""},
			"a b/ö%": {"connectionState": "error", "requiresOAuth": false, "error": "It does not speak MCP.", "status": "error", "reason": "protocol",
				"message": "It does not speak MCP.", "action": "retry", "since": "2026-01-05T10:00:00Z", "toolCount": 0, "protocolVersion": ""}
		}
	}`)
}

func TestGetConnection(t *testing.T) {
	w := newWorld(t)
	w.statuses["u-ann remote"] = failedWith(patchbay.ReasonSigninRequired, "Sign in first.")
	wantJSON(t, w.request(t, "GET", "/api/mcp/connection/status/remote", tokAnn, ""), 200, `{
		"success": true, "serverName": "remote", "connectionStatus": "disconnected", "requiresOAuth": true, "error": null,
		"status": "oauth_required", "reason": "signin_required", "message": "Sign in first.", "action": "authenticate",
		"since": "2026-01-05T10:00:00Z", "toolCount": 0, "protocolVersion": ""
	}`)
}

// The operator who acts as nobody sees statuses without a user.
func TestOperatorSeesAppLevel(t *testing.T) {
	w := newWorld(t)
	w.statuses[" look"] = patchbay.StatusFacts{Phase: patchbay.PhaseConnected}
	got := decode(t, w.request(t, "GET", "/api/mcp/connection/status/look", tokOperator, "").Body.String()).(map[string]any)
	if got["status"] != "connected" {
		t.Errorf("status %v", got["status"])
	}
	w.statuses["u-bob bobs"] = patchbay.StatusFacts{Phase: patchbay.PhaseConnected}
	got = decode(t, w.request(t, "GET", "/api/mcp/connection/status/bobs", tokOperator, "", "X-Patchbay-As", bob.Email).Body.String()).(map[string]any)
	if got["status"] != "connected" {
		t.Errorf("as bob: status %v", got["status"])
	}
	wantError(t, w.request(t, "GET", "/api/mcp/connection/status", tokOperator, "", "X-Patchbay-As", "nobody@example.test"), 404, patchbay.CodeNotFound, "no such account")
}

func TestReinitialize(t *testing.T) {
	ce := func(reason patchbay.Reason, message string) error {
		return &patchbay.ConnectError{Server: "github-mcp", Reason: reason, Message: message}
	}
	tests := map[string]struct {
		err    error
		status int
		body   string
	}{
		"it works": {nil, 200, `{"success": true, "message": "MCP server reinitialized successfully", "serverName": "github-mcp", "oauthRequired": false}`},
		"sign-in": {ce(patchbay.ReasonSigninRequired, "Sign in first."), 200, `{
			"success": false, "message": "OAuth authentication required", "serverName": "github-mcp", "oauthRequired": true,
			"oauthUrl": "http://localhost:3080/api/mcp/github-mcp/oauth/initiate?userId=u-ann&flowId=f1",
			"flowId": "f1", "oauthTimeout": 600000, "provider": "issuer.example.test", "reason": "signin_required", "action": "authenticate"}`},
		"variables": {ce(patchbay.ReasonNeedsVariables, "Give a value for GITHUB_TOKEN first."), 200, `{
			"success": false, "message": "Give a value for GITHUB_TOKEN first.", "serverName": "github-mcp", "oauthRequired": false,
			"reason": "needs_variables", "action": "configure", "missingUserVars": ["GITHUB_ORG"]}`},
		"unreachable": {ce(patchbay.ReasonUnreachable, "Nobody listens at 127.0.0.1:9."), 200, `{
			"success": false, "message": "Nobody listens at 127.0.0.1:9.", "serverName": "github-mcp", "oauthRequired": false,
			"reason": "unreachable", "action": "retry"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) { o.SignIns = fakeSignIns{} })
			def := *definitions()[0]
			def.Env = map[string]string{"A": "{{GITHUB_ORG}}"}
			w.registry.Replace([]*patchbay.Server{&def}, registry.Rules{})
			w.tools.connect = test.err
			wantJSON(t, w.request(t, "POST", "/api/mcp/github-mcp/reinitialize", tokAnn, ""), test.status, test.body)
		})
	}
	w := newWorld(t)
	w.tools.connect = errFake
	wantError(t, w.request(t, "POST", "/api/mcp/github-mcp/reinitialize", tokAnn, ""), 500, patchbay.CodeInternal, "under id")
	wantError(t, w.request(t, "POST", "/api/mcp/missing/reinitialize", tokAnn, ""), 404, patchbay.CodeNotFound, "MCP server 'missing' not found in configuration")
}

func TestAuthValues(t *testing.T) {
	w := newWorld(t)
	const path = "/api/mcp/github-mcp/auth-values"
	none := `{"success": true, "serverName": "github-mcp", "authValueFlags": {"GITHUB_TOKEN": false, "GITHUB_ORG": false}}`
	one := `{"success": true, "serverName": "github-mcp", "authValueFlags": {"GITHUB_TOKEN": true, "GITHUB_ORG": false}}`
	both := `{"success": true, "serverName": "github-mcp", "authValueFlags": {"GITHUB_TOKEN": true, "GITHUB_ORG": true}}`
	wantJSON(t, w.request(t, "GET", path, tokAnn, ""), 200, none)
	rec := w.request(t, "PUT", path, tokAnn, `{"authValues":{"GITHUB_TOKEN":"hunter2"}}`)
	wantJSON(t, rec, 200, one)
	wantJSON(t, w.request(t, "GET", path, tokBob, ""), 200, none)
	wantJSON(t, w.request(t, "PUT", path, tokAnn, `{"authValues":{"GITHUB_ORG":"hunter2"}}`), 200, both)
	wantJSON(t, w.request(t, "PUT", path, tokAnn, `{"authValues":{"GITHUB_ORG":""}}`), 200, one)
	wantJSON(t, w.request(t, "DELETE", path+"?name=GITHUB_TOKEN", tokAnn, ""), 200, none)
	w.request(t, "PUT", path, tokAnn, `{"authValues":{"GITHUB_ORG":"x","GITHUB_TOKEN":"y"}}`)
	wantJSON(t, w.request(t, "DELETE", path, tokAnn, ""), 200, none)

	bad := map[string]string{
		`{"authValues":{"OTHER":"hunter2"}}`:      "body.authValues.OTHER is not a variable",
		`{"authValues":{"GITHUB_TOKEN":7777777}}`: "body.authValues.GITHUB_TOKEN must be a string",
		`{"authValues":"hunter2"}`:                "body.authValues must be an object",
		`{"values":{"GITHUB_TOKEN":"hunter2"}}`:   "body.authValues is missing",
	}
	for body, message := range bad {
		rec := w.request(t, "PUT", path, tokAnn, body)
		wantError(t, rec, 422, patchbay.CodeInvalid, message)
		if s := rec.Body.String(); containsAny(s, "hunter2", "7777777") {
			t.Errorf("the answer shows what was submitted: %s", s)
		}
	}
	wantError(t, w.request(t, "PUT", path, tokAnn, `{"authValues":`), 400, patchbay.CodeBadRequest, "not valid JSON")
	wantError(t, w.request(t, "PUT", path, tokAnn, `{}`, "Content-Type", "text/plain"), 415, patchbay.CodeMediaType, "Send the body as JSON")
	wantError(t, w.request(t, "DELETE", path+"?name=OTHER", tokAnn, ""), 422, patchbay.CodeInvalid, "not a variable")
}
