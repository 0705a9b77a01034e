package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/config"
)

type place struct{ work, home string }

func newPlace(t *testing.T) (place, config.LoadOptions) {
	t.Helper()
	p := place{work: t.TempDir(), home: t.TempDir()}
	return p, config.LoadOptions{WorkDir: p.work, Home: p.home, Executable: "/bin/patchbay", Memory: 8 << 30}
}

const one = "mcpServers:\n  one: {command: npx}\n"

func TestLocateOrder(t *testing.T) {
	p, o := newPlace(t)
	home := filepath.Join(p.home, "LibreChat", "librechat.yaml")
	dir := t.TempDir()
	inDir := filepath.Join(dir, "LibreChat", "librechat.yaml")
	work := filepath.Join(p.work, "librechat.yaml")
	named := filepath.Join(t.TempDir(), "named.yaml")
	o.Environ = []string{"LIBRECHAT_CONFIG_DIR=" + dir}
	for _, step := range []struct{ file, origin string }{
		{"", ""}, {home, "the home folder"}, {inDir, "$LIBRECHAT_CONFIG_DIR"}, {work, "the working folder"},
	} {
		if step.file != "" {
			write(t, step.file, one)
		}
		l, err := config.Load(o)
		if err != nil {
			t.Fatal(err)
		}
		if l.Location.Path != step.file || l.Location.Origin != step.origin || l.Config.Path != step.file {
			t.Errorf("%+v, want %s", l.Location, step.file)
		}
	}
	l, err := config.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if l.Location.Smithery != inDir {
		t.Errorf("Smithery's file is not told: %+v", l.Location)
	}
	if !strings.Contains(config.Format(l.Config.Findings), inDir+" is there (Smithery writes it) and not used, because "+work+" comes first (the working folder)") {
		t.Error(config.Format(l.Config.Findings))
	}
	// A name in the working folder's .env counts like one in the environment.
	write(t, filepath.Join(p.work, ".env"), "CONFIG_PATH="+named+"\n")
	if _, err := config.Load(o); err == nil || !strings.Contains(err.Error(), "named by $CONFIG_PATH") {
		t.Errorf("a named file that is not there: %v", err)
	}
	write(t, named, one)
	if l, err := config.Load(o); err != nil || l.Location.Path != named {
		t.Errorf("%v %v", l.Location, err)
	}
	o.File = "librechat.yaml"
	if l, err := config.Load(o); err != nil || l.Location.Path != work || l.Location.Origin != "--config" {
		t.Errorf("%v %v", l.Location, err)
	}
}

func TestLocateMistakes(t *testing.T) {
	p, o := newPlace(t)
	for _, tc := range []struct{ file, env, want string }{
		{file: "absent.yaml", want: "is not there, or cannot be read (named by --config)"},
		{env: "CONFIG_PATH=https://h.example/librechat.yaml", want: "$CONFIG_PATH is a URL; patchbay reads a file: download it and name the file"},
		{file: p.work, want: "is a folder; name the file in it (--config)"},
	} {
		o.File, o.Environ = tc.file, []string{tc.env}
		l, err := config.Load(o)
		var ferr *config.FileError
		if !errors.As(err, &ferr) || ferr.Message != tc.want {
			t.Errorf("%v, want %s", err, tc.want)
		}
		if l == nil || len(l.Config.Findings) != 1 || len(l.Config.Servers) != 0 {
			t.Errorf("%+v", l)
		}
	}
}

func TestBuiltInDefault(t *testing.T) {
	_, o := newPlace(t)
	l, err := config.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if !l.Config.Default() || len(l.Config.Servers) != 1 {
		t.Fatalf("%+v", l.Config)
	}
	s := l.Config.Servers[0]
	if s.Name != "demo" || s.ID != "yaml/demo" || s.Transport != patchbay.TransportStdio || s.Command != "/bin/patchbay" || s.Args[0] != "demo-server" || s.Hash == "" {
		t.Errorf("%+v", s)
	}
	if l.Config.Settings.Limits.StdioProcesses != 27 { // half of 8 GiB / 150 MiB
		t.Errorf("%+v", l.Config.Settings.Limits)
	}
}

func TestLoadEnvironment(t *testing.T) {
	p, o := newPlace(t)
	file := write(t, filepath.Join(p.work, "conf", "librechat.yaml"), "mcpServers:\n  a: {type: http, url: 'https://h.example/', headers: {X: '${A}', Y: '${B}', Z: '${C}'}}\n")
	o.File = file
	write(t, filepath.Join(p.work, ".env"), "A=work\nB=work\n")
	l, err := config.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	before := l.Config.Servers[0].Hash
	if !strings.Contains(config.Format(l.Config.Findings), "note: mcpServers.a.headers.Z: env_missing: environment variable C is not set") {
		t.Error(config.Format(l.Config.Findings))
	}
	if l.Config.Bad(false) || !l.Config.Bad(true) {
		t.Error("env_missing fails check with --strict only")
	}
	write(t, filepath.Join(p.work, "conf", ".env"), "A=beside\n")
	if l, err = config.Load(o); err != nil {
		t.Fatal(err)
	}
	if l.Env.Get("A") != "beside" || l.Env.Get("B") != "work" || l.Config.Servers[0].Hash == before {
		t.Errorf("%s %s, hash changed: %v", l.Env.Get("A"), l.Env.Get("B"), l.Config.Servers[0].Hash != before)
	}
}

