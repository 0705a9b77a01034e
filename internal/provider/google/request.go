package google

import (
	"bytes"
	"encoding/json"

	"patchbay"
	"patchbay/internal/provider"
)

// vendorName marks vendor parts that only this package understands.
const vendorName = "google"

// oneCall is said where one call at a time is wanted: the vendor has no setting for it.
const oneCall = "Call at most one tool at a time, and wait for its result."

type request struct {
	Contents          []content       `json:"contents"`
	SystemInstruction *content        `json:"systemInstruction,omitempty"`
	Tools             []tools         `json:"tools,omitempty"`
	ToolConfig        json.RawMessage `json:"toolConfig,omitempty"`
	GenerationConfig  json.RawMessage `json:"generationConfig,omitempty"`
}

type content struct {
	Role  string `json:"role,omitempty"` // user, model
	Parts []any  `json:"parts"`          // part, or JSON of a part as received
}

type tools struct {
	FunctionDeclarations []declaration `json:"functionDeclarations"`
}

type declaration struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parametersJsonSchema"`
}

type generationConfig struct {
	MaxOutputTokens int             `json:"maxOutputTokens,omitempty"`
	Temperature     *float64        `json:"temperature,omitempty"`
	TopP            *float64        `json:"topP,omitempty"`
	StopSequences   []string        `json:"stopSequences,omitempty"`
	ThinkingConfig  *thinkingConfig `json:"thinkingConfig,omitempty"`
}

// ownMembers are the members of a request itself; everything else that is added or
// dropped (top_k, responseMimeType) is a member of its generationConfig.
var ownMembers = map[string]bool{
	"contents": true, "systemInstruction": true, "tools": true, "toolConfig": true, "generationConfig": true,
	"safetySettings": true, "cachedContent": true, "labels": true, "store": true, "serviceTier": true,
}

// requestBody is a request in the vendor's format, with what is added and dropped.
func (m *Model) requestBody(req *patchbay.ModelRequest) (json.RawMessage, error) {
	p := &req.Params
	r := request{Contents: contents(req)}
	instructions := req.Instructions
	if p.NoParallelCalls && len(req.Tools) > 0 {
		if instructions != "" {
			instructions += "\n\n"
		}
		instructions += oneCall
	}
	if instructions != "" {
		r.SystemInstruction = &content{Parts: []any{part{Text: &instructions}}}
	}
	if len(req.Tools) > 0 {
		var t tools
		for i := range req.Tools {
			offer := &req.Tools[i]
			l := m.schemas.Lower(offer.Schema)
			t.FunctionDeclarations = append(t.FunctionDeclarations, declaration{offer.Name, provider.Describe(offer, l.Note), l.Schema})
		}
		r.Tools = []tools{t}
		if p.NoCalls {
			r.ToolConfig = json.RawMessage(`{"functionCallingConfig":{"mode":"NONE"}}`)
		}
	}
	config := provider.Encode(generationConfig{
		MaxOutputTokens: p.MaxTokens, Temperature: p.Temperature, TopP: p.TopP, StopSequences: p.StopAt, ThinkingConfig: think(req.Model, p),
	})
	top, inner := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for name, raw := range p.Add {
		if ownMembers[name] {
			top[name] = raw
		} else {
			inner[name] = raw
		}
	}
	config, err := provider.Edit(config, inner, p.Drop)
	if err != nil {
		return nil, err
	}
	if string(config) != "{}" {
		r.GenerationConfig = config
	}
	return provider.Edit(provider.Encode(r), top, p.Drop)
}

// args are the arguments of a call, which must be an object: what the model broke off or
// wrote as something else reads as an empty one, and the result says so.
func args(text string) json.RawMessage {
	raw := bytes.TrimSpace([]byte(text))
	if len(raw) == 0 || raw[0] != '{' || !json.Valid(raw) {
		return json.RawMessage(`{}`)
	}
	return raw
}
