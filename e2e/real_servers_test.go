package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The servers that everybody tries first, from npm, at versions that are known to work.
var npmServers = []string{
	"@modelcontextprotocol/server-everything@2026.8.31",
	"@modelcontextprotocol/server-filesystem@2026.8.31",
	"@modelcontextprotocol/server-memory@2026.8.31",
	"@modelcontextprotocol/server-sequential-thinking@2026.8.31",
}

// npmFolder installs the servers once into out/ and returns the folder of their
// programs. Without npm the test is skipped, except where CI=true.
func npmFolder(t *testing.T) string {
	t.Helper()
	absent := func(why string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatalf("the servers from npm cannot be installed: %s", why)
		}
		t.Skipf("SKIPPED, servers from npm were not tried: %s", why)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		absent("npm is not installed")
	}
	dir, err := filepath.Abs(filepath.Join("..", "out", "npm"))
	require.NoError(t, err)
	bin := filepath.Join(dir, "node_modules", ".bin")
	if _, err := os.Stat(filepath.Join(bin, "mcp-server-sequential-thinking")); err == nil {
		return bin
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	install := exec.CommandContext(t.Context(), npm, append([]string{"install", "--no-audit", "--no-fund", "--no-save", "--prefix", dir}, npmServers...)...)
	if out, err := install.CombinedOutput(); err != nil {
		absent(fmt.Sprintf("%v\n%s", err, out))
	}
	return bin
}

// TestServersFromNPM runs what an operator would write first: four servers from npm, one
// of them twice, the demo server, and three entries that cannot work. Six work, three say
// why not.
func TestServersFromNPM(t *testing.T) {
	bin := npmFolder(t)
	t.Parallel()
	dir := t.TempDir()
	everything := freePort(t)
	remote := exec.Command(filepath.Join(bin, "mcp-server-everything"), "streamableHttp")
	remote.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", everything))
	remote.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, remote.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-remote.Process.Pid, syscall.SIGKILL) // it may be gone by now
		_ = remote.Wait()                                      // killed: how it ended is known
	})

	program := filepath.Join(os.Getenv(binaryEnv), "patchbay")
	config := fmt.Sprintf(`mcpServers:
  everything: {command: %[1]s/mcp-server-everything, args: [stdio], initTimeout: 60000}
  everything-http: {type: streamable-http, url: "http://127.0.0.1:%[2]d/mcp"}
  filesystem: {command: %[1]s/mcp-server-filesystem, args: [%[3]s], initTimeout: 60000, tools: {deny: ["write_*"]}}
  memory: {command: %[1]s/mcp-server-memory, initTimeout: 60000, env: {MEMORY_FILE_PATH: %[3]s/memory.json}}
  thinking: {command: %[1]s/mcp-server-sequential-thinking, initTimeout: 60000}
  demo: {command: %[4]s, args: [demo-server]}
  dead: {type: streamable-http, url: "http://127.0.0.1:9/mcp"}
  gone: {command: no-such-program-of-ours}
  bad: {type: streamable-http, url: "ftp://example.com"}
`, bin, everything, dir, program)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "librechat.yaml"), []byte(config), 0o600))
	env := append(os.Environ(), "HOME="+dir, "PATCHBAY_DATA="+filepath.Join(dir, "data"))
	instance, err := start(dir, env)
	require.NoError(t, err)
	t.Cleanup(instance.kill)
	_, err = instance.awaitReady(filepath.Join(dir, "data"))
	require.NoError(t, err)

	shell := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	statuses := func() map[string]string {
		out, err := shell("servers", "--json")
		require.NoError(t, err, out)
		var rows []struct{ Name, Status, Reason string }
		require.NoError(t, json.Unmarshal([]byte(out), &rows))
		found := map[string]string{}
		for _, r := range rows {
			found[r.Name] = strings.TrimSpace(r.Status + " " + r.Reason)
		}
		return found
	}
	want := map[string]string{
		"everything": "connected", "everything-http": "connected", "filesystem": "connected",
		"memory": "connected", "thinking": "connected", "demo": "connected",
		"dead": "disconnected unreachable", "gone": "error bad_definition", "bad": "error bad_definition",
	}
	poll(90*time.Second, func() bool { return fmt.Sprint(statuses()) == fmt.Sprint(want) })
	require.Equal(t, want, statuses())

	calls := []struct{ server, tool, args, says string }{
		{"everything", "echo", `{"message":"over stdio"}`, "over stdio"},
		{"everything-http", "get-sum", `{"a":40,"b":2}`, "42"},
		{"filesystem", "list_directory", fmt.Sprintf(`{"path":%q}`, dir), "librechat.yaml"},
		{"memory", "read_graph", `{}`, "entities"},
		{"thinking", "sequentialthinking", `{"thought":"x","nextThoughtNeeded":false,"thoughtNumber":1,"totalThoughts":1}`, "thoughtNumber"},
		{"demo", "add", `{"a":1,"b":2}`, "3"},
	}
	for _, c := range calls {
		out, err := shell("call", c.server, c.tool, c.args)
		require.NoError(t, err, "%s %s: %s", c.server, c.tool, out)
		require.Contains(t, out, c.says, "%s %s", c.server, c.tool)
	}
	out, err := shell("call", "filesystem", "write_file", fmt.Sprintf(`{"path":"%s/x","content":"y"}`, dir))
	require.Error(t, err)
	require.Contains(t, out, "not offered here")
	require.NoFileExists(t, filepath.Join(dir, "x"))
	require.NoError(t, instance.stop())
}

// freePort returns a port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
