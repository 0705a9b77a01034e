package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
)

func TestServers(t *testing.T) {
	in := newInstance(t, map[string]string{
		"GET /api/mcp/servers": `{"data":[{"name":"demo","title":"Demo","extra":1},{"name":"a long name","status":"error"}],"has_more":false}`,
		"GET /api/mcp/connection/status": `{"success":true,"connectionStatus":{
			"demo":{"status":"connected","reason":"","message":"","action":"none","toolCount":7,"connectionState":"connected"},
			"a long name":{"status":"error","reason":"env_missing","message":"X is\u001b[31m\nnot set","action":"retry","toolCount":0,"connectionState":"error"}}}`,
	})
	got := in.run(t, "", "servers")
	want := `NAME         STATUS     TOOLS  REASON       ACTION  MESSAGE
demo         connected  7      -            -
a long name  error      0      env_missing  retry   X is [31m not set
`
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone {
		t.Fatalf("%+v\n%s", got, diff)
	}
	got = in.run(t, "", "servers", "--json")
	for _, part := range []string{`"extra": 1`, `"reason": "env_missing"`, `"connectionState": "connected"`} {
		if !strings.Contains(got.stdout, part) {
			t.Fatalf("%s lacks %s", got.stdout, part)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		line  string
		width int
		want  string
	}{{"abcdef", 0, "abcdef"}, {"abcdef", 6, "abcdef"}, {"abcdef", 4, "abc…"}, {"äöüß", 3, "äö…"}} {
		if got := cut(test.line, test.width); got != test.want {
			t.Errorf("cut(%q, %d) = %q, want %q", test.line, test.width, got, test.want)
		}
	}
}

func TestTools(t *testing.T) {
	in := newInstance(t, map[string]string{
		"GET /api/mcp/servers/demo": `{"name":"demo"}`,
		"GET /api/mcp/tools":        `[{"name":"add","description":"Adds.\nReally.","serverName":"demo","inputSchema":{"n":9007199254740993}},{"name":"old","serverName":"demo","stale":true}]`,
	})
	got := in.run(t, "", "tools", "demo")
	want := "SERVER  TOOL         DESCRIPTION\ndemo    add          Adds. Really.\ndemo    old (stale)\n"
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Fatal(diff)
	}
	if got = in.run(t, "", "tools", "--json"); !strings.Contains(got.stdout, "9007199254740993") {
		t.Fatal(got.stdout)
	}
	if got = in.run(t, "", "tools", "nope"); got.code != exitFailed {
		t.Fatalf("%+v", got)
	}
}

