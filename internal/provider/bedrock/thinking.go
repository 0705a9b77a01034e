package bedrock

import (
	"encoding/json"

	"patchbay"
	"patchbay/internal/provider"
)

// interleaved lets models of Anthropic's 4 series think between the calls of a turn.
const interleaved = "interleaved-thinking-2025-05-14"

// think sets how long to reason, in the words of the model's own family, and returns the
// members that go beside the common ones. Sampling may not be set while Claude thinks.
func think(f *family, c *inferenceConfig, p *patchbay.ModelParams) map[string]json.RawMessage {
	if p.Effort == "" && p.ThinkingBudget == 0 {
		return nil
	}
	switch {
	case f.claude:
		return thinkClaude(f, c, p)
	case f.gptOSS && p.Effort != "":
		effort := p.Effort
		if effort == "none" || effort == "minimal" {
			effort = "low"
		}
		return map[string]json.RawMessage{"reasoning_effort": provider.Encode(effort)}
	case f.nova2 && p.Effort != "":
		switch p.Effort {
		case "none":
			return map[string]json.RawMessage{"reasoningConfig": json.RawMessage(`{"type":"disabled"}`)}
		case "low", "medium", "high":
			return map[string]json.RawMessage{"reasoningConfig": provider.Encode(map[string]string{"type": "enabled", "maxReasoningEffort": p.Effort})}
		case "minimal":
			return map[string]json.RawMessage{"reasoningConfig": json.RawMessage(`{"type":"enabled","maxReasoningEffort":"low"}`)}
		}
	}
	return nil
}

func thinkClaude(f *family, c *inferenceConfig, p *patchbay.ModelParams) map[string]json.RawMessage {
	budget := int64(p.ThinkingBudget)
	if budget == 0 {
		switch {
		case p.Effort == "none":
			return map[string]json.RawMessage{"thinking": json.RawMessage(`{"type":"disabled"}`)}
		case f.major > 4 || f.major == 4 && f.minor >= 6:
			effort := p.Effort
			if effort == "minimal" {
				effort = "low"
			}
			c.Temperature, c.TopP = nil, nil
			return map[string]json.RawMessage{
				"thinking": json.RawMessage(`{"type":"adaptive","display":"summarized"}`), "output_config": provider.Encode(map[string]string{"effort": effort}),
			}
		case f.major == 3 && f.minor < 7 || f.major < 3:
			return nil
		}
		budget = provider.ClaudeBudget(p.Effort)
	}
	budget = max(budget, provider.ClaudeMinBudget)
	if int64(c.MaxTokens) <= budget {
		c.MaxTokens = int(budget) + 4096
	}
	c.Temperature, c.TopP = nil, nil
	out := map[string]json.RawMessage{"thinking": provider.Encode(map[string]any{"type": "enabled", "budget_tokens": budget})}
	if f.major >= 4 {
		out["anthropic_beta"] = provider.Encode([]string{interleaved})
	}
	return out
}
