package config

import (
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/expand"
)

var (
	onStdio  = []patchbay.Transport{patchbay.TransportStdio}
	onRemote = []patchbay.Transport{patchbay.TransportHTTP, patchbay.TransportSSE, patchbay.TransportWebSocket}
	onHTTP   = []patchbay.Transport{patchbay.TransportHTTP, patchbay.TransportSSE}
)

var typeNames = []string{"stdio", "sse", "streamable-http", "http", "websocket"}

// The defaults of an entry.
const (
	DefaultCallTimeout    = 30 * time.Second
	DefaultConnectTimeout = 10 * time.Second
	DefaultSSEReadTimeout = 5 * time.Minute
)

func millis(v *value) time.Duration {
	n, _ := v.integer()
	return time.Duration(n) * time.Millisecond
}

// serverKeys is the table of one entry of `mcpServers`.
func serverKeys() []key {
	return []key{
		{
			name: "type", typ: tEnum, enum: typeNames, def: "by `command` or `url`",
			doc: "How the server is reached. `http` is another word for `streamable-http`. Left out: `command` means stdio, " +
				"a `ws://` or `wss://` URL websocket, an `http://` or `https://` URL sse, which is tried once as streamable HTTP when it refuses.",
		},
		{
			name: "command", typ: tString, only: onStdio,
			doc: "The program to start, looked up in PATH at each connect, never through a shell. No placeholders.",
			set: func(r *reader, v *value, _ string) { r.s.Command = v.text },
		},
		{
			name: "args", typ: tStrings, only: onStdio, def: "none", places: true, doc: "Arguments of the program.",
			set: func(r *reader, v *value, _ string) { r.s.Args = texts(v) },
		},
		{
			name: "env", typ: tMap, only: onStdio, def: "none", places: true,
			doc: "Environment variables of the program, over the small set every child gets (PATH, HOME, USER, LOGNAME, SHELL, TERM, LANG, TMPDIR).",
			set: setEnv,
		},
		{
			name: "cwd", typ: tString, only: onStdio, def: "patchbay's working folder", doc: "The folder the program starts in. No placeholders.",
			set: func(r *reader, v *value, _ string) { r.s.Dir = v.text },
		},
		{
			name: "stderr", typ: tEnum, enum: []string{"inherit", "ignore", "pipe", "1", "2"}, only: onStdio, def: "inherit",
			doc: "What becomes of the program's error output: `inherit`, `1` and `2` print it with the server's name in front, `pipe` only keeps it, " +
				"`ignore` throws it away. What is kept is the last 64 KiB, shown to those who may edit the server.",
			set: setStderr,
		},
		{
			name: "url", typ: tString, only: onRemote, places: true,
			doc: "The address. `http://` or `https://` for sse and streamable-http, `ws://` or `wss://` for websocket. Placeholders may stand in host " +
				"(one label), path and query.",
			set: func(r *reader, v *value, _ string) { r.s.URL = v.text },
		},
		{
			name: "headers", typ: tMap, only: onRemote, def: "none", places: true, doc: "Headers of every request; on websocket of the handshake.",
			set: func(r *reader, v *value, path string) { r.s.Headers = r.headers(v, path) },
		},
		{
			name: "requestHeaders", typ: tMap, only: onHTTP, def: "none", places: true,
			doc: "Headers of tool calls only, over `headers` of the same name in any case.",
			set: func(r *reader, v *value, path string) { r.s.RequestHeaders = r.headers(v, path) },
		},
		{
			name: "proxy", typ: tString, only: onRemote, def: "`PROXY`", doc: "Proxy for this server: http, https or socks5 URL. `${NAME}` only.",
			set: setProxy,
		},
		{
			name: "sseReadTimeout", typ: tMillis, only: onHTTP, def: "300000", doc: "How long the stream of server messages may be silent before it is opened anew.",
			set: func(r *reader, v *value, _ string) { r.s.SSEReadTimeout = millis(v) },
		},
		{
			name: "timeout", typ: tMillis, def: "30000", doc: "How long a tool call may take; each sign of progress begins it anew, up to ten times.",
			set: func(r *reader, v *value, _ string) { r.s.CallTimeout = millis(v) },
		},
		{
			name: "initTimeout", typ: tMillis, def: "10000",
			doc: "How long connecting may take. The time a person takes to sign in does not count.",
			set: func(r *reader, v *value, _ string) { r.s.ConnectTimeout = millis(v) },
		},
		{
			name: "title", typ: tString, def: "the name", doc: "The name shown to people.",
			set: setTitle,
		},
		{
			name: "description", typ: tString, doc: "A line shown under the title.",
			set: func(r *reader, v *value, _ string) { r.s.Description = strings.TrimSpace(v.text) },
		},
		{
			name: "iconPath", typ: tString, def: "the initials", doc: "An http(s) URL, a data URI, or a file on this machine; at most 256 KiB.",
			set: setIcon,
		},
		{
			name: "chatMenu", typ: tBool, def: "true", doc: "`false` keeps the server out of the chat's menu; agents and the playground may still use it.",
			set: func(r *reader, v *value, _ string) { r.s.ChatMenu = v.bool() },
		},
		{
			name: "serverInstructions", typ: tBool, alts: []key{{typ: tString}}, def: "none",
			doc: "`true` gives models the instructions that the server itself sends; a text replaces them.",
			set: setInstructions,
		},
		{
			name: "startup", typ: tBool, def: "true", doc: "`false` opens an app-level connection at first use, not at start.",
			set: func(r *reader, v *value, _ string) { r.s.Startup = v.bool() },
		},
		{
			name: "requiresOAuth", typ: tBool, def: "found out", doc: "Whether each person signs in to this server. `false` turns sign-in off even beside an `oauth` block.",
			set: func(r *reader, v *value, _ string) { b := v.bool(); r.s.RequiresOAuth = &b },
		},
		{name: "oauth", typ: tObject, keys: oauthKeys(), doc: "How people sign in, where it cannot be discovered.", set: func(r *reader, _ *value, _ string) {
			r.s.OAuth = &patchbay.OAuthConfig{ForwardAudienceOnRefresh: true, SendResource: true}
		}},
		{
			name: "oauth_headers", typ: tMap, def: "none", places: true, doc: "Headers of requests for sign-in: discovery, registration, token, revocation.",
			set: func(r *reader, v *value, path string) { r.s.OAuthHeaders = r.headers(v, path) },
		},
		{name: "apiKey", typ: tObject, only: onRemote, keys: apiKeyKeys(), doc: "One key for the server, sent as a header.", set: func(r *reader, _ *value, _ string) {
			r.s.APIKey = &patchbay.APIKey{AuthorizationType: "bearer", Source: "admin"}
		}},
		{
			name: "customUserVars", typ: tMapOf, of: userVarKey(),
			doc: "Variables that each user gives for themselves, used as `{{NAME}}`.",
		},
		{
			name: "level", typ: tEnum, enum: []string{"app", "user"}, def: "by the definition", ours: true,
			doc: "Who shares a connection. `app`: all users one; an error when the definition has user parts. `user`: each user their own.",
			set: func(r *reader, v *value, _ string) { r.s.ForcedLevel = patchbay.Level(v.text) },
		},
		{name: "access", typ: tObject, keys: accessKeys(), def: "everyone", ours: true, doc: "Who may see and use the server."},
		{name: "tools", typ: tObject, keys: toolFilterKeys(), def: "all", ours: true, doc: "Which of the server's tools there are, by globs over their names. `deny` wins."},
		{
			name: "approval", typ: tEnum, enum: approvalModes, ours: true, def: "`never` for tools with `readOnlyHint`, else `ask`",
			alts: []key{{typ: tMapOf, of: &key{typ: tEnum, enum: approvalModes, doc: "The first glob that matches a tool's name decides.", set: setApprovalRule}}},
			doc: "Whether a person is asked before a tool runs in a chat: `never`, `ask` (unless remembered) or `always`; for all tools, " +
				"or by globs over their names, the first that matches deciding.",
			set: setApproval,
		},
		{
			name: "obo", typ: tAny, only: onHTTP, doc: "On-behalf-of tokens. They need people to log in by OpenID Connect, which is not there yet: such a server is `error`, `needs_oidc_login`.",
			set: func(r *reader, _ *value, _ string) { r.scratch.obo = true },
		},
		{name: "oauthRefreshWaitTimeout", typ: tInt, unused: true, doc: "Accepted. Not needed: one refresh per credential is how patchbay works."},
		{name: "oauthRefreshCoordination", typ: tBool, unused: true, doc: "Accepted. Not needed: one refresh per credential is how patchbay works."},
		{name: "oauthPersistenceWaitTimeout", typ: tInt, unused: true, doc: "Accepted. Not needed: a sign-in is stored before it is announced."},
	}
}

