package google

import (
	"strconv"
	"strings"

	"patchbay"
)

// version is what a model's name says of its age: gemini-2.5-pro is 2.5. A Gemini that
// names none (gemini-flash-latest) is taken for a new one; 0 is no Gemini.
func version(model string) (major, minor int) {
	model = model[strings.LastIndexByte(model, '/')+1:]
	rest, ok := strings.CutPrefix(model, "gemini-")
	if !ok {
		return 0, 0
	}
	number, _, _ := strings.Cut(rest, "-")
	first, second, _ := strings.Cut(number, ".")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 99, 0
	}
	// A version without a second number is the first of its kind.
	minor, _ = strconv.Atoi(second)
	return major, minor
}

// thinkingConfig says how long to reason, and that thoughts are to be shown.
type thinkingConfig struct {
	IncludeThoughts bool   `json:"includeThoughts"`
	Budget          *int   `json:"thinkingBudget,omitempty"`
	Level           string `json:"thinkingLevel,omitempty"`
}

// think sets how long to reason. A budget is a budget. An effort is a level from Gemini 3
// on; on 2.5 it stands for a budget; older models and those that draw or speak cannot
// think and refuse the setting.
func think(model string, p *patchbay.ModelParams) *thinkingConfig {
	major, minor := version(model)
	old := major < 2 || major == 2 && minor < 5
	if old || strings.Contains(model, "-image") || strings.Contains(model, "-tts") || strings.Contains(model, "-audio") {
		return nil
	}
	t := &thinkingConfig{IncludeThoughts: true}
	switch {
	case p.ThinkingBudget > 0:
		t.Budget = &p.ThinkingBudget
	case p.Effort == "":
	case major >= 3:
		t.Level = level(model, p.Effort)
	default:
		t.Budget = budget(model, p.Effort)
		t.IncludeThoughts = *t.Budget != 0
	}
	return t
}

// level is an effort in the words of Gemini 3. Only the flash models take the least one;
// none of them can be told not to think at all.
func level(model, effort string) string {
	switch effort {
	case "none", "minimal":
		if strings.Contains(model, "flash") {
			return "minimal"
		}
		return "low"
	case "low":
		return "low"
	case "medium":
		if strings.Contains(model, "gemini-3-pro") { // knows two levels only
			return "high"
		}
		return "medium"
	}
	return "high"
}

// budget is an effort in tokens, by the vendor's own table of its OpenAI-compatible
// address. The pro model of 2.5 always thinks.
func budget(model, effort string) *int {
	n := map[string]int{"none": 0, "minimal": 1024, "low": 1024, "medium": 8192}[effort]
	switch {
	case effort == "none" && strings.Contains(model, "pro"):
		n = 128
	case effort != "none" && n == 0:
		n = 24_576
	}
	return &n
}
