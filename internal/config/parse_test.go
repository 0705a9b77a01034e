package config_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/config"
)

var update = flag.Bool("update", false, "write expected files anew")

func noEnv(string) (string, bool) { return "", false }

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse([]byte(text), config.Options{Path: "librechat.yaml", Lookup: noEnv})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// The code blocks of LibreChat's pages load without an error or a warning. A variable
// that is not set is a note, and shown on its server.
func TestSeeds(t *testing.T) {
	files, err := filepath.Glob("testdata/seeds/*.yml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for form, text := range map[string][]byte{
				"as it is": data,
				"BOM":      append([]byte("\xef\xbb\xbf"), data...),
				"CRLF":     bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")),
			} {
				cfg, err := config.Parse(text, config.Options{Path: file, Lookup: noEnv})
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if len(cfg.Servers) == 0 {
					t.Errorf("%s: no servers", form)
				}
				for _, f := range cfg.Findings {
					if f.Severity == config.SeverityError || f.Severity == config.SeverityWarning {
						t.Errorf("%s: %s", form, f)
					}
				}
				for _, s := range cfg.Servers {
					if s.Problem != nil || s.Hash == "" || s.Transport == "" {
						t.Errorf("%s: %s: %+v", form, s.Name, s.Problem)
					}
				}
			}
		})
	}
}

// Each mistake has a file, and beside it what is said of it.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.bad.yml")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := config.Parse(data, config.Options{Path: filepath.Base(file)})
			var said []string
			for _, f := range cfg.Findings {
				if f.Severity == config.SeverityError || f.Severity == config.SeverityWarning {
					said = append(said, f.String())
				}
			}
			if len(said) == 0 {
				t.Fatal("nothing is said")
			}
			var ferr *config.FileError
			if err != nil && !errors.As(err, &ferr) {
				t.Fatalf("not a *FileError: %v", err)
			}
			if err != nil {
				said = append(said, "refused: "+err.Error())
			}
			got := strings.Join(said, "\n") + "\n"
			want := strings.TrimSuffix(file, ".bad.yml") + ".want"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			expected, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(expected), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	_, err := config.Parse(bytes.Repeat([]byte("# a comment\n"), 1<<20/12+1), config.Options{Path: "f"})
	if err == nil || err.Error() != "f: is larger than 1 MiB; a configuration is not" {
		t.Error(err)
	}
}

func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "mcpServers:\n", "version: 1.2.8\n"} {
		cfg := parse(t, text)
		if len(cfg.Servers) != 0 || cfg.Default() || cfg.Bad(false) {
			t.Errorf("%q: %+v", text, cfg)
		}
		if cfg.Settings.Limits.UserConnections != 50 || cfg.Settings.Limits.StdioProcesses != 64 {
			t.Errorf("%q: %+v", text, cfg.Settings)
		}
	}
}

// A bad entry is its own trouble: the rest is taken.
func TestBadEntryStays(t *testing.T) {
	cfg := parse(t, `
mcpServers:
  good: {command: npx}
  bad:
    url: ftp://h.example/
  also-good: {type: http, url: "https://h.example/mcp", headers: {}}
`)
	if len(cfg.Servers) != 3 || cfg.Servers[0].Problem != nil || cfg.Servers[2].Problem != nil {
		t.Fatalf("%+v", cfg.Servers)
	}
	want := &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url: must begin with http:// or https://", Line: 5, Column: 10}
	if diff := cmp.Diff(want, cfg.Servers[1].Problem); diff != "" {
		t.Error(diff)
	}
	if !cfg.Bad(false) {
		t.Error("check would pass")
	}
}

