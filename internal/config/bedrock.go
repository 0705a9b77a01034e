package config

import (
	"encoding/json"
	"strings"

	"patchbay"
)

// Variables of Bedrock's beside its key's id.
const (
	bedrockRegion  = "BEDROCK_AWS_DEFAULT_REGION"
	bedrockSecret  = "BEDROCK_AWS_SECRET_ACCESS_KEY"
	bedrockSession = "BEDROCK_AWS_SESSION_TOKEN"
	bedrockBearer  = "AWS_BEARER_TOKEN_BEDROCK"
)

// spokenOf reports whether the environment speaks of a vendor in other words than its key.
func (b builtin) spokenOf(get func(string) string) bool {
	switch b.kind {
	case patchbay.ProviderAzure:
		return get("AZURE_OPENAI_API_INSTANCE_NAME") != ""
	case patchbay.ProviderBedrock:
		return get(bedrockRegion) != "" || hasEnv(get, bedrockBearer)
	}
	return false
}

func hasEnv(get func(string) string, name string) bool {
	return get(name) != "" || get(name+"_FILE") != ""
}

// envKey is the key of a vendor that the environment has. Bedrock's has several parts,
// which the adapter takes as ID:SECRET or ID:SECRET:TOKEN, or is one that is sent as it is.
func (b builtin) envKey(get func(string) string) (patchbay.Secret, patchbay.KeySource) {
	text := "${" + b.keyEnv + "}"
	if b.kind == patchbay.ProviderBedrock {
		switch {
		case get(b.keyEnv) == userProvided:
			return patchbay.Secret{}, patchbay.KeyUser
		case !hasEnv(get, b.keyEnv) && hasEnv(get, bedrockBearer):
			text = "${" + bedrockBearer + "}"
		default:
			text += ":${" + bedrockSecret + "}"
			if hasEnv(get, bedrockSession) {
				text += ":${" + bedrockSession + "}"
			}
		}
	}
	return patchbay.NewSecret(text), patchbay.KeyOperator
}

// bedrockModels are offered where none are named: profiles that work from every region
// that has them.
func bedrockModels() []patchbay.ModelInfo {
	return []patchbay.ModelInfo{
		{ID: "global.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{ID: "global.anthropic.claude-haiku-4-5-20251001-v1:0"},
		{ID: "amazon.nova-pro-v1:0"},
		{ID: "amazon.nova-lite-v1:0"},
	}
}

// completeBedrock fills in the region and the models: Bedrock's own list is another
// service's, which the key need not have a right to.
func completeBedrock(p *patchbay.Provider, get func(string) string) {
	if len(p.Models) == 0 {
		p.Models = bedrockModels()
	}
	p.Fetch = false
	p.Region = get(bedrockRegion)
	if p.Problem == nil && strings.Trim(p.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		p.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: bedrockRegion + " must be a region of AWS, like eu-central-1"}
	}
}

// needRegion notes a region that is not set where the address is AWS's own.
func (r *reader) needRegion(p *patchbay.Provider) {
	if p.Kind != patchbay.ProviderBedrock || p.Region != "" || p.BaseURL != "" {
		return
	}
	r.add(SeverityNote, r.placeInProvider(p, ""), r.pathOf(p), "env_missing: environment variable %s is not set", bedrockRegion)
	if p.Problem == nil {
		p.Problem = &patchbay.Problem{Reason: patchbay.ReasonEnvMissing, Message: "environment variable " + bedrockRegion + " is not set"}
	}
}

// guardrailKey is the key of Bedrock's guardrail, which is a member of each request.
func guardrailKey() key {
	return key{
		name: "guardrailConfig", typ: tMapOf, of: &key{typ: tAny}, doc: "The guardrail of every request: `guardrailIdentifier`, `guardrailVersion`, `trace`, `streamProcessingMode`.",
		set: func(r *reader, v *value, _ string) {
			if r.p.AddParams == nil {
				r.p.AddParams = map[string]json.RawMessage{}
			}
			r.p.AddParams["guardrailConfig"] = v.json()
		},
	}
}
