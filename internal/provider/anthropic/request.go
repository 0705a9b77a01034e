package anthropic

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"patchbay"
	"patchbay/internal/provider"
)

// vendorName marks vendor parts that only this package understands.
const vendorName = "anthropic"

func zeroFloat() (none param.Opt[float64]) { return none }

// requestBody is a request in the vendor's format.
func (m *Model) requestBody(req *patchbay.ModelRequest) (json.RawMessage, error) {
	p := &req.Params
	r := sdk.MessageNewParams{Model: req.Model, MaxTokens: provider.ClaudeMaxTokens(req.Model), StopSequences: p.StopAt}
	if p.MaxTokens > 0 {
		r.MaxTokens = int64(p.MaxTokens)
	}
	if p.Temperature != nil {
		r.Temperature = param.NewOpt(*p.Temperature)
	}
	if p.TopP != nil {
		r.TopP = param.NewOpt(*p.TopP)
	}
	think(&r, p)
	if req.Instructions != "" {
		r.System = []sdk.TextBlockParam{{Text: req.Instructions}}
	}
	messages := provider.Normal(req.Messages)
	for i := range messages {
		if p, ok := message(&messages[i]); ok {
			r.Messages = append(r.Messages, p)
		}
	}
	tools := m.offer(&r, req, messages)
	if !p.NoCache {
		breakpoints(&r)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	// The tools are put in as text: the SDK takes 80 µs for each, every turn.
	body = append(body[:len(body)-1], `,"stream":true`...)
	if len(tools) > 0 {
		if !p.NoCache {
			tools[len(tools)-1].CacheControl = json.RawMessage(`{"type":"ephemeral"}`)
		}
		body = append(append(body, `,"tools":`...), encodeTools(tools)...)
	}
	return append(body, '}'), nil
}

type tool struct {
	Name         string
	Description  string
	Schema       json.RawMessage
	CacheControl json.RawMessage
}

// encodeTools writes the list of tools. The schemas are JSON already.
func encodeTools(tools []tool) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range tools {
		t := &tools[i]
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"name":`)
		b.Write(provider.Encode(t.Name))
		if t.Description != "" {
			b.WriteString(`,"description":`)
			b.Write(provider.Encode(t.Description))
		}
		b.WriteString(`,"input_schema":`)
		b.Write(t.Schema)
		if t.CacheControl != nil {
			b.WriteString(`,"cache_control":`)
			b.Write(t.CacheControl)
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes()
}

// offer declares the tools and sets whether they may be called. Where none are offered
// but earlier calls are told of, the vendor still wants their names declared.
func (m *Model) offer(r *sdk.MessageNewParams, req *patchbay.ModelRequest, messages []patchbay.Message) []tool {
	tools := make([]tool, 0, len(req.Tools))
	for i := range req.Tools {
		t := &req.Tools[i]
		l := m.schemas.Lower(t.Schema)
		tools = append(tools, tool{Name: t.Name, Description: provider.Describe(t, l.Note), Schema: l.Schema})
	}
	none := req.Params.NoCalls
	if len(tools) == 0 {
		none = true
		declared := map[string]bool{}
		for i := range messages {
			for _, call := range messages[i].Calls() {
				if !declared[call.Name] {
					declared[call.Name] = true
					tools = append(tools, tool{Name: call.Name, Schema: json.RawMessage(`{"type":"object","properties":{}}`)})
				}
			}
		}
	}
	switch {
	case len(tools) == 0:
	case none:
		r.ToolChoice = sdk.ToolChoiceUnionParam{OfNone: &sdk.ToolChoiceNoneParam{}}
	case req.Params.NoParallelCalls:
		r.ToolChoice = sdk.ToolChoiceUnionParam{OfAuto: &sdk.ToolChoiceAutoParam{DisableParallelToolUse: param.NewOpt(true)}}
	}
	return tools
}

// propertyName reports whether the vendor takes a property of this name.
func propertyName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// breakpoints mark what is worth caching beside the tools: the instructions, and the
// conversation up to the last two messages that are not the model's, so that the next
// request finds what this one wrote.
func breakpoints(r *sdk.MessageNewParams) {
	ephemeral := sdk.NewCacheControlEphemeralParam()
	if n := len(r.System); n > 0 {
		r.System[n-1].CacheControl = ephemeral
	}
	left := 2
	for i := len(r.Messages) - 1; i >= 0 && left > 0; i-- {
		if m := &r.Messages[i]; m.Role == sdk.MessageParamRoleUser && mark(&m.Content[len(m.Content)-1], ephemeral) {
			left--
		}
	}
}

func mark(b *sdk.ContentBlockParamUnion, c sdk.CacheControlEphemeralParam) bool {
	switch {
	case b.OfText != nil:
		b.OfText.CacheControl = c
	case b.OfImage != nil:
		b.OfImage.CacheControl = c
	case b.OfDocument != nil:
		b.OfDocument.CacheControl = c
	case b.OfToolResult != nil:
		b.OfToolResult.CacheControl = c
	default:
		return false
	}
	return true
}

func message(m *patchbay.Message) (sdk.MessageParam, bool) {
	out := sdk.MessageParam{Role: sdk.MessageParamRoleUser}
	if m.Role == patchbay.FromModel {
		out.Role = sdk.MessageParamRoleAssistant
	}
	var after []sdk.ContentBlockParamUnion
	for i := range m.Parts {
		if r := m.Parts[i].Result; r != nil {
			b, rest := result(r)
			out.Content, after = append(out.Content, b), append(after, rest...)
		} else if b, ok := block(&m.Parts[i]); ok {
			out.Content = append(out.Content, b)
		}
	}
	out.Content = append(out.Content, after...)
	return out, len(out.Content) > 0
}

// block is a part in the vendor's form. Reasoning of other vendors, and thinking that
// broke off before its signature, is left out: it would be refused.
func block(p *patchbay.Part) (sdk.ContentBlockParamUnion, bool) {
	ours := p.Vendor != nil && p.Vendor.Name == vendorName
	switch p.Kind {
	case patchbay.PartText, patchbay.PartRefusal:
		if ours && json.Valid([]byte(p.Vendor.Data)) {
			return param.Override[sdk.ContentBlockParamUnion](withText(p)), true
		}
		return sdk.NewTextBlock(p.Text), p.Text != ""
	case patchbay.PartReasoning:
		if !ours || p.Signature == "" {
			return sdk.ContentBlockParamUnion{}, false
		}
		if p.Vendor.Data == redacted {
			return sdk.NewRedactedThinkingBlock(p.Signature), true
		}
		return sdk.NewThinkingBlock(p.Signature, p.Text), true
	case patchbay.PartVendor:
		if !ours || !json.Valid([]byte(p.Vendor.Data)) {
			return sdk.ContentBlockParamUnion{}, false
		}
		return param.Override[sdk.ContentBlockParamUnion](json.RawMessage(p.Vendor.Data)), true
	case patchbay.PartImage:
		if len(p.Media.Data) == 0 {
			return sdk.NewImageBlock(sdk.URLImageSourceParam{URL: p.Media.URL}), true
		}
		return sdk.NewImageBlockBase64(p.Media.MIMEType, base64.StdEncoding.EncodeToString(p.Media.Data)), true
	case patchbay.PartFile:
		return file(p.Media), true
	case patchbay.PartAudio:
		return sdk.NewTextBlock(provider.FileText(p.Media)), true
	case patchbay.PartCall:
		return sdk.NewToolUseBlock(p.Call.ID, args(p.Call.Args), p.Call.Name), true
	}
	return sdk.ContentBlockParamUnion{}, false
}

// withText is a text block with what was kept of it (citations).
func withText(p *patchbay.Part) json.RawMessage {
	body, err := provider.Edit(json.RawMessage(p.Vendor.Data), map[string]json.RawMessage{
		"type": json.RawMessage(`"text"`), "text": provider.Encode(p.Text),
	}, nil)
	if err != nil {
		return provider.Encode(map[string]string{"type": "text", "text": p.Text})
	}
	return body
}

func file(m *patchbay.Media) sdk.ContentBlockParamUnion {
	switch {
	case m.MIMEType != "application/pdf":
		return sdk.NewTextBlock(provider.FileText(m))
	case len(m.Data) == 0:
		return sdk.NewDocumentBlock(sdk.URLPDFSourceParam{URL: m.URL})
	}
	b := sdk.NewDocumentBlock(sdk.Base64PDFSourceParam{Data: base64.StdEncoding.EncodeToString(m.Data)})
	if m.Name != "" {
		b.OfDocument.Title = param.NewOpt(m.Name)
	}
	return b
}

// args is the input of a call, which must be an object: what the model broke off or
// wrote as something else reads as an empty one, and the result says so.
func args(text string) json.RawMessage {
	raw := bytes.TrimSpace([]byte(text))
	if len(raw) == 0 || raw[0] != '{' || !json.Valid(raw) {
		return json.RawMessage(`{}`)
	}
	return raw
}

// result is a tool's answer, with its images and documents. One that failed may hold
// text only, so its images follow after all results.
func result(r *patchbay.CallResult) (sdk.ContentBlockParamUnion, []sdk.ContentBlockParamUnion) {
	b := &sdk.ToolResultBlockParam{ToolUseID: r.CallID}
	if r.IsError {
		b.IsError = param.NewOpt(true)
	}
	text := func(s string) {
		b.Content = append(b.Content, sdk.ToolResultBlockParamContentUnion{OfText: &sdk.TextBlockParam{Text: s}})
	}
	var after []sdk.ContentBlockParamUnion
	content := provider.ContentOf(r.Raw)
	for i := range content {
		c := &content[i]
		switch {
		case c.Data == "":
			if c.Text != "" {
				text(c.Text)
			}
		case r.IsError:
			text("(More of this result, " + c.MIMEType + ", follows after the results.)")
			after = append(after, media(c))
		case c.IsImage():
			b.Content = append(b.Content, sdk.ToolResultBlockParamContentUnion{OfImage: media(c).OfImage})
		default:
			b.Content = append(b.Content, sdk.ToolResultBlockParamContentUnion{OfDocument: media(c).OfDocument})
		}
	}
	return sdk.ContentBlockParamUnion{OfToolResult: b}, after
}

func media(c *provider.Content) sdk.ContentBlockParamUnion {
	if c.IsImage() {
		return sdk.NewImageBlockBase64(c.MIMEType, c.Data)
	}
	return sdk.NewDocumentBlock(sdk.Base64PDFSourceParam{Data: c.Data})
}
