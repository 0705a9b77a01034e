package config_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay/internal/config"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDotenv(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), ".env"), "\xef\xbb\xbf# comment\r\n"+`
PLAIN=value
export EXPORTED=yes
SPACED =  a b   # comment
HASH=a#b
EMPTY=
ONLY_COMMENT=# nothing
SINGLE='a $b \n "c"' # comment
DOUBLE="a\nb \"c\" \\ \q"
BACK=`+"`it's \"it\"`"+`
MULTI="one
two"
DOLLAR=a${PLAIN}
AGAIN=1
AGAIN=2
this is not
=nameless
OPEN="never closed
PROCESS=from file
`)
	env, findings, err := config.NewEnv([]string{"PROCESS=from process", "HOME=/h", "=C:=x"}, file, filepath.Join(t.TempDir(), "absent"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"PLAIN": "value", "EXPORTED": "yes", "SPACED": "a b", "HASH": "a#b", "EMPTY": "", "ONLY_COMMENT": "",
		"SINGLE": `a $b \n "c"`, "DOUBLE": "a\nb \"c\" \\ \\q", "BACK": `it's "it"`, "MULTI": "one\ntwo", "DOLLAR": "a${PLAIN}",
		"AGAIN": "2", "PROCESS": "from process", "HOME": "/h",
	}
	got := map[string]string{}
	for _, n := range env.Names() {
		got[n], _ = env.Lookup(n)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var lines []string
	for _, f := range findings {
		lines = append(lines, strings.TrimPrefix(f.String(), file))
	}
	if diff := cmp.Diff([]string{
		":17:1: warning: this line is not NAME=value and is skipped",
		":18:1: warning: this line is not NAME=value and is skipped",
		":19:1: warning: the quote that begins the value of OPEN is never closed; the line is skipped",
	}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestEnvPrecedence(t *testing.T) {
	first := write(t, filepath.Join(t.TempDir(), ".env"), "A=first\nB=first\n")
	second := write(t, filepath.Join(t.TempDir(), ".env"), "B=second\nC=second\n")
	env, _, err := config.NewEnv([]string{"A=process"}, first, second)
	if err != nil {
		t.Fatal(err)
	}
	if got := env.Get("A") + env.Get("B") + env.Get("C"); got != "processfirstsecond" {
		t.Error(got)
	}
}

func TestSecret(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "key"), "from-file\n")
	env, _, err := config.NewEnv([]string{"A=plain", "B_FILE=" + file, "C=x", "C_FILE=" + file, "D_FILE=/nowhere/at/all"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"A": "plain", "B": "from-file", "NONE": ""} {
		if got, err := env.Secret(name); err != nil || got != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	for name, want := range map[string]string{"C": "C and C_FILE are both set; keep one", "D": "D_FILE: "} {
		if _, err := env.Secret(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func process(t *testing.T, vars ...string) (config.Process, error) {
	t.Helper()
	env, _, err := config.NewEnv(vars)
	if err != nil {
		t.Fatal(err)
	}
	return env.Process()
}

func TestProcessDefaults(t *testing.T) {
	p, err := process(t)
	if err != nil {
		t.Fatal(err)
	}
	if p.Listen != "127.0.0.1:3080" || p.DataDir != "./data" || p.UserIdle != 15*time.Minute || p.LogLevel != slog.LevelInfo ||
		p.PublicURL != nil || p.CredsKey != nil || p.AllowRegister || len(p.Findings()) != 0 || p.MaxBody != 16<<20 {
		t.Errorf("%+v", struct{ config.Process }{p})
	}
}

func TestProcess(t *testing.T) {
	key := strings.Repeat("ab", 32)
	p, err := process(t, "HOST=::", "PORT=0", "DOMAIN_SERVER=https://chat.example/sub/", "TRUST_PROXY=10.0.0.1, 192.168.0.0/16,loopback",
		"PATCHBAY_DATA=/d", "DATABASE_URL=postgres://u:canary@h/db", "CREDS_KEY="+key, "CREDS_KEY_PREVIOUS="+key+","+key,
		"ALLOW_REGISTRATION=True", "PROXY=socks5://p:1", "NO_PROXY=a,b", "METRICS_LISTEN=:9", "LOG_FORMAT=json", "LOG_LEVEL=WARN",
		"MCP_USER_CONNECTION_IDLE_TIMEOUT=10 * 60 * 1000", "MCP_TOOLS_LIST_MAX_PAGES=2", "MCP_TOOLS_LIST_MAX_TOOLS=3",
		"MCP_TOOLS_LIST_MAX_BYTES=4", "MCP_TOOLS_LIST_TIMEOUT_MS=5", "MCP_STREAMABLE_HTTP_MAX_RESPONSE_BYTES=0", "MCP_STREAMABLE_HTTP_MAX_LINE_BYTES=7",
		"MCP_CB_MAX_CYCLES=1", "ALLOW_SOCIAL_LOGIN=true", "OPENID_CLIENT_ID=x", "JWT_SECRET=canary", "UNRELATED=1")
	if err != nil {
		t.Fatal(err)
	}
	if p.Listen != "[::]:0" || p.PublicURL.String() != "https://chat.example/sub" || len(p.CredsKey) != 32 || len(p.CredsKeysOld) != 2 ||
		!p.AllowRegister || p.Proxy.Host != "p:1" || !p.LogJSON || p.LogLevel != slog.LevelWarn || p.UserIdle != 10*time.Minute ||
		p.ToolsMaxPages != 2 || p.ToolsMaxTools != 3 || p.ToolsMaxBytes != 4 || p.ToolsTimeout != 5*time.Millisecond || p.MaxBody != 0 || p.MaxLine != 7 {
		t.Errorf("%+v", struct{ config.Process }{p})
	}
	from := &http.Request{RemoteAddr: "10.0.0.1:9", Header: http.Header{"X-Forwarded-For": {"203.0.113.7"}}}
	if got := p.TrustProxy.ClientIP(from).String(); got != "203.0.113.7" {
		t.Errorf("client behind the trusted proxy is %s", got)
	}
	if diff := cmp.Diff([]string{"ALLOW_SOCIAL_LOGIN", "JWT_SECRET", "MCP_CB_MAX_CYCLES"}, p.NotUsed); diff != "" {
		t.Error(diff)
	}
	fs := p.Findings()
	if len(fs) != 2 || !strings.Contains(fs[1].Message, "not yet: OPENID_CLIENT_ID; local login stays") {
		t.Errorf("%v", fs)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(verb, p); strings.Contains(text, "canary") {
			t.Errorf("%s shows a secret: %s", verb, text)
		}
	}
}

func TestProcessMistakes(t *testing.T) {
	for _, tc := range []struct{ variable, want string }{
		{"PORT=x", "PORT must be a port from 0 to 65535"},
		{"HOST=0.0.0.0:80", "HOST must be the name or address to listen on, without a port; PORT is for that"},
		{"DOMAIN_SERVER=chat.example", "DOMAIN_SERVER must be a URL that begins with http:// or https://"},
		{"TRUST_PROXY=true", "TRUST_PROXY must not be true: any client could then say where it is; give the number of proxies in front (0 to 32), or their addresses (10.0.0.1, 10.0.0.0/8, loopback, linklocal, uniquelocal) separated by commas"},
		{"DATABASE_URL=mysql://canary", "DATABASE_URL must begin with postgres://; leave it unset for SQLite in the data folder"},
		{"CREDS_KEY=canary", "CREDS_KEY must be 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` makes one"},
		{"CREDS_KEY_PREVIOUS=canary", "CREDS_KEY_PREVIOUS must be 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` makes one"},
		{"ALLOW_REGISTRATION=maybe", "ALLOW_REGISTRATION must be true or false"},
		{"PROXY=ftp://h", "PROXY must be a URL that begins with http:// or https:// or socks5:// or socks5h://"},
		{"METRICS_LISTEN=9090", "METRICS_LISTEN must be host:port, like 127.0.0.1:9090"},
		{"LOG_FORMAT=xml", "LOG_FORMAT must be one of text, json"},
		{"LOG_LEVEL=loud", "LOG_LEVEL must be one of debug, info, warn, error"},
		{"MCP_USER_CONNECTION_IDLE_TIMEOUT=0", "MCP_USER_CONNECTION_IDLE_TIMEOUT must be milliseconds from 1 to 86400000"},
		{"MCP_TOOLS_LIST_MAX_PAGES=none", "MCP_TOOLS_LIST_MAX_PAGES must be a number from 1 to 1000000"},
	} {
		_, err := process(t, tc.variable)
		if err == nil || err.Error() != "environment: "+tc.want {
			t.Errorf("%s: %v", tc.variable, err)
		}
	}
}

func TestArithmetic(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, " 7 ": 7, "10 * 60 * 1000": 600000, "2*3+4": 10, "4+2*3": 10, "10-3-2": 5, "1_000": 1000, "-5": -5, "0": 0,
	} {
		if n, ok := config.Arithmetic(text); !ok || n != want {
			t.Errorf("%q: %d %v, want %d", text, n, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1.5", "1/2", "1 2", "*", "2*", "+", "1+", "9999999999999999999", "99999999999*99999999999", "0x10", strings.Repeat("1*", 100) + "1"} {
		if n, ok := config.Arithmetic(text); ok {
			t.Errorf("%q was read as %d", text, n)
		}
	}
}