func TestInference(t *testing.T) {
	for _, tc := range []struct {
		entry    string
		want     patchbay.Transport
		inferred bool
	}{
		{"{command: npx}", patchbay.TransportStdio, true},
		{"{url: 'http://h/'}", patchbay.TransportSSE, true},
		{"{url: 'HTTPS://h/'}", patchbay.TransportSSE, true},
		{"{url: 'ws://h/'}", patchbay.TransportWebSocket, true},
		{"{url: 'wss://h/'}", patchbay.TransportWebSocket, true},
		{"{type: sse, url: 'http://h/'}", patchbay.TransportSSE, false},
		{"{type: http, url: 'http://h/'}", patchbay.TransportHTTP, false},
		{"{type: streamable-http, url: 'http://h/'}", patchbay.TransportHTTP, false},
		{"{type: stdio, command: npx, url: 'http://h/'}", patchbay.TransportStdio, false},
		{"{type: http, command: npx, url: 'http://h/'}", patchbay.TransportHTTP, false},
	} {
		s := parse(t, "mcpServers:\n  a: "+tc.entry+"\n").Servers[0]
		if s.Transport != tc.want || s.Inferred != tc.inferred || s.Problem != nil {
			t.Errorf("%s: %s inferred %v, %+v", tc.entry, s.Transport, s.Inferred, s.Problem)
		}
		if s.Transport == patchbay.TransportHTTP && s.Command != "" || s.Transport == patchbay.TransportStdio && s.URL != "" {
			t.Errorf("%s: keys of the other transport were taken", tc.entry)
		}
	}
}

