package config

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"patchbay"
)

func dumpEndpoints(cfg *Config) yaml.MapSlice {
	f := fieldsOf{}
	var custom []yaml.MapSlice
	for _, p := range cfg.Providers {
		if !isBuiltin(p.Name) {
			custom = append(custom, dumpProvider(p))
			continue
		}
		f.add(p.Name, dumpProvider(p), true)
	}
	f.add("custom", custom, len(custom) > 0)
	f.list("allowedAddresses", cfg.ModelAddresses)
	agents := fieldsOf{}
	agents.add("recursionLimit", cfg.Agents.RecursionLimit, true)
	agents.add("maxRecursionLimit", cfg.Agents.MaxRecursionLimit, cfg.Agents.MaxRecursionLimit > 0)
	agents.add("disableBuilder", cfg.Agents.DisableBuilder, true)
	agents.list("allowedProviders", cfg.Agents.AllowedProviders)
	agents.list("capabilities", cfg.Agents.Capabilities)
	if a := cfg.ToolApproval; a.Enabled {
		approval := fieldsOf{}
		approval.text("mode", a.Mode)
		approval.list("allow", a.Allow)
		approval.list("deny", a.Deny)
		approval.list("ask", a.Ask)
		agents.add("toolApproval", yaml.MapSlice(approval), true)
	}
	f.add("agents", yaml.MapSlice(agents), true)
	return yaml.MapSlice(f)
}

func dumpProvider(p *patchbay.Provider) yaml.MapSlice {
	f := fieldsOf{}
	if p.Problem != nil {
		f.text("problem", string(p.Problem.Reason)+": "+p.Problem.Message)
	}
	if !isBuiltin(p.Name) {
		f.text("name", p.Name)
		f.add("provider", string(p.Kind), p.Kind != patchbay.ProviderCustom)
	}
	switch p.KeySource {
	case patchbay.KeyUser:
		f.text("apiKey", userProvided)
	default:
		f.text("apiKey", RedactValue(p.Key.Reveal()))
	}
	f.text("baseURL", RedactURL(p.BaseURL))
	f.add("baseURL", userProvided, p.UserURL)
	f.text("modelDisplayLabel", p.Label)
	f.text("iconURL", shortened(p.IconURL))
	f.texts("headers", redactMap(p.Headers))
	if len(p.Deployments) > 0 {
		f.add("groups", dumpDeployments(p.Deployments), true)
	} else {
		models := fieldsOf{}
		models.list("default", modelIDs(p.Models))
		models.add("fetch", p.Fetch, true)
		f.add("models", yaml.MapSlice(models), true)
	}
	f.add("titleConvo", false, p.NoTitles)
	f.text("titleModel", p.TitleModel)
	f.text("titleEndpoint", p.TitleProvider)
	if p.Tools != nil {
		f.add("tools", *p.Tools, true)
	}
	f.texts("addParams", redactParams(p.AddParams))
	f.list("dropParams", p.DropParams)
	return yaml.MapSlice(f)
}

func redactParams(params map[string]json.RawMessage) map[string]string {
	added := make(map[string]string, len(params))
	for name := range params {
		added[name] = Redaction // a value may hold anything
	}
	return added
}

// dumpDeployments writes each deployment as a group of its own.
func dumpDeployments(list []patchbay.Deployment) []yaml.MapSlice {
	var groups []yaml.MapSlice
	for i := range list {
		d := &list[i]
		f := fieldsOf{}
		f.text("apiKey", RedactValue(d.Key.Reveal()))
		f.text("baseURL", RedactURL(d.BaseURL))
		f.text("version", d.Version)
		f.texts("additionalHeaders", redactMap(d.Headers))
		f.add("serverless", true, d.Serverless)
		f.texts("addParams", redactParams(d.AddParams))
		f.list("dropParams", d.DropParams)
		model := fieldsOf{}
		model.text("deploymentName", d.Name)
		models := fieldsOf{}
		models.add(d.Model, yaml.MapSlice(model), true)
		f.add("models", yaml.MapSlice(models), true)
		groups = append(groups, yaml.MapSlice(f))
	}
	return groups
}

func modelIDs(models []patchbay.ModelInfo) []string {
	ids := make([]string, len(models))
	for i, m := range models {
		ids[i] = m.ID
	}
	return ids
}

func dumpSpecs(s ModelSpecs) yaml.MapSlice {
	list := make([]yaml.MapSlice, 0, len(s.List))
	for i := range s.List {
		list = append(list, dumpSpec(&s.List[i]))
	}
	f := fieldsOf{}
	f.add("enforce", s.Enforce, true)
	f.add("prioritize", s.Prioritize, true)
	f.add("list", list, len(list) > 0)
	return yaml.MapSlice(f)
}

func dumpSpec(s *patchbay.ModelSpec) yaml.MapSlice {
	preset := fieldsOf{}
	preset.text("endpoint", s.Provider)
	preset.text("model", s.Model)
	preset.text("agent_id", s.Agent)
	preset.text("promptPrefix", s.Instructions)
	preset.text("greeting", s.Greeting)
	p := s.Params
	if p.Temperature != nil {
		preset.add("temperature", *p.Temperature, true)
	}
	if p.TopP != nil {
		preset.add("top_p", *p.TopP, true)
	}
	preset.add("max_tokens", p.MaxTokens, p.MaxTokens > 0)
	preset.text("reasoning_effort", p.Effort)
	preset.add("thinkingBudget", p.ThinkingBudget, p.ThinkingBudget > 0)
	preset.list("stop", p.StopAt)
	preset.add("promptCache", false, p.NoCache)
	for _, name := range slices.Sorted(maps.Keys(p.Add)) {
		preset.text(name, string(p.Add[name]))
	}
	f := fieldsOf{}
	f.text("name", s.Name)
	f.text("label", s.Label)
	f.text("description", s.Description)
	f.text("iconURL", shortened(s.IconURL))
	f.text("group", s.Group)
	f.add("default", true, s.Default)
	f.add("preset", yaml.MapSlice(preset), true)
	f.list("mcpServers", s.MCPServers)
	return yaml.MapSlice(f)
}

func dumpInterface(i Interface) yaml.MapSlice {
	servers := fieldsOf{}
	servers.add("use", i.MCPServers.Use, true)
	servers.add("create", i.MCPServers.Create, true)
	servers.add("share", i.MCPServers.Share, true)
	servers.add("public", i.MCPServers.Public, true)
	servers.text("placeholder", i.MCPServers.Placeholder)
	f := fieldsOf{}
	f.add("mcpServers", yaml.MapSlice(servers), true)
	f.add("modelSelect", i.ModelSelect, true)
	f.add("parameters", i.Parameters, true)
	f.add("presets", i.Presets, true)
	f.add("agents", i.Agents, true)
	f.text("customWelcome", i.CustomWelcome)
	link := func(name string, l Link) {
		if l.URL != "" {
			f.add(name, yaml.MapSlice{{Key: "externalUrl", Value: l.URL}, {Key: "openNewTab", Value: l.NewTab}}, true)
		}
	}
	link("privacyPolicy", i.PrivacyPolicy)
	link("termsOfService", i.TermsOfService)
	return yaml.MapSlice(f)
}
