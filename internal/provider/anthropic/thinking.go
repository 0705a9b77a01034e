package anthropic

import (
	sdk "github.com/anthropics/anthropic-sdk-go"

	"patchbay"
	"patchbay/internal/provider"
)

// think sets how long to reason. A budget is a budget. An effort is one where models
// take it (4.6 and later, which decide themselves how much to think); for those before it
// stands for a budget, and those that cannot think get neither.
func think(r *sdk.MessageNewParams, p *patchbay.ModelParams) {
	budget := int64(p.ThinkingBudget)
	major, minor := provider.ClaudeVersion(r.Model)
	if budget == 0 {
		switch {
		case p.Effort == "":
			return
		case p.Effort == "none":
			r.Thinking = sdk.ThinkingConfigParamUnion{OfDisabled: &sdk.ThinkingConfigDisabledParam{}}
			return
		case major > 4 || major == 4 && minor >= 6:
			r.Thinking = sdk.ThinkingConfigParamUnion{OfAdaptive: &sdk.ThinkingConfigAdaptiveParam{Display: sdk.ThinkingConfigAdaptiveDisplaySummarized}}
			effort := p.Effort
			if effort == "minimal" {
				effort = "low"
			}
			r.OutputConfig.Effort = sdk.OutputConfigEffort(effort)
			noSampling(r)
			return
		case major == 3 && minor < 7 || major < 3:
			return
		}
		budget = provider.ClaudeBudget(p.Effort)
	}
	budget = max(budget, provider.ClaudeMinBudget)
	if r.MaxTokens <= budget {
		r.MaxTokens = budget + 4096
	}
	r.Thinking = sdk.ThinkingConfigParamUnion{OfEnabled: &sdk.ThinkingConfigEnabledParam{BudgetTokens: budget}}
	noSampling(r)
}

// noSampling drops what may not be set while the model thinks.
func noSampling(r *sdk.MessageNewParams) {
	r.Temperature, r.TopP = zeroFloat(), zeroFloat()
}
