package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"patchbay"
	"patchbay/internal/client"
)

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

// runIn runs a command line in a folder of its own, with env beside PATCHBAY_DATA.
func runIn(t *testing.T, dir, stdin string, env []string, args ...string) outcome {
	t.Helper()
	t.Chdir(dir)
	var stdout, stderr strings.Builder
	code := run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr, append([]string{"PATCHBAY_DATA=" + dir}, env...))
	return outcome{code, stdout.String(), stderr.String()}
}

// instance answers the API's paths with fixed bodies and says what it was asked.
type instance struct {
	*httptest.Server
	dir   string
	asked []string
}

const operatorToken = "fake-operator-token"

// newInstance serves answers ("METHOD PATH" -> body; a body that begins with a status
// and a space is answered with that) and leaves a cli.json in a folder.
func newInstance(t *testing.T, answers map[string]string) *instance {
	t.Helper()
	in := &instance{dir: t.TempDir()}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		key := r.Method + " " + r.URL.Path
		in.asked = append(in.asked, line(key, r.Header.Get("Authorization"), r.Header.Get(client.HeaderAs), string(body)))
		answer, ok := answers[key]
		if !ok {
			answer = `404 {"error":"Nothing here","code":"not_found"}`
		}
		status := http.StatusOK
		if len(answer) > 4 && answer[3] == ' ' && answer[0] >= '4' && answer[0] <= '5' {
			if err := json.Unmarshal([]byte(answer[:3]), &status); err != nil {
				t.Error(err)
			}
			answer = answer[4:]
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(answer, "event:") {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(in.Close)
	if err := client.WriteLocal(in.dir, client.Local{Address: in.URL, Token: operatorToken, PID: 1}); err != nil {
		t.Fatal(err)
	}
	return in
}

// line joins the parts that are there.
func line(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func (in *instance) run(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return runIn(t, in.dir, stdin, nil, args...)
}

func TestWrongUse(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"unknown command":      {[]string{"frobnicate"}, `unknown command "frobnicate"`},
		"unknown flag":         {[]string{"servers", "--nope"}, "unknown flag: --nope"},
		"too few":              {[]string{"call", "demo"}, "patchbay call --help"},
		"too many":             {[]string{"servers", "x"}, "patchbay servers --help"},
		"no such action":       {[]string{"vars", "demo", "drop", "X"}, "SERVER set NAME"},
		"value on the line":    {[]string{"vars", "demo", "set", "X", "v"}, "read from stdin"},
		"user alone":           {[]string{"user"}, "add, list, role"},
		"required flag":        {[]string{"user", "add"}, `"email"`},
		"no password":          {[]string{"user", "add", "--email", "a@example.com"}, "--password-stdin"},
		"empty password":       {[]string{"user", "add", "--email", "a@example.com", "--password-stdin"}, "stdin holds no value"},
		"role":                 {[]string{"user", "role", "a@example.com", "ROOT"}, "ADMIN or USER"},
		"arguments not JSON":   {[]string{"call", "demo", "add", "{\"a\":1,\n x"}, "not valid JSON at 2:2"},
		"arguments no object":  {[]string{"call", "demo", "add", "[1]"}, "must be a JSON object"},
		"arguments file":       {[]string{"call", "demo", "add", "@nowhere.json"}, "nowhere.json"},
		"expiry":               {[]string{"user", "token", "--email", "a@example.com", "--name", "n", "--expires", "soon"}, "90d"},
		"expiry in the past":   {[]string{"user", "token", "--email", "a@example.com", "--name", "n", "--expires", "2001-01-31"}, "past"},
		"address with a token": {[]string{"servers", "--url", "http://x:fake-secret@127.0.0.1", "--token", "t"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := runIn(t, t.TempDir(), "", nil, test.args...)
			want := exitUsage
			if name == "address with a token" {
				want = exitFailed
			}
			if got.code != want || got.stdout != "" || !strings.Contains(got.stderr, test.want) || strings.Contains(got.stderr, "fake-secret") {
				t.Fatalf("code %d, stdout %q, stderr %q; want %q", got.code, got.stdout, got.stderr, test.want)
			}
		})
	}
}

func TestNobodyRuns(t *testing.T) {
	got := runIn(t, t.TempDir(), "", nil, "servers")
	if got.code != exitFailed || !strings.Contains(got.stderr, "patchbay serve") {
		t.Fatalf("%+v", got)
	}
}

// TestDiscovery: whose token goes where.
func TestDiscovery(t *testing.T) {
	answers := map[string]string{"GET /api/mcp/tools": `[]`}
	tests := map[string]struct {
		elsewhere bool // --url names another instance
		same      bool // --url names the local one
		env       []string
		flags     []string
		want      string // what the instance saw; empty: no request at all
	}{
		"cli.json":                   {want: "GET /api/mcp/tools Bearer fake-operator-token"},
		"as somebody":                {flags: []string{"--as", "ada@example.com"}, want: "GET /api/mcp/tools Bearer fake-operator-token ada@example.com"},
		"a token wins":               {flags: []string{"--token", "fake-mine"}, want: "GET /api/mcp/tools Bearer fake-mine"},
		"token of the environment":   {env: []string{"PATCHBAY_TOKEN=fake-env"}, want: "GET /api/mcp/tools Bearer fake-env"},
		"same address":               {same: true, want: "GET /api/mcp/tools Bearer fake-operator-token"},
		"elsewhere, with a token":    {elsewhere: true, flags: []string{"--token", "fake-mine"}, want: "GET /api/mcp/tools Bearer fake-mine"},
		"elsewhere, without a token": {elsewhere: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			local, other := newInstance(t, answers), newInstance(t, answers)
			args := append([]string{"tools"}, test.flags...)
			seen := local
			if test.same {
				args = append(args, "--url", local.URL+"/")
			}
			if test.elsewhere {
				args, seen = append(args, "--url", other.URL), other
			}
			got := runIn(t, local.dir, "", test.env, args...)
			if test.want == "" {
				if got.code != exitFailed || len(other.asked)+len(local.asked) > 0 || !strings.Contains(got.stderr, "--token") {
					t.Fatalf("%+v; asked %q %q", got, local.asked, other.asked)
				}
				return
			}
			if got.code != exitDone || len(seen.asked) != 1 || seen.asked[0] != test.want {
				t.Fatalf("%+v; asked %q, want %q", got, seen.asked, test.want)
			}
		})
	}
}

func TestTokenFile(t *testing.T) {
	in := newInstance(t, map[string]string{"GET /api/mcp/tools": `[]`})
	file := filepath.Join(in.dir, "token")
	if err := os.WriteFile(file, []byte("fake-of-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runIn(t, in.dir, "", []string{"PATCHBAY_TOKEN_FILE=" + file}, "tools")
	if got.code != exitDone || in.asked[0] != "GET /api/mcp/tools Bearer fake-of-a-file" {
		t.Fatalf("%+v %q", got, in.asked)
	}
}

func TestCancelled(t *testing.T) {
	in := newInstance(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr strings.Builder
	code := run(ctx, []string{"call", "demo", "add", "--data", in.dir}, strings.NewReader(""), io.Discard, &stderr, nil)
	if code != exitFailed || stderr.String() != "cancelled\n" {
		t.Fatalf("%d %q", code, stderr.String())
	}
}

// TestEveryCommandExplainsItself: help says what a command is for and shows a use of it.
func TestEveryCommandExplainsItself(t *testing.T) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			return
		}
		if cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s: a command has a short description and an example", cmd.CommandPath())
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(newRoot(&shell{}))
}

func TestErrorsSayWhatToDo(t *testing.T) {
	tests := map[string]struct {
		answer string
		want   []string
	}{
		"token":                {`401 {"error":"Sign in","code":"unauthenticated"}`, []string{"error: Sign in\n", "patchbay user token"}},
		"sign in":              {`401 {"error":"OAuth authentication required","code":"signin_required","oauthUrl":"https://example.com/go"}`, []string{"https://example.com/go"}},
		"variables":            {`422 {"error":"Variables are missing","code":"needs_variables","missingUserVars":["KEY"]}`, []string{"patchbay vars demo set KEY"}},
		"tool":                 {`404 {"error":"No such tool","code":"tool_not_found"}`, []string{"patchbay tools demo"}},
		"server":               {`404 {"error":"MCP server 'demo' not found in configuration","code":"not_found"}`, []string{"patchbay servers"}},
		"fields":               {`422 {"error":"Wrong","code":"invalid","fields":[{"path":"arguments.a","message":"must be a number"}]}`, []string{"arguments.a: must be a number"}},
		"details":              {`500 {"error":"Failed to connect to MCP server","code":"connect_failed","details":"Connection timeout"}`, []string{"Connection timeout", "patchbay servers"}},
		"details of variables": {`500 {"error":"Failed to connect to MCP server","code":"connect_failed","reason":"needs_variables","details":"give a value for KEY first"}`, []string{"give a value for KEY first", "patchbay vars demo set NAME"}},
		"hostile":              {`404 {"error":"a\u001b[2Jb\nc","code":"conflict"}`, []string{"error: a [2Jb c\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t, map[string]string{"POST /api/mcp/servers/demo/tools/x/call": test.answer})
			got := in.run(t, "", "call", "demo", "x")
			if got.code != exitFailed || got.stdout != "" {
				t.Fatalf("%+v", got)
			}
			for _, want := range test.want {
				if !strings.Contains(got.stderr, want) {
					t.Fatalf("stderr %q lacks %q", got.stderr, want)
				}
			}
		})
	}
}

func TestErrorWithoutHint(t *testing.T) {
	var b strings.Builder
	printError(&b, patchbay.Errorf(patchbay.CodeTimeout, "No answer in time"))
	if b.String() != "error: No answer in time\n" {
		t.Fatal(b.String())
	}
}
