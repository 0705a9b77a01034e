package config

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"patchbay"
)

// azureGroup is one group of `endpoints.azureOpenAI.groups`, before its models are
// deployments.
type azureGroup struct {
	instance, deployment, version, base string
	key                                 patchbay.Secret
	keyUser                             bool
	headers                             map[string]string
	serverless                          bool
	add                                 map[string]json.RawMessage
	drop                                []string
	models                              []azureModel
}

type azureModel struct {
	name, deployment, version string
	at                        place
}

// groupsKey is the key of Azure's groups of deployments.
func groupsKey() key {
	text := func(name, doc string, to func(g *azureGroup) *string) key {
		return key{name: name, typ: tString, doc: doc, set: func(r *reader, v *value, _ string) { *to(r.group) = strings.TrimSpace(v.text) }}
	}
	keys := []key{
		{name: "group", typ: tString, doc: "A name for people who read the file.", set: func(*reader, *value, string) {}},
		{name: "apiKey", typ: tString, def: "`AZURE_API_KEY`", places: true, doc: keyDoc, set: setGroupKey},
		text("instanceName", "The name of the resource, or its whole host.", func(g *azureGroup) *string { return &g.instance }),
		text("deploymentName", "The deployment of models that name none.", func(g *azureGroup) *string { return &g.deployment }),
		text("version", "The api-version of models that name none. Without one the address with `/openai/v1` is asked.", func(g *azureGroup) *string { return &g.version }),
		{
			name: "baseURL", typ: tString, def: "the instance's", places: true,
			doc: "Another address, before `/chat/completions`; `${INSTANCE_NAME}` and `${DEPLOYMENT_NAME}` are those of the group.",
			set: func(r *reader, v *value, _ string) { r.group.base = apiBase(strings.TrimSpace(v.text)) },
		},
		{
			name: "additionalHeaders", typ: tMap, places: true, doc: "Headers of every request.",
			set: func(r *reader, v *value, path string) { r.group.headers = r.headers(v, path) },
		},
		{
			name: "serverless", typ: tBool, def: "false", doc: "Whether `baseURL` is that of a model of another vendor's.",
			set: func(r *reader, v *value, _ string) { r.group.serverless = v.bool() },
		},
		{
			name: "addParams", typ: tMapOf, of: &key{typ: tAny}, doc: "Members that are put into every request, over ours.",
			set: func(r *reader, v *value, _ string) {
				r.group.add = map[string]json.RawMessage{}
				for _, p := range v.pairs {
					r.group.add[p.key] = p.value.json()
				}
			},
		},
		{
			name: "dropParams", typ: tStrings, def: "none", doc: "Members that are taken out of every request.",
			set: func(r *reader, v *value, _ string) { r.group.drop = texts(v) },
		},
		{
			name: "models", typ: tMapOf, doc: "The models, by the names that people choose: `true`, or their `deploymentName` and `version`.",
			of:  &key{typ: tBool, alts: []key{{typ: tObject, keys: []key{{name: "deploymentName", typ: tString, doc: "The deployment."}, {name: "version", typ: tString, doc: "The api-version."}}}}},
			set: setGroupModels,
		},
		notUsedKey("forcePrompt", "An old format of requests."),
		notUsedKey("assistants", "Assistants of Azure."),
	}
	return key{
		name: "groups", typ: tListOf, doc: "Azure's deployments, in groups that share an instance and a key.",
		of: &key{typ: tObject, keys: keys, doc: "One group.", within: withinGroup},
	}
}

func setGroupKey(r *reader, v *value, _ string) {
	text := strings.TrimSpace(v.text)
	if r.group.keyUser = text == userProvided; !r.group.keyUser {
		r.group.key = patchbay.NewSecret(text)
	}
}

func setGroupModels(r *reader, v *value, _ string) {
	for _, p := range v.pairs {
		m := azureModel{name: p.key, at: place{p.line, p.col}}
		if p.value.kind == isMap {
			if d := p.value.get("deploymentName"); d != nil {
				m.deployment = strings.TrimSpace(d.text)
			}
			if d := p.value.get("version"); d != nil {
				m.version = strings.TrimSpace(d.text)
			}
		} else if !p.value.bool() {
			continue
		}
		r.group.models = append(r.group.models, m)
	}
}

