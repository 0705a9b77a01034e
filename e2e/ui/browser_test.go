package ui

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"patchbay/internal/testkit"
)

// browserLimit bounds everything that one browser does.
const browserLimit = 150 * time.Second

// TestBrowser is browser.mjs: a person's way from the first start to tools, tokens and
// people, and what every page owes to everybody.
func TestBrowser(t *testing.T) {
	chromium := needs(t)
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{Manual: true})
	protected := auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	i := startInstance(t, configuration(os.Getenv(binaryEnv), startHostile(t), protected.URL(), silent(t)))
	shots, err := filepath.Abs("../../out/ui")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), browserLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "browser.mjs")
	cmd.Env = append(os.Environ(), "UI_URL="+i.url, "UI_SETUP="+i.setupLink, "UI_REMOTE="+i.remote(t), "UI_CONFIG="+filepath.Join(i.dir, "librechat.yaml"), "UI_SHOTS="+shots, "UI_CHROMIUM="+chromium)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// needs returns the browser, or skips, loudly: under CI=true nothing may be left out.
func needs(t *testing.T) string {
	t.Helper()
	skip := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		fmt.Fprintln(os.Stderr, "************ the UI is NOT tested in a browser: "+why+" ************")
		t.Skip(why)
	}
	if _, err := exec.LookPath("node"); err != nil {
		skip("install Node.js")
	}
	notice(t)
	if err := exec.Command("../../scripts/ui", "--check").Run(); err != nil {
		skip("what is built does not fit the sources; run: make ui")
	}
	if _, err := os.Stat("../../web/node_modules/playwright-core"); err != nil {
		skip("run: make ui")
	}
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if named := os.Getenv("CHROMIUM"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	skip("install chromium, or name it in CHROMIUM")
	return ""
}

// notice looks at what other programs read for this test, so that a result is not taken
// from the cache when any of it changed.
func notice(t *testing.T) {
	t.Helper()
	for _, dir := range []string{".", "../../web/src", "../../web/public", "../../internal/web/dist"} {
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				_, err = os.Stat(name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// configuration has a server for each status, and one that means ill.
func configuration(bin, hostile, protected, silent string) string {
	return strings.NewReplacer("BIN", bin, "HOSTILE", hostile, "PROTECTED", protected, "SILENT", silent, "ICON", hostileIcon()).Replace(`version: 1.2.8
mcpServers:
  demo:
    title: Demo tools
    description: 'Small tools to try things with. See <a href="https://example.com/demo">their page</a>.'
    command: BIN/patchbay
    args: [demo-server]
  weather:
    title: Weather
    description: Forecasts for a place.
    command: BIN/patchbay
    args: [demo-server]
    env: { KEY: "{{WEATHER_KEY}}" }
    customUserVars:
      WEATHER_KEY: { title: Weather key, description: 'From <a href="https://example.com/keys">your account page</a>.' }
      REGION: { title: Region, description: Such as eu or us., sensitive: false }
  notes:
    title: Notes
    description: Wants everybody to sign in.
    type: streamable-http
    url: PROTECTED
  slow:
    title: Slow
    description: Never answers.
    type: streamable-http
    url: SILENT
    initTimeout: 600000
  nobody:
    title: Nobody
    description: Nothing listens there.
    type: streamable-http
    url: http://127.0.0.1:9/mcp
  broken:
    title: Broken
    type: streamable-http
    url: http://127.0.0.1:9/mcp
    headers: { X-Key: "${SOMETHING_NOT_SET}" }
  hostile:
    title: '<script>window.owned=1</script> Hostile'
    description: '<img src=x onerror="window.owned=1"> <a href="javascript:window.owned=1">click</a>'
    iconPath: ICON
    type: streamable-http
    url: HOSTILE
`)
}

// silent is an address that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // the kernel takes connections; nobody accepts them
	return "http://" + l.Addr().String() + "/mcp"
}
