package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

// v1ChatBody is what is read of a request; members that are not here are passed over, as
// clients send many that change nothing here.
type v1ChatBody struct {
	Model         string      `json:"model" doc:"Of /v1/models"`
	Messages      []v1Message `json:"messages"`
	Stream        bool        `json:"stream,omitempty"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage,omitempty"`
	} `json:"stream_options,omitzero"`
	Tools      []v1Tool        `json:"tools,omitempty" doc:"Offered beside those of servers; their calls are yours to run"`
	ToolChoice json.RawMessage `json:"tool_choice,omitempty" doc:"auto or none"`
	Servers    []string        `json:"mcp_servers,omitempty" doc:"Names of MCP servers whose tools a plain model may call; they are run here"`

	MaxTokens           int             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
	TopP                *float64        `json:"top_p,omitempty"`
	Stop                json.RawMessage `json:"stop,omitempty" doc:"A text, or a list of texts"`
	Effort              string          `json:"reasoning_effort,omitempty"`
	Parallel            *bool           `json:"parallel_tool_calls,omitempty"`

	N              int             `json:"n,omitempty" doc:"1"`
	ResponseFormat json.RawMessage `json:"response_format,omitempty" doc:"Text only"`
	Logprobs       bool            `json:"logprobs,omitempty" doc:"false"`
	Functions      json.RawMessage `json:"functions,omitempty" doc:"Not taken; use tools"`
}

type v1Tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
	} `json:"function"`
}

// readV1 reads a request into what is to be answered.
func readV1(w http.ResponseWriter, r *http.Request) (*v1ChatBody, chat.Once, error) {
	b := &v1ChatBody{}
	if err := httpkit.CheckJSON(r); err != nil {
		return nil, chat.Once{}, err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, v1Cap))
	if err != nil {
		return nil, chat.Once{}, err
	}
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, chat.Once{}, v1Unreadable(err)
	}
	once := chat.Once{}
	if err := b.refuse(); err != nil {
		return nil, once, err
	}
	if once.Settings, err = b.settings(); err != nil {
		return nil, once, err
	}
	if once.Tools, err = b.offers(); err != nil {
		return nil, once, err
	}
	once.Settings.Instructions, once.History, err = v1History(b.Messages)
	return b, once, err
}

// v1Unreadable never shows what was sent.
func v1Unreadable(err error) error {
	var wrong *json.UnmarshalTypeError
	var ours *patchbay.Error
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &wrong):
		return httpkit.Invalid(wrong.Field, "is not of the right type")
	}
	return patchbay.Errorf(patchbay.CodeBadRequest, "The body is not valid JSON")
}

// refuse names what would be answered otherwise than it is asked.
func (b *v1ChatBody) refuse() error {
	switch {
	case b.N > 1:
		return httpkit.Invalid("n", "must be 1")
	case b.Logprobs:
		return httpkit.Invalid("logprobs", "must be false")
	case given(b.Functions):
		return httpkit.Invalid("functions", "is not taken; use tools")
	}
	if given(b.ResponseFormat) {
		var f struct{ Type string }
		if json.Unmarshal(b.ResponseFormat, &f) != nil || f.Type != "text" {
			return httpkit.Invalid("response_format", "must be text; not every model behind this address can do otherwise")
		}
	}
	return nil
}

func given(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != "null" && string(raw) != "[]"
}

// settings are what the request chooses.
func (b *v1ChatBody) settings() (patchbay.ChatSettings, error) {
	s := patchbay.ChatSettings{Servers: b.Servers, Params: patchbay.ModelParams{
		MaxTokens: b.MaxTokens, Temperature: b.Temperature, TopP: b.TopP, Effort: b.Effort, NoParallelCalls: b.Parallel != nil && !*b.Parallel,
	}}
	if b.MaxCompletionTokens != 0 {
		s.Params.MaxTokens = b.MaxCompletionTokens
	}
	var one string
	if given(b.Stop) && json.Unmarshal(b.Stop, &one) == nil {
		s.Params.StopAt = []string{one}
	} else if given(b.Stop) && json.Unmarshal(b.Stop, &s.Params.StopAt) != nil {
		return s, httpkit.Invalid("stop", "must be a text or a list of texts")
	}
	if given(b.ToolChoice) {
		var choice string
		if json.Unmarshal(b.ToolChoice, &choice) != nil || choice != "auto" && choice != "none" {
			return s, httpkit.Invalid("tool_choice", "must be auto or none; not every model behind this address can be made to call a tool")
		}
		s.Params.NoCalls = choice == "none"
	}
	if id, ok := strings.CutPrefix(b.Model, v1Agent); ok && id != "" {
		if len(b.Servers) > 0 {
			return s, httpkit.Invalid("mcp_servers", "goes with plain models; an agent has tools of its own")
		}
		s.Agent = patchbay.AgentID(id)
		return s, nil
	}
	if name, ok := strings.CutPrefix(b.Model, v1Spec); ok && name != "" {
		s.Spec = name
		return s, nil
	}
	var ok bool
	if s.Provider, s.Model, ok = strings.Cut(b.Model, "/"); !ok || s.Provider == "" || s.Model == "" {
		return s, httpkit.Invalid("model", "must be agent/ID or PROVIDER/MODEL, as GET /v1/models lists them")
	}
	return s, nil
}

var v1ToolName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// maxV1Tools bounds the tools that a client brings.
const maxV1Tools = 512

// offers are the client's own tools.
func (b *v1ChatBody) offers() ([]patchbay.ToolOffer, error) {
	if len(b.Tools) > maxV1Tools {
		return nil, httpkit.Invalid("tools", fmt.Sprintf("must be at most %d", maxV1Tools))
	}
	offers := make([]patchbay.ToolOffer, len(b.Tools))
	seen := map[string]bool{}
	for i := range b.Tools {
		t, at := &b.Tools[i], fmt.Sprintf("tools[%d]", i)
		schema := t.Function.Parameters
		if !given(schema) {
			schema = json.RawMessage(`{"type":"object"}`)
		}
		switch {
		case t.Type != "function":
			return nil, httpkit.Invalid(at+".type", "must be function")
		case !v1ToolName.MatchString(t.Function.Name):
			return nil, httpkit.Invalid(at+".function.name", "must be 1 to 64 letters, digits, _ and -")
		case seen[t.Function.Name]:
			return nil, httpkit.Invalid(at+".function.name", "must not be there twice")
		case schema[0] != '{':
			return nil, httpkit.Invalid(at+".function.parameters", "must be an object")
		}
		seen[t.Function.Name] = true
		offers[i] = patchbay.ToolOffer{Name: t.Function.Name, Description: t.Function.Description, Schema: schema}
	}
	return offers, nil
}
