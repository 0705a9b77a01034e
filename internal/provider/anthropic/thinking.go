package anthropic

import (
	"strconv"
	"strings"

	sdk "github.com/anthropics/anthropic-sdk-go"

	"patchbay"
)

// version is what a model's name says of its age: claude-3-7-sonnet-20250219 is 3.7,
// claude-opus-4-6 is 4.6. A name that says nothing is taken for a new model.
func version(model string) (major, minor int) {
	var numbers []int
	for _, word := range strings.FieldsFunc(model, func(r rune) bool { return r == '-' || r == '.' || r == '@' || r == '/' || r == ':' }) {
		n, err := strconv.Atoi(word)
		if err != nil || len(word) > 2 {
			if len(numbers) > 0 {
				break
			}
			continue
		}
		numbers = append(numbers, n)
	}
	switch len(numbers) {
	case 0:
		return 99, 0
	case 1:
		return numbers[0], 0
	}
	return numbers[0], numbers[1]
}

// maxTokens is the most a model of this age may write, where the request does not say.
func maxTokens(model string) int64 {
	switch major, minor := version(model); {
	case major < 3 || major == 3 && minor < 5:
		return 4096
	case major == 3 && minor < 7:
		return 8192
	}
	return 32_000
}

// minBudget is the least that the vendor takes for thinking.
const minBudget = 1024

// think sets how long to reason. A budget is a budget. An effort is one where models
// take it (4.6 and later, which decide themselves how much to think); for those before it
// stands for a budget, and those that cannot think get neither.
func think(r *sdk.MessageNewParams, p *patchbay.ModelParams) {
	budget := int64(p.ThinkingBudget)
	major, minor := version(r.Model)
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
		budget = map[string]int64{"minimal": minBudget, "low": 4096, "medium": 10_000}[p.Effort]
		if budget == 0 {
			budget = 24_000
		}
	}
	budget = max(budget, minBudget)
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
