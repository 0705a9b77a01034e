package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"strings"

	"patchbay"
	"patchbay/internal/httpkit"
)

// v1Message is one message of a client's conversation.
type v1Message struct {
	Role    string          `json:"role" doc:"system, developer, user, assistant or tool"`
	Content json.RawMessage `json:"content,omitempty" doc:"A text, or a list of parts: text, image_url, input_audio, file"`
	Refusal string          `json:"refusal,omitempty"`
	Calls   []v1Call        `json:"tool_calls,omitempty"`
	CallID  string          `json:"tool_call_id,omitempty"`
}

type v1Call struct {
	Index    *int   `json:"index,omitempty"` // of a chunk
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type v1Part struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Refusal  string `json:"refusal"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
	Audio struct {
		Data   string `json:"data"`
		Format string `json:"format"`
	} `json:"input_audio"`
	File struct {
		Data string `json:"file_data"`
		Name string `json:"filename"`
	} `json:"file"`
}

// v1History is a client's conversation in our form. Instructions are joined, wherever they
// stand; messages of one role in a row become one, since not every vendor takes them.
func v1History(list []v1Message) (instructions string, history []patchbay.Message, err error) {
	var texts []string
	h := v1Reader{open: map[string]string{}}
	for i := range list {
		at := fmt.Sprintf("messages[%d]", i)
		parts, err := v1Parts(at+".content", list[i].Content)
		if err != nil {
			return "", nil, err
		}
		if list[i].Role == "system" || list[i].Role == "developer" {
			m := patchbay.Message{Parts: parts}
			texts = append(texts, m.Text())
			continue
		}
		if err := h.add(at, &list[i], parts); err != nil {
			return "", nil, err
		}
	}
	switch n := len(h.list); {
	case n == 0:
		return "", nil, httpkit.Invalid("messages", "must have one of a user at least")
	case h.list[n-1].Role == patchbay.FromModel:
		return "", nil, httpkit.Invalid("messages", "must end with a user's message, or with a result for each tool call")
	case len(h.open) > 0:
		return "", nil, errOpenCalls("messages")
	}
	return strings.Join(texts, "\n\n"), h.list, nil
}

func errOpenCalls(at string) error {
	return httpkit.Invalid(at, "must have a result (role tool) for each tool call before it")
}

// v1Reader puts messages together.
type v1Reader struct {
	list []patchbay.Message
	open map[string]string // names of calls without results, by id
}

func (h *v1Reader) add(at string, m *v1Message, parts []patchbay.Part) error {
	if m.Role != "tool" && len(h.open) > 0 {
		return errOpenCalls(at)
	}
	switch m.Role {
	case "user":
		if len(parts) == 0 {
			return httpkit.Invalid(at+".content", "must not be empty")
		}
		h.append(patchbay.FromUser, parts)
	case "assistant":
		if m.Refusal != "" {
			parts = append(parts, patchbay.Part{Kind: patchbay.PartRefusal, Text: m.Refusal})
		}
		for i := range m.Calls {
			c := &m.Calls[i]
			if c.ID == "" || c.Function.Name == "" || h.open[c.ID] != "" {
				return httpkit.Invalid(fmt.Sprintf("%s.tool_calls[%d]", at, i), "must have an id of its own and the name of a function")
			}
			h.open[c.ID] = c.Function.Name
			parts = append(parts, patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: c.ID, Name: c.Function.Name, Args: c.Function.Arguments}})
		}
		if len(parts) > 0 { // one that said nothing is left out
			h.append(patchbay.FromModel, parts)
		}
	case "tool":
		name, ok := h.open[m.CallID]
		if !ok {
			return httpkit.Invalid(at+".tool_call_id", "must be a call of the message before that has no result yet")
		}
		delete(h.open, m.CallID)
		raw, err := resultOf(parts)
		if err != nil {
			return err
		}
		h.append(patchbay.FromTools, []patchbay.Part{{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: m.CallID, Name: name, Raw: raw}}})
	default:
		return httpkit.Invalid(at+".role", "must be system, developer, user, assistant or tool")
	}
	return nil
}

func (h *v1Reader) append(role patchbay.MessageRole, parts []patchbay.Part) {
	if n := len(h.list); n > 0 && h.list[n-1].Role == role {
		h.list[n-1].Parts = append(h.list[n-1].Parts, parts...)
		return
	}
	h.list = append(h.list, patchbay.Message{Role: role, Parts: parts})
}

// resultOf is what a client's tool answered, as MCP has it.
func resultOf(parts []patchbay.Part) (json.RawMessage, error) {
	type block struct {
		Type     string `json:"type"`
		Text     string `json:"text,omitempty"`
		MIMEType string `json:"mimeType,omitempty"`
		Data     []byte `json:"data,omitempty"`
	}
	blocks := []block{}
	for i := range parts {
		switch p := &parts[i]; {
		case p.Kind == patchbay.PartText:
			blocks = append(blocks, block{Type: "text", Text: p.Text})
		case p.Kind == patchbay.PartImage && len(p.Media.Data) > 0:
			blocks = append(blocks, block{Type: "image", MIMEType: p.Media.MIMEType, Data: p.Media.Data})
		}
	}
	return json.Marshal(map[string]any{"content": blocks})
}

// v1Parts reads content: nothing, a text, or parts.
func v1Parts(at string, raw json.RawMessage) ([]patchbay.Part, error) {
	if !given(raw) {
		return nil, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text == "" {
			return nil, nil
		}
		return []patchbay.Part{{Kind: patchbay.PartText, Text: text}}, nil
	}
	var list []v1Part
	if json.Unmarshal(raw, &list) != nil {
		return nil, httpkit.Invalid(at, "must be a text or a list of parts")
	}
	var parts []patchbay.Part
	for i := range list {
		p, err := list[i].part(fmt.Sprintf("%s[%d]", at, i))
		if err != nil {
			return nil, err
		}
		if p.Text != "" || p.Media != nil {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

func (p *v1Part) part(at string) (patchbay.Part, error) {
	switch p.Type {
	case "text":
		return patchbay.Part{Kind: patchbay.PartText, Text: p.Text}, nil
	case "refusal":
		return patchbay.Part{Kind: patchbay.PartRefusal, Text: p.Refusal}, nil
	case "image_url":
		if strings.HasPrefix(p.ImageURL.URL, "https://") || strings.HasPrefix(p.ImageURL.URL, "http://") {
			return patchbay.Part{Kind: patchbay.PartImage, Media: &patchbay.Media{URL: p.ImageURL.URL}}, nil // the vendor's to fetch
		}
		media, ok := dataURI(p.ImageURL.URL)
		if !ok || !oneOf(media.MIMEType, "image/png", "image/jpeg", "image/gif", "image/webp") {
			return patchbay.Part{}, httpkit.Invalid(at+".image_url.url", "must be https, or a data URI in base64 of a PNG, JPEG, GIF or WebP")
		}
		return patchbay.Part{Kind: patchbay.PartImage, Media: media}, nil
	case "input_audio":
		data, err := base64.StdEncoding.DecodeString(p.Audio.Data)
		kind := map[string]string{"wav": "audio/wav", "mp3": "audio/mpeg"}[p.Audio.Format]
		if err != nil || kind == "" || len(data) == 0 {
			return patchbay.Part{}, httpkit.Invalid(at+".input_audio", "must be wav or mp3, in base64")
		}
		return patchbay.Part{Kind: patchbay.PartAudio, Media: &patchbay.Media{MIMEType: kind, Data: data}}, nil
	case "file":
		media, ok := dataURI(p.File.Data)
		if !ok || media.MIMEType != "application/pdf" {
			return patchbay.Part{}, httpkit.Invalid(at+".file.file_data", "must be a data URI in base64 of a PDF")
		}
		media.Name = p.File.Name
		return patchbay.Part{Kind: patchbay.PartFile, Media: media}, nil
	}
	return patchbay.Part{}, httpkit.Invalid(at+".type", "must be text, image_url, input_audio or file")
}

func oneOf(s string, list ...string) bool {
	for _, x := range list {
		if s == x {
			return true
		}
	}
	return false
}

// dataURI reads data:TYPE;base64,DATA.
func dataURI(uri string) (*patchbay.Media, bool) {
	head, data, ok := strings.Cut(uri, ";base64,")
	kind, isData := strings.CutPrefix(head, "data:")
	if !ok || !isData {
		return nil, false
	}
	media, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return nil, false
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(raw) == 0 {
		return nil, false
	}
	return &patchbay.Media{MIMEType: media, Data: raw}, true
}
