package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/client"
	"patchbay/internal/testkit"
)

// person is a user with a token and a value of their own.
type person struct {
	name, key string
	client    *client.Client
	// shell prepares a command line as the operator of this instance acting for them.
	shell func(args ...string) *exec.Cmd
}

// people starts an instance on a configuration, with an account for each name, and gives
// each the value fake-key-of-NAME for API_KEY of the server echo.
func people(t *testing.T, configuration string, names ...string) []*person {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "librechat.yaml"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PATCHBAY_DATA=" + data, "NO_PROXY=127.0.0.1"}
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(os.Getenv(binaryEnv), "patchbay"), args...)
		cmd.Dir, cmd.Env = dir, env
		return cmd
	}
	shell := func(stdin string, args ...string) string {
		cmd := command(args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("patchbay %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	tokens := map[string]string{}
	for _, name := range names {
		shell("correct horse battery", "user", "add", "--email", name+"@example.com", "--username", name, "--password-stdin")
		tokens[name] = shell("", "user", "token", "--email", name+"@example.com", "--name", "test")
	}
	p, err := start(dir, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	local, err := p.awaitReady(data)
	if err != nil {
		t.Fatal(err)
	}
	var all []*person
	for _, name := range names {
		transport := &http.Transport{MaxIdleConnsPerHost: 64}
		c, err := client.New(client.Options{BaseURL: local.Address, Token: tokens[name], HTTPClient: &http.Client{Transport: transport}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		who := &person{name: name, key: "fake-key-of-" + name, client: c}
		who.shell = func(args ...string) *exec.Cmd { return command(append(args, "--as", name+"@example.com")...) }
		if err := c.SetAuthValues(t.Context(), "echo", map[string]string{"API_KEY": who.key}); err != nil {
			t.Fatal(err)
		}
		all = append(all, who)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			if err := p.stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return all
}

func configurationFor(echo *testkit.Echo) string {
	return fmt.Sprintf(`mcpServers:
  echo:
    type: streamable-http
    url: %s/{{LIBRECHAT_USER_USERNAME}}/mcp
    headers:
      X-Api-Key: "{{API_KEY}}"
      X-User: "{{LIBRECHAT_USER_USERNAME}}"
    customUserVars:
      API_KEY: { title: Key, description: A key of yours }
mcpSettings:
  limits: { concurrentCalls: 0, callsPerMinute: 0 }
`, echo.BaseURL())
}

// duration is a tenth of the full time unless the nightly run asks for all of it.
func duration(full time.Duration) time.Duration {
	switch {
	case os.Getenv("PATCHBAY_NIGHTLY") != "":
		return full
	case os.Getenv("CI") != "":
		return full / 6
	}
	return full / 30
}

// TestNothingIsShared: 64 calls of two users at the same time, for a minute (10 s under
// CI). Each answer carries its caller's path and headers alone, and the server sees two
// protocol sessions, each with one identity.
func TestNothingIsShared(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	users := people(t, configurationFor(echo), "ada", "bob")
	ctx, cancel := context.WithTimeout(t.Context(), duration(time.Minute))
	defer cancel()
	var calls atomic.Int64
	var group sync.WaitGroup
	for i := range 64 {
		me, other := users[i%2], users[(i+1)%2]
		group.Go(func() {
			for ctx.Err() == nil {
				raw, err := me.client.Call(t.Context(), client.CallRequest{Server: "echo", Tool: "whoami"})
				if err != nil {
					t.Errorf("%s: %v", me.name, err)
					return
				}
				text := string(raw)
				if !strings.Contains(text, me.key) || !strings.Contains(text, "/"+me.name+"/mcp") || strings.Contains(text, other.name) {
					t.Errorf("%s got %s", me.name, text)
					return
				}
				calls.Add(1)
			}
		})
	}
	group.Wait()
	t.Logf("%d calls", calls.Load())
	sessions := echo.Sessions()
	if len(sessions) != 2 {
		t.Errorf("%d protocol sessions, want 2", len(sessions))
	}
	for _, session := range sessions {
		if len(session.Identities) != 1 {
			t.Errorf("session %s was used by %v", session.ID, session.Identities)
		}
	}
}

// TestNothingIsLost: large numbers, unknown members and 5 MB come through byte for byte,
// in one piece and as an event stream.
func TestNothingIsLost(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	ada := people(t, configurationFor(echo), "ada")[0]
	results := map[string]string{
		"number":  `{"content":[{"type":"text","text":"9007199254740993"}],"structuredContent":{"n":9007199254740993,"e":1.0,"z":-0}}`,
		"unknown": `{"content":[{"type":"hologram","future":{"b":1,"a":2}}],"_meta":{"x.example/y":[1, 2]},"tomorrow":null}`,
		"escapes": `{"content":[{"type":"text","text":"\u00e9\ud83d\ude00 \/ é \u2028"}]}`,
		"5 MB":    `{"content":[{"type":"text","text":"` + strings.Repeat("0123456789abcdef", 5<<20/16) + `"}]}`,
	}
	for name, want := range results {
		t.Run(name, func(t *testing.T) {
			args := []byte(`{"result":` + want + `}`)
			for form, observe := range map[string]func(patchbay.Note){"in one piece": nil, "as a stream": func(patchbay.Note) {}} {
				raw, err := ada.client.Call(t.Context(), client.CallRequest{Server: "echo", Tool: "exact", Args: args, Observer: observe})
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if !bytes.Equal(raw, []byte(want)) {
					t.Errorf("%s: %d bytes came back of %d: %.200s", form, len(raw), len(want), raw)
				}
			}
		})
	}
}