func TestCall(t *testing.T) {
	const path = "POST /api/mcp/servers/demo/tools/x/call"
	tests := map[string]struct {
		answer         string
		args           []string
		stdin          string
		code           int
		stdout, stderr string
		body           string
	}{
		"text": {answer: `{"content":[{"type":"text","text":"3"}]}`, stdout: "3\n"},
		"arguments as written": {
			answer: `{"content":[]}`, args: []string{`{"a":9007199254740993,"b":1.0}`}, body: `{"arguments":{"a":9007199254740993,"b":1.0}}`,
		},
		"arguments on stdin": {answer: `{"content":[]}`, args: []string{"-"}, stdin: " {\"a\":1}\n", body: `{"arguments":{"a":1}}`},
		"conversation": {
			answer: `{"content":[]}`, args: []string{"--conversation-id", "c1"}, body: `{"conversationId":"c1"}`,
		},
		"structured content beside other text": {
			answer: `{"content":[{"type":"text","text":"a table"}],"structuredContent":{"n":[1]}}`,
			stdout: "a table\n{\n  \"n\": [\n    1\n  ]\n}\n",
		},
		"structured content that the text repeats": {
			answer: `{"content":[{"type":"text","text":"{\"n\": 1}"}],"structuredContent":{"n":1}}`, stdout: "{\"n\": 1}\n",
		},
		"not text": {
			answer: `{"content":[{"type":"image","mimeType":"image/png","data":"AAEC"},{"type":"resource_link","name":"a","uri":"file:///a"},
				{"type":"resource","resource":{"uri":"x:1","text":"inside"}},{"type":"resource","resource":{"uri":"x:2","mimeType":"a/b","blob":"AAE="}},{"type":"future"}]}`,
			stdout: "[image image/png 3 bytes]\n[resource_link a file:///a]\ninside\n[resource x:2 a/b 2 bytes]\n[future]\n",
		},
		"the tool failed": {
			answer: `{"content":[{"type":"text","text":"no"}],"isError":true}`, code: exitFailed, stdout: "no\n", stderr: "The tool failed.\n",
		},
		"raw": {
			answer: `{"content":[], "n":9007199254740993}`, args: []string{"--json"}, stdout: "{\"content\":[], \"n\":9007199254740993}\n",
		},
		"progress and log": {
			answer: "event: progress\ndata: {\"progress\":1,\"total\":4,\"message\":\"a\\u001b[1mb\"}\n\nevent: log\ndata: {\"level\":\"info\",\"data\":{\"x\":1}}\n\nevent: result\ndata: {\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}\n\n",
			stdout: "ok\n", stderr: "progress 1/4: a [1mb\n[info] {\"x\":1}\n",
		},
		"error on the way": {
			answer: "event: progress\ndata: {\"progress\":0.5}\n\nevent: error\ndata: {\"error\":\"No answer in time\",\"code\":\"timeout\",\"status\":504}\n\n",
			code:   exitFailed, stderr: "progress 0.5\nerror: No answer in time\n",
		},
		"limit": {
			answer: "event: error\ndata: {\"error\":\"Too many calls\",\"code\":\"rate_limited\",\"status\":429,\"retryAfter\":\"7\"}\n\n",
			code:   exitFailed, stderr: "error: Too many calls\nTry again in 7s.\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t, map[string]string{path: test.answer})
			got := in.run(t, test.stdin, append([]string{"call", "demo", "x"}, test.args...)...)
			if diff := cmp.Diff(outcome{test.code, test.stdout, test.stderr}, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Fatal(diff)
			}
			if test.body != "" && !strings.HasSuffix(in.asked[0], " "+test.body) {
				t.Fatalf("asked %q, want %s", in.asked[0], test.body)
			}
		})
	}
}

func TestCallSaves(t *testing.T) {
	in := newInstance(t, map[string]string{
		"POST /api/mcp/servers/demo/tools/x/call": `{"content":[{"type":"image","mimeType":"image/png","data":"AAEC"},{"type":"audio","mimeType":"audio/wav","data":"Aw=="}]}`,
		"POST /api/mcp/servers/demo/tools/y/call": `{"content":[]}`,
	})
	if got := in.run(t, "", "call", "demo", "x", "-o", "out.png"); got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	for name, want := range map[string]string{"out.png": "\x00\x01\x02", "out-2.png": "\x03"} {
		data, err := os.ReadFile(filepath.Join(in.dir, name))
		if err != nil || string(data) != want {
			t.Fatalf("%s: %q %v", name, data, err)
		}
	}
	if got := in.run(t, "", "call", "demo", "y", "-o", "none.png"); got.code != exitFailed || !strings.Contains(got.stderr, "to save") {
		t.Fatalf("%+v", got)
	}
}

func TestVars(t *testing.T) {
	in := newInstance(t, map[string]string{
		"GET /api/mcp/issues/auth-values": `{"success":true,"authValueFlags":{"B":false,"A":true}}`,
		"PUT /api/mcp/issues/auth-values": `{"success":true}`,
	})
	if got := in.run(t, "", "vars", "issues"); got.stdout != "NAME  SET\nA     yes\nB     no\n" {
		t.Fatalf("%+v", got)
	}
	got := in.run(t, "fake value\r\n", "vars", "issues", "set", "B", "--as", "ada@example.com")
	if got.code != exitDone || strings.Contains(got.stdout+got.stderr, "fake value") {
		t.Fatalf("%+v", got)
	}
	if want := `PUT /api/mcp/issues/auth-values Bearer fake-operator-token ada@example.com {"authValues":{"B":"fake value"}}`; in.asked[1] != want {
		t.Fatalf("asked %q, want %q", in.asked[1], want)
	}
	in.run(t, "", "vars", "issues", "unset", "B")
	if !strings.HasSuffix(in.asked[2], `{"authValues":{"B":""}}`) {
		t.Fatalf("asked %q", in.asked[2])
	}
	if got = in.run(t, strings.Repeat("x", maxSecret+1), "vars", "issues", "set", "B"); got.code != exitUsage {
		t.Fatalf("%+v", got)
	}
}

