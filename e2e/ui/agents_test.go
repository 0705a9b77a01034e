package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestAgents is agents.mjs: agents, keys and approvals, in a browser, with a scripted model.
func TestAgents(t *testing.T) {
	chromium := needs(t)
	i := startInstance(t, chatConfiguration(sevenThenWords(t), startTools(t, 41)))
	drive(t, chromium, i, "agents.mjs")
}

// drive runs a script in a browser against an instance.
func drive(t *testing.T, chromium string, i *instance, script string, env ...string) {
	t.Helper()
	shots, err := filepath.Abs("../../out/ui")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*browserLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", script)
	cmd.Env = append(append(os.Environ(), "UI_URL="+i.url, "UI_SETUP="+i.setupLink, "UI_SHOTS="+shots, "UI_CHROMIUM="+chromium), env...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// chatConfiguration has a provider that needs no key of a person, one that does, a server,
// and a mistake.
func chatConfiguration(models, server string) string {
	return strings.NewReplacer("MODELS", models, "SERVER", server).Replace(`version: 1.2.8
endpoints:
  custom:
    - name: Scripted
      baseURL: MODELS/v1
      apiKey: fake-key
      models: { default: [fake-small, fake-large], fetch: false }
      titleConvo: false
    - name: Yours
      baseURL: MODELS/v1
      apiKey: user_provided
      models: { default: [fake-small], fetch: false }
mcpServers:
  forty-one:
    title: Forty-one
    description: Has more tools than anybody wants.
    type: streamable-http
    url: SERVER
  mistaken:
    type: streamable-http
    url: http://127.0.0.1:9/mcp
    no-such-key: 1
`)
}

// sevenThenWords is a model that calls tool_07, and then says that it answered.
func sevenThenWords(t *testing.T) string {
	models := testkit.NewModelsFunc(t, func(turn int) testkit.ModelReply {
		if turn%2 == 1 {
			m := patchbay.TextMessage(patchbay.FromModel, "Tool seven answered.")
			m.Stop = patchbay.StopEnd
			return testkit.ModelReply{Message: &m}
		}
		call := &patchbay.ToolCall{ID: fmt.Sprintf("call_%d", turn), Name: patchbay.ToolKey("tool_07", "forty-one"), Args: "{}"}
		return testkit.ModelReply{Message: &patchbay.Message{
			Role: patchbay.FromModel, Stop: patchbay.StopCalls, Parts: []patchbay.Part{{Kind: patchbay.PartCall, Call: call}},
		}}
	})
	return models.URL().String()
}

// startTools serves n tools that only read: tool_01, tool_02, and so on.
func startTools(t *testing.T, n int) string {
	s := mcp.NewServer(&mcp.Implementation{Name: "many", Version: "1"}, nil)
	for i := range n {
		name := fmt.Sprintf("tool_%02d", i+1)
		s.AddTool(&mcp.Tool{
			Name: name, Description: "Does what number " + name + " does.", InputSchema: json.RawMessage(`{"type":"object"}`),
			Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
		}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: name + " was here."}}}, nil
		})
	}
	h := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
	return h.URL + "/mcp"
}
