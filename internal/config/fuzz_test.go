package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/config"
	"patchbay/internal/expand"
)

// FuzzParse reads any text as a configuration: it never panics, every finding has its
// words, and what it lets through can be expanded or says why not.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/seeds/*.yml", "testdata/bad/*.bad.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add([]byte(everyKey))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := config.Parse(data, config.Options{Path: "f", Lookup: noEnv})
		if cfg == nil || err != nil && len(cfg.Servers)+len(cfg.Providers)+len(cfg.ModelSpecs.List) > 0 {
			t.Fatalf("%+v %v", cfg, err)
		}
		for _, finding := range cfg.Findings {
			if finding.Message == "" || finding.Line < 0 || finding.Column < 0 {
				t.Fatalf("%+v", finding)
			}
		}
		for _, s := range cfg.Servers {
			checkServer(t, s)
		}
		for _, p := range cfg.Providers {
			if p.Name == "" || p.Problem == nil && p.Kind == patchbay.ProviderCustom && p.BaseURL == "" && !p.UserURL ||
				p.Problem == nil && p.UserURL && p.KeySource != patchbay.KeyUser {
				t.Fatalf("let through: %+v", p)
			}
		}
		for _, spec := range cfg.ModelSpecs.List {
			if spec.Name == "" || (spec.Provider == "") == (spec.Agent == "") {
				t.Fatalf("let through: %+v", spec)
			}
		}
		if _, err := config.Dump(cfg); err != nil {
			t.Fatal(err)
		}
	})
}

func checkServer(t *testing.T, s *patchbay.Server) {
	t.Helper()
	level := expand.LevelOf(s)
	if s.Problem != nil {
		return
	}
	if s.Transport == "" || s.Transport == patchbay.TransportStdio && s.Command == "" || s.Transport.Remote() && s.URL == "" {
		t.Fatalf("let through: %+v", s)
	}
	if level == patchbay.LevelApp && len(expand.UserParts(s)) > 0 {
		t.Fatalf("shared though it has user parts: %+v", s)
	}
	if len(expand.Check(s)) > 0 {
		t.Fatalf("let through with %v", expand.Check(s))
	}
}

// FuzzDefinition reads any text as a definition made by a person: none reads the
// environment, and none runs a program.
func FuzzDefinition(f *testing.F) {
	files, err := filepath.Glob("testdata/seeds/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"config":{"type":"http","url":"https://${CREDS_KEY}.h/{{X}}","headers":{"A":"${B}"}},"name":"n"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, fields, err := config.ParseDefinition(data, config.DefinitionOptions{})
		if err != nil || len(fields) > 0 {
			return
		}
		checkServer(t, s)
		if s.Transport == patchbay.TransportStdio || s.Source != patchbay.SourceUser || !config.ValidName(s.Name) || s.Startup != true || s.Proxy != "" || s.Dir != "" || s.ForcedLevel != "" {
			t.Fatalf("let through: %+v", s)
		}
		if names := expand.EnvNames(s); len(names) > 0 {
			t.Fatalf("reads %v", names)
		}
	})
}

// FuzzDotenv reads any text as `.env`.
func FuzzDotenv(f *testing.F) {
	f.Add("A=1\nB=\"x\ny\"\n#c\nexport C='d'\n")
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		env, _, err := config.NewEnv(nil, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range env.Names() {
			if v, _ := env.Lookup(n); strings.ContainsRune(v, 0) || strings.ContainsAny(n, "= \n") {
				t.Fatalf("%q=%q", n, v)
			}
		}
	})
}
