package config

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"patchbay"
	"patchbay/internal/expand"
)

// builtin is a vendor whose key may stand in the environment alone.
type builtin struct {
	name   string
	kind   patchbay.ProviderKind
	label  string
	keyEnv string
	prefix string // of PREFIX_MODELS, PREFIX_REVERSE_PROXY, PREFIX_TITLE_MODEL
	models string // the variable of models, where it is called otherwise
}

// builtins lists the vendors in the order they are shown.
func builtins() []builtin {
	return []builtin{
		{name: "openAI", kind: patchbay.ProviderOpenAI, label: "OpenAI", keyEnv: "OPENAI_API_KEY", prefix: "OPENAI"},
		{name: "azureOpenAI", kind: patchbay.ProviderAzure, label: "Azure OpenAI", keyEnv: "AZURE_API_KEY", prefix: "AZURE_OPENAI"},
		{name: "google", kind: patchbay.ProviderGoogle, label: "Google", keyEnv: "GOOGLE_KEY", prefix: "GOOGLE"},
		{name: "anthropic", kind: patchbay.ProviderAnthropic, label: "Anthropic", keyEnv: "ANTHROPIC_API_KEY", prefix: "ANTHROPIC"},
		{name: "bedrock", kind: patchbay.ProviderBedrock, label: "AWS Bedrock", keyEnv: "BEDROCK_AWS_ACCESS_KEY_ID", prefix: "BEDROCK", models: "BEDROCK_AWS_MODELS"},
	}
}

// isBuiltin reports whether a name is that of a vendor. No other provider has one.
func isBuiltin(name string) bool {
	return slices.ContainsFunc(builtins(), func(b builtin) bool { return strings.EqualFold(b.name, name) })
}

// maxProviders bounds a list that nobody writes by hand.
const maxProviders = 200

// writtenProvider is where a provider stands in the file.
type writtenProvider struct {
	v    *value
	path string
}

// provider reads one provider; its mistakes are its own.
func (r *reader) provider(p *patchbay.Provider, v *value, path string, parts func()) {
	root := r.root
	r.p, r.blame = p, func(f Finding) {
		if p.Problem == nil {
			p.Problem = &patchbay.Problem{
				Reason: patchbay.ReasonBadDefinition, Line: f.Line, Column: f.Column,
				Message: strings.TrimPrefix(f.Path, path+".") + ": " + f.Message,
			}
		}
	}
	parts()
	r.providerRules(v, path)
	r.p, r.blame, r.root = nil, nil, root
	if r.written == nil {
		r.written = map[*patchbay.Provider]writtenProvider{}
	}
	r.written[p] = writtenProvider{v, path}
	if len(r.cfg.Providers) < maxProviders {
		r.cfg.Providers = append(r.cfg.Providers, p)
	}
}

func withinCustom(r *reader, v *value, path string, parts func()) {
	p := &patchbay.Provider{Kind: patchbay.ProviderCustom}
	r.root = customKeys()
	r.provider(p, v, path, func() {
		parts()
		r.customRules(v, path)
	})
	if p.Name == "" || r.nameTaken(p) { // nothing can name it
		r.cfg.Providers = slices.DeleteFunc(r.cfg.Providers, func(q *patchbay.Provider) bool { return q == p })
	}
}

func (r *reader) nameTaken(p *patchbay.Provider) bool {
	return slices.ContainsFunc(r.cfg.Providers, func(q *patchbay.Provider) bool { return q != p && strings.EqualFold(q.Name, p.Name) })
}

// otherEndpoints are names of endpoints that are no model APIs.
var otherEndpoints = []string{"agents", "assistants", "azureAssistants", "custom", "gptPlugins"}

// customRules are the rules of an entry of `endpoints.custom`.
func (r *reader) customRules(v *value, path string) {
	p, where := r.p, at(v)
	if n := v.get("name"); n != nil {
		where = at(n)
	}
	switch {
	case p.Name == "":
		r.fail(where, join(path, "name"), "is missing; a provider needs a name")
	case len(p.Name) > 128 || strings.ContainsFunc(p.Name, unicode.IsControl):
		r.fail(where, join(path, "name"), "must be one line of at most 128 bytes")
		p.Name = ""
	case isBuiltin(p.Name) || slices.ContainsFunc(otherEndpoints, func(n string) bool { return strings.EqualFold(n, p.Name) }):
		r.fail(where, join(path, "name"), "is the name of an endpoint of its own; choose another")
		p.Name = ""
	case r.nameTaken(p):
		r.fail(where, join(path, "name"), "is taken by a provider above; names do not differ by case")
	}
	if p.BaseURL == "" && !p.UserURL && p.Problem == nil {
		r.fail(at(v), join(path, "baseURL"), "is missing; write the address of the API, like http://localhost:11434/v1")
	}
	if p.UserURL && p.KeySource == patchbay.KeyNone {
		r.fail(at(v), join(path, "apiKey"), "must be user_provided, as the address is: people give both together")
	}
	if fetch := v.get("models").get("fetch"); len(p.Models) == 0 && fetch != nil && !fetch.bool() && p.Problem == nil {
		r.fail(at(fetch), join(path, "models"), "has no models: name them in `default`, or let them be fetched")
	}
	if len(p.Models) == 0 {
		p.Fetch = true
	}
}

