package config

import (
	"encoding/json"
	"slices"
	"strings"

	"patchbay"
	"patchbay/internal/expand"
)

// readSpec is a model spec with what decides whether it is taken.
type readSpec struct {
	spec       patchbay.ModelSpec
	where      place
	path       string
	endpoint   string
	endpointAt place
	servers    *value
	noThinking bool
	extra      map[string]json.RawMessage // members of OpenAI's format
	bad        bool
}

// modelSpecsKeys is the table of `modelSpecs`.
func modelSpecsKeys() []key {
	return []key{
		{
			name: "enforce", typ: tBool, def: "false", doc: "Whether nothing but the list may be chosen.",
			set: func(r *reader, v *value, _ string) { r.cfg.ModelSpecs.Enforce = v.bool() },
		},
		{
			name: "prioritize", typ: tBool, def: "true", doc: "Whether the list is offered first.",
			set: func(r *reader, v *value, _ string) { r.cfg.ModelSpecs.Prioritize = v.bool() },
		},
		{name: "list", typ: tListOf, of: &key{typ: tObject, keys: specKeys(), within: withinSpec, doc: "One model with its settings."}, doc: "The models, in the order they are offered."},
		notUsedKey("addedEndpoints", "Endpoints that are offered beside the list."),
	}
}

// specKeys is the table of an entry of `modelSpecs.list`.
func specKeys() []key {
	text := func(name, def, doc string, field func(*patchbay.ModelSpec) *string) key {
		return key{name: name, typ: tString, def: def, doc: doc, set: func(r *reader, v *value, _ string) { *field(r.spec) = strings.TrimSpace(v.text) }}
	}
	return []key{
		text("name", "", "How requests name it. Unique.", func(s *patchbay.ModelSpec) *string { return &s.Name }),
		text("label", "the name", "The name shown to people.", func(s *patchbay.ModelSpec) *string { return &s.Label }),
		text("description", "", "A line shown under it.", func(s *patchbay.ModelSpec) *string { return &s.Description }),
		text("iconURL", "the provider's", "The address of an icon, or one of LibreChat's words for icons.", func(s *patchbay.ModelSpec) *string { return &s.IconURL }),
		text("group", "", "The heading it is listed under.", func(s *patchbay.ModelSpec) *string { return &s.Group }),
		{
			name: "default", typ: tBool, def: "false", doc: "Whether it is chosen for a new conversation.",
			set: func(r *reader, v *value, _ string) { r.spec.Default = v.bool() },
		},
		{name: "preset", typ: tObject, keys: presetKeys(), doc: "The model and its settings."},
		{
			name: "mcpServers", typ: tStrings, def: "none", doc: "The MCP servers that are chosen with it.",
			set: func(r *reader, v *value, _ string) {
				r.spec.MCPServers = texts(v)
				r.reading().servers = v
			},
		},
		notUsedKey("order", "Place in the list. The order of the file counts."),
		notUsedKey("authType", "Who gives the key. The endpoint says."),
		notUsedKey("showIconInMenu", "Whether the icon is in the menu."),
		notUsedKey("showIconInHeader", "Whether the icon is in the header."),
		notUsedKey("showInMenu", "Whether it is in the menu."),
		notUsedKey("hideBadgeRow", "Whether the choice of tools is hidden."),
		notUsedKey("showOnLanding", "Whether it is shown at the start."),
		notUsedKey("groupIcon", "The icon of the group."),
		notUsedKey("softDefault", "A default that people may change."),
		notUsedKey("webSearch", "Whether it searches the web."),
		notUsedKey("fileSearch", "Whether it searches files."),
		notUsedKey("executeCode", "Whether it runs code."),
		notUsedKey("artifacts", "Whether it makes artifacts."),
		notUsedKey("memory", "Memories."),
		notUsedKey("skills", "Skills."),
		notUsedKey("subagents", "Agents of agents."),
	}
}

