package openai

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	sdk "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

// azureOf makes deployments at a fake; the path of each is given with it.
func azureOf(t *testing.T, api *testkit.Models, list ...Deployment) *AzureModel {
	t.Helper()
	for i := range list {
		u := api.URL()
		u.Path = list[i].URL.Path
		list[i].URL = u
	}
	a, err := NewAzure(AzureOptions{Endpoint: provider.Endpoint{Client: api.Client(), Retry: provider.Retry{Attempts: 1}, Header: http.Header{"X-Own": {"1"}}}, Deployments: list})
	require.NoError(t, err)
	return a.Model(provider.NewKey("fake-key"))
}

func at(path string) *url.URL { return &url.URL{Path: path} }

func chosen(model string) *patchbay.ModelRequest {
	r := recorded{Model: model, Question: "hi"}
	req := r.request()
	req.Params = patchbay.ModelParams{MaxTokens: 9, NoParallelCalls: true}
	return req
}

// TestAzure: where each kind of deployment is asked, by what name, with whose key.
func TestAzure(t *testing.T) {
	tests := []struct {
		name             string
		d                Deployment
		path, query      string
		key, bearer      string
		contains, misses []string
	}{
		{
			"with a version",
			Deployment{Model: "gpt-4.1", Name: "my four", URL: at("/openai/deployments/my four"), Version: "2024-10-21"},
			"/openai/deployments/my four/chat/completions", "api-version=2024-10-21", "fake-key", "",
			[]string{`"model":"my four"`, `"max_completion_tokens":9`, `"stream_options"`, `"parallel_tool_calls":false`},
			nil,
		},
		{
			"an old version",
			Deployment{Model: "gpt-4", URL: at("/openai/deployments/gpt-4"), Version: "2024-02-15-preview"},
			"/openai/deployments/gpt-4/chat/completions", "api-version=2024-02-15-preview", "fake-key", "",
			[]string{`"max_tokens":9`},
			[]string{"stream_options", "parallel_tool_calls"},
		},
		{
			"reasoning with a version",
			Deployment{Model: "o3-mini", URL: at("/openai/deployments/o3-mini"), Version: "2025-04-01-preview"},
			"/openai/deployments/o3-mini/chat/completions", "api-version=2025-04-01-preview", "fake-key", "",
			[]string{`"max_completion_tokens":9`},
			nil,
		},
		{
			"v1",
			Deployment{Model: "gpt-5.2", Name: "five", URL: at("/openai/v1"), Key: provider.NewKey("fake-group")},
			"/openai/v1/responses", "", "fake-group", "",
			[]string{`"model":"five"`, `"reasoning.encrypted_content"`},
			nil,
		},
		{
			"v1 without reasoning",
			Deployment{Model: "gpt-4.1", URL: at("/openai/v1"), Version: "preview", Header: http.Header{"X-Own": {"2"}}},
			"/openai/v1/chat/completions", "api-version=preview", "fake-key", "",
			[]string{`"model":"gpt-4.1"`},
			nil,
		},
		{
			"serverless",
			Deployment{Model: "mistral-large", URL: at("/v1"), Serverless: true},
			"/v1/chat/completions", "", "fake-key", "Bearer fake-key",
			[]string{`"max_tokens":9`},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := testkit.NewModels(t, testkit.ModelReply{Message: spoken()})
			m := azureOf(t, api, Deployment{Model: "another", URL: at("/nowhere")}, tt.d)
			var b patchbay.MessageBuilder
			require.NoError(t, m.Stream(context.Background(), chosen(tt.d.Model), b.Add))
			msg := b.Message()
			require.Equal(t, "hello there", msg.Text())
			r := api.Requests()[0]
			require.Equal(t, []string{tt.path, tt.query, tt.key, tt.bearer}, []string{r.Path, r.Query.Encode(), r.Header.Get("Api-Key"), r.Header.Get("Authorization")})
			want := "1"
			if len(tt.d.Header) > 0 {
				want = "2"
			}
			require.Equal(t, want, r.Header.Get("X-Own"))
			for _, s := range tt.contains {
				require.Contains(t, string(r.Body), s)
			}
			for _, s := range tt.misses {
				require.NotContains(t, string(r.Body), s)
			}
			list, err := m.List(context.Background())
			require.NoError(t, err)
			require.Equal(t, []patchbay.ModelInfo{{ID: "another"}, {ID: tt.d.Model}}, list)
		})
	}
}

func TestAzureErrors(t *testing.T) {
	api := testkit.NewModels(
		t,
		testkit.ModelReply{Status: 400, Raw: []byte(`{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`)},
		testkit.ModelReply{Status: 404, Raw: []byte(`{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`)},
		testkit.ModelReply{Status: 401, Raw: []byte(`{"error":{"code":"401","message":"Access denied: fake-key"}}`)},
	)
	m := azureOf(t, api, Deployment{Model: "gpt-4.1", URL: at("/openai/deployments/gpt-4.1"), Version: "2024-10-21"})
	for _, want := range []patchbay.ModelErrorKind{patchbay.ModelFiltered, patchbay.ModelNotFound, patchbay.ModelAuth} {
		err := m.Stream(context.Background(), chosen("gpt-4.1"), func(patchbay.Delta) {})
		var e *patchbay.ModelError
		require.ErrorAs(t, err, &e)
		require.Equal(t, want, e.Kind)
		require.NotContains(t, e.Message, "fake-key")
	}
	require.ErrorContains(t, m.Stream(context.Background(), chosen("gpt-9"), func(patchbay.Delta) {}), "no deployment is configured for the model gpt-9")
	require.Len(t, api.Requests(), 3)
}

func TestAzureURL(t *testing.T) {
	require.Equal(t, "https://mine.openai.azure.com/openai/deployments/a%20b", AzureURL("mine", "a b", "2024-10-21"))
	require.Equal(t, "https://mine.openai.azure.com/openai/v1", AzureURL("mine", "a", ""))
	require.Equal(t, "https://mine.cognitiveservices.azure.com/openai/v1", AzureURL("mine.cognitiveservices.azure.com", "a", ""))
}

// TestFakeSpeaksAzure: an independent client in its Azure form reads the fake.
func TestFakeSpeaksAzure(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{Message: spoken()})
	config := sdk.DefaultAzureConfig("fake-key", api.URL().String())
	config.APIVersion, config.HTTPClient = "2024-10-21", api.Client()
	stream, err := sdk.NewClientWithConfig(config).CreateChatCompletionStream(context.Background(), sdk.ChatCompletionRequest{
		Model: "gpt-4.1", Messages: []sdk.ChatCompletionMessage{{Role: "user", Content: "hi"}},
	})
	require.NoError(t, err)
	defer stream.Close()
	first, err := stream.Recv()
	require.NoError(t, err)
	require.Empty(t, first.Choices)
	require.Len(t, first.PromptFilterResults, 1)
	second, err := stream.Recv()
	require.NoError(t, err)
	require.Equal(t, "gpt-4.1", second.Model)
}
