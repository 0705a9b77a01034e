package provider

import (
	"strconv"
	"strings"
)

// ClaudeVersion is what the name of a model of Anthropic's says of its age, wherever it
// is asked: claude-3-7-sonnet-20250219 is 3.7, us.anthropic.claude-opus-4-6-v1:0 is 4.6. A
// name that says nothing is taken for a new model.
func ClaudeVersion(model string) (major, minor int) {
	if i := strings.Index(model, "claude"); i >= 0 {
		model = model[i:]
	}
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

// ClaudeMaxTokens is the most a model of this age may write, where the request does not
// say.
func ClaudeMaxTokens(model string) int64 {
	switch major, minor := ClaudeVersion(model); {
	case major < 3 || major == 3 && minor < 5:
		return 4096
	case major == 3 && minor < 7:
		return 8192
	}
	return 32_000
}

// ClaudeMinBudget is the least that the vendor takes for thinking.
const ClaudeMinBudget = 1024

// ClaudeBudget is what an effort stands for on models that take a budget of tokens.
func ClaudeBudget(effort string) int64 {
	if n := map[string]int64{"minimal": ClaudeMinBudget, "low": 4096, "medium": 10_000}[effort]; n > 0 {
		return n
	}
	return 24_000
}
