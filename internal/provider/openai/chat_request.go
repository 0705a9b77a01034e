package openai

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// chatVendor marks vendor parts that only Chat Completions understands.
const chatVendor = "openai-chat"

type chatRequest struct {
	Model               string          `json:"model"`
	Messages            []chatMessage   `json:"messages"`
	Tools               []chatTool      `json:"tools,omitempty"`
	ToolChoice          string          `json:"tool_choice,omitempty"`
	ParallelToolCalls   *bool           `json:"parallel_tool_calls,omitempty"`
	MaxTokens           int             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
	TopP                *float64        `json:"top_p,omitempty"`
	Stop                []string        `json:"stop,omitempty"`
	ReasoningEffort     string          `json:"reasoning_effort,omitempty"`
	Stream              bool            `json:"stream"`
	StreamOptions       json.RawMessage `json:"stream_options,omitempty"`
}

type chatMessage struct {
	Role             string          `json:"role"`
	Content          any             `json:"content"` // string, []chatPart or null
	Refusal          string          `json:"refusal,omitempty"`
	Reasoning        string          `json:"reasoning,omitempty"`
	ReasoningContent string          `json:"reasoning_content,omitempty"`
	ReasoningDetails json.RawMessage `json:"reasoning_details,omitempty"`
	ToolCalls        []chatCall      `json:"tool_calls,omitempty"`
	ToolCallID       string          `json:"tool_call_id,omitempty"`
}

type chatPart struct {
	Type       string     `json:"type"`
	Text       string     `json:"text,omitempty"`
	ImageURL   *chatURL   `json:"image_url,omitempty"`
	InputAudio *chatAudio `json:"input_audio,omitempty"`
	File       *chatFile  `json:"file,omitempty"`
}

type chatURL struct {
	URL string `json:"url"`
}

type chatAudio struct {
	Data   string `json:"data"`
	Format string `json:"format"`
}

type chatFile struct {
	Filename string `json:"filename"`
	FileData string `json:"file_data"`
}

type chatCall struct {
	ID           string          `json:"id"`
	Type         string          `json:"type"`
	Function     chatFunction    `json:"function"`
	ExtraContent json.RawMessage `json:"extra_content,omitempty"`
}

type chatFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type chatTool struct {
	Type     string           `json:"type"`
	Function chatToolFunction `json:"function"`
}

type chatToolFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"`
}

// chatKept is what a reasoning or call part keeps of its message in VendorPart.Data.
type chatKept struct {
	Field   string          `json:"field,omitempty"` // that the text of reasoning came in
	Details json.RawMessage `json:"reasoning_details,omitempty"`
	Extra   json.RawMessage `json:"extra_content,omitempty"` // of a call
}

func (m *Model) chatBody(req *patchbay.ModelRequest) json.RawMessage {
	p := &req.Params
	r := chatRequest{
		Model: req.Model, Temperature: p.Temperature, TopP: p.TopP, Stop: p.StopAt, ReasoningEffort: p.Effort,
		Stream: true, StreamOptions: json.RawMessage(`{"include_usage":true}`),
	}
	if m.o.Compatible {
		r.MaxTokens = p.MaxTokens
	} else {
		r.MaxCompletionTokens = p.MaxTokens
	}
	for i := range req.Tools {
		description, schema := m.tool(&req.Tools[i])
		r.Tools = append(r.Tools, chatTool{"function", chatToolFunction{req.Tools[i].Name, description, schema}})
	}
	if len(r.Tools) > 0 {
		if p.NoParallelCalls {
			r.ParallelToolCalls = new(bool)
		}
		if p.NoCalls {
			r.ToolChoice = "none"
		}
	}
	if req.Instructions != "" {
		r.Messages = append(r.Messages, chatMessage{Role: "system", Content: req.Instructions})
	}
	messages := provider.Normal(req.Messages)
	turn := lastTurn(messages)
	for i := range messages {
		switch msg := &messages[i]; msg.Role {
		case patchbay.FromUser:
			r.Messages = append(r.Messages, chatMessage{Role: "user", Content: m.chatParts(msg.Parts)})
		case patchbay.FromModel:
			r.Messages = append(r.Messages, chatAnswer(msg, i > turn))
		case patchbay.FromTools:
			r.Messages = append(r.Messages, m.chatResults(msg)...)
		}
	}
	return provider.Encode(r)
}

// lastTurn is where the last message of the user stands.
func lastTurn(messages []patchbay.Message) int {
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Role == patchbay.FromUser {
			return i
		}
	}
	return -1
}

// chatParts is a string for one text, which every endpoint takes, else a list.
func (m *Model) chatParts(parts []patchbay.Part) any {
	if len(parts) == 1 && parts[0].Kind == patchbay.PartText {
		return parts[0].Text
	}
	list := make([]chatPart, 0, len(parts))
	for i := range parts {
		if p, ok := m.chatPart(&parts[i]); ok {
			list = append(list, p)
		}
	}
	return list
}