func TestEveryKey(t *testing.T) {
	cfg := parse(t, everyKey)
	if len(cfg.Findings) != 0 {
		for _, f := range cfg.Findings {
			if f.Severity == config.SeverityError || f.Severity == config.SeverityWarning {
				t.Error(f)
			}
		}
	}
	got, err := config.Dump(cfg)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/every.dump.yml", got)
	again, err := config.Parse(got, config.Options{Path: "dump"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cfg.Settings, again.Settings); diff != "" {
		t.Errorf("a dump says something else: %s", diff)
	}
	if diff := cmp.Diff(cfg.Interface, again.Interface); diff != "" {
		t.Errorf("a dump says something else: %s", diff)
	}
	for _, secret := range []string{"sk-fake", "shh", "pass@"} {
		if strings.Contains(string(got), secret) {
			t.Errorf("a dump shows %s", secret)
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is out of date; -update writes it anew:\n%s", file, diff)
	}
}

const everyKey = `
version: 1.2.8
mcpSettings:
  allowedDomains: [example.com, "*.example.org", "https://api.example.net:8443"]
  allowedAddresses: ["127.0.0.1:9000", 10.0.0.0/8, "[::1]:80", "host.internal:1"]
  allowStdioFromApi: true
  strict: true
  publicUrl: true
  limits:
    perUser: {connections: 5, concurrentCalls: 0, callsPerMinute: 10 * 60}
    perServer: {connections: 7}
    stdioProcesses: 3
registration:
  allowedDomains: [Example.com, "@example.org"]
  trustEmail: true
mcpServers:
  remote:
    type: http
    url: https://h.example/mcp?key=abc&user={{LIBRECHAT_USER_ID}}
    headers: {X-Literal: secret, X-Env: "Bearer ${TOKEN}", X-Mixed: "a${TOKEN}", Accept: text/plain, X-Number: 7}
    requestHeaders: {x-env: "{{API}}"}
    proxy: http://user:pass@proxy.example:8080
    sseReadTimeout: 1000
    timeout: 10 * 60 * 1000
    initTimeout: "150_000"
    title: Remote
    description: A server.
    iconPath: https://h.example/icon.svg
    chatMenu: false
    serverInstructions: "true"
    startup: false
    requiresOAuth: true
    oauth:
      authorization_url: https://h.example/a
      token_url: https://h.example/t
      revocation_endpoint: https://h.example/r
      redirect_uri: https://ours.example/cb
      client_id: id
      client_secret: shh
      scope: a b
      audience: aud
      token_exchange_method: basic_auth_header
      grant_types_supported: [authorization_code]
      token_endpoint_auth_methods_supported: [client_secret_basic]
      revocation_endpoint_auth_methods_supported: [client_secret_basic]
      response_types_supported: [code]
      code_challenge_methods_supported: [S256]
      skip_code_challenge_check: true
      forward_audience_on_refresh: false
      send_resource_parameter: false
    oauth_headers: {X-O: o}
    customUserVars:
      API: {title: The key, description: "from <a href='https://h.example/' onclick='x'>here</a> & <b>there</b>", sensitive: false}
      SHORT: Short one
    oauthRefreshWaitTimeout: 1
    oauthRefreshCoordination: true
    oauthPersistenceWaitTimeout: 1
    access: {view: [everyone], use: [role:admin, group:Team A, user:Ann@Example.com]}
    tools: {allow: ["get_*"], deny: [get_secret]}
    approval: {"get_*": never, "*": always}
  local:
    command: node
    args: [server.js, --port, 8080, --token=abc, --api-key, abc, "--password=${P}"]
    env: {NODE_ENV: production, KEY: abc, FROM: "${TOKEN}", DEBUG: true}
    cwd: /srv
    stderr: 2
    level: user
    approval: ask
    oauth: {provider: google, scopes: [x, y], token_env: TOKEN_HERE}
  keyed:
    url: wss://h.example/
    apiKey: {source: user, authorization_type: custom, custom_header: X-Key}
  admin-key:
    url: https://h.example/
    apiKey: {key: abc}
endpoints:
  allowedAddresses: ["127.0.0.1:11434"]
  openAI:
    apiKey: sk-fake-literal
    titleModel: gpt-4o-mini
    models: [gpt-4o, gpt-4o-mini]
  anthropic:
    apiKey: user_provided
    baseURL: https://proxy.example/anthropic/v1/messages?key=abc
    titleConvo: false
  azureOpenAI: {groups: [{group: a, apiKey: sk-fake-azure, instanceName: mine, version: 2024-10-21, models: {gpt-4.1: true, small: {deploymentName: mini}}}]}
  bedrock: {availableRegions: [us-east-1]}
  custom:
    - name: ollama
      apiKey: ollama
      baseURL: http://localhost:11434/v1/
      models: {fetch: true}
    - name: router
      apiKey: "${ROUTER_KEY}"
      baseURL: "${ROUTER_URL}"
      headers: {X-Literal: secret, X-User: "{{LIBRECHAT_USER_ID}}", X-Env: "Bearer ${TEAM_TOKEN}"}
      models: {default: [{name: a/b, description: one}, c/d], fetch: false}
      modelDisplayLabel: Router
      iconURL: https://m.example/icon.png
      addParams: {seed: 7, metadata: {token: sk-fake-param, list: [1, 2.5, null, true]}}
      dropParams: [stop, user]
      tools: false
      titleConvo: true
      titleModel: c/d
      titleEndpoint: openAI
      directEndpoint: true
      summarize: false
    - name: own
      provider: anthropic
      apiKey: user_provided
      baseURL: user_provided
      models: {default: [m]}
  agents:
    recursionLimit: 50
    maxRecursionLimit: 100
    disableBuilder: true
    allowedProviders: [openAI, ollama]
    capabilities: [tools]
    toolApproval: {mode: default, allow: ["mcp:remote:get_*"], ask: ["mcp:*:*"]}
modelSpecs:
  enforce: true
  prioritize: false
  list:
    - name: fast
      label: Fast
      description: Answers at once.
      iconURL: openAI
      group: Everyday
      default: true
      preset:
        endpoint: openAI
        model: gpt-4o-mini
        promptPrefix: Be brief.
        greeting: Hello
        temperature: 0.3
        top_p: 0.9
        max_tokens: 500
        stop: [END]
        frequency_penalty: -0.5
        presence_penalty: 1
        promptCache: false
      mcpServers: [remote]
    - name: deep
      preset: {endpoint: anthropic, model: claude-sonnet-4-5, thinking: true, thinkingBudget: 4000, maxOutputTokens: 8 * 1000, system: Think.}
    - name: plain
      preset: {endpoint: anthropic, model: claude-sonnet-4-5, thinking: false}
    - name: hard
      preset: {endpoint: openAI, model: o3, reasoning_effort: high}
    - name: helper
      preset: {endpoint: agents, agent_id: agent_1}
interface:
  mcpServers: {use: true, create: false, share: true, public: true, placeholder: Tools, trustCheckbox: {label: Sure}}
  modelSelect: false
  parameters: false
  presets: false
  agents: {use: false, create: true}
  customWelcome: Good day
  privacyPolicy: {externalUrl: https://h.example/privacy, openNewTab: true}
  termsOfService: {externalUrl: https://h.example/terms, modalAcceptance: true}
`