func TestUserThroughInstance(t *testing.T) {
	in := newInstance(t, map[string]string{
		"GET /api/users":        `{"data":[{"id":"u1","email":"ada@example.com","username":"ada","role":"USER","createdAt":"2026-01-02T00:00:00Z","name":"Ada"}],"has_more":false}`,
		"POST /api/users":       `{"id":"u2","email":"bob@example.com","role":"ADMIN"}`,
		"PATCH /api/users/u1":   `{}`,
		"POST /api/user/tokens": `{"id":"t1","token":"pbt_fake"}`,
	})
	if got := in.run(t, "", "user", "list"); got.stdout != "EMAIL            USERNAME  ROLE  DISABLED  SINCE       NAME\nada@example.com  ada       USER  no        2026-01-02  Ada\n" {
		t.Fatalf("%+v", got)
	}
	steps := []struct {
		stdin string
		args  string
		asked string
	}{
		{"correct horse\n", "add --email bob@example.com --role admin --password-stdin", `POST /api/users Bearer fake-operator-token {"email":"bob@example.com","role":"ADMIN","password":"correct horse"}`},
		{"", "role Ada@Example.com ADMIN", `PATCH /api/users/u1 Bearer fake-operator-token {"role":"ADMIN"}`},
		{"", "disable ada@example.com", `PATCH /api/users/u1 Bearer fake-operator-token {"disabled":true}`},
		{"", "token --email ada@example.com --name ci --scopes tools:call", `POST /api/user/tokens Bearer fake-operator-token ada@example.com {"name":"ci","scopes":["tools:call"]}`},
	}
	for _, step := range steps {
		got := in.run(t, step.stdin, append([]string{"user"}, strings.Fields(step.args)...)...)
		if last := in.asked[len(in.asked)-1]; got.code != exitDone || last != step.asked {
			t.Fatalf("%s: %+v; asked %q, want %q", step.args, got, last, step.asked)
		}
	}
	if got := in.run(t, "", "user", "disable", "nobody@example.com"); got.code != exitFailed || !strings.Contains(got.stderr, "nobody@example.com") {
		t.Fatalf("%+v", got)
	}
}

// TestUserAfterACrash: an instance that was killed could not take its cli.json away.
func TestUserAfterACrash(t *testing.T) {
	in := newInstance(t, nil)
	in.Close()
	if got := in.run(t, "correct horse battery", "user", "add", "--email", "ada@example.com", "--password-stdin"); got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	if got := in.run(t, "", "user", "list"); !strings.Contains(got.stdout, "ada@example.com") {
		t.Fatalf("%+v", got)
	}
	if got := in.run(t, "", "servers"); got.code != exitFailed || !strings.Contains(got.stderr, "patchbay serve") {
		t.Fatalf("%+v", got)
	}
}

func TestUserOnDataFolder(t *testing.T) {
	dir := t.TempDir()
	do := func(stdin, args string) outcome {
		t.Helper()
		return runIn(t, dir, stdin, nil, append([]string{"user"}, strings.Fields(args)...)...)
	}
	if got := do("correct horse battery\n", "add --email Admin@Example.com --name A --role ADMIN --password-stdin"); got.code != exitDone || got.stdout != "admin@example.com ADMIN\n" {
		t.Fatalf("%+v", got)
	}
	if got := do("correct horse battery\n", "add --email admin@example.com --password-stdin"); got.code != exitFailed {
		t.Fatalf("the same address twice: %+v", got)
	}
	if got := do("short", "add --email b@example.com --password-stdin"); got.code != exitFailed || strings.Contains(got.stderr, "short") {
		t.Fatalf("a short password: %+v", got)
	}
	token := do("", "token --email admin@example.com --name laptop --expires 90d")
	if token.code != exitDone || len(strings.Fields(token.stdout)) != 1 {
		t.Fatalf("%+v", token)
	}
	if got := do("", "list --json"); !strings.Contains(got.stdout, `"emailVerified": true`) || strings.Contains(got.stdout, strings.TrimSpace(token.stdout)) {
		t.Fatalf("%+v", got)
	}
	if got := do("", "disable admin@example.com"); got.code != exitFailed {
		t.Fatalf("the last administrator was disabled: %+v", got)
	}
	if got := do("", "role nobody@example.com USER"); got.code != exitFailed {
		t.Fatalf("%+v", got)
	}
}

