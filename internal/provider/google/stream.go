package google

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

type chunk struct {
	Candidates     []candidate     `json:"candidates"`
	PromptFeedback *promptFeedback `json:"promptFeedback"`
	Usage          *usage          `json:"usageMetadata"`
	ModelVersion   string          `json:"modelVersion"`
	Error          json.RawMessage `json:"error"`
}

type candidate struct {
	Index   int `json:"index"`
	Content *struct {
		Parts []json.RawMessage `json:"parts"`
	} `json:"content"`
	FinishReason  string `json:"finishReason"`
	FinishMessage string `json:"finishMessage"`
}

type promptFeedback struct {
	BlockReason        string `json:"blockReason"`
	BlockReasonMessage string `json:"blockReasonMessage"`
}

type usage struct {
	Prompt     int64 `json:"promptTokenCount"` // includes Cached
	ToolPrompt int64 `json:"toolUsePromptTokenCount"`
	Candidates int64 `json:"candidatesTokenCount"`
	Thoughts   int64 `json:"thoughtsTokenCount"` // beside Candidates
	Cached     int64 `json:"cachedContentTokenCount"`
}

type received struct {
	Text         *string `json:"text"`
	Thought      bool    `json:"thought"`
	Signature    string  `json:"thoughtSignature"`
	FunctionCall *struct {
		ID   string          `json:"id"`
		Name string          `json:"name"`
		Args json.RawMessage `json:"args"`
	} `json:"functionCall"`
	InlineData *struct {
		MIMEType string `json:"mimeType"`
		Data     string `json:"data"`
	} `json:"inlineData"`
}

// Bounds of one answer.
const (
	maxCalls = 128
	maxParts = 1024
)

// decoder reads the chunks of one answer. Each is a whole document; there is no event
// that says that it was the last.
type decoder struct {
	parts   provider.Parts
	asked   string // the model that was asked
	open    int    // the part that more text may be added to; -1: none
	kind    patchbay.PartKind
	begun   int
	calls   int
	finish  string
	message string // of finish
	named   bool
}

func newDecoder(model string, yield func(patchbay.Delta)) *decoder {
	return &decoder{parts: provider.Parts{Yield: yield}, asked: model, open: -1}
}

// Event takes one chunk.
func (d *decoder) Event(_ string, data []byte) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return provider.Malformed("Gemini", err)
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return explain(0, nil, data)
	}
	if c.ModelVersion != "" && !d.named {
		d.named = true
		d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Model: c.ModelVersion})
	}
	if f := c.PromptFeedback; f != nil && f.BlockReason != "" {
		text := f.BlockReasonMessage
		if text == "" {
			text = "the vendor's filter refused the conversation (" + f.BlockReason + ")"
		}
		return &patchbay.ModelError{Kind: patchbay.ModelFiltered, Code: f.BlockReason, Message: text}
	}
	for i := range c.Candidates {
		if c.Candidates[i].Index != 0 {
			continue // one answer was asked for
		}
		if err := d.candidate(&c.Candidates[i]); err != nil {
			return err
		}
	}
	if u := c.Usage; u != nil {
		d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Usage: &patchbay.Usage{
			Input: u.Prompt + u.ToolPrompt, Output: u.Candidates + u.Thoughts, Reasoning: u.Thoughts, CacheRead: u.Cached,
		}})
	}
	return nil
}

// Whole takes an answer that is one document: the chunks in a list, as an address that
// does not know alt=sse sends them, or one.
func (d *decoder) Whole(data []byte) error {
	list := []json.RawMessage{data}
	if strings.HasPrefix(strings.TrimSpace(string(data[:min(len(data), 64)])), "[") {
		list = nil
		if err := json.Unmarshal(data, &list); err != nil {
			return provider.Malformed("Gemini", err)
		}
	}
	for _, c := range list {
		if err := d.Event("", c); err != nil {
			return err
		}
	}
	return d.End()
}

