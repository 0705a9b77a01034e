package farend_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"patchbay/internal/testkit"
)

// stdioCases are the servers of an instance that is going to be killed.
var stdioCases = []testkit.Case{testkit.Forks, testkit.IgnoresTerm, testkit.FloodsStderr, testkit.Works}

// programOn starts the program itself on a configuration.
func programOn(t *testing.T, yaml string, users int) *instance {
	t.Helper()
	p := newPlace(t, users)
	p.env = []string{"PATCHBAY_DATA=" + p.data}
	p.write(t, yaml)
	in := p.start(t, program.Path(t), "serve", "--listen", "127.0.0.1:0")
	in.await(t)
	return in
}

// npxServer writes a package with an MCP server whose start through npx needs no
// network, and returns its entry of a configuration; empty without npx.
func npxServer(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npx"); err != nil {
		t.Log("************ npx is not here: children of npx are NOT tested ************")
		return ""
	}
	dir := t.TempDir()
	files := map[string]string{
		"package.json": `{"name":"farend-npx-server","version":"1.0.0","bin":{"farend-npx-server":"server.js"}}`,
		"server.js": `#!/usr/bin/env node
const lines = require('readline').createInterface({input: process.stdin});
setInterval(() => {}, 1000); // it does not end by itself
lines.on('line', (line) => {
  const m = JSON.parse(line);
  if (m.id === undefined || m.method === undefined) return;
  const answers = {
    initialize: {protocolVersion: '2025-11-25', capabilities: {tools: {}}, serverInfo: {name: 'npx', version: '1'}},
    'tools/list': {tools: [{name: 'echo', inputSchema: {type: 'object'}}]},
    'tools/call': {content: [{type: 'text', text: 'hi'}]},
  };
  const body = answers[m.method] ? {result: answers[m.method]} : {error: {code: -32601, message: 'no such method'}};
  process.stdout.write(JSON.stringify({jsonrpc: '2.0', id: m.id, ...body}) + '\n');
});
`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("  npx:\n    command: npx\n    args: [--yes, --offline, %q]\n    initTimeout: 60000\n    stderr: pipe\n", dir)
}

// TestKilled: patchbay is killed without a chance to clean up. Five seconds later nothing
// of what it started runs: no server, no grandchild, no npx.
func TestKilled(t *testing.T) {
	t.Parallel()
	var yaml strings.Builder
	yaml.WriteString("mcpServers:\n")
	names := []string{}
	for i := range scaled(100) { // ten, in a nightly run more
		c := stdioCases[i%len(stdioCases)]
		name := fmt.Sprintf("%s-%d", c, i)
		fmt.Fprintf(&yaml, "  %s:\n    initTimeout: 60000\n%s", name, commandYAML(t, c, testkit.Settings{PIDFile: filepath.Join(t.TempDir(), "pid")}))
		names = append(names, name)
		if i == 19 {
			break // more would be the machine's limit, not ours
		}
	}
	if npx := npxServer(t); npx != "" {
		yaml.WriteString(npx)
		names = append(names, "npx")
	}
	in := programOn(t, yaml.String(), 2)
	ada := in.users[1]
	for _, name := range names {
		ada.settles(t, name, 60*time.Second, connected, "")
	}
	family := descendants(in.pid())
	t.Logf("%d servers, %d processes", len(names), len(family))
	if len(family) < len(names)+len(names)/len(stdioCases) {
		t.Errorf("%d processes of %d servers: the grandchildren are not there", len(family), len(names))
	}
	begin := time.Now()
	if err := in.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if !poll(5*time.Second, func() bool { return len(alive(family)) == 0 }) {
		t.Errorf("alive five seconds after kill -9: %v", alive(family))
	}
	t.Logf("all gone after %s", time.Since(begin))
}

// callMany starts calls that take a time, and returns their tally when all have ended.
func callMany(t *testing.T, who *person, n int, took time.Duration) (*tally, func() map[string]int) {
	t.Helper()
	var group sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	c := &tally{}
	for range n {
		group.Go(func() {
			_, err := who.call(t.Context(), "far", "slow", fmt.Sprintf(`{"ms":%d}`, took.Milliseconds()))
			c.add(err)
			mu.Lock()
			codes[codeOf(err)]++
			mu.Unlock()
		})
	}
	return c, func() map[string]int { group.Wait(); return codes }
}

const stopYAML = `mcpSettings:
  limits: {callsPerMinute: 0, concurrentCalls: 0}
mcpServers:
  far:
    type: streamable-http
    url: %s
    timeout: 600000
  child:
%s`

// TestStopWithCallsInFlight: SIGTERM under 50 calls. Those that end in time give their
// results, the others are told of it, the exit code is 0 and no child is left.
func TestStopWithCallsInFlight(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	in := programOn(t, fmt.Sprintf(stopYAML, echo.URL(), commandYAML(t, testkit.IgnoresTerm, testkit.Settings{})), 2)
	ada := in.users[1]
	ada.settles(t, "child", 60*time.Second, connected, "")
	family := descendants(in.pid())
	never := 0
	if nightly() { // the 30 seconds that calls are given pass in full
		never = inFlight / 2
	}
	short, ended := callMany(t, ada, inFlight-never, 2*time.Second)
	long, cut := callMany(t, ada, never, 10*time.Minute)
	echo.AwaitInFlight(t, inFlight)
	begin := time.Now()
	if err := in.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if !poll(35*time.Second, func() bool { return !in.running() }) {
		t.Fatalf("still running after 35 s\n%s", tail(in.log.String(), 4000))
	}
	t.Logf("stopped after %s; short calls: %v; long calls: %v", time.Since(begin), ended(), cut())
	if !in.cmd.ProcessState.Success() {
		t.Errorf("%s\n%s", in.cmd.ProcessState, tail(in.log.String(), 4000))
	}
	if int(short.ok.Load()) != inFlight-never {
		t.Errorf("calls that could end in time: %s", short)
	}
	if long.lost.Load() > 0 || long.ok.Load() > 0 {
		t.Errorf("calls that could not: %s", long)
	}
	if n := echo.Calls("slow"); n != inFlight {
		t.Errorf("the server saw %d calls, want %d", n, inFlight)
	}
	if left := alive(family); len(left) > 0 {
		t.Errorf("processes were left: %v", left)
	}
}

// TestSecondSignal: whoever asks twice does not want to wait.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	in := programOn(t, fmt.Sprintf(stopYAML, echo.URL(), commandYAML(t, testkit.IgnoresTerm, testkit.Settings{})), 2)
	ada := in.users[1]
	ada.settles(t, "child", 60*time.Second, connected, "")
	family := descendants(in.pid())
	_, ended := callMany(t, ada, 5, 10*time.Minute)
	echo.AwaitInFlight(t, 5)
	for _, want := range []string{"Stopping", ""} {
		if err := in.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if want != "" {
			in.logged(t, 5*time.Second, want)
		}
	}
	begin := time.Now()
	if !poll(2*time.Second, func() bool { return !in.running() }) {
		t.Errorf("still running two seconds after the second signal")
	}
	if !poll(5*time.Second, func() bool { return len(alive(family)) == 0 }) {
		t.Errorf("alive five seconds after: %v", alive(family))
	}
	t.Logf("all gone after %s: %v", time.Since(begin), ended())
}

// textOf is the text that a tool answered.
func textOf(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var r struct {
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
	}
	if err := json.Unmarshal(raw, &r); err != nil || len(r.Content) == 0 {
		t.Fatalf("no text in %.300s: %v", raw, err)
	}
	return r.Content[0].Text
}