// withinGroup reads a group and makes its models deployments.
func withinGroup(r *reader, v *value, path string, parts func()) {
	r.group = &azureGroup{}
	parts()
	g := r.group
	r.group = nil
	switch {
	case len(g.models) == 0:
		r.fail(at(v), join(path, "models"), "names no models; write `NAME: {deploymentName: …}` or `NAME: true`")
		return
	case g.base == "" && g.serverless:
		r.fail(at(v), join(path, "baseURL"), "is missing; a serverless model has an address of its own")
		return
	case g.base == "" && g.instance == "":
		r.fail(at(v), join(path, "instanceName"), "is missing; write the name of the resource, or a baseURL")
		return
	}
	if g.keyUser {
		r.p.Key, r.p.KeySource = patchbay.Secret{}, patchbay.KeyUser
	}
	for _, m := range g.models {
		if slices.ContainsFunc(r.p.Deployments, func(d patchbay.Deployment) bool { return d.Model == m.name }) {
			r.warn(m.at, join(join(path, "models"), m.name), "is in a group above already; that one is used")
			continue
		}
		r.p.Deployments = append(r.p.Deployments, g.of(m))
	}
}

// of is the deployment of a model.
func (g *azureGroup) of(m azureModel) patchbay.Deployment {
	d := patchbay.Deployment{
		Model: m.name, Name: firstText(m.deployment, g.deployment, m.name), Version: firstText(m.version, g.version),
		Key: g.key, Headers: g.headers, Serverless: g.serverless, AddParams: g.add, DropParams: g.drop,
	}
	d.BaseURL = azureBase(g.base, g.instance, d.Name, d.Version)
	return d
}

// azureBase is what /chat/completions comes after. An address of one's own gets the names
// put in; they may be placeholders of the environment themselves.
func azureBase(base, instance, deployment, version string) string {
	if base != "" {
		for name, with := range map[string]string{"${INSTANCE_NAME}": instance, "${DEPLOYMENT_NAME}": deployment} {
			if with != "" {
				base = strings.ReplaceAll(base, name, with)
			}
		}
		return apiBase(base)
	}
	host := instance
	if !strings.Contains(strings.ReplaceAll(host, "${", ""), ".") {
		host += ".openai.azure.com"
	}
	if version == "" {
		return "https://" + host + "/openai/v1"
	}
	if !strings.Contains(deployment, "${") {
		deployment = url.PathEscape(deployment)
	}
	return "https://" + host + "/openai/deployments/" + deployment
}

func firstText(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// completeAzure makes deployments of the environment where the file has none, and the
// models of the deployments.
func completeAzure(p *patchbay.Provider, get func(string) string) {
	if len(p.Deployments) == 0 {
		g := azureGroup{
			instance: get("AZURE_OPENAI_API_INSTANCE_NAME"), deployment: get("AZURE_OPENAI_API_DEPLOYMENT_NAME"),
			version: get("AZURE_OPENAI_API_VERSION"), base: apiBase(firstText(p.BaseURL, get("AZURE_OPENAI_BASEURL"))),
		}
		names := list(get("AZURE_OPENAI_MODELS"))
		if len(names) == 0 && g.deployment != "" {
			names = []string{g.deployment}
		}
		if g.instance != "" || g.base != "" {
			for _, name := range names {
				p.Deployments = append(p.Deployments, g.of(azureModel{name: name}))
			}
		}
	}
	if p.UserURL && p.Problem == nil {
		p.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "the address cannot be user_provided: deployments have their own"}
	}
	p.Models, p.Fetch, p.BaseURL, p.UserURL = nil, false, "", false
	for _, d := range p.Deployments {
		p.Models = append(p.Models, patchbay.ModelInfo{ID: d.Model})
	}
	if len(p.Models) == 0 && p.Problem == nil {
		p.Problem = &patchbay.Problem{
			Reason:  patchbay.ReasonBadDefinition,
			Message: "there are no deployments: write `groups`, or set AZURE_OPENAI_API_INSTANCE_NAME and AZURE_OPENAI_API_DEPLOYMENT_NAME",
		}
	}
}

// needsKey reports whether a provider is asked with a key of its own: deployments may
// each have theirs.
func needsKey(p *patchbay.Provider) bool {
	return len(p.Deployments) == 0 || slices.ContainsFunc(p.Deployments, func(d patchbay.Deployment) bool { return d.Key.Empty() })
}