func TestParseExpiry(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{
		"12h": "2026-11-21T00:00:00Z", "90d": "2027-02-18T12:00:00Z", "2w": "2026-12-04T12:00:00Z",
		"1y": "2027-11-20T12:00:00Z", "2027-01-31": "2027-01-31T00:00:00Z", "2027-01-31T10:00:00+02:00": "2027-01-31T08:00:00Z",
	} {
		at, err := parseExpiry(s, now)
		if err != nil || at.Format(time.RFC3339) != want {
			t.Errorf("%s: %v %v, want %s", s, at, err, want)
		}
	}
	for _, s := range []string{"0d", "-1d", "d", "1", "1m", "90 d", "99999999999999999999d", "9999999y", "2026-11-20"} {
		if at, err := parseExpiry(s, now); err == nil {
			t.Errorf("%s: %v", s, at)
		}
	}
	if at, err := parseExpiry("", now); at != nil || err != nil {
		t.Error(at, err)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b]0;title\x07b": "a ]0;title b",
		"x\u202egnp.exe":     "xgnp.exe",
		"two\r\nlines":       "two lines",
		"c1\u009b31m":        "c1 31m",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := cleanLines("a\n\tb\x1b"); got != "a\n\tb " {
		t.Errorf("%q", got)
	}
}

func TestNoteText(t *testing.T) {
	for params, want := range map[string]string{
		`{"progress":3}`:             "progress 3",
		`{"progress":1.5,"total":2}`: "progress 1.5/2",
		`not json`:                   "progress not json",
		`{}`:                         "progress",
	} {
		if got := noteText(patchbay.Note{Kind: patchbay.NoteProgress, Params: []byte(params)}); got != want {
			t.Errorf("%s: %q, want %q", params, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		yaml   string
		env    []string
		args   []string
		code   int
		stdout string
	}{
		"good":             {yaml: "mcpServers:\n  a:\n    type: streamable-http\n    url: https://a.example/mcp\n", code: exitDone},
		"bad entry":        {yaml: "mcpServers:\n  a:\n    type: pigeon\n    url: https://a.example/mcp\n", code: exitFailed, stdout: "librechat.yaml:3:11: error: "},
		"not YAML":         {yaml: "mcpServers: [", code: exitFailed, stdout: "librechat.yaml:1:"},
		"unset variable":   {yaml: "mcpServers:\n  a:\n    type: streamable-http\n    url: https://a.example/mcp\n    headers: {X: \"${UNSET_HERE}\"}\n", code: exitDone, stdout: "UNSET_HERE is not set"},
		"unset and strict": {yaml: "mcpServers:\n  a:\n    type: streamable-http\n    url: https://a.example/mcp\n    headers: {X: \"${UNSET_HERE}\"}\n", args: []string{"--strict"}, code: exitFailed},
		"variable of ours": {yaml: "mcpServers: {}\n", env: []string{"LOG_FORMAT=xml"}, code: exitFailed, stdout: "LOG_FORMAT"},
		"dump": {
			yaml: "mcpServers:\n  a:\n    type: streamable-http\n    url: https://a.example/mcp\n    headers: {X: fake-literal-secret}\n",
			args: []string{"--dump"}, code: exitDone, stdout: "initTimeout: 10000",
		},
		"json": {yaml: "mcpServers: {}\n", args: []string{"--json"}, code: exitDone, stdout: `"ok": true`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "librechat.yaml"), []byte(test.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			got := runIn(t, dir, "", test.env, append([]string{"check"}, test.args...)...)
			if got.code != test.code || !strings.Contains(got.stdout, test.stdout) || strings.Contains(got.stdout, "fake-literal-secret") {
				t.Fatalf("%+v", got)
			}
		})
	}
	if got := runIn(t, t.TempDir(), "", nil, "check"); got.code != exitDone || !strings.Contains(got.stderr, "built-in") {
		t.Fatalf("without a file: %+v", got)
	}
}

// TestExampleConfiguration: the file that the README points at has nothing wrong with it.
func TestExampleConfiguration(t *testing.T) {
	example, err := filepath.Abs("../../librechat.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := runIn(t, t.TempDir(), "", nil, "check", example, "--json")
	if got.code != exitDone || strings.Contains(got.stdout, `"severity": "warning"`) || strings.Contains(got.stdout, `"severity": "error"`) {
		t.Fatalf("%+v", got)
	}
}

func TestSchema(t *testing.T) {
	if got := runIn(t, t.TempDir(), "", nil, "schema"); got.code != exitDone || !strings.Contains(got.stdout, `"customUserVars"`) {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
}
