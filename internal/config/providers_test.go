package config_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"patchbay"
	"patchbay/internal/config"
)

func parseWith(t *testing.T, text string, env map[string]string) *config.Config {
	t.Helper()
	cfg, err := config.Parse([]byte(text), config.Options{Path: "librechat.yaml", Lookup: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func provider(t *testing.T, cfg *config.Config, name string) *patchbay.Provider {
	t.Helper()
	for _, p := range cfg.Providers {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no provider %s", name)
	return nil
}

func providerNames(cfg *config.Config) string {
	var names []string
	for _, p := range cfg.Providers {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func TestProvidersOfTheFile(t *testing.T) {
	cfg := parseWith(t, everyKey, map[string]string{"ROUTER_KEY": "fake", "ROUTER_URL": "https://r.example/v1", "TEAM_TOKEN": "fake"})
	if got := providerNames(cfg); got != "openAI azureOpenAI anthropic bedrock ollama router own" {
		t.Error(got)
	}
	no := false
	want := []*patchbay.Provider{
		{
			Name: "openAI", Kind: patchbay.ProviderOpenAI, Label: "OpenAI", Key: patchbay.NewSecret("sk-fake-literal"), KeySource: patchbay.KeyOperator,
			Models: []patchbay.ModelInfo{{ID: "gpt-4o"}, {ID: "gpt-4o-mini"}}, TitleModel: "gpt-4o-mini",
		},
		{
			Name: "anthropic", Kind: patchbay.ProviderAnthropic, Label: "Anthropic", KeySource: patchbay.KeyUser, Fetch: true, NoTitles: true,
			BaseURL: "https://proxy.example/anthropic/v1?key=abc",
		},
		{
			Name: "ollama", Kind: patchbay.ProviderCustom, Key: patchbay.NewSecret("ollama"), KeySource: patchbay.KeyOperator,
			BaseURL: "http://localhost:11434/v1", Fetch: true,
		},
		{
			Name: "router", Kind: patchbay.ProviderCustom, Label: "Router", IconURL: "https://m.example/icon.png",
			Key: patchbay.NewSecret("${ROUTER_KEY}"), KeySource: patchbay.KeyOperator, BaseURL: "${ROUTER_URL}",
			Headers: map[string]string{"X-Literal": "secret", "X-User": "{{LIBRECHAT_USER_ID}}", "X-Env": "Bearer ${TEAM_TOKEN}"},
			Models:  []patchbay.ModelInfo{{ID: "a/b"}, {ID: "c/d"}}, Tools: &no, TitleModel: "c/d", TitleProvider: "openAI",
			AddParams: map[string]json.RawMessage{
				"seed": json.RawMessage("7"), "metadata": json.RawMessage(`{"token":"sk-fake-param","list":[1,2.5,null,true]}`),
			},
			DropParams: []string{"stop", "user"},
		},
		{
			Name: "own", Kind: patchbay.ProviderAnthropic, KeySource: patchbay.KeyUser, UserURL: true, Models: []patchbay.ModelInfo{{ID: "m"}},
		},
	}
	for _, p := range want {
		if diff := cmp.Diff(p, provider(t, cfg, p.Name)); diff != "" {
			t.Error(diff)
		}
	}
	if fmt.Sprintf("%v %+v %#v", want[0].Key, *want[0], want[0].Key) != strings.ReplaceAll(fmt.Sprintf("%v %+v %#v", want[0].Key, *want[0], want[0].Key), "sk-fake", "") {
		t.Error("a provider prints its key")
	}
	if p := provider(t, cfg, "azureOpenAI"); p.Problem != nil || p.KeySource != patchbay.KeyNone || len(p.Models) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestSpecsOfTheFile(t *testing.T) {
	cfg := parse(t, everyKey)
	f := func(x float64) *float64 { return &x }
	want := config.ModelSpecs{Enforce: true, List: []patchbay.ModelSpec{
		{
			Name: "fast", Label: "Fast", Description: "Answers at once.", IconURL: "openAI", Group: "Everyday", Default: true,
			Provider: "openAI", Model: "gpt-4o-mini", Instructions: "Be brief.", Greeting: "Hello", MCPServers: []string{"remote"},
			Params: patchbay.ModelParams{
				Temperature: f(0.3), TopP: f(0.9), MaxTokens: 500, StopAt: []string{"END"}, NoCache: true,
				Add: map[string]json.RawMessage{"frequency_penalty": json.RawMessage("-0.5"), "presence_penalty": json.RawMessage("1")},
			},
		},
		{
			Name: "deep", Provider: "anthropic", Model: "claude-sonnet-4-5", Instructions: "Think.",
			Params: patchbay.ModelParams{ThinkingBudget: 4000, MaxTokens: 8000},
		},
		{Name: "plain", Provider: "anthropic", Model: "claude-sonnet-4-5", Params: patchbay.ModelParams{Effort: "none"}},
		{Name: "hard", Provider: "openAI", Model: "o3", Params: patchbay.ModelParams{Effort: "high"}},
		{Name: "helper", Agent: "agent_1"},
	}}
	if diff := cmp.Diff(want, cfg.ModelSpecs); diff != "" {
		t.Error(diff)
	}
	agents := config.Agents{RecursionLimit: 50, MaxRecursionLimit: 100, DisableBuilder: true, AllowedProviders: []string{"openAI", "ollama"}, Capabilities: []string{"tools"}}
	if diff := cmp.Diff(agents, cfg.Agents); diff != "" {
		t.Error(diff)
	}
	ui := config.Interface{
		MCPServers:    config.InterfaceMCP{Use: true, Share: true, Public: true, Placeholder: "Tools"},
		CustomWelcome: "Good day", PrivacyPolicy: config.Link{URL: "https://h.example/privacy", NewTab: true}, TermsOfService: config.Link{URL: "https://h.example/terms"},
	}
	if diff := cmp.Diff(ui, cfg.Interface); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"127.0.0.1:11434"}, cfg.ModelAddresses); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultsOfModels(t *testing.T) {
	cfg := parse(t, "version: 1\n")
	if len(cfg.Providers) != 0 || cfg.Agents.RecursionLimit != 25 || cfg.ModelSpecs.Enforce || !cfg.ModelSpecs.Prioritize {
		t.Errorf("%+v", cfg)
	}
	want := config.Interface{MCPServers: config.InterfaceMCP{Use: true, Create: true}, ModelSelect: true, Parameters: true, Presets: true, Agents: true}
	if diff := cmp.Diff(want, cfg.Interface); diff != "" {
		t.Error(diff)
	}
}

// A vendor whose key stands in the environment needs no section.
func TestProvidersOfTheEnvironment(t *testing.T) {
	operator := func(name string) *patchbay.Provider {
		return &patchbay.Provider{Key: patchbay.NewSecret("${" + name + "}"), KeySource: patchbay.KeyOperator}
	}
	for _, tc := range []struct {
		name string
		text string
		env  map[string]string
		want []*patchbay.Provider
	}{
		{"nothing", "", nil, nil},
		{"keys", "", map[string]string{"OPENAI_API_KEY": "fake", "ANTHROPIC_API_KEY": "user_provided"}, []*patchbay.Provider{
			with(operator("OPENAI_API_KEY"), func(p *patchbay.Provider) {
				p.Name, p.Kind, p.Label, p.Fetch = "openAI", patchbay.ProviderOpenAI, "OpenAI", true
			}),
			{Name: "anthropic", Kind: patchbay.ProviderAnthropic, Label: "Anthropic", KeySource: patchbay.KeyUser, Fetch: true},
		}},
		{"a key in a file, models, another address", "", map[string]string{
			"OPENAI_API_KEY_FILE": "/run/secrets/openai", "OPENAI_MODELS": "gpt-4o, gpt-4o-mini,", "OPENAI_REVERSE_PROXY": "https://p.example/v1/chat/completions", "OPENAI_TITLE_MODEL": "gpt-4o-mini", "OPENAI_ORGANIZATION": "org-fake",
		}, []*patchbay.Provider{
			with(operator("OPENAI_API_KEY"), func(p *patchbay.Provider) {
				p.Headers = map[string]string{"OpenAI-Organization": "${OPENAI_ORGANIZATION}"}
				p.Name, p.Kind, p.Label, p.TitleModel, p.BaseURL = "openAI", patchbay.ProviderOpenAI, "OpenAI", "gpt-4o-mini", "https://p.example/v1"
				p.Models = []patchbay.ModelInfo{{ID: "gpt-4o"}, {ID: "gpt-4o-mini"}}
			}),
		}},
		{"the file wins", "endpoints: {openAI: {titleModel: gpt-4.1-nano, models: [gpt-4.1]}}\n", map[string]string{
			"OPENAI_API_KEY": "fake", "OPENAI_MODELS": "gpt-4o", "OPENAI_TITLE_MODEL": "gpt-4o-mini",
		}, []*patchbay.Provider{
			with(operator("OPENAI_API_KEY"), func(p *patchbay.Provider) {
				p.Name, p.Kind, p.Label, p.TitleModel, p.Models = "openAI", patchbay.ProviderOpenAI, "OpenAI", "gpt-4.1-nano", []patchbay.ModelInfo{{ID: "gpt-4.1"}}
			}),
		}},
		{"an address of each person's", "", map[string]string{"OPENAI_API_KEY": "user_provided", "OPENAI_REVERSE_PROXY": "user_provided"}, []*patchbay.Provider{
			{Name: "openAI", Kind: patchbay.ProviderOpenAI, Label: "OpenAI", KeySource: patchbay.KeyUser, UserURL: true, Fetch: true},
		}},
		{
			"a custom key that is user_provided in the environment", "endpoints: {custom: [{name: box, baseURL: 'https://b.example/v1', apiKey: '${BOX_KEY}'}]}\n",
			map[string]string{"BOX_KEY": "user_provided"},
			[]*patchbay.Provider{
				{Name: "box", Kind: patchbay.ProviderCustom, KeySource: patchbay.KeyUser, BaseURL: "https://b.example/v1", Fetch: true},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := parseWith(t, tc.text, tc.env)
			if diff := cmp.Diff(tc.want, cfg.Providers, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func with(p *patchbay.Provider, change func(*patchbay.Provider)) *patchbay.Provider {
	change(p)
	return p
}

// What is missing or would give a key away makes one provider unusable, with the reason.
func TestProvidersWithoutTheirEnvironment(t *testing.T) {
	cfg := parseWith(t, `
endpoints:
  openAI: {titleConvo: true}
  custom:
    - {name: box, baseURL: "https://b.example/v1", apiKey: "${BOX_KEY}"}
    - {name: well, baseURL: "http://localhost:1/v1"}
    - {name: trap, baseURL: "${TRAP_URL}", apiKey: fake}
`, map[string]string{"TRAP_URL": "user_provided", "ANTHROPIC_API_KEY": "fake", "ANTHROPIC_REVERSE_PROXY": "ftp://p.example"})
	for name, want := range map[string]string{
		"openAI": "OPENAI_API_KEY is not set", "box": "BOX_KEY is not set", "trap": "whatever address", "anthropic": "ANTHROPIC_REVERSE_PROXY must be",
	} {
		if p := provider(t, cfg, name).Problem; p == nil || !strings.Contains(p.Message, want) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p := provider(t, cfg, "well"); p.Problem != nil || p.KeySource != patchbay.KeyNone {
		t.Errorf("%+v", p)
	}
	said := config.Format(cfg.Findings)
	for _, want := range []string{
		"librechat.yaml:5:60: note: endpoints.custom[0].apiKey: env_missing: environment variable BOX_KEY is not set",
		"librechat.yaml:7:29: error: endpoints.custom[2].baseURL: is user_provided and the key is not",
		"error: ANTHROPIC_REVERSE_PROXY must be an address",
		"note: endpoints.openAI.apiKey: env_missing: environment variable OPENAI_API_KEY is not set",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%s\nlacks %s", said, want)
		}
	}
}

func TestEndpointsVariable(t *testing.T) {
	env := map[string]string{"OPENAI_API_KEY": "fake", "ANTHROPIC_API_KEY": "fake", "GOOGLE_KEY": "fake"}
	text := "endpoints: {custom: [{name: box, baseURL: 'http://localhost:1/v1'}]}\n"
	for value, want := range map[string]string{
		"":                                 "openAI google anthropic box",
		"custom,anthropic, agents,unknown": "box anthropic",
		"openAI,openAI":                    "openAI",
	} {
		env["ENDPOINTS"] = value
		if got := providerNames(parseWith(t, text, env)); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
}

// Without a file, the environment's providers are there beside the demo server; a key
// may stand in a file of its own.
func TestProvidersOfTheBuiltInDefault(t *testing.T) {
	p, o := newPlace(t)
	secret := filepath.Join(p.work, "key")
	write(t, secret, "fake-from-a-file\n")
	o.Environ = append(o.Environ, "ANTHROPIC_API_KEY_FILE="+secret)
	l, err := config.Load(o)
	if err != nil || !l.Config.Default() {
		t.Fatalf("%+v %v", l, err)
	}
	if got := provider(t, l.Config, "anthropic"); got.Problem != nil || got.KeySource != patchbay.KeyOperator {
		t.Errorf("%+v", got)
	}
	if v, ok := l.Env.SecretLookup("ANTHROPIC_API_KEY"); !ok || v != "fake-from-a-file" {
		t.Errorf("%q %v", v, ok)
	}
	if v, ok := l.Env.SecretLookup("OPENAI_API_KEY"); ok {
		t.Error(v)
	}
}

// A provider with a mistake leaves servers and other providers alone.
func TestBadProviderStays(t *testing.T) {
	cfg := parse(t, `
mcpServers: {a: {command: x}}
endpoints:
  custom:
    - {name: bad, baseURL: nowhere}
    - {name: good, baseURL: "http://localhost:1/v1"}
    - just a text
modelSpecs:
  list:
    - {name: of-bad, preset: {endpoint: bad}}
    - {name: lost, preset: {endpoint: nobody}}
`)
	if provider(t, cfg, "good").Problem != nil || provider(t, cfg, "bad").Problem == nil || cfg.Servers[0].Problem != nil {
		t.Errorf("%+v", cfg.Providers)
	}
	if len(cfg.ModelSpecs.List) != 1 || cfg.ModelSpecs.List[0].Name != "of-bad" {
		t.Errorf("%+v", cfg.ModelSpecs.List)
	}
	if !cfg.Bad(false) {
		t.Error("check must say so")
	}
}
