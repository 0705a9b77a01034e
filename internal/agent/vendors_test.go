package agent_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/provider"
	"patchbay/internal/provider/anthropic"
	"patchbay/internal/provider/bedrock"
	"patchbay/internal/provider/google"
	"patchbay/internal/provider/openai"
	"patchbay/internal/testkit"
)

// TestRunWithVendors runs the loop against each vendor's format over real HTTP: two
// servers, four calls at once, an image, an error, reasoning kept, to the end.
func TestRunWithVendors(t *testing.T) {
	tests := []struct {
		name, model string
		make        func(e provider.Endpoint) (agent.Model, error)
	}{
		{"chat", "gpt-4.1", func(e provider.Endpoint) (agent.Model, error) {
			c, err := openai.New(openai.Options{Endpoint: e})
			return c.Model(provider.NewKey("sk-fake")), err
		}},
		{"responses", "gpt-5.2", func(e provider.Endpoint) (agent.Model, error) {
			c, err := openai.New(openai.Options{Endpoint: e})
			return c.Model(provider.NewKey("sk-fake")), err
		}},
		{"messages", "claude-sonnet-4-6", func(e provider.Endpoint) (agent.Model, error) {
			c, err := anthropic.New(anthropic.Options{Endpoint: e})
			return c.Model(provider.NewKey("sk-fake")), err
		}},
		{"bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", func(e provider.Endpoint) (agent.Model, error) {
			c, err := bedrock.New(bedrock.Options{Endpoint: e, Region: "eu-central-1"})
			return c.Model(provider.NewKey("AKIAFAKEFAKEFAKEFAKE:fake-secret")), err
		}},
		{"google", "gemini-3-pro-preview", func(e provider.Endpoint) (agent.Model, error) {
			c, err := google.New(google.Options{Endpoint: e})
			return c.Model(provider.NewKey("sk-fake")), err
		}},
	}
	list := []agent.Tool{
		{Server: "1", Name: "git hub", Tool: &patchbay.Tool{Name: "search", InputSchema: json.RawMessage(`{"type":"object","required":["q"],"properties":{"q":{"type":"string"}}}`)}},
		{Server: "2", Name: "browser", Tool: &patchbay.Tool{Name: "shot", InputSchema: json.RawMessage(`{}`)}},
	}
	catalogue := agent.NewCatalogue(list, []agent.Instructions{{Server: "browser", Text: "Shoot last."}})
	var shot, search string
	for _, o := range catalogue.Offers() {
		if o.Ref.Tool == "shot" {
			shot = o.Name
		} else {
			search = o.Name
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := testkit.NewModels(t,
				testkit.ModelReply{Chunk: 11, Message: &patchbay.Message{Stop: patchbay.StopCalls, Parts: []patchbay.Part{
					{Kind: patchbay.PartReasoning, Text: "four things", Signature: "c2ln"},
					words("Looking."), calling("a", search, `{"q":"1"}`), calling("b", shot, `{}`), calling("c", search, `{"q":"2"}`), calling("d", "gone", `{}`),
				}}},
				testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopEnd, Parts: []patchbay.Part{words("Done.")}}},
			)
			u := api.URL()
			if tt.name == "chat" || tt.name == "responses" {
				u.Path = "/v1"
			}
			m, err := tt.make(provider.Endpoint{URL: u, Client: api.Client(), Retry: provider.Retry{Attempts: 1}})
			require.NoError(t, err)
			l := newLoop(t, m, agent.Options{})
			in := start(catalogue)
			in.Model = tt.model
			out := advance(t, l, agent.State{}, in)
			require.Len(t, out.Calls, 3)
			in.Outcomes = []agent.Outcome{
				{CallID: "a", Result: answered("one")},
				{CallID: "b", Result: &patchbay.ToolResult{Raw: json.RawMessage(`{"content":[{"type":"image","mimeType":"image/png","data":"AQID"}]}`)}},
				{CallID: "c", Result: &patchbay.ToolResult{Raw: json.RawMessage(`{"content":[{"type":"text","text":"no such thing"}],"isError":true}`), IsError: true}},
			}
			out = advance(t, l, out.State, in)
			require.Nil(t, out.State.End.Error)
			require.Equal(t, patchbay.StopEnd, out.State.End.Stop)
			require.Equal(t, "Done.", out.State.Added[2].Text())
			sent := string(api.Last())
			for _, part := range []string{"AQID", "no such thing", "Shoot last.", "there is no tool called"} {
				require.Contains(t, sent, part)
			}
			if tt.name != "chat" {
				require.Equal(t, 1, strings.Count(sent, "c2ln"), "the proof of the reasoning goes back")
			}
		})
	}
}
