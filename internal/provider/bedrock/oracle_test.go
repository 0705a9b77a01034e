package bedrock

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

func sdkClient(api *testkit.Models) *bedrockruntime.Client {
	return bedrockruntime.New(bedrockruntime.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(api.URL().String()), HTTPClient: api.Client(), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAFAKEFAKEFAKEFAKE", SecretAccessKey: "fake-secret"}, nil
		}),
	})
}

func hi() *bedrockruntime.ConverseStreamInput {
	return &bedrockruntime.ConverseStreamInput{
		ModelId:  aws.String("eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
		Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "hi"}}}},
	}
}

// TestFakeSpeaksConverse: AWS's own client reads the fake, and the fake checks the
// signature of AWS's own client, so what our adapter is tested against is the vendor's
// format and not our idea of it.
func TestFakeSpeaksConverse(t *testing.T) {
	api := testkit.NewModels(
		t,
		testkit.ModelReply{Chunk: 5, Message: &patchbay.Message{Stop: patchbay.StopCalls, Parts: []patchbay.Part{
			{Kind: patchbay.PartReasoning, Text: "hm, thinking", Signature: "c2ln"},
			{Kind: patchbay.PartText, Text: "hello there"},
			{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "call_1", Name: "a", Args: `{"x": 1}`}},
		}, Usage: &patchbay.Usage{Input: 9, Output: 7, CacheRead: 4}}},
		testkit.ModelReply{Message: &patchbay.Message{}, Broken: true},
	)
	api.RequireKey("fake-secret")
	out, err := sdkClient(api).ConverseStream(context.Background(), hi())
	require.NoError(t, err)
	var text, thoughts, signature, args, name string
	var stop types.StopReason
	var usage *types.TokenUsage
	for event := range out.GetStream().Events() {
		switch e := event.(type) {
		case *types.ConverseStreamOutputMemberContentBlockStart:
			name = *e.Value.Start.(*types.ContentBlockStartMemberToolUse).Value.Name
		case *types.ConverseStreamOutputMemberContentBlockDelta:
			switch d := e.Value.Delta.(type) {
			case *types.ContentBlockDeltaMemberText:
				text += d.Value
			case *types.ContentBlockDeltaMemberToolUse:
				args += *d.Value.Input
			case *types.ContentBlockDeltaMemberReasoningContent:
				switch r := d.Value.(type) {
				case *types.ReasoningContentBlockDeltaMemberText:
					thoughts += r.Value
				case *types.ReasoningContentBlockDeltaMemberSignature:
					signature += r.Value
				}
			}
		case *types.ConverseStreamOutputMemberMessageStop:
			stop = e.Value.StopReason
		case *types.ConverseStreamOutputMemberMetadata:
			usage = e.Value.Usage
		}
	}
	require.NoError(t, out.GetStream().Err())
	require.NoError(t, out.GetStream().Close())
	require.Equal(t, []string{"hello there", "hm, thinking", "c2ln", `{"x": 1}`, "a"}, []string{text, thoughts, signature, args, name})
	require.Equal(t, types.StopReasonToolUse, stop)
	require.EqualValues(t, []int32{5, 7, 4}, []int32{*usage.InputTokens, *usage.OutputTokens, *usage.CacheReadInputTokens})

	out, err = sdkClient(api).ConverseStream(context.Background(), hi())
	require.NoError(t, err)
	for range out.GetStream().Events() {
	}
	var full *types.ServiceUnavailableException
	require.ErrorAs(t, out.GetStream().Err(), &full)
	require.ErrorAs(t, out.GetStream().Close(), &full)

	api.RequireKey("another")
	_, err = sdkClient(api).ConverseStream(context.Background(), hi())
	require.ErrorContains(t, err, "UnrecognizedClientException")
}
