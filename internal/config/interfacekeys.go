package config

import (
	"net/url"
	"strings"
)

// interfaceKeys is the table of `interface`.
func interfaceKeys() []key {
	flag := func(name, doc string, field func(*Interface) *bool) key {
		return key{name: name, typ: tBool, def: "true", doc: doc, set: func(r *reader, v *value, _ string) { *field(&r.cfg.Interface) = v.bool() }}
	}
	return []key{
		{name: "mcpServers", typ: tObject, keys: interfaceMCPKeys(), doc: "What people who are not ADMIN may do with MCP servers."},
		flag("modelSelect", "Whether people choose a model.", func(i *Interface) *bool { return &i.ModelSelect }),
		flag("parameters", "Whether people set a model's parameters.", func(i *Interface) *bool { return &i.Parameters }),
		flag("presets", "Whether people keep presets.", func(i *Interface) *bool { return &i.Presets }),
		{
			name: "agents", typ: tBool, def: "true", doc: "Whether people see agents.",
			set: func(r *reader, v *value, _ string) { r.cfg.Interface.Agents = v.bool() },
			alts: []key{{typ: tObject, set: func(*reader, *value, string) {}, keys: []key{
				{name: "use", typ: tBool, def: "true", doc: "The same.", set: func(r *reader, v *value, _ string) { r.cfg.Interface.Agents = v.bool() }},
				notUsedKey("create", "Whether they make some."),
				notUsedKey("share", "Whether they share them."),
				notUsedKey("public", "Whether with everyone."),
			}}},
		},
		{
			name: "customWelcome", typ: tString, doc: "The line over an empty conversation.",
			set: func(r *reader, v *value, _ string) { r.cfg.Interface.CustomWelcome = v.text },
		},
		{name: "privacyPolicy", typ: tObject, keys: linkKeys(func(i *Interface) *Link { return &i.PrivacyPolicy }), doc: "Your page on privacy."},
		{name: "termsOfService", typ: tObject, keys: append(linkKeys(func(i *Interface) *Link { return &i.TermsOfService }),
			notUsedKey("modalAcceptance", "Whether people must accept them."),
			notUsedKey("modalTitle", "The title of the question."),
			notUsedKey("modalContent", "The text of the question.")), doc: "Your terms."},
		notUsedKey("autoSubmitFromUrl", "Whether an address may send a message."),
		notUsedKey("bookmarks", "Bookmarks."),
		notUsedKey("buildInfo", "The version."),
		notUsedKey("defaultPreset", "A preset."),
		notUsedKey("endpointsMenu", "The menu of endpoints."),
		notUsedKey("codeHighlightThrottleMs", "How often code is coloured."),
		notUsedKey("contextCost", "Costs."),
		notUsedKey("contextUsage", "How full the context is."),
		notUsedKey("currency", "Costs."),
		notUsedKey("defaultPinnedTools", "Tools beside the input."),
		notUsedKey("feedback", "Thumbs up and down."),
		notUsedKey("generalChatRetention", "How long conversations stay."),
		notUsedKey("replyNotifications", "Notifications."),
		notUsedKey("retentionMode", "How long conversations stay."),
		notUsedKey("schedules", "Conversations by the clock."),
		notUsedKey("sharedLinks", "Links to conversations."),
		notUsedKey("traceViewer", "Traces."),
		notUsedKey("fileCitations", "Citations of files."),
		notUsedKey("fileSearch", "The search in files."),
		notUsedKey("marketplace", "The list of everybody's agents."),
		notUsedKey("memories", "Memories."),
		notUsedKey("multiConvo", "Two conversations beside each other."),
		notUsedKey("peoplePicker", "Whom people may share with."),
		notUsedKey("prompts", "A library of prompts."),
		notUsedKey("remoteAgents", "Agents over OpenAI's API."),
		notUsedKey("retainAgentFiles", "How long files of agents are kept."),
		notUsedKey("runCode", "Running code."),
		notUsedKey("sidePanel", "The panel beside the chat."),
		notUsedKey("skills", "Skills."),
		notUsedKey("temporaryChat", "Conversations that are not kept."),
		notUsedKey("temporaryChatRetention", "How long they stay."),
		notUsedKey("uploadAsText", "Files as text."),
		notUsedKey("webSearch", "Searching the web."),
	}
}

func interfaceMCPKeys() []key {
	flag := func(name, def, doc string, field func(*InterfaceMCP) *bool) key {
		return key{name: name, typ: tBool, def: def, doc: doc, set: func(r *reader, v *value, _ string) { *field(&r.cfg.Interface.MCPServers) = v.bool() }}
	}
	return []key{
		flag("use", "true", "Use them in chats.", func(m *InterfaceMCP) *bool { return &m.Use }),
		flag("create", "true", "Make servers of their own.", func(m *InterfaceMCP) *bool { return &m.Create }),
		flag("share", "false", "Share them with people they name.", func(m *InterfaceMCP) *bool { return &m.Share }),
		flag("public", "false", "Share them with everyone.", func(m *InterfaceMCP) *bool { return &m.Public }),
		{
			name: "placeholder", typ: tString, def: "MCP Servers", doc: "The text of the button that chooses servers.",
			set: func(r *reader, v *value, _ string) { r.cfg.Interface.MCPServers.Placeholder = v.text },
		},
		notUsedKey("trustCheckbox", "A question when somebody makes a server."),
		notUsedKey("obo", "On-behalf-of tokens."),
		notUsedKey("toolsRefreshInterval", "How often tools are asked for. Changes are pushed."),
		notUsedKey("statusRefreshInterval", "How often statuses are asked for. Changes are pushed."),
	}
}

func linkKeys(field func(*Interface) *Link) []key {
	return []key{
		{name: "externalUrl", typ: tString, doc: "Its address.", set: func(r *reader, v *value, path string) {
			text := strings.TrimSpace(v.text)
			if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				r.fail(at(v), path, "must be an address that begins with http:// or https://")
				return
			}
			field(&r.cfg.Interface).URL = text
		}},
		{name: "openNewTab", typ: tBool, def: "false", doc: "Whether it opens beside this page.", set: func(r *reader, v *value, _ string) {
			field(&r.cfg.Interface).NewTab = v.bool()
		}},
	}
}

// defaultInterface is what LibreChat does when nothing is said.
func defaultInterface() Interface {
	return Interface{
		MCPServers: InterfaceMCP{Use: true, Create: true}, ModelSelect: true, Parameters: true, Presets: true, Agents: true,
	}
}