// providerRules are the rules of every provider.
func (r *reader) providerRules(v *value, path string) {
	p := r.p
	spot := func(name string) place {
		if x := v.get(name); x != nil {
			return at(x)
		}
		return at(v)
	}
	for _, problem := range expand.CheckProvider(p) {
		head, below, _ := strings.Cut(problem.Path, ".")
		where := spot(head)
		if x := v.get(head).get(below); x != nil {
			where = at(x)
		}
		r.failFor(problem.Reason, where, join(path, problem.Path), "%s", problem.Message)
	}
	if _, fromEnv := wholeEnv(p.Key.Reveal()); p.UserURL && p.KeySource == patchbay.KeyOperator && !fromEnv {
		r.fail(spot("baseURL"), join(path, "baseURL"), "needs `apiKey: user_provided` too: your key would go to whatever address a person gives")
	}
	if p.UserURL && len(p.Headers) > 0 {
		r.warn(spot("headers"), join(path, "headers"), "are not sent to addresses that people give")
	}
	for _, name := range expand.BodyHeaders(p) {
		r.warn(at(v.get("headers").get(name)), join(path, "headers."+name), "names a field of a request, which headers of model APIs do not carry; this header is left out")
	}
}

// apiBase takes the path of an operation off an address: people paste either.
func apiBase(text string) string {
	path, query, asked := strings.Cut(text, "?")
	path = strings.TrimRight(path, "/")
	for _, operation := range []string{"/chat/completions", "/messages", "/completions", "/responses"} {
		path = strings.TrimSuffix(path, operation)
	}
	path = strings.TrimRight(path, "/")
	if asked {
		path += "?" + query
	}
	return path
}

func baseURLProblem(text string) string {
	if strings.Contains(text, "${") || strings.Contains(text, "{{") {
		return "" // judged when it is expanded
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "must be an address that begins with http:// or https://, or user_provided"
	case u.User != nil:
		return "must not hold a user name or password; put the key into apiKey"
	case u.Fragment != "":
		return "must not hold a # part"
	}
	return ""
}

// finishProviders puts the providers together: those of the file, and those that the
// environment has a key for, in the order that ENDPOINTS says.
func (r *reader) finishProviders(lookup func(string) (string, bool)) {
	var custom, all []*patchbay.Provider
	for _, p := range r.cfg.Providers {
		if !isBuiltin(p.Name) {
			custom = append(custom, p)
		}
	}
	env := lookup
	if env == nil {
		env = func(string) (string, bool) { return "", false }
	}
	for _, name := range endpointsOrder(env) {
		if name == "custom" {
			all = append(all, custom...)
			continue
		}
		i := slices.IndexFunc(builtins(), func(b builtin) bool { return b.name == name })
		if i < 0 {
			continue
		}
		var read *patchbay.Provider
		for _, p := range r.cfg.Providers {
			if p.Name == name {
				read = p
			}
		}
		well := read == nil || read.Problem == nil
		if p := builtins()[i].complete(read, env); p != nil {
			if well && p.Problem != nil {
				r.add(SeverityError, place{}, "", "%s", p.Problem.Message)
			}
			all = append(all, p)
		}
	}
	r.cfg.Providers = all
	for _, p := range all {
		r.completeKey(p, lookup)
	}
}

