package bedrock

import (
	"bytes"
	"encoding/json"

	"patchbay"
	"patchbay/internal/provider"
)

// vendorName marks vendor parts that only this package understands.
const vendorName = "bedrock"

// What is said where the format has no setting for it.
const (
	oneCall = "Call at most one tool at a time, and wait for its result."
	noCall  = "Do not call a tool now. Answer in words."
)

type request struct {
	Messages        []message       `json:"messages"`
	System          []block         `json:"system,omitempty"`
	InferenceConfig json.RawMessage `json:"inferenceConfig,omitempty"`
	ToolConfig      *toolConfig     `json:"toolConfig,omitempty"`
	Additional      json.RawMessage `json:"additionalModelRequestFields,omitempty"`
}

type inferenceConfig struct {
	MaxTokens     int      `json:"maxTokens,omitempty"`
	Temperature   *float64 `json:"temperature,omitempty"`
	TopP          *float64 `json:"topP,omitempty"`
	StopSequences []string `json:"stopSequences,omitempty"`
}

type toolConfig struct {
	Tools []tool `json:"tools"`
}

type tool struct {
	ToolSpec   *toolSpec   `json:"toolSpec,omitempty"`
	CachePoint *cachePoint `json:"cachePoint,omitempty"`
}

type toolSpec struct {
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	InputSchema inputSchema `json:"inputSchema"`
}

type inputSchema struct {
	JSON json.RawMessage `json:"json"`
}

type cachePoint struct {
	Type string `json:"type"`
}

func here() *cachePoint { return &cachePoint{"default"} }

// ownMembers are the members of a request itself, and commonParams those of its
// inferenceConfig; everything else that is added (top_k) is for the model's own family.
var (
	ownMembers = map[string]bool{
		"messages": true, "system": true, "inferenceConfig": true, "toolConfig": true, "additionalModelRequestFields": true,
		"guardrailConfig": true, "additionalModelResponseFieldPaths": true, "promptVariables": true, "requestMetadata": true,
		"performanceConfig": true, "serviceTier": true, "outputConfig": true,
	}
	commonParams = map[string]bool{"maxTokens": true, "temperature": true, "topP": true, "stopSequences": true}
)

// requestBody is a request in the vendor's format, with what is added and dropped.
func (m *Model) requestBody(req *patchbay.ModelRequest) (json.RawMessage, error) {
	p := &req.Params
	f := familyOf(req.Model)
	c := inferenceConfig{MaxTokens: p.MaxTokens, Temperature: p.Temperature, TopP: p.TopP, StopSequences: p.StopAt}
	if c.MaxTokens == 0 && f.claude {
		c.MaxTokens = int(provider.ClaudeMaxTokens(req.Model))
	}
	extra := think(&f, &c, p)
	list := messages(req, &f)
	r := request{Messages: list, ToolConfig: m.offer(req, list)}
	for _, text := range []string{req.Instructions, said(req, r.ToolConfig != nil)} {
		if text != "" {
			r.System = append(r.System, block{Text: &text})
		}
	}
	if !p.NoCache {
		mark(&r, req.Model, &f)
	}
	return edited(&r, &c, extra, p)
}

// said is what is asked for in words, in a text of its own after the instructions, so
// that what is cached of them stays.
func said(req *patchbay.ModelRequest, declared bool) string {
	switch {
	case !declared:
		return ""
	case forbidden(req):
		return noCall
	case req.Params.NoParallelCalls:
		return oneCall
	}
	return ""
}

// forbidden reports whether the model may not call, although tools are declared.
func forbidden(req *patchbay.ModelRequest) bool { return req.Params.NoCalls || len(req.Tools) == 0 }

// edited puts the request together, with what is added and dropped where it belongs.
func edited(r *request, c *inferenceConfig, extra map[string]json.RawMessage, p *patchbay.ModelParams) (json.RawMessage, error) {
	top, common := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if extra == nil {
		extra = map[string]json.RawMessage{}
	}
	for name, raw := range p.Add {
		switch {
		case ownMembers[name]:
			top[name] = raw
		case commonParams[name]:
			common[name] = raw
		default:
			extra[name] = raw
		}
	}
	config, err := provider.Edit(provider.Encode(c), common, p.Drop)
	if err != nil {
		return nil, err
	}
	if string(config) != "{}" {
		r.InferenceConfig = config
	}
	more, err := provider.Edit(json.RawMessage(`{}`), extra, nil)
	if err == nil {
		more, err = provider.Edit(more, nil, p.Drop)
	}
	if err != nil {
		return nil, err
	}
	if string(more) != "{}" {
		r.Additional = more
	}
	return provider.Edit(provider.Encode(r), top, p.Drop)
}

// offer declares the tools. Where none are offered but earlier calls are told of, the
// vendor still wants their names declared.
func (m *Model) offer(req *patchbay.ModelRequest, list []message) *toolConfig {
	var t toolConfig
	for i := range req.Tools {
		offer := &req.Tools[i]
		l := m.schemas.Lower(offer.Schema)
		t.Tools = append(t.Tools, tool{ToolSpec: &toolSpec{offer.Name, provider.Describe(offer, l.Note), inputSchema{l.Schema}}})
	}
	if len(t.Tools) == 0 {
		declared := map[string]bool{}
		for i := range list {
			for j := range list[i].Content {
				if u := list[i].Content[j].ToolUse; u != nil && !declared[u.Name] {
					declared[u.Name] = true
					t.Tools = append(t.Tools, tool{ToolSpec: &toolSpec{Name: u.Name, InputSchema: inputSchema{json.RawMessage(`{"type":"object","properties":{}}`)}}})
				}
			}
		}
	}
	if len(t.Tools) == 0 {
		return nil
	}
	return &t
}

// mark marks what is worth caching: the tools, the instructions, and the conversation up
// to its last two messages that are not the model's, so that the next request finds what
// this one wrote.
func mark(r *request, model string, f *family) {
	messages, tools := f.caches(model)
	if !messages {
		return
	}
	if tools && r.ToolConfig != nil {
		r.ToolConfig.Tools = append(r.ToolConfig.Tools, tool{CachePoint: here()})
	}
	if len(r.System) > 0 {
		r.System = append(r.System[:1:1], append([]block{{CachePoint: here()}}, r.System[1:]...)...)
	}
	left := 2
	for i := len(r.Messages) - 1; i >= 0 && left > 0; i-- {
		msg := &r.Messages[i]
		// The other family takes a mark after a text only.
		if msg.Role == roleUser && (f.claude || msg.Content[len(msg.Content)-1].Text != nil) {
			msg.Content = append(msg.Content, block{CachePoint: here()})
			left--
		}
	}
}

// args is the input of a call, which must be an object: what the model broke off or wrote
// as something else reads as an empty one, and the result says so.
func args(text string) json.RawMessage {
	raw := bytes.TrimSpace([]byte(text))
	if len(raw) == 0 || raw[0] != '{' || !json.Valid(raw) {
		return json.RawMessage(`{}`)
	}
	return raw
}
