package config

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
)

func TestBedrock(t *testing.T) {
	const (
		id     = "BEDROCK_AWS_ACCESS_KEY_ID"
		models = "BEDROCK_AWS_MODELS"
	)
	tests := []struct {
		name    string
		env     map[string]string
		key     string
		source  patchbay.KeySource
		problem string
	}{
		{"a key", map[string]string{id: "fake-id", bedrockSecret: "fake", bedrockRegion: "eu-central-1"}, "${" + id + "}:${" + bedrockSecret + "}", patchbay.KeyOperator, ""},
		{"that expires", map[string]string{id: "fake-id", bedrockSecret: "fake", bedrockSession: "fake", bedrockRegion: "eu-central-1"}, "${" + id + "}:${" + bedrockSecret + "}:${" + bedrockSession + "}", patchbay.KeyOperator, ""},
		{"an API key", map[string]string{bedrockBearer: "fake", bedrockRegion: "eu-central-1"}, "${" + bedrockBearer + "}", patchbay.KeyOperator, ""},
		{"each person's", map[string]string{id: userProvided, bedrockRegion: "eu-central-1"}, "", patchbay.KeyUser, ""},
		{"no secret", map[string]string{id: "fake-id", bedrockRegion: "eu-central-1"}, "${" + id + "}:${" + bedrockSecret + "}", patchbay.KeyOperator, bedrockSecret + " is not set"},
		{"a region only", map[string]string{bedrockRegion: "eu-central-1"}, "${" + id + "}:${" + bedrockSecret + "}", patchbay.KeyOperator, id + " is not set"},
		{"no region", map[string]string{bedrockBearer: "fake"}, "${" + bedrockBearer + "}", patchbay.KeyOperator, bedrockRegion + " is not set"},
		{"no region's name", map[string]string{bedrockBearer: "fake", bedrockRegion: "evil.example/"}, "${" + bedrockBearer + "}", patchbay.KeyOperator, "must be a region"},
		{"a proxy", map[string]string{bedrockBearer: "fake", "BEDROCK_REVERSE_PROXY": "https://proxy.example", models: "a,b"}, "${" + bedrockBearer + "}", patchbay.KeyOperator, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &reader{cfg: &Config{}}
			r.finishProviders(func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
			require.Len(t, r.cfg.Providers, 1)
			p := r.cfg.Providers[0]
			require.Equal(t, patchbay.ProviderBedrock, p.Kind)
			require.Equal(t, tt.key, p.Key.Reveal())
			require.Equal(t, tt.source, p.KeySource)
			require.False(t, p.Fetch)
			require.NotEmpty(t, p.Models)
			if tt.problem == "" {
				require.Nil(t, p.Problem)
			} else {
				require.Contains(t, p.Problem.Message, tt.problem)
			}
		})
	}
}