// endpointsOrder is what ENDPOINTS says, or the usual order.
func endpointsOrder(env func(string) (string, bool)) []string {
	text, _ := env("ENDPOINTS")
	names := list(text)
	if len(names) == 0 {
		for _, b := range builtins() {
			names = append(names, b.name)
		}
		names = append(names, "custom")
	}
	var once []string
	for _, n := range names {
		if !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return once
}

// list splits a variable at its commas.
func list(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// complete fills a vendor's section with the environment. It returns nil when neither
// the file nor the environment speaks of it.
func (b builtin) complete(read *patchbay.Provider, env func(string) (string, bool)) *patchbay.Provider {
	get := func(name string) string {
		v, _ := env(name)
		return strings.TrimSpace(v)
	}
	key, file := get(b.keyEnv), get(b.keyEnv+"_FILE")
	if read == nil {
		if key == "" && file == "" && !b.spokenOf(get) {
			return nil
		}
		read = &patchbay.Provider{Name: b.name, Kind: b.kind}
	}
	p := read
	if p.Label == "" {
		p.Label = b.label
	}
	if b.kind == patchbay.ProviderAzure {
		completeAzure(p, get)
	}
	if p.KeySource == patchbay.KeyNone && needsKey(p) {
		p.Key, p.KeySource = b.envKey(get)
	}
	models := b.models
	if models == "" {
		models = b.prefix + "_MODELS"
	}
	if len(p.Models) == 0 {
		for _, name := range list(get(models)) {
			p.Models = append(p.Models, patchbay.ModelInfo{ID: name})
		}
	}
	p.Fetch = (p.Fetch || len(p.Models) == 0) && b.kind != patchbay.ProviderAzure
	if b.name == "openAI" && get("OPENAI_ORGANIZATION") != "" && len(p.Headers) == 0 {
		p.Headers = map[string]string{"OpenAI-Organization": "${OPENAI_ORGANIZATION}"}
	}
	if p.TitleModel == "" {
		p.TitleModel = get(b.prefix + "_TITLE_MODEL")
	}
	if url := get(b.prefix + "_REVERSE_PROXY"); p.BaseURL == "" && !p.UserURL && url != "" {
		if url == userProvided {
			p.UserURL = true
		} else {
			p.BaseURL = apiBase(url)
		}
	}
	if b.kind == patchbay.ProviderBedrock {
		completeBedrock(p, get)
	}
	if p.Problem == nil && !p.UserURL && p.BaseURL != "" {
		if why := baseURLProblem(p.BaseURL); why != "" {
			p.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: b.prefix + "_REVERSE_PROXY " + why}
		}
	}
	return p
}

// completeKey finds out what needs the environment: a key that is user_provided there, and
// what is not set.
func (r *reader) completeKey(p *patchbay.Provider, lookup func(string) (string, bool)) {
	if lookup == nil {
		return
	}
	if name, whole := wholeEnv(p.Key.Reveal()); whole {
		if v, _ := lookup(name); strings.TrimSpace(v) == userProvided {
			p.Key, p.KeySource = patchbay.Secret{}, patchbay.KeyUser
		}
	}
	if name, whole := wholeEnv(p.BaseURL); whole {
		if v, _ := lookup(name); strings.TrimSpace(v) == userProvided {
			p.BaseURL, p.UserURL = "", true
		}
	}
	if p.UserURL && p.KeySource != patchbay.KeyUser && p.Problem == nil {
		const why = "is user_provided and the key is not: yours would go to whatever address a person gives"
		r.add(SeverityError, r.placeInProvider(p, "baseURL"), r.pathOf(p)+".baseURL", why)
		p.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "the address " + why}
	}
	r.needRegion(p)
	for _, use := range expand.ProviderEnv(p) {
		_, ok := lookup(use.Name)
		_, file := lookup(use.Name + "_FILE")
		if ok || file {
			continue
		}
		head, _, _ := strings.Cut(use.Path, ".")
		r.add(SeverityNote, r.placeInProvider(p, head), r.pathOf(p)+"."+use.Path, "env_missing: environment variable %s is not set", use.Name)
		if p.Problem == nil {
			p.Problem = &patchbay.Problem{Reason: patchbay.ReasonEnvMissing, Message: "environment variable " + use.Name + " is not set"}
		}
	}
}

// placeInProvider is where a key of a provider stands, or the provider; none for one that
// only the environment speaks of.
func (r *reader) placeInProvider(p *patchbay.Provider, name string) place {
	w, ok := r.written[p]
	switch x := w.v.get(name); {
	case x != nil:
		return at(x)
	case ok:
		return at(w.v)
	}
	return place{}
}

func (r *reader) pathOf(p *patchbay.Provider) string {
	if w, ok := r.written[p]; ok {
		return w.path
	}
	return "endpoints." + p.Name
}

// wholeEnv returns NAME of a text that is ${NAME} and nothing else.
func wholeEnv(text string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(text, "${")
	if !ok || !strings.HasSuffix(rest, "}") || strings.Count(rest, "}") != 1 {
		return "", false
	}
	return strings.TrimSuffix(rest, "}"), true
}

// json returns a value as JSON. A number that JSON cannot write is a text.
func (v *value) json() json.RawMessage {
	switch v.kind {
	case isNull:
		return json.RawMessage("null")
	case isBool:
		return json.RawMessage(strconv.FormatBool(v.bool()))
	case isNumber:
		if json.Valid([]byte(v.text)) {
			return json.RawMessage(v.text)
		}
		if f, ok := v.float(); ok {
			return json.RawMessage(strconv.FormatFloat(f, 'g', -1, 64))
		}
	case isList:
		out := []byte{'['}
		for i, item := range v.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, item.json()...)
		}
		return append(out, ']')
	case isMap:
		out := []byte{'{'}
		for i, p := range v.pairs {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, jsonText(p.key)...), ':'), p.value.json()...)
		}
		return append(out, '}')
	default:
	}
	return jsonText(v.text)
}

func jsonText(s string) json.RawMessage {
	data, err := json.Marshal(s)
	if err != nil {
		return json.RawMessage(`""`) // a string always encodes
	}
	return data
}
