package google

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	sdk "google.golang.org/genai"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestFakeSpeaksGemini: the vendor's own client reads the fake, so what our adapter is
// tested against is the vendor's format and not our idea of it.
func TestFakeSpeaksGemini(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopCalls, Parts: []patchbay.Part{
		{Kind: patchbay.PartReasoning, Text: "hm, thinking", Signature: "c2ln"},
		{Kind: patchbay.PartText, Text: "hello there"},
		{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "call_1", Name: "a", Args: `{"x": 1}`}},
	}, Usage: &patchbay.Usage{Input: 9, Output: 7, Reasoning: 3, CacheRead: 4}}})
	ctx := context.Background()
	client, err := sdk.NewClient(ctx, &sdk.ClientConfig{
		APIKey: "fake-key", Backend: sdk.BackendGeminiAPI, HTTPClient: api.Client(), HTTPOptions: sdk.HTTPOptions{BaseURL: api.URL().String()},
	})
	require.NoError(t, err)
	var text, thoughts string
	var call *sdk.FunctionCall
	var signature []byte
	var last *sdk.GenerateContentResponse
	for chunk, err := range client.Models.GenerateContentStream(ctx, "gemini-3-pro-preview", sdk.Text("hi"), nil) {
		require.NoError(t, err)
		last = chunk
		c := chunk.Candidates[0].Content
		if c == nil {
			continue
		}
		for _, p := range c.Parts {
			switch {
			case p.FunctionCall != nil:
				call, signature = p.FunctionCall, p.ThoughtSignature
			case p.Thought:
				thoughts += p.Text
			default:
				text += p.Text
			}
		}
	}
	require.Equal(t, []string{"hello there", "hm, thinking"}, []string{text, thoughts})
	require.Equal(t, &sdk.FunctionCall{ID: "call_1", Name: "a", Args: map[string]any{"x": 1.0}}, call)
	require.Equal(t, "sig", string(signature))
	require.Equal(t, sdk.FinishReasonStop, last.Candidates[0].FinishReason)
	require.EqualValues(t, []int32{9, 4, 3, 4}, []int32{last.UsageMetadata.PromptTokenCount, last.UsageMetadata.CandidatesTokenCount, last.UsageMetadata.ThoughtsTokenCount, last.UsageMetadata.CachedContentTokenCount})

	page, err := client.Models.List(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, "models/fake-large", page.Items[0].Name)
	require.Equal(t, []string{"generateContent"}, page.Items[0].SupportedActions)
}