// End accepts a stream in which the model gave its reason to stop.
func (d *decoder) End() error {
	if d.finish == "" {
		return provider.Cut()
	}
	stop := patchbay.StopEnd
	switch d.finish {
	case "MAX_TOKENS":
		stop = patchbay.StopLength
	case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
		stop = patchbay.StopRefusal
	case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE":
		// The vendor threw away what the model wrote. Asked again, it mostly does better.
		text := d.message
		if text == "" {
			text = "the model's answer was unusable (" + d.finish + "): ask again"
		}
		return &patchbay.ModelError{Kind: patchbay.ModelVendor, Code: d.finish, Message: text}
	default:
		if d.calls > 0 {
			stop = patchbay.StopCalls
		}
	}
	d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: stop})
	return nil
}

func (d *decoder) candidate(c *candidate) error {
	if c.FinishReason != "" && c.FinishReason != "FINISH_REASON_UNSPECIFIED" {
		d.finish, d.message = c.FinishReason, c.FinishMessage
	}
	if c.Content == nil {
		return nil
	}
	for _, raw := range c.Content.Parts {
		var p received
		if err := json.Unmarshal(raw, &p); err != nil {
			return provider.Malformed("Gemini", err)
		}
		if d.begun >= maxParts || d.calls >= maxCalls {
			return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model's answer has too many parts"}
		}
		if err := d.part(&p, raw); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) part(p *received, raw json.RawMessage) error {
	switch {
	case p.FunctionCall != nil:
		d.call(p)
	case p.Text != nil && p.Thought:
		d.text(patchbay.PartReasoning, *p.Text, p.Signature)
	case p.Text != nil && p.Signature != "" && strings.TrimSpace(*p.Text) == "":
		// A signature of its own: a part without text that a text would lose.
		d.vendor(raw)
	case p.Text != nil:
		d.text(patchbay.PartText, *p.Text, p.Signature)
	case p.InlineData != nil:
		data, err := base64.StdEncoding.DecodeString(p.InlineData.Data)
		if err != nil {
			return provider.Malformed("Gemini", err)
		}
		kind := patchbay.PartFile
		if strings.HasPrefix(p.InlineData.MIMEType, "image/") {
			kind = patchbay.PartImage
		} else if strings.HasPrefix(p.InlineData.MIMEType, "audio/") {
			kind = patchbay.PartAudio
		}
		d.parts.Yield(patchbay.Delta{
			Part: d.begin(kind), Media: &patchbay.Media{MIMEType: p.InlineData.MIMEType, Data: data}, Signature: p.Signature, Vendor: d.mark(kept{}),
		})
	default:
		d.vendor(raw)
	}
	return nil
}

// begin opens a part that nothing is added to.
func (d *decoder) begin(kind patchbay.PartKind) int {
	d.begun++
	d.open = -1
	return d.parts.Begin(kind)
}

func (d *decoder) mark(k kept) *patchbay.VendorPart {
	return &patchbay.VendorPart{Name: vendorName, Model: d.asked, Data: string(provider.Encode(k))}
}

func (d *decoder) vendor(raw json.RawMessage) {
	d.parts.Yield(patchbay.Delta{Part: d.begin(patchbay.PartVendor), Vendor: &patchbay.VendorPart{Name: vendorName, Model: d.asked, Data: string(raw)}})
}

// text adds to the open part of the kind, or begins one. A piece with a signature is a
// part by itself: merged with others it would not be what was signed.
func (d *decoder) text(kind patchbay.PartKind, text, signature string) {
	if text == "" && signature == "" {
		return
	}
	if signature == "" && d.open >= 0 && d.kind == kind {
		d.parts.Yield(patchbay.Delta{Part: d.open, Text: text})
		return
	}
	n := d.begin(kind)
	delta := patchbay.Delta{Part: n, Text: text, Signature: signature}
	if kind == patchbay.PartReasoning || signature != "" {
		delta.Vendor = d.mark(kept{})
	}
	d.parts.Yield(delta)
	if signature == "" {
		d.open, d.kind = n, kind
	}
}

func (d *decoder) call(p *received) {
	d.calls++
	c := p.FunctionCall
	args := string(c.Args)
	if args == "" || args == "null" {
		args = "{}"
	}
	d.parts.Yield(patchbay.Delta{
		Part: d.begin(patchbay.PartCall), CallID: c.ID, CallName: c.Name, CallArgs: args, Signature: p.Signature, Vendor: d.mark(kept{c.ID}),
	})
}
