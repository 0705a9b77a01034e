package bedrock

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// Roles of messages, which must alternate.
const (
	roleUser  = "user"
	roleModel = "assistant"
)

type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

// block is one block of a message, of a result or of the instructions. One member is set.
type block struct {
	Text       *string     `json:"text,omitempty"`
	Image      *media      `json:"image,omitempty"`
	Document   *media      `json:"document,omitempty"`
	ToolUse    *toolUse    `json:"toolUse,omitempty"`
	ToolResult *toolResult `json:"toolResult,omitempty"`
	Reasoning  *reasoning  `json:"reasoningContent,omitempty"`
	CachePoint *cachePoint `json:"cachePoint,omitempty"`
}

type media struct {
	Format string `json:"format"`
	Name   string `json:"name,omitempty"` // of a document
	Source source `json:"source"`
}

type source struct {
	Bytes string `json:"bytes"` // base64
}

type toolUse struct {
	ID    string          `json:"toolUseId"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

type toolResult struct {
	ID      string  `json:"toolUseId"`
	Content []block `json:"content"`
	Status  string  `json:"status,omitempty"` // error
}

type reasoning struct {
	Text     *reasoningText `json:"reasoningText,omitempty"`
	Redacted string         `json:"redactedContent,omitempty"` // base64
}

type reasoningText struct {
	Text      string `json:"text"`
	Signature string `json:"signature,omitempty"`
}

func text(s string) block { return block{Text: &s} }

// writer builds the messages of one request.
type writer struct {
	model     string
	family    *family
	list      []message
	documents int // names of documents may not repeat
}

// messages are the messages in the vendor's form.
func messages(req *patchbay.ModelRequest, f *family) []message {
	w := writer{model: req.Model, family: f, list: []message{}}
	normal := provider.Normal(req.Messages)
	for i := range normal {
		switch msg := &normal[i]; msg.Role {
		case patchbay.FromUser:
			w.parts(roleUser, msg)
		case patchbay.FromModel:
			w.parts(roleModel, msg)
		case patchbay.FromTools:
			w.results(msg)
		}
	}
	return w.list
}

// add appends blocks to the last message when it is of the same role.
func (w *writer) add(role string, blocks []block) {
	if len(blocks) == 0 {
		return
	}
	if n := len(w.list) - 1; n >= 0 && w.list[n].Role == role {
		w.list[n].Content = append(w.list[n].Content, blocks...)
		return
	}
	w.list = append(w.list, message{role, blocks})
}

func (w *writer) parts(role string, msg *patchbay.Message) {
	var blocks []block
	for i := range msg.Parts {
		blocks = append(blocks, w.part(&msg.Parts[i])...)
	}
	w.add(role, blocks)
}

func (w *writer) part(p *patchbay.Part) []block {
	switch p.Kind {
	case patchbay.PartText, patchbay.PartRefusal:
		if p.Text != "" {
			return []block{text(p.Text)}
		}
	case patchbay.PartReasoning:
		return w.reasoning(p)
	case patchbay.PartCall:
		return []block{{ToolUse: &toolUse{p.Call.ID, p.Call.Name, args(p.Call.Args)}}}
	case patchbay.PartImage, patchbay.PartAudio, patchbay.PartFile:
		return w.media(p.Media)
	}
	return nil
}

// reasoning goes back as it came, but only to the model it is from, and only signed: what
// broke off, or has no proof, would be refused.
func (w *writer) reasoning(p *patchbay.Part) []block {
	if p.Vendor == nil || p.Vendor.Name != vendorName || p.Vendor.Model != w.model || p.Signature == "" {
		return nil
	}
	if p.Vendor.Data == redacted {
		return []block{{Reasoning: &reasoning{Redacted: p.Signature}}}
	}
	return []block{{Reasoning: &reasoning{Text: &reasoningText{p.Text, p.Signature}}}}
}

// media is an image or a document with its bytes: the format takes no addresses, and no
// sounds.
func (w *writer) media(m *patchbay.Media) []block {
	switch {
	case len(m.Data) == 0 && m.URL != "":
		return []block{text("[a file at " + m.URL + ": this model cannot be shown addresses]")}
	case m.MIMEType == "application/pdf" && len(m.Data) > 0:
		return w.document(m.Name, base64.StdEncoding.EncodeToString(m.Data))
	case imageFormat(m.MIMEType) != "" && len(m.Data) > 0:
		return []block{{Image: &media{Format: imageFormat(m.MIMEType), Source: source{base64.StdEncoding.EncodeToString(m.Data)}}}}
	}
	return []block{text(provider.FileText(m))}
}

// document is a PDF. Its message must hold a text, which says its name; the name that the
// format asks for may hold little, and only once.
func (w *writer) document(name, data string) []block {
	w.documents++
	if name == "" {
		name = "document"
	}
	return []block{
		text("The file " + name + ":"),
		{Document: &media{Format: "pdf", Name: "document " + strconv.Itoa(w.documents), Source: source{data}}},
	}
}

func imageFormat(mime string) string {
	switch mime {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return strings.TrimPrefix(mime, "image/")
	}
	return ""
}