var approvalModes = []string{"never", "ask", "always"}

func accessKeys() []key {
	return []key{
		{
			name: "view", typ: tStrings, def: "everyone", ours: true, doc: "Who may see it: `everyone`, `role:NAME`, `group:NAME`, `user:EMAIL`.",
			set: func(r *reader, v *value, path string) {
				r.s.Access.View, r.scratch.hasView = r.grantees(v, path), true
			},
		},
		{
			name: "use", typ: tStrings, def: "as `view`", ours: true, doc: "Who may use it, and with that see it. An e-mail address counts when it is verified.",
			set: func(r *reader, v *value, path string) {
				r.s.Access.Use, r.scratch.hasUse = r.grantees(v, path), true
			},
		},
	}
}

func toolFilterKeys() []key {
	return []key{
		{name: "allow", typ: tStrings, def: "all", ours: true, doc: "Globs of the tools there are.", set: func(r *reader, v *value, path string) {
			r.s.Tools.Allow = r.globs(v, path)
			if len(v.items) == 0 {
				r.warn(at(v), path, "an empty list allows every tool; write deny: [\"*\"] to allow none")
			}
		}},
		{
			name: "deny", typ: tStrings, def: "none", ours: true, doc: "Globs of the tools there are not.",
			set: func(r *reader, v *value, path string) { r.s.Tools.Deny = r.globs(v, path) },
		},
	}
}

