package chat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// openaiPackage is OpenAI's own client, at a pinned version.
const openaiPackage = "openai@7.55.0"

// openaiModules installs the client and returns the folder. Without npm the test is
// skipped, except where CI=true.
func openaiModules(t *testing.T) string {
	t.Helper()
	absent := t.Skipf
	if os.Getenv("CI") == "true" {
		absent = t.Fatalf
	}
	for _, name := range []string{"npm", "node"} {
		if _, err := exec.LookPath(name); err != nil {
			absent("************ OpenAI's client is NOT tried: there is no %s ************", name)
		}
	}
	dir := t.TempDir()
	install := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", dir, openaiPackage)
	if out, err := install.CombinedOutput(); err != nil {
		absent("************ OpenAI's client is NOT tried: npm cannot fetch %s: %v %s ************", openaiPackage, err, out)
	}
	return dir
}

// TestOpenAIClient: OpenAI's own client lists models and streams a chat in which the host
// calls a server's tool and the client its own; an agent answers; failures are the client's
// own errors; nothing is kept. Without a token that says so, what needs a yes is refused.
func TestOpenAIClient(t *testing.T) {
	modules := openaiModules(t)
	t.Parallel()
	api := testkit.NewModels(t,
		asks("call_s", "whoami_mcp_one", `{}`, "echo_mcp_two", `{"text":"x"}`), asks("call_c", "weather", `{"city":"Rome"}`), says("It is sunny in Rome."),
		says("I am the agent."))
	one, two := testkit.NewEcho(t, testkit.EchoOptions{}), testkit.NewEcho(t, testkit.EchoOptions{})
	place := hostkit.NewPlace(t, custom(api)+fmt.Sprintf("mcpServers:\n  one: {type: http, url: %q, approval: never, headers: {X-Who: \"{{LIBRECHAT_USER_EMAIL}}\"}}\n  two: {type: http, url: %q, approval: ask}\n", one.URL(), two.URL()))
	tokens := people(t, place, 2)
	in := place.Serve(t, program.Path(t))
	ann, bob := person{in.URL, tokens[0]}, person{in.URL, tokens[1]}
	var agent struct{ ID string }
	bob.want(t, http.StatusCreated, http.MethodPost, "/api/agents", map[string]any{"name": "Bob's", "provider": "box", "model": "fake-large"}, &agent)

	script, err := os.ReadFile(filepath.Join("testdata", "openai.mjs"))
	require.NoError(t, err)
	at := filepath.Join(modules, "openai.mjs")
	require.NoError(t, os.WriteFile(at, script, 0o600))
	cmd := exec.CommandContext(t.Context(), "node", at)
	cmd.Dir = modules
	cmd.Env = append(os.Environ(), "OPENAI_BASE_URL="+in.URL+"/v1", "OPENAI_API_KEY="+bob.token, "ANN="+ann.token, "AGENT=agent/"+agent.ID)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok { //nolint:errorlint // it comes bare
			failed = e
			t.Fatalf("%v\n%s\n%s", err, out, failed.Stderr)
		}
		t.Fatal(err)
	}
	var saw struct {
		Models, AnnsModels []string
		Calls              []struct {
			ID       string
			Function struct{ Name, Arguments string }
		}
		Finish, Text, Agent string
		Usage               struct{ Prompt_tokens int } //nolint:revive // as it is on the wire
		Errors              []string
	}
	require.NoError(t, json.Unmarshal(out, &saw), "%s", out)
	require.Equal(t, []string{"agent/" + agent.ID, "box/fake-large"}, saw.Models)
	require.Equal(t, []string{"box/fake-large"}, saw.AnnsModels)
	require.Len(t, saw.Calls, 1)
	require.Equal(t, `weather {"city":"Rome"}`, saw.Calls[0].Function.Name+" "+saw.Calls[0].Function.Arguments)
	require.Equal(t, "tool_calls", saw.Finish)
	require.Equal(t, 20, saw.Usage.Prompt_tokens)
	require.Equal(t, "It is sunny in Rome.", saw.Text)
	require.Equal(t, "I am the agent.", saw.Agent)
	require.Equal(t, []string{"AuthenticationError unauthenticated", "NotFoundError not_found", "BadRequestError invalid model"}, saw.Errors)

	requests := api.Requests()
	require.Len(t, requests, 4)
	require.Contains(t, string(requests[1].Body), hostkit.PersonName(1), "the tool was called as Bob")
	require.Contains(t, string(requests[1].Body), "tools:unattended", "the call that needs a yes was refused")
	require.Contains(t, string(requests[2].Body), "sunny, 30 degrees")
	require.Equal(t, 1, one.Calls("whoami"))
	require.Zero(t, two.Calls("echo"))
	var kept struct{ Data []json.RawMessage }
	bob.get(t, "/api/conversations", &kept)
	require.Empty(t, kept.Data)
	in.Stop(t)
	require.False(t, strings.Contains(in.Log.String(), bob.token))
}
