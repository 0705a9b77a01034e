package testkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The checks say no to what the vendor would refuse, as far as a conversation's shape
// goes. They read requests by types of their own.

var (
	toolName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	callID   = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
)

func checkSchema(name string, raw json.RawMessage) error {
	var schema map[string]json.RawMessage
	if json.Unmarshal(raw, &schema) != nil || string(schema["type"]) != `"object"` {
		return fmt.Errorf("invalid schema for function %q: schema must be of type \"object\"", name)
	}
	if len(schema["properties"]) == 0 {
		return fmt.Errorf("invalid schema for function %q: object schema missing properties", name)
	}
	for _, k := range []string{"oneOf", "anyOf", "allOf", "enum", "not"} {
		if schema[k] != nil {
			return fmt.Errorf("invalid schema for function %q: %s at the top level", name, k)
		}
	}
	return nil
}

func checkNames(seen map[string]bool, name string) error {
	if !toolName.MatchString(name) {
		return fmt.Errorf("invalid name of a tool: %q", name)
	}
	if seen[name] {
		return fmt.Errorf("tool names must be unique: %q", name)
	}
	seen[name] = true
	return nil
}

func checkChat(body []byte) error {
	var r struct {
		Model    string `json:"model"`
		Stream   bool   `json:"stream"`
		Messages []struct {
			Role      string          `json:"role"`
			Content   json.RawMessage `json:"content"`
			ToolCalls []struct {
				ID       string `json:"id"`
				Function struct {
					Name      string `json:"name"`
					Arguments string `json:"arguments"`
				} `json:"function"`
			} `json:"tool_calls"`
			ToolCallID string `json:"tool_call_id"`
		} `json:"messages"`
		Tools []struct {
			Function struct {
				Name       string          `json:"name"`
				Parameters json.RawMessage `json:"parameters"`
			} `json:"function"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(body, &r); err != nil || r.Model == "" || !r.Stream || len(r.Messages) == 0 {
		return errors.New("we could not parse the body of your request, or it has no model or messages")
	}
	seen := map[string]bool{}
	for _, t := range r.Tools {
		if err := checkNames(seen, t.Function.Name); err != nil {
			return err
		}
		if err := checkSchema(t.Function.Name, t.Function.Parameters); err != nil {
			return err
		}
	}
	open, used := map[string]bool{}, map[string]bool{}
	for i, m := range r.Messages {
		if m.Role == "tool" {
			if !open[m.ToolCallID] {
				return fmt.Errorf("messages.[%d]: 'tool' must be a response to a preceding message with 'tool_calls'", i)
			}
			if len(m.Content) == 0 || m.Content[0] != '"' {
				return fmt.Errorf("messages.[%d]: content of a tool message must be a string", i)
			}
			delete(open, m.ToolCallID)
			continue
		}
		if len(open) > 0 {
			return fmt.Errorf("messages.[%d]: an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'", i)
		}
		if len(m.Content) == 0 || string(m.Content) == "null" && len(m.ToolCalls) == 0 {
			return fmt.Errorf("messages.[%d].content is missing", i)
		}
		for _, c := range m.ToolCalls {
			if c.ID == "" || used[c.ID] || !json.Valid([]byte(c.Function.Arguments)) {
				return fmt.Errorf("messages.[%d].tool_calls: bad id or arguments", i)
			}
			used[c.ID], open[c.ID] = true, true
		}
	}
	if len(open) > 0 {
		return errors.New("tool calls without responses at the end")
	}
	return nil
}

func checkResponses(body []byte) error {
	var r struct {
		Model string `json:"model"`
		Input []struct {
			Type      string          `json:"type"`
			Role      string          `json:"role"`
			CallID    string          `json:"call_id"`
			Output    json.RawMessage `json:"output"`
			Summary   json.RawMessage `json:"summary"`
			Encrypted string          `json:"encrypted_content"`
		} `json:"input"`
		Tools []struct {
			Name       string          `json:"name"`
			Parameters json.RawMessage `json:"parameters"`
			Strict     *bool           `json:"strict"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(body, &r); err != nil || r.Model == "" || len(r.Input) == 0 {
		return errors.New("we could not parse the body of your request, or it has no model or input")
	}
	seen := map[string]bool{}
	for _, t := range r.Tools {
		if err := checkNames(seen, t.Name); err != nil {
			return err
		}
		if t.Strict == nil || *t.Strict {
			return fmt.Errorf("invalid schema for function %q: strict schemas must forbid additional properties", t.Name)
		}
		if err := checkSchema(t.Name, t.Parameters); err != nil {
			return err
		}
	}
	open := map[string]bool{}
	for i, item := range r.Input {
		switch item.Type {
		case "function_call":
			if open[item.CallID] || item.CallID == "" {
				return fmt.Errorf("input[%d]: duplicate call_id", i)
			}
			open[item.CallID] = true
		case "function_call_output":
			if !open[item.CallID] {
				return fmt.Errorf("no tool call found for function call output with call_id %s", item.CallID)
			}
			if len(item.Output) == 0 {
				return fmt.Errorf("input[%d].output is missing", i)
			}
			delete(open, item.CallID)
		case "reasoning":
			if item.Summary == nil {
				return fmt.Errorf("input[%d].summary is missing", i)
			}
		}
	}
	for id := range open {
		return fmt.Errorf("no tool output found for function call %s", id)
	}
	return nil
}

func checkMessages(body []byte) error {
	type content struct {
		Type      string          `json:"type"`
		Text      string          `json:"text"`
		ID        string          `json:"id"`
		Input     json.RawMessage `json:"input"`
		ToolUseID string          `json:"tool_use_id"`
		Signature string          `json:"signature"`
		IsError   bool            `json:"is_error"`
		Content   []struct {
			Type string `json:"type"`
		} `json:"content"`
		CacheControl json.RawMessage `json:"cache_control"`
	}
	var r struct {
		Model     string `json:"model"`
		MaxTokens int    `json:"max_tokens"`
		Stream    bool   `json:"stream"`
		Messages  []struct {
			Role    string    `json:"role"`
			Content []content `json:"content"`
		} `json:"messages"`
		Tools []struct {
			Name         string          `json:"name"`
			Schema       json.RawMessage `json:"input_schema"`
			CacheControl json.RawMessage `json:"cache_control"`
		} `json:"tools"`
		Thinking *struct {
			Type   string `json:"type"`
			Budget int    `json:"budget_tokens"`
		} `json:"thinking"`
		Temperature *float64 `json:"temperature"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return fmt.Errorf("the request body is not valid: %w", err)
	}
	switch {
	case r.Model == "" || r.MaxTokens < 1 || !r.Stream || len(r.Messages) == 0:
		return errors.New("model, max_tokens, stream and messages: field required")
	case r.Thinking != nil && r.Thinking.Type == "enabled" && (r.Thinking.Budget < 1024 || r.Thinking.Budget >= r.MaxTokens):
		return errors.New("max_tokens must be greater than thinking.budget_tokens, which is at least 1024")
	case r.Thinking != nil && r.Thinking.Type != "disabled" && r.Temperature != nil && *r.Temperature != 1:
		return errors.New("temperature may only be set to 1 when thinking is enabled")
	case r.Messages[0].Role != "user":
		return errors.New("messages: first message must use the \"user\" role")
	}
	marks := 0
	seen := map[string]bool{}
	for _, t := range r.Tools {
		if t.CacheControl != nil {
			marks++
		}
		if err := checkNames(seen, t.Name); err != nil {
			return err
		}
		if err := checkSchema(t.Name, t.Schema); err != nil {
			return err
		}
	}
	open, used := map[string]bool{}, map[string]bool{}
	for i, m := range r.Messages {
		if len(m.Content) == 0 {
			return fmt.Errorf("messages.%d: content must not be empty", i)
		}
		others := false
		for j, c := range m.Content {
			if c.CacheControl != nil {
				marks++
			}
			switch c.Type {
			case "text":
				if strings.TrimSpace(c.Text) == "" {
					return fmt.Errorf("messages.%d.content.%d: text content blocks must contain non-whitespace text", i, j)
				}
				others = true
			case "tool_use":
				if used[c.ID] || !callID.MatchString(c.ID) || len(c.Input) == 0 || c.Input[0] != '{' {
					return fmt.Errorf("messages.%d.content.%d: bad tool_use", i, j)
				}
				if len(r.Tools) == 0 {
					return errors.New("requests which include `tool_use` blocks must define tools")
				}
				used[c.ID], open[c.ID] = true, true
			case "tool_result":
				if others || !open[c.ToolUseID] {
					return fmt.Errorf("messages.%d.content.%d: unexpected `tool_use_id` found in `tool_result` blocks", i, j)
				}
				delete(open, c.ToolUseID)
				for _, inner := range c.Content {
					if c.IsError && inner.Type != "text" {
						return fmt.Errorf("messages.%d.content.%d: all content must be type `text` if `is_error` is true", i, j)
					}
				}
			case "thinking":
				if c.Signature == "" {
					return fmt.Errorf("messages.%d.content.%d.thinking.signature: Field required", i, j)
				}
			default:
				others = true
			}
		}
		if m.Role == "user" && len(open) > 0 {
			return fmt.Errorf("messages.%d: `tool_use` ids were found without `tool_result` blocks immediately after", i-1)
		}
	}
	if len(open) > 0 {
		return errors.New("`tool_use` ids were found without `tool_result` blocks at the end")
	}
	if marks > 4 {
		return errors.New("a maximum of 4 blocks with cache_control may be provided")
	}
	return nil
}