// presetKeys is the table of `preset`.
func presetKeys() []key {
	params := func(r *reader) *patchbay.ModelParams { return &r.spec.Params }
	tokens := func(name string) key {
		return key{name: name, typ: tInt, min: 1, max: 1 << 30, doc: "The most tokens of an answer.", set: func(r *reader, v *value, _ string) {
			n, _ := v.integer()
			params(r).MaxTokens = int(n)
		}}
	}
	topP := func(name string) key {
		return key{name: name, typ: tNumber, max: 1, doc: "Nucleus sampling, from 0 to 1.", set: func(r *reader, v *value, _ string) {
			f, _ := v.float()
			params(r).TopP = &f
		}}
	}
	instructions := func(name string) key {
		return key{name: name, typ: tString, doc: "Instructions to the model.", set: func(r *reader, v *value, _ string) { r.spec.Instructions = v.text }}
	}
	effort := func(name string) key {
		return key{name: name, typ: tString, doc: "How long to reason: none, minimal, low, medium, high, …", set: func(r *reader, v *value, _ string) {
			params(r).Effort = strings.TrimSpace(v.text)
		}}
	}
	member := func(name string) key {
		return key{name: name, typ: tNumber, min: -2, max: 2, doc: "As OpenAI's format has it, from -2 to 2.", set: func(r *reader, v *value, _ string) {
			x := r.reading()
			if x.extra == nil {
				x.extra = map[string]json.RawMessage{}
			}
			x.extra[name] = v.json()
		}}
	}
	return []key{
		{
			name: "endpoint", typ: tString, doc: "The provider: openAI, anthropic, …, the name of a custom one, or `agents`.",
			set: func(r *reader, v *value, _ string) {
				x := r.reading()
				x.endpoint, x.endpointAt = strings.TrimSpace(v.text), at(v)
			},
		},
		{name: "model", typ: tString, def: "the provider's first", doc: "The model.", set: func(r *reader, v *value, _ string) { r.spec.Model = strings.TrimSpace(v.text) }},
		{
			name: "agent_id", typ: tString, doc: "The agent, with `endpoint: agents`.",
			set: func(r *reader, v *value, _ string) { r.spec.Agent = strings.TrimSpace(v.text) },
		},
		instructions("promptPrefix"), instructions("instructions"), instructions("system"),
		{name: "greeting", typ: tString, doc: "A line shown when a conversation begins.", set: func(r *reader, v *value, _ string) { r.spec.Greeting = v.text }},
		{
			name: "temperature", typ: tNumber, max: 2, doc: "From 0 to 2.",
			set: func(r *reader, v *value, _ string) { f, _ := v.float(); params(r).Temperature = &f },
		},
		topP("top_p"), topP("topP"),
		tokens("max_tokens"), tokens("maxTokens"), tokens("maxOutputTokens"),
		effort("reasoning_effort"), effort("effort"),
		{name: "thinking", typ: tBool, doc: "Whether a model that can think does.", set: func(r *reader, v *value, _ string) { r.reading().noThinking = !v.bool() }},
		{
			name: "thinkingBudget", typ: tInt, min: 0, max: 1 << 30, doc: "The most tokens to think with.",
			set: func(r *reader, v *value, _ string) { n, _ := v.integer(); params(r).ThinkingBudget = int(n) },
		},
		{
			name: "stop", typ: tStrings, alts: []key{{typ: tString, set: func(r *reader, v *value, _ string) { params(r).StopAt = []string{v.text} }}},
			doc: "Where the model stops writing.", set: func(r *reader, v *value, _ string) { params(r).StopAt = texts(v) },
		},
		{
			name: "promptCache", typ: tBool, def: "true", doc: "Whether prompts are cached where that is ours to ask for.",
			set: func(r *reader, v *value, _ string) { params(r).NoCache = !v.bool() },
		},
		member("frequency_penalty"), member("presence_penalty"),
		notUsedKey("modelLabel", "A name of the model."),
		notUsedKey("chatGptLabel", "A name of the model."),
		notUsedKey("title", "A name of the preset."),
		notUsedKey("spec", "The name of the spec."),
		notUsedKey("iconURL", "An icon. The spec's own counts."),
		notUsedKey("maxContextTokens", "The size of the context."),
		notUsedKey("top_k", "Top-k sampling."),
		notUsedKey("topK", "Top-k sampling."),
		notUsedKey("thinkingLevel", "A level of thinking."),
		notUsedKey("reasoning_summary", "Summaries of reasoning."),
		notUsedKey("verbosity", "Length of answers."),
		notUsedKey("useResponsesApi", "Which of OpenAI's formats. The model decides."),
		notUsedKey("web_search", "A search of the vendor's."),
		notUsedKey("disableStreaming", "Whether answers come whole."),
		notUsedKey("fileTokenLimit", "Tokens of files."),
		notUsedKey("resendFiles", "Whether files are sent again."),
		notUsedKey("imageDetail", "Detail of images."),
		notUsedKey("additional_instructions", "Instructions of assistants."),
		notUsedKey("append_current_datetime", "Whether assistants know the time."),
		notUsedKey("assistant_id", "An assistant."),
		notUsedKey("endpointType", "The kind of the endpoint."),
		notUsedKey("examples", "Examples of conversations."),
		notUsedKey("context", "Instructions of old models of Google's."),
		notUsedKey("region", "A region of Bedrock."),
		notUsedKey("additionalModelRequestFields", "Members of Bedrock's requests."),
		notUsedKey("tools", "Plugins."),
		notUsedKey("artifacts", "Artifacts."),
	}
}

