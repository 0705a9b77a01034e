package api

import (
	"patchbay"
)

// catchAll is the pattern of the UI.
const catchAll = "/*"

// Paths that appear more than once.
const (
	pathServer   = "/api/mcp/servers/{serverName}"
	pathVars     = "/api/mcp/{serverName}/auth-values"
	pathAccess   = pathServer + "/access"
	pathLogins   = "/api/user/logins"
	pathTokens   = "/api/user/tokens"
	pathUsers    = "/api/users"
	pathGroups   = "/api/groups"
	pathMembers  = pathGroups + "/{id}/members"
	whySignIn    = "it is how one signs in; limited per address and account"
	whyProbe     = "load balancers and the shell ask it; it says nothing but whether we run"
	whyUI        = "the files of the UI are the same for everybody"
	whyDescribed = "the description of this API is the same for everybody"
	whyClient    = "authorization servers read it, and it says only what they are told anyway"
)

// routes is the table: every route of the host, in one place. What is not here does not
// exist, and what leaves a column open keeps the host from starting (complete.go).
func (s *Server) routes() []route {
	const (
		view, use, edit = patchbay.PermView, patchbay.PermUse, patchbay.PermEdit

		read    = patchbay.ScopeServersRead
		call    = patchbay.ScopeToolsCall
		vars    = patchbay.ScopeVarsWrite
		account = patchbay.ScopeAccount
		adm     = patchbay.ScopeAdmin
	)
	return append([]route{
		// Servers.
		{
			method: "GET", pattern: "/api/mcp/servers", id: "listServers", summary: "List MCP servers",
			who: person, operator: true, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listServers),
		},
		{
			method: "POST", pattern: "/api/mcp/servers", id: "createServer", summary: "Create an MCP server", status: 201,
			who: person, scope: adm, body: varsCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.createServer),
		},
		{
			method: "POST", pattern: "/api/mcp/servers/test", id: "testServer", summary: "Try a definition without saving it",
			who: person, scope: adm, body: varsCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.testServer),
		},
		{
			method: "GET", pattern: pathServer, id: "getServer", summary: "Get an MCP server",
			who: person, operator: true, perm: view, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getServer),
		},
		{
			method: "PATCH", pattern: pathServer, id: "updateServer", summary: "Update an MCP server",
			who: person, perm: view, scope: adm, body: varsCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.updateServer),
		},
		{
			method: "DELETE", pattern: pathServer, id: "deleteServer", summary: "Delete an MCP server",
			who: person, perm: view, scope: adm, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.deleteServer),
		},
		{
			method: "GET", pattern: pathAccess, id: "getAccess", summary: "Who may do what with a server",
			who: person, perm: view, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getAccess),
		},
		{
			method: "PUT", pattern: pathAccess, id: "putAccess", summary: "Share a server",
			who: person, perm: view, scope: adm, body: varsCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.putAccess),
		},
		{
			method: "GET", pattern: pathServer + "/log", id: "getServerLog", summary: "What happened to your connection, and what the server printed last",
			who: person, operator: true, perm: edit, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getServerLog),
		},
		{
			method: "GET", pattern: "/api/mcp/config", id: "getConfig", summary: "The state of the configuration file",
			who: admin, operator: true, scope: adm, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getConfig),
		},
		{
			method: "GET", pattern: "/api/mcp/{serverName}/icon", id: "getIcon", summary: "A server's icon",
			who: person, operator: true, perm: view, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: handler{plain: s.icon, document: documentIcon},
		},

		// Tools.
		{
			method: "GET", pattern: "/api/mcp/tools", id: "listTools", summary: "List tools",
			who: person, operator: true, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listTools),
		},
		{
			method: "POST", pattern: pathServer + "/tools/{toolName}/call", id: "callTool", summary: "Call a tool",
			who: person, operator: true, perm: use, scope: call, body: callCap, limit: limitCalls, cross: crossSameOrigin,
			handler: handler{plain: s.callTool, document: documentCall},
		},

		// Connections.
		{
			method: "POST", pattern: "/api/mcp/{serverName}/reinitialize", id: "reinitialize", summary: "Reconnect to an MCP server",
			who: person, operator: true, perm: use, scope: call, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.reinitialize),
		},
		{
			method: "GET", pattern: "/api/mcp/connection/status", id: "listConnections", summary: "Connection status of all servers",
			who: person, operator: true, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listConnections),
		},
		{
			method: "GET", pattern: "/api/mcp/connection/status/{serverName}", id: "getConnection", summary: "Connection status of one server",
			who: person, operator: true, perm: view, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getConnection),
		},
		{
			method: "GET", pattern: "/api/mcp/{serverName}/doctor", id: "diagnose", summary: "Find out what is wrong with a server",
			who: person, operator: true, perm: use, scope: call, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.diagnose),
		},

		// Variables.
		{
			method: "GET", pattern: pathVars, id: "getAuthValues", summary: "Which variables are given",
			who: person, perm: view, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getAuthValues),
		},
		{
			method: "PUT", pattern: pathVars, id: "putAuthValues", summary: "Set variables",
			who: person, perm: use, scope: vars, body: varsCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.putAuthValues),
		},
		{
			method: "DELETE", pattern: pathVars, id: "deleteAuthValues", summary: "Delete variables",
			who: person, perm: view, scope: vars, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.deleteAuthValues),
		},

		// Sign-in at MCP servers.
		{
			method: "POST", pattern: "/api/mcp/{serverName}/oauth/bind", id: "bindSignIn", summary: "Bind a sign-in to this browser",
			who: person, perm: use, scope: call, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.bindSignIn),
		},
		{
			method: "GET", pattern: "/api/mcp/{serverName}/oauth/initiate", id: "initiateSignIn", summary: "Go to the provider's sign-in page",
			who: person, perm: use, scope: call, body: noBody, limit: limitUser, cross: crossAny, refused: s.cannotInitiate,
			handler: handler{plain: s.initiateSignIn, document: documentInitiate},
		},
		{
			method: "GET", pattern: "/api/mcp/{serverName}/oauth/callback", id: "finishSignIn", summary: "Where the provider leads back to",
			who: person, perm: use, scope: call, body: noBody, limit: limitUser, cross: crossAny, refused: s.cannotFinish,
			handler: handler{plain: s.finishSignIn, document: documentCallback},
		},
		{
			method: "POST", pattern: "/api/mcp/oauth/cancel/{serverName}", id: "cancelSignIn", summary: "Cancel a sign-in",
			who: person, perm: view, scope: call, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.cancelSignIn),
		},
		{
			method: "DELETE", pattern: "/api/mcp/{serverName}/oauth", id: "signOut", summary: "Sign out of an MCP server",
			who: person, perm: view, scope: vars, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.signOut),
		},
		{
			method: "GET", pattern: "/oauth/client/{file}", id: "clientDocument", summary: "What authorization servers read about this host",
			who: public, why: whyClient, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.clientDocument},
		},

		// Accounts.
		{
			method: "POST", pattern: "/api/auth/setup", id: "setup", summary: "Make the first account", status: 201,
			who: public, why: whySignIn, body: smallCap, limit: limitLogin, cross: crossSameOrigin,
			handler: typed(s, s.setup),
		},
		{
			method: "POST", pattern: "/api/auth/register", id: "register", summary: "Make an account", status: 201,
			who: public, why: whySignIn, body: smallCap, limit: limitLogin, cross: crossSameOrigin,
			handler: typed(s, s.register),
		},
		{
			method: "POST", pattern: "/api/auth/login", id: "login", summary: "Sign in",
			who: public, why: whySignIn, body: smallCap, limit: limitLogin, cross: crossSameOrigin,
			handler: typed(s, s.login),
		},
		{
			method: "POST", pattern: "/api/auth/logout", id: "logout", summary: "End this login",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.logout),
		},
		{
			method: "GET", pattern: "/api/user", id: "getUser", summary: "Who you are",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.getUser),
		},
		{
			method: "PUT", pattern: "/api/user/password", id: "changePassword", summary: "Change your password",
			who: person, scope: account, body: smallCap, limit: limitLogin, cross: crossSameOrigin,
			handler: typed(s, s.changePassword),
		},
		{
			method: "GET", pattern: pathLogins, id: "listLogins", summary: "Your browser logins",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listLogins),
		},
		{
			method: "DELETE", pattern: pathLogins + "/{id}", id: "endLogin", summary: "End one of your logins",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.endLogin),
		},
		{
			method: "GET", pattern: pathTokens, id: "listTokens", summary: "Your API tokens",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listTokens),
		},
		{
			method: "POST", pattern: pathTokens, id: "createToken", summary: "Make an API token", status: 201,
			who: person, scope: account, body: smallCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.createToken),
		},
		{
			method: "DELETE", pattern: pathTokens + "/{id}", id: "deleteToken", summary: "Revoke an API token",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.deleteToken),
		},
		{
			method: "GET", pattern: pathUsers, id: "listUsers", summary: "List accounts",
			who: admin, operator: true, scope: adm, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listUsers),
		},
		{
			method: "POST", pattern: pathUsers, id: "addUser", summary: "Add an account", status: 201,
			who: admin, operator: true, scope: adm, body: smallCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.addUser),
		},
		{
			method: "PATCH", pattern: pathUsers + "/{id}", id: "changeUser", summary: "Change an account's role, or disable it",
			who: admin, operator: true, scope: adm, body: smallCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.changeUser),
		},
		{
			method: "GET", pattern: "/api/people", id: "searchPeople", summary: "Find people to share with",
			who: person, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.searchPeople),
		},

		// Groups.
		{
			method: "GET", pattern: pathGroups, id: "listGroups", summary: "List groups",
			who: person, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listGroups),
		},
		{
			method: "POST", pattern: pathGroups, id: "createGroup", summary: "Make a group", status: 201,
			who: admin, scope: adm, body: smallCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.createGroup),
		},
		{
			method: "PATCH", pattern: pathGroups + "/{id}", id: "renameGroup", summary: "Rename a group",
			who: admin, scope: adm, body: smallCap, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.renameGroup),
		},
		{
			method: "DELETE", pattern: pathGroups + "/{id}", id: "deleteGroup", summary: "Delete a group",
			who: admin, scope: adm, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.deleteGroup),
		},
		{
			method: "GET", pattern: pathMembers, id: "listMembers", summary: "Who is in a group",
			who: admin, scope: adm, body: noBody, limit: limitUser, cross: crossSafe,
			handler: typed(s, s.listMembers),
		},
		{
			method: "PUT", pattern: pathMembers + "/{user}", id: "addMember", summary: "Put a person into a group",
			who: admin, scope: adm, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.addMember),
		},
		{
			method: "DELETE", pattern: pathMembers + "/{user}", id: "removeMember", summary: "Take a person out of a group",
			who: admin, scope: adm, body: noBody, limit: limitUser, cross: crossSameOrigin,
			handler: typed(s, s.removeMember),
		},

		// The host.
		{
			method: "GET", pattern: "/api/events", id: "events", summary: "What changes, as it changes",
			who: person, operator: true, scope: read, body: noBody, limit: limitUser, cross: crossSafe,
			handler: handler{plain: s.events, document: documentEvents},
		},
		{
			method: "GET", pattern: "/api/openapi.json", id: "openAPI", summary: "This description",
			who: public, why: whyDescribed, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.openAPIJSON},
		},
		{
			method: "GET", pattern: "/api/docs", id: "docs", summary: "A page to try the API",
			who: public, why: whyDescribed, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.docs},
		},
		{
			method: "GET", pattern: "/api/docs/{file}", id: "docsFile", summary: "Files of that page",
			who: public, why: whyDescribed, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.docs},
		},
		{
			method: "GET", pattern: "/healthz", id: "healthz", summary: "Whether the process runs",
			who: public, why: whyProbe, body: noBody, limit: limitNone, cross: crossSafe,
			handler: handler{plain: s.healthz},
		},
		{
			method: "GET", pattern: "/readyz", id: "readyz", summary: "Whether it is ready to serve",
			who: public, why: whyProbe, body: noBody, limit: limitNone, cross: crossSafe,
			handler: handler{plain: s.readyz},
		},
		{
			method: "HEAD", pattern: "/healthz", id: "healthzHead", summary: "Whether the process runs",
			who: public, why: whyProbe, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.healthz},
		},
		{
			method: "HEAD", pattern: "/readyz", id: "readyzHead", summary: "Whether it is ready to serve",
			who: public, why: whyProbe, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.readyz},
		},
		{
			method: "GET", pattern: "/metrics", id: "metrics", summary: "Prometheus metrics",
			who: admin, operator: true, scope: adm, body: noBody, limit: limitUser, cross: crossSafe,
			handler: handler{plain: s.metrics},
		},
		{
			method: "GET", pattern: catchAll, id: "ui", summary: "The UI",
			who: public, why: whyUI, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.ui},
		},
		{
			method: "HEAD", pattern: catchAll, id: "uiHead", summary: "The UI",
			who: public, why: whyUI, body: noBody, limit: limitNone, cross: crossSafe, hidden: true,
			handler: handler{plain: s.ui},
		},
	}, s.chatRoutes()...)
}
