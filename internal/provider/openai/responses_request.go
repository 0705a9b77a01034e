package openai

import (
	"encoding/json"

	sdk "github.com/sashabaranov/go-openai"

	"patchbay"
	"patchbay/internal/provider"
)

// responsesVendor marks vendor parts that only Responses understand.
const responsesVendor = "openai-responses"

// responsesCall is a call in the input. The SDK has a type for its result only.
type responsesCall struct {
	Type      string `json:"type"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// responsesText is a text of the model's in the input.
type responsesText struct {
	Type    string `json:"type"` // output_text, refusal
	Text    string `json:"text,omitempty"`
	Refusal string `json:"refusal,omitempty"`
}

// responsesKept is what the first part of an output message keeps of it.
type responsesKept struct {
	Phase string `json:"phase,omitempty"`
}

func (m *Model) responsesBody(req *patchbay.ModelRequest) json.RawMessage {
	p := &req.Params
	no := false
	r := sdk.CreateResponseRequest{
		Model: req.Model, Instructions: req.Instructions, MaxOutputTokens: p.MaxTokens,
		Temperature: narrow(p.Temperature), TopP: narrow(p.TopP), Stream: true,
		// Nothing is kept at the vendor: the conversation is ours, and its reasoning travels
		// with it, encrypted.
		Store: &no, Include: []sdk.ResponseInclude{sdk.ResponseIncludeReasoningEncryptedContent},
	}
	if reasons(req.Model) || p.Effort != "" {
		r.Reasoning = &sdk.ResponseReasoning{Effort: p.Effort, Summary: "auto"}
	}
	for i := range req.Tools {
		description, schema := m.tool(&req.Tools[i])
		parameters := map[string]any{"name": req.Tools[i].Name, "parameters": schema, "strict": false} // strict is the default here, and refuses most schemas
		if description != "" {
			parameters["description"] = description
		}
		r.Tools = append(r.Tools, sdk.Tool{Type: sdk.ToolTypeFunction, Parameters: parameters})
	}
	if len(r.Tools) > 0 {
		if p.NoParallelCalls {
			r.ParallelToolCalls = &no
		}
		if p.NoCalls {
			r.ToolChoice = "none"
		}
	}
	input := []any{}
	messages := provider.Normal(req.Messages)
	for i := range messages {
		switch msg := &messages[i]; msg.Role {
		case patchbay.FromUser:
			input = append(input, sdk.ResponseInputMessage{Type: "message", Role: "user", Content: responsesParts(msg.Parts)})
		case patchbay.FromModel:
			input = append(input, responsesAnswer(msg, req.Model)...)
		case patchbay.FromTools:
			for j := range msg.Parts {
				input = append(input, responsesResult(msg.Parts[j].Result))
			}
		}
	}
	r.Input = input
	return provider.Encode(r)
}

func narrow(f *float64) *float32 {
	if f == nil {
		return nil
	}
	n := float32(*f)
	return &n
}

func responsesParts(parts []patchbay.Part) []any {
	list := make([]any, 0, len(parts))
	for i := range parts {
		switch p := &parts[i]; p.Kind {
		case patchbay.PartText:
			list = append(list, sdk.ResponseInputText{Type: "input_text", Text: p.Text})
		case patchbay.PartImage:
			list = append(list, sdk.ResponseInputImage{Type: "input_image", Detail: "auto", ImageURL: provider.DataURL(p.Media)})
		case patchbay.PartFile:
			if provider.Textual(p.Media.MIMEType) {
				list = append(list, sdk.ResponseInputText{Type: "input_text", Text: provider.FileText(p.Media)})
			} else if len(p.Media.Data) == 0 {
				list = append(list, sdk.ResponseInputFile{Type: "input_file", FileURL: p.Media.URL})
			} else {
				list = append(list, sdk.ResponseInputFile{Type: "input_file", Filename: fileName(p.Media.Name), FileData: provider.DataURL(p.Media)})
			}
		case patchbay.PartAudio:
			list = append(list, sdk.ResponseInputText{Type: "input_text", Text: provider.FileText(p.Media)})
		}
	}
	return list
}

// responsesAnswer gives the model its own items back. Reasoning goes back as it came,
// but only to the model it is from: another one cannot decrypt it.
func responsesAnswer(msg *patchbay.Message, model string) []any {
	var items []any
	for i := range msg.Parts {
		p := &msg.Parts[i]
		ours := p.Vendor != nil && p.Vendor.Name == responsesVendor
		switch p.Kind {
		case patchbay.PartReasoning, patchbay.PartVendor:
			if ours && p.Vendor.Model == model && json.Valid([]byte(p.Vendor.Data)) {
				items = append(items, json.RawMessage(p.Vendor.Data))
			}
		case patchbay.PartText:
			var kept responsesKept
			if ours {
				// Without its phase the text is still the text.
				_ = json.Unmarshal([]byte(p.Vendor.Data), &kept)
			}
			items = append(items, sdk.ResponseInputMessage{
				Type: "message", Role: "assistant", Phase: kept.Phase, Content: []responsesText{{Type: "output_text", Text: p.Text}},
			})
		case patchbay.PartRefusal:
			items = append(items, sdk.ResponseInputMessage{Type: "message", Role: "assistant", Content: []responsesText{{Type: "refusal", Refusal: p.Text}}})
		case patchbay.PartCall:
			items = append(items, responsesCall{"function_call", p.Call.ID, p.Call.Name, argsText(p.Call.Args)})
		}
	}
	return items
}

// responsesResult is the result of a call, with its images and documents.
func responsesResult(r *patchbay.CallResult) sdk.ResponseFunctionCallOutput {
	content := provider.ContentOf(r.Raw)
	out := sdk.ResponseFunctionCallOutput{Type: "function_call_output", CallID: r.CallID}
	prefix := ""
	if r.IsError {
		prefix = "Error: "
	}
	text := provider.TextOf(content)
	var list []any
	if text != "" || prefix != "" {
		list = append(list, sdk.ResponseInputText{Type: "input_text", Text: prefix + text})
	}
	plain := true
	for i := range content {
		switch c := &content[i]; {
		case c.Data == "":
			continue
		case c.IsImage():
			list = append(list, sdk.ResponseInputImage{Type: "input_image", Detail: "auto", ImageURL: "data:" + c.MIMEType + ";base64," + c.Data})
		default:
			list = append(list, sdk.ResponseInputFile{Type: "input_file", Filename: fileName(c.Name), FileData: "data:" + c.MIMEType + ";base64," + c.Data})
		}
		plain = false
	}
	out.Output = any(list)
	if plain {
		out.Output = prefix + text
	}
	return out
}