func TestUnreadableFile(t *testing.T) {
	p, o := newPlace(t)
	write(t, filepath.Join(p.work, "librechat.yaml"), "mcpServers:\n\ta: 1\n")
	l, err := config.Load(o)
	var ferr *config.FileError
	if !errors.As(err, &ferr) || ferr.Line != 2 || ferr.Path != filepath.Join(p.work, "librechat.yaml") {
		t.Fatalf("%v", err)
	}
	if len(l.Config.Servers) != 0 || len(l.Config.Findings) != 1 || l.Env == nil {
		t.Errorf("%+v", l.Config)
	}
	if err := os.Mkdir(filepath.Join(p.work, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	o.File = "/dev/zero"
	if _, err := config.Load(o); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a device: %v", err)
	}
}

func TestHash(t *testing.T) {
	hash := func(entry string, env ...string) string {
		e, _, err := config.NewEnv(env)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Parse([]byte("mcpServers:\n  a: "+entry+"\n"), config.Options{Lookup: e.Lookup})
		if err != nil {
			t.Fatal(err)
		}
		return cfg.Servers[0].Hash
	}
	base := hash("{type: http, url: 'https://h/${X}', headers: {A: b, C: d}}", "X=1")
	for entry, same := range map[string]bool{
		"{headers: {C: d, A: b}, url: 'https://h/${X}', type: streamable-http}":                              true,
		"{type: http, url: 'https://h/${X}', headers: {A: b, C: d}, title: T, chatMenu: false}":              true,
		"{type: http, url: 'https://h/${X}', headers: {A: b, C: d}, tools: {deny: [x]}, access: {view: []}}": true,
		"{type: http, url: 'https://h/${X}', headers: {A: b, C: e}}":                                         false,
		"{type: http, url: 'https://h/${X}', headers: {A: b, C: d}, timeout: 5}":                             false,
		"{type: http, url: 'https://h/${X}', headers: {A: b, C: d}, level: user}":                            false,
		"{url: 'https://h/${X}', headers: {A: b, C: d}}":                                                     false,
	} {
		if got := hash(entry, "X=1") == base; got != same {
			t.Errorf("%s: same is %v", entry, got)
		}
	}
	entry := "{type: http, url: 'https://h/${X}', headers: {A: b, C: d}}"
	if hash(entry, "X=2") == base || hash(entry) == base || hash(entry, "X=1", "Y=2") != base {
		t.Error("the values of the environment do not count as they should")
	}
}

func TestAccess(t *testing.T) {
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	admin := []patchbay.Grantee{{Kind: patchbay.GranteeRole, Name: "ADMIN"}}
	nobody := []patchbay.Grantee{}
	for text, want := range map[string]patchbay.Access{
		"":                                  {View: everyone, Use: everyone},
		", access: {}":                      {View: everyone, Use: everyone},
		", access: {view: [role:ADMIN]}":    {View: admin, Use: admin},
		", access: {use: [role:admin]}":     {View: everyone, Use: admin},
		", access: {view: []}":              {View: nobody, Use: nobody},
		", access: {view: [nonsense]}":      {View: nobody, Use: nobody},
		", access: everyone":                {View: nobody, Use: nobody},
		", access: {view: [{role: ADMIN}]}": {View: nobody, Use: nobody},
	} {
		s := parse(t, "mcpServers:\n  a: {command: npx"+text+"}\n").Servers[0]
		if diff := cmp.Diff(want, s.Access); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestNotUsed(t *testing.T) {
	cfg := parse(t, "cache: true\nfileStrategy: local\nregistration: {socialLogins: [github]}\nendpoints: {agents: {toolApproval: {mode: dontAsk, deny: ['mcp:x:*']}}}\n")
	if diff := cmp.Diff([]string{"cache", "fileStrategy", "registration.socialLogins"}, cfg.NotUsed); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(config.Format(cfg.Findings), "not used here"); n != 1 || len(cfg.Findings) != 1 || cfg.Bad(true) {
		t.Errorf("%d lines: %v", n, cfg.Findings)
	}
	if diff := cmp.Diff(config.ToolApproval{Enabled: true, Mode: "dontAsk", Deny: []string{"mcp:x:*"}}, cfg.ToolApproval); diff != "" {
		t.Error(diff)
	}
}

func TestLimitsShort(t *testing.T) {
	short := parse(t, "mcpSettings: {limits: {connections: 0, concurrentCalls: 1, callsPerMinute: 2, perServer: {connections: 3}, stdioProcesses: 4}}\n")
	long := parse(t, "mcpSettings: {limits: {perUser: {connections: 0, concurrentCalls: 1, callsPerMinute: 2}, perServer: {connections: 3}, stdioProcesses: 4}}\n")
	if diff := cmp.Diff(long.Settings, short.Settings); diff != "" {
		t.Error(diff)
	}
}