// reading is the spec being read.
func (r *reader) reading() *readSpec { return &r.specs[len(r.specs)-1] }

// maxSpecs bounds a list that people choose from.
const maxSpecs = 500

// withinSpec reads one spec. One with a mistake is left out.
func withinSpec(r *reader, v *value, path string, parts func()) {
	if len(r.specs) >= maxSpecs {
		r.fail(at(v), path, "is one more than the %d that there may be", maxSpecs)
		return
	}
	root := r.root
	r.specs = append(r.specs, readSpec{where: at(v), path: path})
	x := r.reading()
	r.root, r.spec = specKeys(), &x.spec
	r.blame = func(Finding) { x.bad = true }
	parts()
	r.spec, r.blame, r.root = nil, nil, root
}

// finishSpecs takes the specs whose endpoint and servers are there. It runs when all
// sections have been read.
func (r *reader) finishSpecs() {
	names, defaults := map[string]bool{}, 0
	for i := range r.specs {
		x := &r.specs[i]
		r.blame = func(Finding) { x.bad = true }
		r.specRules(x)
		if x.spec.Name != "" && names[x.spec.Name] {
			r.fail(x.where, join(x.path, "name"), "is taken by a spec above")
		}
		r.blame = nil
		if x.bad {
			continue
		}
		names[x.spec.Name] = true
		if x.spec.Default {
			if defaults++; defaults > 1 {
				r.warn(x.where, join(x.path, "default"), "is not the first; only one spec can be the default")
				x.spec.Default = false
			}
		}
		r.cfg.ModelSpecs.List = append(r.cfg.ModelSpecs.List, x.spec)
	}
}

func (r *reader) specRules(x *readSpec) {
	s := &x.spec
	if s.Name == "" {
		r.fail(x.where, join(x.path, "name"), "is missing; a spec needs a name")
	}
	where := x.endpointAt
	if where == (place{}) {
		where = x.where
	}
	endpoint := join(x.path, "preset.endpoint")
	var kind patchbay.ProviderKind
	switch {
	case x.endpoint == "" && s.Agent == "":
		r.fail(where, endpoint, "is missing; write which provider the model is of")
	case x.endpoint == "agents", x.endpoint == "":
		if s.Agent == "" {
			r.fail(where, join(x.path, "preset.agent_id"), "is missing; `endpoint: agents` needs the id of an agent")
		}
	default:
		s.Agent = ""
		kind, s.Provider = r.endpointKind(x.endpoint)
		if s.Provider == "" {
			r.fail(where, endpoint, "there is no such endpoint%s", didYouMean(x.endpoint, r.endpointNames()))
		}
	}
	x.think(kind)
	if x.servers == nil {
		return
	}
	known := make([]string, 0, len(r.cfg.Servers))
	for _, srv := range r.cfg.Servers {
		known = append(known, srv.Name)
	}
	for _, item := range x.servers.items {
		if !slices.Contains(known, item.text) {
			r.warn(at(item), join(x.path, "mcpServers"), "there is no server of this name in mcpServers%s", didYouMean(item.text, known))
		}
	}
}

// think settles what depends on the kind of the provider. Thinking is on where LibreChat
// turns it on, with its budget.
func (x *readSpec) think(kind patchbay.ProviderKind) {
	p := &x.spec.Params
	if x.noThinking {
		p.ThinkingBudget = 0
		if kind == patchbay.ProviderAnthropic && p.Effort == "" {
			p.Effort = "none"
		}
	}
	switch kind {
	case patchbay.ProviderOpenAI, patchbay.ProviderAzure, patchbay.ProviderCustom:
		p.Add = x.extra
	default:
	}
}

func (r *reader) endpointKind(name string) (patchbay.ProviderKind, string) {
	for _, p := range r.cfg.Providers {
		if p.Name == name {
			return p.Kind, p.Name
		}
	}
	for _, b := range builtins() {
		if b.name == name {
			return b.kind, b.name
		}
	}
	return "", ""
}

func (r *reader) endpointNames() []string {
	var names []string
	for _, b := range builtins() {
		names = append(names, b.name)
	}
	for _, p := range r.cfg.Providers {
		names = append(names, p.Name)
	}
	return append(names, "agents")
}

func didYouMean(word string, known []string) string {
	if best := expand.Nearest(word, known); best != "" {
		return "; did you mean `" + best + "`?"
	}
	return ""
}
