package openai

import (
	"context"
	"errors"
	"io"
	"testing"

	sdk "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

func spoken() *patchbay.Message {
	return &patchbay.Message{Stop: patchbay.StopCalls, Parts: []patchbay.Part{
		{Kind: patchbay.PartReasoning, Text: "hm, thinking", Signature: "c2ln"},
		{Kind: patchbay.PartText, Text: "hello there"},
		{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "call_1", Name: "a", Args: `{"x": 1}`}},
	}}
}

func vendorClient(api *testkit.Models) *sdk.Client {
	config := sdk.DefaultConfig("sk-fake")
	config.BaseURL, config.HTTPClient = api.URL().String()+"/v1", api.Client()
	return sdk.NewClientWithConfig(config)
}

// TestFakeSpeaksChat: an independent client reads the fake, so what our adapter is tested
// against is the vendor's format and not our idea of it.
func TestFakeSpeaksChat(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{Message: spoken()})
	stream, err := vendorClient(api).CreateChatCompletionStream(context.Background(), sdk.ChatCompletionRequest{
		Model: "gpt-4.1", Messages: []sdk.ChatCompletionMessage{{Role: "user", Content: "hi"}},
	})
	require.NoError(t, err)
	defer stream.Close()
	var text, reasoning, args string
	var finish sdk.FinishReason
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		for _, c := range chunk.Choices {
			text += c.Delta.Content
			reasoning += c.Delta.ReasoningContent
			for _, call := range c.Delta.ToolCalls {
				args += call.Function.Arguments
			}
			finish = c.FinishReason
		}
	}
	require.Equal(t, []string{"hello there", "hm, thinking", `{"x": 1}`, "tool_calls"}, []string{text, reasoning, args, string(finish)})
}

func TestFakeSpeaksResponses(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{Message: spoken()})
	no := false
	stream, err := vendorClient(api).CreateResponseStream(context.Background(), sdk.CreateResponseRequest{
		Model: "gpt-5.2", Store: &no, Input: []any{sdk.ResponseInputMessage{Type: "message", Role: "user", Content: "hi"}},
	})
	require.NoError(t, err)
	defer stream.Close()
	var text, reasoning, args, last string
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch e.Type {
		case sdk.ResponseStreamEventOutputTextDelta:
			text += e.Delta
		case sdk.ResponseStreamEventReasoningSummaryTextDelta:
			reasoning += e.Delta
		case sdk.ResponseStreamEventFunctionArgumentsDelta:
			args += e.Delta
		}
		last = string(e.Type)
	}
	require.Equal(t, []string{"hello there", "hm, thinking", `{"x": 1}`, "response.completed"}, []string{text, reasoning, args, last})
}

func TestReasons(t *testing.T) {
	for model, want := range map[string]bool{"gpt-4.1": false, "gpt-4o": false, "gpt-5": true, "gpt-5.2-pro": true, "gpt-6-sol": true, "gpt-10": true, "o1": true, "o3-mini": true, "omni": false, "chatgpt-4o-latest": false, "gpt-5-chat-latest": false, "gpt-": false, "": false} {
		require.Equal(t, want, reasons(model), model)
	}
}
