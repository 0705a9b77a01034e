package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
)

func TestAzureGroups(t *testing.T) {
	cfg := parseWith(t, `
endpoints:
  azureOpenAI:
    titleModel: gpt-4.1
    groups:
      - group: west
        apiKey: "${WEST_KEY}"
        instanceName: my-west
        version: "2024-10-21"
        additionalHeaders: {X-Who: "{{LIBRECHAT_USER_ID}}"}
        addParams: {seed: 7}
        dropParams: [stop]
        models:
          gpt-4.1: {deploymentName: four one}
          gpt-4o: {deploymentName: four-o, version: "2024-02-01"}
          off: false
      - group: new
        instanceName: new.cognitiveservices.azure.com
        models: {gpt-5.2: true, gpt-4.1: true}
      - group: gateway
        instanceName: inst
        deploymentName: dep
        baseURL: "https://gateway.example/${INSTANCE_NAME}/${DEPLOYMENT_NAME}/chat/completions"
        version: "2024-10-21"
        models: {routed: true}
      - group: mistral
        apiKey: fake-mistral
        baseURL: https://mistral.example/v1/chat/completions
        serverless: true
        models: {mistral-large: true}
`, map[string]string{"WEST_KEY": "fake", "AZURE_API_KEY": "fake"})
	p := provider(t, cfg, "azureOpenAI")
	require.Nil(t, p.Problem)
	var got []string
	for _, d := range p.Deployments {
		got = append(got, strings.Join([]string{d.Model, d.Name, d.BaseURL, d.Version, d.Key.Reveal()}, " "))
	}
	require.Empty(t, cmp.Diff([]string{
		"gpt-4.1 four one https://my-west.openai.azure.com/openai/deployments/four%20one 2024-10-21 ${WEST_KEY}",
		"gpt-4o four-o https://my-west.openai.azure.com/openai/deployments/four-o 2024-02-01 ${WEST_KEY}",
		"gpt-5.2 gpt-5.2 https://new.cognitiveservices.azure.com/openai/v1  ",
		"routed dep https://gateway.example/inst/dep 2024-10-21 ",
		"mistral-large mistral-large https://mistral.example/v1  fake-mistral",
	}, got))
	require.True(t, p.Deployments[4].Serverless)
	require.Equal(t, []string{"stop"}, p.Deployments[1].DropParams)
	require.JSONEq(t, "7", string(p.Deployments[1].AddParams["seed"]))
	require.Equal(t, "${AZURE_API_KEY}", p.Key.Reveal(), "for the groups without a key")
	require.Len(t, p.Models, 5)
	require.Contains(t, cfg.Findings[0].Message, "is in a group above already")
}

func TestAzureMistakes(t *testing.T) {
	for want, text := range map[string]string{
		"names no models":     `[{instanceName: a}]`,
		"an address of its":   `[{serverless: true, models: {a: true}}]`,
		"name of the resourc": `[{models: {a: true}}]`,
		"WEST_KEY is not set": `[{instanceName: a, apiKey: "${WEST_KEY}", models: {a: true}}]`,
		"no deployments":      `[]`,
	} {
		cfg := parseWith(t, "endpoints: {azureOpenAI: {groups: "+text+"}}", map[string]string{"AZURE_API_KEY": "fake"})
		p := provider(t, cfg, "azureOpenAI")
		require.NotNil(t, p.Problem, text)
		require.Contains(t, p.Problem.Message, want)
	}
	p := provider(t, parseWith(t, "endpoints: {azureOpenAI: {baseURL: user_provided, apiKey: user_provided}}", nil), "azureOpenAI")
	require.Contains(t, p.Problem.Message, "cannot be user_provided")
}

func TestAzureOfTheEnvironment(t *testing.T) {
	env := map[string]string{"AZURE_API_KEY": "user_provided", "AZURE_OPENAI_API_INSTANCE_NAME": "mine", "AZURE_OPENAI_API_VERSION": "2024-10-21", "AZURE_OPENAI_MODELS": "a, b"}
	p := provider(t, parseWith(t, "", env), "azureOpenAI")
	require.Nil(t, p.Problem)
	require.Equal(t, patchbay.KeyUser, p.KeySource)
	require.Equal(t, []string{"https://mine.openai.azure.com/openai/deployments/a", "https://mine.openai.azure.com/openai/deployments/b"}, []string{p.Deployments[0].BaseURL, p.Deployments[1].BaseURL})
	require.False(t, p.Fetch)
}

func TestBedrockGuardrail(t *testing.T) {
	cfg := parseWith(t, `
endpoints:
  bedrock:
    guardrailConfig: {guardrailIdentifier: g1, guardrailVersion: "1", trace: enabled}
    addParams: {top_k: 5}
`, map[string]string{"AWS_BEARER_TOKEN_BEDROCK": "fake", "BEDROCK_AWS_DEFAULT_REGION": "eu-central-1"})
	p := provider(t, cfg, "bedrock")
	require.Nil(t, p.Problem)
	require.JSONEq(t, `{"guardrailIdentifier":"g1","guardrailVersion":"1","trace":"enabled"}`, string(p.AddParams["guardrailConfig"]))
	require.JSONEq(t, "5", string(p.AddParams["top_k"]))
}