func userVarKey() *key {
	return &key{
		typ: tObject, doc: "A variable: `NAME: {title, description, sensitive}` or `NAME: \"Title\"`.", set: setUserVar,
		alts: []key{{typ: tString}},
		keys: []key{
			{name: "title", typ: tString, doc: "The name of the field shown to the user.", set: func(r *reader, v *value, _ string) { r.lastVar().Title = v.text }},
			{
				name: "description", typ: tString, doc: "Text under the field. Links `<a href=\"https://…\">` stay, every other tag is shown as text.",
				set: func(r *reader, v *value, _ string) { r.lastVar().Description = SanitizeDescription(v.text) },
			},
			{name: "sensitive", typ: tBool, def: "true", doc: "`false` shows the value while it is typed.", set: func(r *reader, v *value, _ string) { r.lastVar().Sensitive = v.bool() }},
		},
	}
}

func (r *reader) lastVar() *patchbay.UserVar { return &r.s.UserVars[len(r.s.UserVars)-1] }

func setUserVar(r *reader, v *value, path string) {
	name := strings.TrimPrefix(path, r.entry+".customUserVars.")
	switch {
	case expand.ReservedVar(name):
		r.fail(r.places["customUserVars."+name], path, "names that begin with LIBRECHAT_ are placeholders of their own; choose another")
	case !expand.ValidVar(name):
		r.fail(r.places["customUserVars."+name], path, "is not a name of a variable; use letters, digits and _")
	}
	u := patchbay.UserVar{Name: name, Sensitive: true}
	if v.kind != isMap {
		u.Title, u.Short = v.text, true
	}
	r.s.UserVars = append(r.s.UserVars, u)
}

func apiKeyKeys() []key {
	return []key{
		{name: "key", typ: tString, places: true, doc: "The key; with `source: admin` only.", set: func(r *reader, v *value, _ string) { r.s.APIKey.Key = v.text }},
		{
			name: "source", typ: tEnum, enum: []string{"admin", "user"}, def: "admin",
			doc: "`admin`: the key above, for all. `user`: each user gives their own, as the variable `MCP_API_KEY`.",
			set: func(r *reader, v *value, _ string) { r.s.APIKey.Source = v.text },
		},
		{
			name: "authorization_type", typ: tEnum, enum: []string{"bearer", "basic", "custom"}, def: "bearer",
			doc: "`bearer`: `Authorization: Bearer KEY`. `basic`: `Authorization: Basic KEY`, the key encoded already. `custom`: the bare key in `custom_header`.",
			set: func(r *reader, v *value, _ string) { r.s.APIKey.AuthorizationType = v.text },
		},
		{
			name: "custom_header", typ: tString, def: "X-Api-Key", doc: "The header of `authorization_type: custom`.",
			set: func(r *reader, v *value, path string) {
				if !expand.ValidHeaderName(v.text) {
					r.fail(at(v), path, "is not the name of a header")
					return
				}
				r.s.APIKey.CustomHeader = v.text
			},
		},
	}
}
