package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/config"
)

// The definitions printed on the API page are refused for one reason only: they run
// programs. With the permission each of them is taken.
func TestSeedDefinitions(t *testing.T) {
	files, err := filepath.Glob("testdata/seeds/*.json")
	if err != nil || len(files) != 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{string(body), `{"config":` + string(body) + `}`} {
			s, fields, err := config.ParseDefinition([]byte(form), config.DefinitionOptions{})
			if patchbay.CodeOf(err) != patchbay.CodeForbidden || len(fields) != 0 || s == nil {
				t.Errorf("%s: %v %v", file, fields, err)
			}
			s, fields, err = config.ParseDefinition([]byte(form), config.DefinitionOptions{AllowStdio: true})
			if err != nil || len(fields) != 0 {
				t.Fatalf("%s: %v %v", file, fields, err)
			}
			if s.Transport != patchbay.TransportStdio || s.Source != patchbay.SourceUser || s.Hash == "" || s.Problem != nil {
				t.Errorf("%s: %+v", file, s)
			}
		}
	}
}

func TestDefinitionDeclaresVariables(t *testing.T) {
	s, fields, err := config.ParseDefinition([]byte(`{"name":"g","url":"https://h.example/mcp","type":"http",
		"headers":{"A":"Bearer ${GITHUB_TOKEN}","B":"${OTHER}"},"customUserVars":{"GITHUB_TOKEN":"GitHub Personal Access Token"}}`), config.DefinitionOptions{})
	if err != nil || len(fields) > 0 {
		t.Fatal(fields, err)
	}
	want := []patchbay.UserVar{
		{Name: "GITHUB_TOKEN", Title: "GitHub Personal Access Token", Sensitive: true, Short: true},
		{Name: "OTHER", Title: "OTHER", Sensitive: true},
	}
	if diff := cmp.Diff(want, s.UserVars); diff != "" {
		t.Error(diff)
	}
	if s.Headers["A"] != "Bearer ${GITHUB_TOKEN}" {
		t.Errorf("not as written: %q", s.Headers["A"])
	}
}

func TestDefinitionAPIKeyOfUser(t *testing.T) {
	s, fields, err := config.ParseDefinition([]byte(`{"title":"My Server","type":"http","url":"https://h.example/mcp","headers":{"authorization":"x"},
		"apiKey":{"source":"user","authorization_type":"bearer","key":"dropped"}}`), config.DefinitionOptions{Taken: func(n string) bool { return n == "my-server" }})
	if err != nil || len(fields) > 0 {
		t.Fatal(fields, err)
	}
	if s.Name != "my-server-2" || s.APIKey.Key != "" {
		t.Errorf("%s %+v", s.Name, s.APIKey)
	}
	if diff := cmp.Diff(map[string]string{"Authorization": "Bearer {{MCP_API_KEY}}"}, s.Headers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]patchbay.UserVar{{Name: "MCP_API_KEY", Title: "API Key", Sensitive: true}}, s.UserVars); diff != "" {
		t.Error(diff)
	}
}

func TestBadDefinitions(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		fields     []string
		code       patchbay.Code
	}{
		{name: "not JSON", body: `{`, code: patchbay.CodeBadRequest},
		{name: "more than one", body: `{} {}`, code: patchbay.CodeBadRequest},
		{name: "a list", body: `[]`, code: patchbay.CodeBadRequest},
		{name: "a key twice", body: `{"name":"a","name":"b"}`, code: patchbay.CodeBadRequest},
		{name: "deep", body: strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), code: patchbay.CodeBadRequest},
		{name: "nothing", body: `{}`, fields: []string{"body.name", "body"}},
		{name: "name", body: `{"name":"A b","type":"http","url":"https://h.example/"}`, fields: []string{"body.name"}},
		{name: "reserved name", body: `{"name":"tools","type":"http","url":"https://h.example/"}`, fields: []string{"body.name"}},
		{
			name: "keys of the operator", body: `{"name":"a","type":"http","url":"https://h.example/","startup":true,"proxy":"http://p","cwd":"/","access":{},"level":"app"}`,
			fields: []string{"body.startup", "body.proxy", "body.cwd", "body.access", "body.level"},
		},
		{name: "icon file", body: `{"name":"a","type":"http","url":"https://h.example/","iconPath":"/etc/passwd"}`, fields: []string{"body.iconPath"}},
		{name: "wrong type", body: `{"name":"a","type":"http","url":"https://h.example/","timeout":"soon"}`, fields: []string{"body.timeout"}},
		{name: "unknown key", body: `{"name":"a","type":"http","url":"https://h.example/","clientId":"x"}`, fields: []string{"body.clientId"}},
		{name: "request body", body: `{"name":"a","type":"http","url":"https://h.example/{{LIBRECHAT_BODY_MESSAGEID}}"}`, fields: []string{"body.url"}},
		{name: "undeclared", body: `{"name":"a","type":"http","url":"https://h.example/{{X}}"}`, fields: []string{"body.url"}},
		{name: "scheme", body: `{"name":"a","type":"http","url":"${X}://h.example/"}`, fields: []string{"body.url"}},
		{name: "title", body: `{"title":"<b>","type":"http","url":"https://h.example/"}`, fields: []string{"body.title"}},
		{name: "secret without addresses", body: `{"name":"a","type":"http","url":"https://h.example/","oauth":{"client_id":"i","client_secret":"canary-secret"}}`, fields: []string{"body.oauth.client_secret"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, fields, err := config.ParseDefinition([]byte(tc.body), config.DefinitionOptions{})
			if got := patchbay.CodeOf(err); got != tc.code {
				t.Fatalf("code %q, want %q: %v", got, tc.code, err)
			}
			var paths []string
			for _, f := range fields {
				paths = append(paths, f.Path)
				if strings.Contains(f.Message, "canary") || strings.Contains(f.Message, "passwd") {
					t.Errorf("a value is said back: %s", f.Message)
				}
			}
			if diff := cmp.Diff(tc.fields, paths); diff != "" {
				t.Errorf("%s\n%v", diff, fields)
			}
		})
	}
}

func TestNameFromTitle(t *testing.T) {
	for title, want := range map[string]string{
		"GitHub MCP Server": "github-mcp-server", "Über Café": "uber-cafe", "日本": "", "  --  ": "", "tools": "tools-2", "a/b.c_d": "a-b-c-d",
		strings.Repeat("x", 100): strings.Repeat("x", 56),
	} {
		if got := config.NameFromTitle(title, nil); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}
