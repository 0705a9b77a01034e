package config

import (
	"encoding/json"
	"strconv"
	"strings"

	"patchbay"
)

// userProvided is the value that leaves a key or an address to each person.
const userProvided = "user_provided"

func notUsedKey(name, doc string) key { return key{name: name, typ: tAny, unused: true, doc: doc} }

// endpointsKeys is the table of `endpoints`.
func endpointsKeys() []key {
	keys := make([]key, 0, 10)
	for _, b := range builtins() {
		keys = append(keys, b.section())
	}
	return append(keys, []key{
		{
			name: "custom", typ: tListOf, of: &key{typ: tObject, keys: customKeys(), within: withinCustom, doc: "One API in OpenAI's format."},
			doc: "APIs in OpenAI's format: Ollama, vLLM, LM Studio, OpenRouter and the like.",
		},
		{name: "agents", typ: tObject, keys: agentsKeys(), doc: "What holds for agents."},
		{
			name: "allowedAddresses", typ: tStrings, def: "none",
			doc: "Private addresses that people may give where `baseURL` is `user_provided`, beside those of `mcpSettings.allowedAddresses`: `host:port`, or a CIDR.",
			set: func(r *reader, v *value, path string) { r.cfg.ModelAddresses = r.each(v, path, addressProblem) },
		},
		notUsedKey("all", "What holds for all endpoints."),
		notUsedKey("assistants", "OpenAI's assistants. Agents take their place."),
		notUsedKey("azureAssistants", "Azure's assistants. Agents take their place."),
	}...)
}

// section is the key of a built-in provider in `endpoints`.
func (b builtin) section() key {
	doc := b.label + ". Its key is `" + b.keyEnv + "` in the environment."
	keys := builtinKeys()
	switch b.kind {
	case patchbay.ProviderAzure:
		*lookup(keys, "groups") = groupsKey()
	case patchbay.ProviderBedrock:
		*lookup(keys, "guardrailConfig") = guardrailKey()
	default:
	}
	return key{
		name: b.name, typ: tObject, keys: keys, doc: doc,
		within: func(r *reader, v *value, path string, parts func()) {
			r.provider(&patchbay.Provider{Name: b.name, Kind: b.kind}, v, path, parts)
		},
	}
}

// builtinKeys are the keys of a built-in provider.
func builtinKeys() []key {
	keys := []key{
		{name: "apiKey", typ: tString, def: "from the environment", places: true, ours: true, doc: keyDoc, set: setProviderKey},
		{name: "baseURL", typ: tString, def: "the vendor's", places: true, doc: "The address of the API, in place of the vendor's own.", set: setBaseURL},
	}
	keys = append(keys, commonKeys()...)
	return append(keys,
		notUsedKey("groups", "Azure's deployments."),
		notUsedKey("plugins", "Plugins of Azure."),
		notUsedKey("assistants", "Assistants of Azure."),
		notUsedKey("availableRegions", "Regions of Bedrock."),
		notUsedKey("inferenceProfiles", "Profiles of Bedrock."),
		notUsedKey("guardrailConfig", "Guardrails of Bedrock."),
		notUsedKey("vertex", "Models at Google Cloud."),
	)
}

const keyDoc = "The key: `${NAME}`, the key itself, or `user_provided`, which asks each person for theirs."

// customKeys is the table of an entry of `endpoints.custom`.
func customKeys() []key {
	keys := []key{
		{
			name: "name", typ: tString, doc: "How requests and model specs name it. Unique.",
			set: func(r *reader, v *value, _ string) { r.p.Name = strings.TrimSpace(v.text) },
		},
		{
			name: "provider", typ: tEnum, enum: []string{"openAI", "anthropic", "google"}, def: "openAI", doc: "The format that the API speaks.",
			set: func(r *reader, v *value, _ string) {
				switch v.text {
				case "anthropic":
					r.p.Kind = patchbay.ProviderAnthropic
				case "google":
					r.p.Kind = patchbay.ProviderGoogle
				}
			},
		},
		{name: "apiKey", typ: tString, def: "none", places: true, doc: keyDoc + " An API on this machine may have none.", set: setProviderKey},
		{
			name: "baseURL", typ: tString, places: true,
			doc: "The address with the version, without `/chat/completions`: `http://localhost:11434/v1`. `user_provided` asks each person, together with the key; such an address must be public.",
			set: setBaseURL,
		},
		{name: "customParams", typ: tAny, unused: true, doc: "Forms of parameters."},
		{name: "customOrder", typ: tAny, unused: true, doc: "Place in the list. The order of the file counts."},
		{
			name: "directEndpoint", typ: tBool, def: "false", doc: "Accepted: an address that ends in `/chat/completions` is understood either way.",
			set: func(*reader, *value, string) {},
		},
	}
	return append(keys, commonKeys()...)
}

