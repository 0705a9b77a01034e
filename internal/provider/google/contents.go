package google

import (
	"encoding/base64"
	"encoding/json"

	"patchbay"
	"patchbay/internal/provider"
)

// noSignature stands in for the signature of a call that another model made: Gemini 3
// refuses calls of the current turn without one, and its guide to thought signatures names
// this value for calls it did not make itself.
const noSignature = "skip_thought_signature_validator"

// part is one part of a content. Of the first eight members one is set.
type part struct {
	Text             *string           `json:"text,omitempty"`
	InlineData       *blob             `json:"inlineData,omitempty"`
	FileData         *fileData         `json:"fileData,omitempty"`
	FunctionCall     *functionCall     `json:"functionCall,omitempty"`
	FunctionResponse *functionResponse `json:"functionResponse,omitempty"`
	Thought          bool              `json:"thought,omitempty"`
	ThoughtSignature string            `json:"thoughtSignature,omitempty"`
}

type blob struct {
	MIMEType    string `json:"mimeType"`
	Data        string `json:"data"`
	DisplayName string `json:"displayName,omitempty"`
}

type fileData struct {
	MIMEType string `json:"mimeType,omitempty"`
	FileURI  string `json:"fileUri"`
}

type functionCall struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
}

type functionResponse struct {
	ID       string            `json:"id,omitempty"`
	Name     string            `json:"name"`
	Response map[string]string `json:"response"`
	Parts    []part            `json:"parts,omitempty"`
}

// kept is what VendorPart.Data holds of a part that came with more than we have a place for.
type kept struct {
	ID string `json:"id,omitempty"` // of a call, where the vendor gave it one
}

// contents are the messages in the vendor's form.
func contents(req *patchbay.ModelRequest) []content {
	w := writer{model: req.Model, ids: map[string]string{}, list: []content{}}
	messages := provider.Normal(req.Messages)
	for i := range messages {
		switch msg := &messages[i]; msg.Role {
		case patchbay.FromUser:
			w.user(msg)
		case patchbay.FromModel:
			w.answer(msg)
		case patchbay.FromTools:
			w.results(msg)
		}
	}
	return w.list
}

type writer struct {
	model string
	ids   map[string]string // the vendor's ids of calls, by ours
	list  []content
}

func (w *writer) add(role string, parts []any) {
	if len(parts) > 0 {
		w.list = append(w.list, content{role, parts})
	}
}

func (w *writer) user(msg *patchbay.Message) {
	var parts []any
	for i := range msg.Parts {
		if p, ok := plain(&msg.Parts[i]); ok {
			parts = append(parts, p)
		}
	}
	w.add("user", parts)
}

// plain is a part without what only its vendor understands.
func plain(p *patchbay.Part) (part, bool) {
	switch p.Kind {
	case patchbay.PartText, patchbay.PartRefusal:
		return part{Text: &p.Text}, p.Text != ""
	case patchbay.PartImage, patchbay.PartAudio, patchbay.PartFile:
		return media(p.Media), true
	}
	return part{}, false
}

// media is an image, a sound or a document. What the vendor takes no bytes of is told in
// words.
func media(m *patchbay.Media) part {
	switch {
	case len(m.Data) == 0 && m.URL != "":
		return part{FileData: &fileData{m.MIMEType, m.URL}}
	case takes(m.MIMEType):
		return part{InlineData: &blob{MIMEType: m.MIMEType, Data: base64.StdEncoding.EncodeToString(m.Data)}}
	}
	text := provider.FileText(m)
	return part{Text: &text}
}

// takes reports whether the vendor takes data of a media type, beside text.
func takes(mime string) bool {
	switch mime {
	case "image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", "application/pdf",
		"audio/wav", "audio/x-wav", "audio/mp3", "audio/mpeg", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac":
		return true
	}
	return false
}

// answer is a message of the model's own, each part as it came. What is proof of another
// model's thoughts is left out: it would be refused.
func (w *writer) answer(msg *patchbay.Message) {
	var parts []any
	major, _ := version(w.model)
	strange := major >= 3 // and no call of the message is of this model
	for i := range msg.Parts {
		strange = strange && (msg.Parts[i].Kind != patchbay.PartCall || !w.ours(&msg.Parts[i]))
	}
	for i := range msg.Parts {
		p := &msg.Parts[i]
		ours := w.ours(p)
		signature := ""
		if ours {
			signature = p.Signature
		}
		switch p.Kind {
		case patchbay.PartReasoning:
			if ours && (p.Text != "" || signature != "") {
				parts = append(parts, part{Text: &p.Text, Thought: true, ThoughtSignature: signature})
			}
		case patchbay.PartVendor:
			if ours && json.Valid([]byte(p.Vendor.Data)) {
				parts = append(parts, json.RawMessage(p.Vendor.Data))
			}
		case patchbay.PartCall:
			var k kept
			if ours {
				// Without the vendor's id the call is still the call.
				_ = json.Unmarshal([]byte(p.Vendor.Data), &k)
			}
			w.ids[p.Call.ID] = k.ID
			if strange { // the first of the message carries it for all
				strange, signature = false, noSignature
			}
			parts = append(parts, part{FunctionCall: &functionCall{k.ID, p.Call.Name, args(p.Call.Args)}, ThoughtSignature: signature})
		default:
			if out, ok := plain(p); ok {
				out.ThoughtSignature = signature
				parts = append(parts, out)
			}
		}
	}
	w.add("model", parts)
}

// ours reports whether a part is from the model that is asked: another one cannot read
// its signatures.
func (w *writer) ours(p *patchbay.Part) bool {
	return p.Vendor != nil && p.Vendor.Name == vendorName && p.Vendor.Model == w.model
}
