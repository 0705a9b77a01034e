package api

import "patchbay"

// Paths of chat that appear more than once.
const (
	pathConversations = "/api/conversations"
	pathConversation  = pathConversations + "/{id}"
	pathRuns          = "/api/runs"
	pathRun           = pathRuns + "/{id}"
	pathRunCall       = pathRun + "/calls/{callId}"
	pathApprovals     = "/api/approvals"
	pathAgents        = "/api/agents"
	pathAgent         = pathAgents + "/{id}"
	pathKeys          = "/api/keys"
	pathAttachments   = "/api/attachments"
	pathAttachment    = pathAttachments + "/{id}"
	whySite           = "the page to sign in shows it"
)

// chatRoutes is the part of the table about chats: conversations, runs, what they wait
// for, agents, models and files.
func (s *Server) chatRoutes() []route {
	const (
		chat    = patchbay.ScopeChat
		account = patchbay.ScopeAccount
	)
	var noChat, noAgents, noModels, noSites string
	if s.o.Chat == nil {
		noChat = "Chat"
	}
	if s.o.Agents == nil {
		noAgents = "Making agents"
	}
	if s.o.Models == nil {
		noModels = "Choosing models"
	}
	if s.o.Sites == nil {
		noSites = "Telling of the site"
	}
	return []route{
		// Messages and conversations.
		{
			method: "POST", pattern: "/api/messages", id: "sendMessage", summary: "Send a message", status: 201,
			who: person, scope: chat, body: messageCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.sendMessage),
		},
		{
			method: "POST", pattern: "/api/messages/{id}/regenerate", id: "regenerate", summary: "Answer a message once more", status: 201,
			who: person, scope: chat, body: varsCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.regenerate),
		},
		{
			method: "GET", pattern: pathConversations, id: "listConversations", summary: "List conversations, last updated first",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.listConversations),
		},
		{
			method: "GET", pattern: pathConversation, id: "getConversation", summary: "Get a conversation",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.getConversation),
		},
		{
			method: "PATCH", pattern: pathConversation, id: "changeConversation", summary: "Rename, archive or set up a conversation",
			who: person, scope: chat, body: varsCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.changeConversation),
		},
		{
			method: "DELETE", pattern: pathConversation, id: "deleteConversation", summary: "Delete a conversation and all that is in it",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.deleteConversation),
		},
		{
			method: "GET", pattern: pathConversation + "/messages", id: "listMessages", summary: "List a conversation's messages, all branches, oldest first",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.listMessages),
		},

		// Runs.
		{
			method: "GET", pattern: pathRuns, id: "listRuns", summary: "List runs",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.listRuns),
		},
		{
			method: "GET", pattern: pathRun, id: "getRun", summary: "Get a run with all that it has done",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.getRun),
		},
		{
			method: "POST", pattern: pathRun + "/stop", id: "stopRun", summary: "Stop a run", status: 202,
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.stopRun),
		},
		{
			method: "POST", pattern: pathRun + "/resume", id: "resumeRun", summary: "Go on with a run that was interrupted",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.resumeRun),
		},
		{
			method: "GET", pattern: pathRun + "/events", id: "runEvents", summary: "Follow a run",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: handler{plain: s.runEvents, document: documentRunEvents},
		},
		{
			method: "GET", pattern: pathRun + "/offered", id: "getOffered", summary: "What went to the model in each step",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.getOffered),
		},
		{
			method: "GET", pattern: pathRunCall, id: "getCall", summary: "One tool call with its whole result",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.getCall),
		},
		{
			method: "POST", pattern: pathRunCall + "/cancel", id: "cancelCall", summary: "Cancel one tool call",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.cancelCall),
		},

		// What runs wait for.
		{
			method: "GET", pattern: "/api/waits", id: "listWaits", summary: "What runs wait for",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.listWaits),
		},
		{
			method: "POST", pattern: "/api/waits/{id}/skip", id: "skipWait", summary: "Go on without the tool that wants a sign-in",
			who: person, scope: chat, body: smallCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.skipWait),
		},
		{
			method: "POST", pattern: "/api/questions/{id}", id: "answerQuestion", summary: "Answer a server's question",
			who: person, scope: chat, body: varsCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.answerQuestion),
		},
		{
			method: "POST", pattern: pathApprovals + "/{id}", id: "answerApproval", summary: "Allow a tool call, or deny it",
			who: person, scope: chat, body: smallCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.answerApproval),
		},
		{
			method: "GET", pattern: pathApprovals, id: "listApprovals", summary: "What is allowed without asking again",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: typed(s, s.listApprovals),
		},
		{
			method: "DELETE", pattern: pathApprovals + "/{id}", id: "deleteApproval", summary: "Be asked again",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.deleteApproval),
		},

		// Agents.
		{
			method: "GET", pattern: pathAgents, id: "listAgents", summary: "List agents",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noAgents,
			handler: typed(s, s.listAgents),
		},
		{
			method: "POST", pattern: pathAgents, id: "createAgent", summary: "Create an agent", status: 201,
			who: person, scope: chat, body: agentCap, limit: limitUser, cross: crossSameOrigin, missing: noAgents,
			handler: typed(s, s.createAgent),
		},
		{
			method: "GET", pattern: pathAgent, id: "getAgent", summary: "Get an agent",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noAgents,
			handler: typed(s, s.getAgent),
		},
		{
			method: "PATCH", pattern: pathAgent, id: "changeAgent", summary: "Change an agent",
			who: person, scope: chat, body: agentCap, limit: limitUser, cross: crossSameOrigin, missing: noAgents,
			handler: typed(s, s.changeAgent),
		},
		{
			method: "DELETE", pattern: pathAgent, id: "deleteAgent", summary: "Delete an agent",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noAgents,
			handler: typed(s, s.deleteAgent),
		},
		{
			method: "GET", pattern: pathAgent + "/access", id: "getAgentAccess", summary: "Who may do what with an agent",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noAgents,
			handler: typed(s, s.getAgentAccess),
		},
		{
			method: "PUT", pattern: pathAgent + "/access", id: "putAgentAccess", summary: "Share an agent",
			who: person, scope: chat, body: varsCap, limit: limitUser, cross: crossSameOrigin, missing: noAgents,
			handler: typed(s, s.putAgentAccess),
		},
		{
			method: "POST", pattern: pathAgent + "/duplicate", id: "duplicateAgent", summary: "Make a copy of an agent", status: 201,
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noAgents,
			handler: typed(s, s.duplicateAgent),
		},
		{
			method: "GET", pattern: pathAgent + "/versions", id: "listAgentVersions", summary: "What an agent was before, newest first",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noAgents,
			handler: typed(s, s.listAgentVersions),
		},
		{
			method: "POST", pattern: pathAgent + "/revert", id: "revertAgent", summary: "Go back to an earlier version",
			who: person, scope: chat, body: smallCap, limit: limitUser, cross: crossSameOrigin, missing: noAgents,
			handler: typed(s, s.revertAgent),
		},

		// Models.
		{
			method: "GET", pattern: "/api/endpoints", id: "listProviders", summary: "List model providers",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noModels,
			handler: typed(s, s.listProviders),
		},
		{
			method: "GET", pattern: "/api/models", id: "listModels", summary: "The models of each provider",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noModels,
			handler: typed(s, s.listModels),
		},
		{
			method: "GET", pattern: "/api/model-specs", id: "listModelSpecs", summary: "What the operator prepared to choose from",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noModels,
			handler: typed(s, s.listSpecs),
		},
		{
			method: "GET", pattern: pathKeys, id: "listKeys", summary: "Which model keys you have given",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSafe, missing: noModels,
			handler: typed(s, s.listKeys),
		},
		{
			method: "PUT", pattern: pathKeys, id: "putKey", summary: "Give a model key",
			who: person, scope: account, body: smallCap, limit: limitUser, cross: crossSameOrigin, missing: noModels,
			handler: typed(s, s.putKey),
		},
		{
			method: "DELETE", pattern: pathKeys + "/{name}", id: "deleteKey", summary: "Erase a model key",
			who: person, scope: account, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noModels,
			handler: typed(s, s.deleteKey),
		},

		// Files.
		{
			method: "POST", pattern: pathAttachments, id: "upload", summary: "Give a file for a message", status: 201,
			who: person, scope: chat, body: fileCap, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: handler{plain: s.upload, document: documentUpload},
		},
		{
			method: "GET", pattern: pathAttachment, id: "getAttachment", summary: "A file's bytes",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noChat,
			handler: handler{plain: s.attachment, document: documentAttachment},
		},
		{
			method: "DELETE", pattern: pathAttachment, id: "deleteAttachment", summary: "Delete a file",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSameOrigin, missing: noChat,
			handler: typed(s, s.deleteAttachment),
		},

		// In OpenAI's format, for programs that know no other.
		{
			method: "GET", pattern: "/v1/models", id: "v1Models", summary: "Agents and models, in OpenAI's format",
			who: person, scope: chat, body: noBody, limit: limitUser, cross: crossSafe, missing: noModels, fail: s.failV1,
			handler: handler{plain: s.v1Models, document: documentV1Models},
		},
		{
			method: "POST", pattern: "/v1/chat/completions", id: "v1Chat", summary: "An answer with tools, in OpenAI's format",
			who: person, scope: chat, body: v1Cap, limit: limitUser, cross: crossSameOrigin, missing: noChat, fail: s.failV1,
			handler: handler{plain: s.v1Chat, document: documentV1Chat},
		},

		// The site.
		{
			method: "GET", pattern: "/api/config", id: "getSite", summary: "What the page to sign in shows",
			who: public, why: whySite, body: noBody, limit: limitNone, cross: crossSafe, missing: noSites,
			handler: typed(s, s.getSite),
		},
	}
}
