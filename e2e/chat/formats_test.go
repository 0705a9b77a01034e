package chat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// pixel is a picture of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// format is how one vendor's API is configured.
type format struct {
	provider, model string
	yaml            func(api *testkit.Models) string
	env             func(api *testkit.Models) []string
	reasoning       *patchbay.Part // as the vendor writes it
}

func formats() map[string]format {
	none := func(*testkit.Models) []string { return nil }
	quiet := func(*testkit.Models) string { return limits }
	return map[string]format{
		"chat": {provider: "box", model: "fake-large", yaml: custom, env: none},
		"responses": {provider: "openAI", model: "gpt-5", yaml: func(*testkit.Models) string {
			return "endpoints:\n  openAI: {titleConvo: false}\n" + limits
		}, env: func(api *testkit.Models) []string {
			return []string{"OPENAI_API_KEY=fake-model-key", "OPENAI_REVERSE_PROXY=" + api.URL().String() + "/v1", "OPENAI_MODELS=gpt-5"}
		}, reasoning: &patchbay.Part{Kind: patchbay.PartReasoning, Text: "Four calls will do.", Signature: "fake-encrypted-reasoning"}},
		"anthropic": {provider: "anthropic", model: "claude-fake", yaml: func(api *testkit.Models) string {
			return "endpoints:\n  anthropic: {titleConvo: false}\n" + quiet(api)
		}, env: func(api *testkit.Models) []string {
			return []string{"ANTHROPIC_API_KEY=fake-model-key", "ANTHROPIC_REVERSE_PROXY=" + api.URL().String(), "ANTHROPIC_MODELS=claude-fake"}
		}, reasoning: &patchbay.Part{Kind: patchbay.PartReasoning, Text: "Four calls will do.", Signature: "fake-signature"}},
	}
}

// TestFormats: a conversation with two servers, four calls at the same time and one of a
// tool that is not there, a picture and an error among their results, and reasoning that goes back to whom it came from. What
// went to the model is held against testdata, byte for byte but for ids.
func TestFormats(t *testing.T) {
	for name, f := range formats() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := asks("call_", "echo_mcp_one", `{"text":"hi"}`, "exact_mcp_two", `{"result":{"content":[{"type":"image","mimeType":"image/png","data":"`+pixel+`"}]}}`,
				"fail_mcp_one", `{}`, "slow_mcp_one", `{"ms":20}`, "whatever_mcp_two", `{}`)
			if f.reasoning != nil {
				calls.Message.Parts = append([]patchbay.Part{*f.reasoning}, calls.Message.Parts...)
			}
			api := testkit.NewModels(t, calls, says("That went well."), says("Four."))
			api.RequireKey("fake-model-key")
			one, two := testkit.NewEcho(t, testkit.EchoOptions{Instructions: "Be kind to one."}), testkit.NewEcho(t, testkit.EchoOptions{})
			yaml := f.yaml(api) + fmt.Sprintf("mcpServers:\n  one: {type: http, url: %q, tools: {allow: [echo, fail, slow]}, serverInstructions: true}\n  two: {type: http, url: %q, tools: {allow: [exact]}}\n", one.URL(), two.URL())
			place := hostkit.NewPlace(t, yaml, f.env(api)...)
			tokens := people(t, place, 1)
			in := place.Serve(t, program.Path(t))
			ann := person{in.URL, tokens[0]}

			s := ann.send(t, map[string]any{"text": "Do four things.", "settings": map[string]any{
				"provider": f.provider, "model": f.model, "mcpServers": []string{"one", "two"}, "instructions": "Answer briefly.",
			}})
			r := ann.ended(t, s.Run.ID)
			require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
			require.Len(t, r.Calls, 5)
			require.True(t, r.Calls[2].IsError)
			require.Contains(t, r.Calls[4].Problem, "there is no tool called")
			var whole call
			ann.get(t, "/api/runs/"+r.ID+"/calls/"+r.Calls[1].ID, &whole)
			require.Contains(t, string(whole.Result), pixel)

			again := ann.send(t, map[string]any{"conversationId": s.Conversation.ID, "parentId": s.Answer.ID, "text": "How many were they?"})
			r = ann.ended(t, again.Run.ID)
			require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
			golden(t, name, api.Requests())
			in.Stop(t)
			require.NotContains(t, in.Log.String(), "fake-model-key")
		})
	}
}

// ids are what differs from run to run.
var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// golden compares requests to a model with those of testdata.
func golden(t *testing.T, name string, requests []testkit.ModelRequest) {
	t.Helper()
	got := &txtar.Archive{Comment: []byte("What went to the model, in order (go test ./e2e/chat -run TestFormats -update).\n")}
	for i, r := range requests {
		var body bytes.Buffer
		require.NoError(t, json.Indent(&body, r.Body, "", " "))
		body.WriteByte('\n')
		got.Files = append(got.Files, txtar.File{Name: fmt.Sprintf("%d POST %s", i+1, r.Path), Data: ids.ReplaceAll(body.Bytes(), []byte("ID"))})
	}
	path := filepath.Join("testdata", name+".txtar")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, txtar.Format(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(txtar.Format(got)), "\n")); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
