package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"patchbay/internal/testkit"
)

// playwright is what drives the browser, at a pinned version.
const playwright = "playwright-core@1.65.1"

// TestChromium signs in with a real browser. Without one it is skipped, loudly.
func TestChromium(t *testing.T) {
	absent := t.Skipf
	if os.Getenv("CI") == "true" {
		absent = t.Fatalf
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		absent("************ no browser is driven: there is no chromium ************")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		absent("************ no browser is driven: there is no npm ************")
	}
	modules := t.TempDir()
	install := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", modules, playwright)
	if out, err := install.CombinedOutput(); err != nil {
		absent("************ no browser is driven: npm cannot fetch %s: %v %s ************", playwright, err, out)
	}
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{Manual: true})
	door := auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})

	dir := t.TempDir()
	yaml := "mcpServers:\n  mail:\n    type: streamable-http\n    url: " + door.URL() + "\n"
	if err := os.WriteFile(filepath.Join(dir, "librechat.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	env := append(os.Environ(), "PATCHBAY_DATA="+data, "HOME="+dir)
	shell := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), filepath.Join(os.Getenv(binaryEnv), "patchbay"), args...)
		cmd.Dir, cmd.Env, cmd.Stdin = dir, env, strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("patchbay %s: %v", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
	const password = "correct horse battery"
	for _, email := range []string{"ada@example.com", "bob@example.com"} {
		shell(password, "user", "add", "--email", email, "--password-stdin")
	}
	token := shell("", "user", "token", "--email", "ada@example.com", "--name", "t")
	p, err := start(dir, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	local, err := p.awaitReady(data)
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSuffix(local.Address, "/")

	var answer struct {
		OAuthURL string `json:"oauthUrl"`
	}
	found := poll(30*time.Second, func() bool {
		req, err := http.NewRequest(http.MethodPost, url+"/api/mcp/mail/reinitialize", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return json.NewDecoder(resp.Body).Decode(&answer) == nil && answer.OAuthURL != ""
	})
	if !found {
		t.Fatalf("no link\n%s", p.log)
	}
	script, err := filepath.Abs("testdata/chromium/signin.mjs")
	if err != nil {
		t.Fatal(err)
	}
	drive := exec.CommandContext(t.Context(), "node", script, modules, chromium, url, answer.OAuthURL, "ada@example.com", "bob@example.com", password)
	drive.Dir = modules
	var out bytes.Buffer
	drive.Stdout, drive.Stderr = &out, &out
	if err := drive.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, &out, p.log)
	}
	t.Log(out.String())
	if n := auth.Counts().Exchanges; n != 2 {
		t.Errorf("%d codes were exchanged, want 2", n)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
}
