package anthropic

import (
	"context"
	"testing"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestFakeSpeaksMessages: the vendor's own client reads the fake, so what our adapter is
// tested against is the vendor's format and not our idea of it.
func TestFakeSpeaksMessages(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{Message: &patchbay.Message{Stop: patchbay.StopCalls, Parts: []patchbay.Part{
		{Kind: patchbay.PartReasoning, Text: "hm, thinking", Signature: "c2ln"},
		{Kind: patchbay.PartText, Text: "hello there"},
		{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "toolu_1", Name: "a", Args: `{"x": 1}`}},
	}}})
	client := sdk.NewClient(option.WithoutEnvironmentDefaults(), option.WithAPIKey("sk-fake"), option.WithBaseURL(api.URL().String()), option.WithHTTPClient(api.Client()), option.WithMaxRetries(0))
	stream := client.Messages.NewStreaming(context.Background(), sdk.MessageNewParams{
		Model: "claude-sonnet-4-6", MaxTokens: 100, Messages: []sdk.MessageParam{sdk.NewUserMessage(sdk.NewTextBlock("hi"))},
	})
	var m sdk.Message
	for stream.Next() {
		require.NoError(t, m.Accumulate(stream.Current()))
	}
	require.NoError(t, stream.Err())
	require.NoError(t, stream.Close())
	require.Len(t, m.Content, 3)
	require.Equal(t, "hm, thinking", m.Content[0].Thinking)
	require.Equal(t, "c2ln", m.Content[0].Signature)
	require.Equal(t, "hello there", m.Content[1].Text)
	require.JSONEq(t, `{"x":1}`, string(m.Content[2].Input))
	require.Equal(t, sdk.StopReasonToolUse, m.StopReason)
}

func TestThinking(t *testing.T) {
	tests := []struct {
		model, effort string
		budget        int
		want          string // of the thinking member
	}{
		{"claude-sonnet-4-6", "high", 0, `{"display":"summarized","type":"adaptive"}`},
		{"claude-opus-5", "minimal", 0, `{"display":"summarized","type":"adaptive"}`},
		{"claude-sonnet-4-5-20250929", "low", 0, `{"budget_tokens":4096,"type":"enabled"}`},
		{"claude-3-7-sonnet-latest", "high", 0, `{"budget_tokens":24000,"type":"enabled"}`},
		{"claude-opus-4-6", "", 200_000, `{"budget_tokens":200000,"type":"enabled"}`},
		{"claude-opus-4-6", "none", 0, `{"type":"disabled"}`},
		{"claude-3-5-haiku-20241022", "high", 0, ``},
		{"claude-opus-4-6", "", 0, ``},
	}
	for _, tt := range tests {
		t.Run(tt.model+" "+tt.effort, func(t *testing.T) {
			api := testkit.NewModels(t, testkit.ModelReply{Message: &patchbay.Message{Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: "ok"}}}})
			r := recorded{Model: tt.model, Question: "hi"}
			req := r.request()
			half := 0.5
			req.Params = patchbay.ModelParams{Effort: tt.effort, ThinkingBudget: tt.budget, Temperature: &half}
			client, err := New(Options{Endpoint: endpointOf(api)})
			require.NoError(t, err)
			var b patchbay.MessageBuilder
			require.NoError(t, client.Model(key).Stream(context.Background(), req, b.Add), "the fake checks budgets and temperature")
			body := string(api.Last())
			if tt.want == "" {
				require.NotContains(t, body, `"thinking"`)
			} else {
				require.Contains(t, body, `"thinking":`+tt.want)
			}
		})
	}
}