// commonKeys are the keys that every provider has.
func commonKeys() []key {
	return append([]key{
		{name: "models", typ: tObject, keys: modelsKeys(), alts: []key{{typ: tListOf, of: modelKey(), set: func(r *reader, _ *value, _ string) { r.p.Models = nil }}}, doc: "Which models it offers."},
		{
			name: "modelDisplayLabel", typ: tString, def: "the name", doc: "The name shown to people.",
			set: func(r *reader, v *value, _ string) { r.p.Label = v.text },
		},
		{
			name: "iconURL", typ: tString, doc: "The address of an icon, or one of LibreChat's words for icons.",
			set: func(r *reader, v *value, _ string) { r.p.IconURL = v.text },
		},
		{
			name: "headers", typ: tMap, def: "none", places: true,
			doc: "Headers of every request: `${NAME}` and `{{LIBRECHAT_USER_…}}`. They are not sent to addresses that people give.",
			set: func(r *reader, v *value, path string) { r.p.Headers = r.headers(v, path) },
		},
		{name: "addParams", typ: tMapOf, of: &key{typ: tAny}, doc: "Members that are put into every request, over ours.", set: setAddParams},
		{
			name: "dropParams", typ: tStrings, def: "none", doc: "Members that are taken out of every request.",
			set: func(r *reader, v *value, _ string) { r.p.DropParams = texts(v) },
		},
		{
			name: "tools", typ: tBool, def: "true", ours: true, doc: "Whether its models take tools. `false` disables the choice of MCP servers with the reason.",
			set: func(r *reader, v *value, _ string) { b := v.bool(); r.p.Tools = &b },
		},
		{
			name: "titleConvo", typ: tBool, def: "true", doc: "Whether a model titles conversations.",
			set: func(r *reader, v *value, _ string) { r.p.NoTitles = !v.bool() },
		},
		{
			name: "titleModel", typ: tString, def: "current_model", doc: "The model that titles conversations; `current_model` is the conversation's own.",
			set: func(r *reader, v *value, _ string) { r.p.TitleModel = v.text },
		},
		{
			name: "titleEndpoint", typ: tString, def: "this one", doc: "The provider of `titleModel`.",
			set: func(r *reader, v *value, _ string) { r.p.TitleProvider = v.text },
		},
	}, append(labelKeys(), []key{
		notUsedKey("titleMethod", "How titles are asked for."),
		notUsedKey("titlePrompt", "What titles are asked for with."),
		notUsedKey("titlePromptTemplate", "How a conversation is shown to who titles it."),
		notUsedKey("titleTiming", "When titles are asked for."),
		notUsedKey("summarize", "Summaries of long conversations."),
		notUsedKey("summaryModel", "The model that summarises."),
		notUsedKey("streamRate", "Milliseconds between pieces."),
		notUsedKey("forcePrompt", "An old format of requests."),
		notUsedKey("userIdQuery", "The user's id when models are listed."),
		notUsedKey("maxToolResultChars", "Size of tool results."),
		notUsedKey("tokenConfig", "Prices and sizes of models."),
		notUsedKey("titleMessageRole", "Who says what a title is asked for with."),
	}...)...)
}

// labelKeys are the keys of LibreChat's generated headings.
func labelKeys() []key {
	var keys []key
	for _, kind := range []string{"activity", "activityPhase", "reasoning"} {
		lead := kind + "Label"
		if kind != "reasoning" {
			lead = kind
		}
		keys = append(keys, notUsedKey(kind+"Label", "Generated headings."))
		for _, part := range []string{"Model", "Endpoint", "Prompt", "MaxPerRun", "CharLimit"} {
			keys = append(keys, notUsedKey(lead+part, "Generated headings."))
		}
	}
	for _, part := range []string{"MinChars", "UpdateChars", "UpdateIntervalMs"} {
		keys = append(keys, notUsedKey("reasoningLabel"+part, "Generated headings."))
	}
	return keys
}

func modelsKeys() []key {
	return []key{
		{name: "default", typ: tListOf, of: modelKey(), doc: "The models that are always offered; the first is the default."},
		{
			name: "fetch", typ: tBool, def: "when `default` is empty", doc: "Whether the API is asked for its models. When it does not answer, `default` is offered.",
			set: func(r *reader, v *value, _ string) { r.p.Fetch = v.bool() },
		},
		notUsedKey("userIdQuery", "The user's id when models are listed."),
	}
}

// modelKey is one model of a list: its name, or a map with its name.
func modelKey() *key {
	add := func(r *reader, v *value, path string) {
		name := strings.TrimSpace(v.text)
		if v.kind == isMap {
			n := v.get("name")
			if n == nil || !n.scalar() {
				r.fail(at(v), path, "needs a `name`")
				return
			}
			name = strings.TrimSpace(n.text)
		}
		if name == "" {
			r.fail(at(v), path, "is empty; write the name of a model")
			return
		}
		r.p.Models = append(r.p.Models, patchbay.ModelInfo{ID: name})
	}
	return &key{typ: tString, set: add, alts: []key{{typ: tObject, keys: []key{
		{name: "name", typ: tString, doc: "The name of the model."},
		notUsedKey("description", "A line about it."),
	}, set: add}}}
}

