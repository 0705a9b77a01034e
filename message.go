package patchbay

import "encoding/json"

// MessageRole says who wrote a message.
type MessageRole string

// Roles of messages. Instructions are no message: a request carries them apart.
const (
	FromUser  MessageRole = "user"
	FromModel MessageRole = "model"
	FromTools MessageRole = "tools" // results of the calls of the message before it
)

// Message is one entry of what a model reads and writes. It survives a round trip
// through JSON, and holds all that the vendor that wrote it wants to see again.
type Message struct {
	Role  MessageRole `json:"role"`
	Parts []Part      `json:"parts"`

	// The rest is about messages from a model.
	Model string      `json:"model,omitempty"` // as the vendor named it in its answer
	Stop  StopReason  `json:"stop,omitempty"`
	Usage *Usage      `json:"usage,omitempty"`
	Error *ModelError `json:"error,omitempty"` // why the message ends early
}

// PartKind is what a part of a message is.
type PartKind string

// Kinds of parts.
const (
	PartText      PartKind = "text"
	PartReasoning PartKind = "reasoning" // Text may be empty: the vendor shows a summary, or nothing
	PartRefusal   PartKind = "refusal"   // the model says that it will not answer
	PartImage     PartKind = "image"
	PartAudio     PartKind = "audio"
	PartFile      PartKind = "file"
	PartCall      PartKind = "call"
	PartResult    PartKind = "result"
	PartVendor    PartKind = "vendor" // something only its vendor understands; kept in Vendor
)

// Part is one part of a message. Which fields are filled depends on Kind.
type Part struct {
	Kind   PartKind    `json:"kind"`
	Text   string      `json:"text,omitempty"`   // text, reasoning, refusal
	Media  *Media      `json:"media,omitempty"`  // image, audio, file
	Call   *ToolCall   `json:"call,omitempty"`   // call
	Result *CallResult `json:"result,omitempty"` // result

	// Signature is the vendor's proof that the part is its own (a thinking signature,
	// encrypted reasoning, a thought signature). It goes back as it came.
	Signature string `json:"signature,omitempty"`
	// Vendor is the vendor's own form of the part, where ours does not say everything.
	Vendor *VendorPart `json:"vendor,omitempty"`
}

// VendorPart is JSON text of a vendor, as received. It is a string and not raw JSON so
// that no encoder on the way re-spaces or re-escapes it.
type VendorPart struct {
	Name  string `json:"name"`            // the adapter that understands it: "anthropic", "openai-chat", …
	Model string `json:"model,omitempty"` // the model it is from, where another one would refuse it
	Data  string `json:"data"`
}

// Media is an image, a sound or a file: its bytes, or where they are.
type Media struct {
	MIMEType string `json:"mimeType,omitempty"`
	Name     string `json:"name,omitempty"`
	Data     []byte `json:"data,omitempty"`
	URL      string `json:"url,omitempty"` // the vendor fetches it
	Ref      string `json:"ref,omitempty"` // an attachment of ours; who sends it to a model fills Data
}

// ToolCall is one call that a model asks for.
type ToolCall struct {
	ID string `json:"id"` // unique in its conversation
	// Name is what the model called: the name under which a tool was offered, or
	// whatever it made up.
	Name string `json:"name"`
	// Args are the arguments as the model wrote them. They should be a JSON object; who
	// runs the call looks.
	Args string `json:"args"`
}

// CallResult is what a model is told about one of its calls.
type CallResult struct {
	CallID string `json:"callId"`
	Name   string `json:"name,omitempty"` // of the call; some vendors want it again
	// Raw is an MCP CallToolResult, with every kind of content that MCP has. It may be
	// shorter than what the tool answered: Cut says so.
	Raw     json.RawMessage `json:"raw"`
	IsError bool            `json:"isError,omitempty"`
	Cut     bool            `json:"cut,omitempty"`
}

// StopReason is why a model stopped writing.
type StopReason string

// Stop reasons.
const (
	StopEnd      StopReason = "end"      // it had said everything, or met a stop sequence
	StopCalls    StopReason = "calls"    // it waits for the results of its calls
	StopLength   StopReason = "length"   // its output limit, or the end of its context
	StopRefusal  StopReason = "refusal"  // it refused, or a filter did
	StopPause    StopReason = "pause"    // the vendor wants the same request again to go on
	StopCanceled StopReason = "canceled" // a person stopped it
	StopLimit    StopReason = "limit"    // a limit of the run's, not the model's
	StopError    StopReason = "error"    // Message.Error says what
)

// Usage counts tokens. Input includes what was read from and written to a cache.
type Usage struct {
	Input      int64 `json:"input"`
	Output     int64 `json:"output"` // includes Reasoning
	Reasoning  int64 `json:"reasoning,omitempty"`
	CacheRead  int64 `json:"cacheRead,omitempty"`
	CacheWrite int64 `json:"cacheWrite,omitempty"`
}

// Add returns the sum of two counts.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		Input: u.Input + v.Input, Output: u.Output + v.Output, Reasoning: u.Reasoning + v.Reasoning,
		CacheRead: u.CacheRead + v.CacheRead, CacheWrite: u.CacheWrite + v.CacheWrite,
	}
}

// Total is everything read and written.
func (u Usage) Total() int64 { return u.Input + u.Output }

// Calls returns the calls of a message, in order.
func (m *Message) Calls() []*ToolCall {
	var calls []*ToolCall
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Kind == PartCall && p.Call != nil {
			calls = append(calls, p.Call)
		}
	}
	return calls
}

// Text returns the text parts of a message, joined.
func (m *Message) Text() string {
	var text string
	for i := range m.Parts {
		if m.Parts[i].Kind == PartText {
			text += m.Parts[i].Text
		}
	}
	return text
}

// TextMessage returns a message of one text.
func TextMessage(role MessageRole, text string) Message {
	return Message{Role: role, Parts: []Part{{Kind: PartText, Text: text}}}
}