func (m *Model) chatPart(p *patchbay.Part) (chatPart, bool) {
	switch p.Kind {
	case patchbay.PartText:
		return chatPart{Type: "text", Text: p.Text}, true
	case patchbay.PartImage:
		return chatPart{Type: "image_url", ImageURL: &chatURL{provider.DataURL(p.Media)}}, true
	case patchbay.PartAudio:
		format := "wav"
		if strings.Contains(p.Media.MIMEType, "mp") {
			format = "mp3"
		}
		return chatPart{Type: "input_audio", InputAudio: &chatAudio{base64.StdEncoding.EncodeToString(p.Media.Data), format}}, true
	case patchbay.PartFile:
		if m.o.Compatible || provider.Textual(p.Media.MIMEType) {
			return chatPart{Type: "text", Text: provider.FileText(p.Media)}, true
		}
		return chatPart{Type: "file", File: &chatFile{fileName(p.Media.Name), provider.DataURL(p.Media)}}, true
	}
	return chatPart{}, false
}

func fileName(name string) string {
	if name == "" {
		return "file"
	}
	return name
}

// chatAnswer is a message of the model's own. Its reasoning goes back in the field it
// came in, but only within the turn: between turns, endpoints ignore or refuse it.
// reasoning_details go back always, as their documentation asks.
func chatAnswer(msg *patchbay.Message, thisTurn bool) chatMessage {
	out := chatMessage{Role: "assistant"}
	var text strings.Builder
	for i := range msg.Parts {
		p := &msg.Parts[i]
		kept := keptOf(p)
		switch p.Kind {
		case patchbay.PartText:
			text.WriteString(p.Text)
		case patchbay.PartRefusal:
			out.Refusal += p.Text
		case patchbay.PartReasoning:
			if len(kept.Details) > 0 {
				out.ReasoningDetails = kept.Details
			} else if thisTurn && kept.Field == "reasoning" {
				out.Reasoning += p.Text
			} else if thisTurn && kept.Field == "reasoning_content" {
				out.ReasoningContent += p.Text
			}
		case patchbay.PartCall:
			out.ToolCalls = append(out.ToolCalls, chatCall{
				ID: p.Call.ID, Type: "function", Function: chatFunction{p.Call.Name, argsText(p.Call.Args)}, ExtraContent: kept.Extra,
			})
		}
	}
	if text.Len() > 0 || len(out.ToolCalls) == 0 {
		out.Content = text.String()
	}
	return out
}

// argsText is what goes back as the arguments: endpoints parse them, so what the model
// broke off reads as an empty object. The result says what was wrong with it.
func argsText(args string) string {
	if !json.Valid([]byte(args)) {
		return "{}"
	}
	return args
}

func keptOf(p *patchbay.Part) (kept chatKept) {
	if p.Vendor != nil && p.Vendor.Name == chatVendor {
		// Nothing is kept of what cannot be read.
		_ = json.Unmarshal([]byte(p.Vendor.Data), &kept)
	}
	return kept
}

// chatResults are the results of a step: one message each, and after them one of the
// user's with the images, since a result takes text only.
func (m *Model) chatResults(msg *patchbay.Message) []chatMessage {
	var out []chatMessage
	var media []chatPart
	for i := range msg.Parts {
		r := msg.Parts[i].Result
		content := provider.ContentOf(r.Raw)
		text := provider.TextOf(content)
		first := true
		for j := range content {
			c := &content[j]
			if c.Data == "" {
				continue
			}
			var part chatPart
			switch {
			case c.IsImage():
				part = chatPart{Type: "image_url", ImageURL: &chatURL{"data:" + c.MIMEType + ";base64," + c.Data}}
			case m.o.Compatible:
				text = joined(text, "[a file, "+c.MIMEType+": this model cannot be shown it]")
				continue
			default:
				part = chatPart{Type: "file", File: &chatFile{fileName(c.Name), "data:" + c.MIMEType + ";base64," + c.Data}}
			}
			if first {
				media = append(media, chatPart{Type: "text", Text: "From the result of the call " + r.CallID + " of " + r.Name + ":"})
				first = false
			}
			media = append(media, part)
		}
		if !first {
			text = joined(text, "(The images or files of this result follow in the next message.)")
		}
		if r.IsError {
			text = "Error: " + text
		}
		out = append(out, chatMessage{Role: "tool", ToolCallID: r.CallID, Content: text})
	}
	if len(media) > 0 {
		out = append(out, chatMessage{Role: "user", Content: media})
	}
	return out
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n\n" + b
}