func agentsKeys() []key {
	steps := func(name, def, doc string, field func(*Agents) *int) key {
		return key{name: name, typ: tInt, min: 1, max: 10_000, def: def, doc: doc, set: func(r *reader, v *value, _ string) {
			n, _ := v.integer()
			*field(&r.cfg.Agents) = int(n)
		}}
	}
	return []key{
		steps("recursionLimit", strconv.Itoa(defaultAgents().RecursionLimit), "Steps of a run, where the agent does not say.", func(a *Agents) *int { return &a.RecursionLimit }),
		steps("maxRecursionLimit", "`recursionLimit`", "The most that an agent may say.", func(a *Agents) *int { return &a.MaxRecursionLimit }),
		{
			name: "disableBuilder", typ: tBool, def: "false", doc: "Whether nobody may make agents.",
			set: func(r *reader, v *value, _ string) { r.cfg.Agents.DisableBuilder = v.bool() },
		},
		{
			name: "allowedProviders", typ: tStrings, def: "all", doc: "The providers whose models agents may use.",
			set: func(r *reader, v *value, _ string) { r.cfg.Agents.AllowedProviders = texts(v) },
		},
		{
			name: "capabilities", typ: tStrings, def: "all", doc: "What agents may do; `tools` counts here.",
			set: func(r *reader, v *value, _ string) { r.cfg.Agents.Capabilities = texts(v) },
		},
		{name: "toolApproval", typ: tAny, doc: "Whose tools run without asking: enabled, mode, and globs in allow, deny and ask.", set: setToolApproval},
		notUsedKey("maxCitations", "Citations of an answer."),
		notUsedKey("maxCitationsPerFile", "Citations of a file."),
		notUsedKey("minRelevanceScore", "Relevance of a citation."),
		notUsedKey("remoteApi", "Agents over OpenAI's API."),
		notUsedKey("skills", "Skills of agents."),
		notUsedKey("subagents", "Agents of agents."),
		notUsedKey("maxSubagents", "Agents of agents."),
		notUsedKey("streamRate", "Milliseconds between pieces."),
		notUsedKey("titleTiming", "When titles are asked for."),
		notUsedKey("modelResponseBodyTimeoutMs", "Silence of a model."),
		notUsedKey("modelResponseHeadersTimeoutMs", "Silence of a model."),
		notUsedKey("maxProviderErrorChars", "Length of errors."),
		notUsedKey("maxToolCallArgBytes", "Size of a call's arguments."),
		notUsedKey("maxToolCallArgBytesByTool", "The same, by tool."),
		notUsedKey("maxDeltaEventsPerTurn", "Pieces of an answer."),
		notUsedKey("fileSharing", "Files of agents."),
		notUsedKey("codeApiUploadConcurrency", "Running code."),
		notUsedKey("codeApiMaxRetryWaitMs", "Running code."),
		notUsedKey("statefulCodeSessions", "Running code."),
		notUsedKey("eventDriven", "Agents that events start."),
		notUsedKey("backgroundTasks", "Tools that run on."),
		notUsedKey("checkpointer", "Where waiting runs are kept. They are kept in the database."),
		notUsedKey("askUserQuestion", "Questions of agents."),
		notUsedKey("managementApi", "An API of agents."),
		notUsedKey("titleModel", "The provider's counts."),
		notUsedKey("titleConvo", "The provider's counts."),
		notUsedKey("titleEndpoint", "The provider's counts."),
		notUsedKey("titlePrompt", "What titles are asked for with."),
		notUsedKey("titleMethod", "How titles are asked for."),
	}
}

func defaultAgents() Agents { return Agents{RecursionLimit: 25} }

func setProviderKey(r *reader, v *value, _ string) {
	r.p.Key, r.p.KeySource = patchbay.NewSecret(strings.TrimSpace(v.text)), patchbay.KeyOperator
	switch r.p.Key.Reveal() {
	case "":
		r.p.KeySource = patchbay.KeyNone
	case userProvided:
		r.p.Key, r.p.KeySource = patchbay.Secret{}, patchbay.KeyUser
	}
}

func setBaseURL(r *reader, v *value, path string) {
	text := strings.TrimSpace(v.text)
	if text == userProvided {
		r.p.UserURL, r.p.BaseURL = true, ""
		return
	}
	r.p.BaseURL = apiBase(text)
	if why := baseURLProblem(r.p.BaseURL); why != "" {
		r.fail(at(v), path, "%s", why)
	}
}

func setAddParams(r *reader, v *value, _ string) {
	if r.p.AddParams == nil {
		r.p.AddParams = make(map[string]json.RawMessage, len(v.pairs))
	}
	for _, p := range v.pairs {
		r.p.AddParams[p.key] = p.value.json()
	}
}
