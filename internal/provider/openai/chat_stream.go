package openai

import (
	"bytes"
	"encoding/json"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

type chatChunk struct {
	Model   string          `json:"model"`
	Choices []chatChoice    `json:"choices"`
	Usage   *chatUsage      `json:"usage"`
	Error   json.RawMessage `json:"error"`
}

type chatChoice struct {
	Index        int        `json:"index"`
	Delta        *chatDelta `json:"delta"`
	Message      *chatDelta `json:"message"` // of an answer that is one document
	FinishReason string     `json:"finish_reason"`
}

type chatDelta struct {
	Content          json.RawMessage   `json:"content"` // a string; of some vendors a list of parts
	Refusal          string            `json:"refusal"`
	Reasoning        string            `json:"reasoning"`
	ReasoningContent string            `json:"reasoning_content"`
	ReasoningDetails []json.RawMessage `json:"reasoning_details"`
	ToolCalls        []chatCallDelta   `json:"tool_calls"`
}

type chatCallDelta struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"` // a string; of some servers an object
	} `json:"function"`
	ExtraContent json.RawMessage `json:"extra_content"`
}

type chatUsage struct {
	PromptTokens        int64 `json:"prompt_tokens"`
	CompletionTokens    int64 `json:"completion_tokens"`
	PromptCacheHit      int64 `json:"prompt_cache_hit_tokens"` // DeepSeek's name
	PromptTokensDetails struct {
		CachedTokens     int64 `json:"cached_tokens"`
		CacheWriteTokens int64 `json:"cache_write_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionTokensDetails struct {
		ReasoningTokens int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// chatDecoder reads chat.completion.chunk events.
type chatDecoder struct {
	parts     provider.Parts
	calls     []*callState
	reasoning []int  // its parts
	field     string // that its text came in
	details   details
	finish    string
	model     string
}

// callState is one call that is being written.
type callState struct {
	part  int
	index int
	id    string
	named bool
}

// maxCalls bounds the calls of one answer.
const maxCalls = 128

func newChatDecoder(yield func(patchbay.Delta)) *chatDecoder {
	return &chatDecoder{parts: provider.Parts{Yield: yield}}
}

// Event takes one chunk.
func (d *chatDecoder) Event(name string, data []byte) error {
	if string(bytes.TrimSpace(data)) == "[DONE]" {
		d.close()
		return provider.ErrDone
	}
	var c chatChunk
	if err := json.Unmarshal(data, &c); err != nil {
		return provider.Malformed("Chat Completions", err)
	}
	if name == "error" || len(c.Error) > 0 && string(c.Error) != "null" {
		return provider.ErrorOf(0, data)
	}
	return d.chunk(&c)
}

// Whole takes an answer that is one document.
func (d *chatDecoder) Whole(data []byte) error {
	var c chatChunk
	if err := json.Unmarshal(data, &c); err != nil {
		return provider.Malformed("Chat Completions", err)
	}
	if len(c.Choices) == 0 {
		return provider.ErrorOf(0, data)
	}
	if err := d.chunk(&c); err != nil {
		return err
	}
	d.close()
	return nil
}

// End accepts a stream without [DONE] when the model had given its reason to stop.
func (d *chatDecoder) End() error {
	if d.finish == "" {
		return provider.Cut()
	}
	d.close()
	return nil
}

func (d *chatDecoder) chunk(c *chatChunk) error {
	if c.Model != "" && d.model == "" {
		d.model = c.Model
		d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Model: c.Model})
	}
	for i := range c.Choices {
		choice := &c.Choices[i]
		if choice.Index != 0 {
			continue // one answer was asked for
		}
		for _, delta := range []*chatDelta{choice.Delta, choice.Message} {
			if delta != nil {
				if err := d.delta(delta); err != nil {
					return err
				}
			}
		}
		if choice.FinishReason != "" {
			d.finish = choice.FinishReason
		}
	}
	if u := c.Usage; u != nil {
		d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Usage: &patchbay.Usage{
			Input: u.PromptTokens, Output: u.CompletionTokens, Reasoning: u.CompletionTokensDetails.ReasoningTokens,
			CacheRead: max(u.PromptTokensDetails.CachedTokens, u.PromptCacheHit), CacheWrite: u.PromptTokensDetails.CacheWriteTokens,
		}})
	}
	return nil
}

func (d *chatDecoder) delta(delta *chatDelta) error {
	switch {
	case delta.ReasoningContent != "":
		d.think("reasoning_content", delta.ReasoningContent)
	case delta.Reasoning != "":
		d.think("reasoning", delta.Reasoning)
	}
	if len(delta.ReasoningDetails) > 0 {
		shown := delta.ReasoningContent != "" || delta.Reasoning != ""
		text, err := d.details.add(delta.ReasoningDetails)
		if err != nil {
			return provider.Malformed("Chat Completions", err)
		}
		if !shown {
			d.think("reasoning_details", text)
		}
	}
	if err := d.content(delta.Content); err != nil {
		return err
	}
	if delta.Refusal != "" {
		d.parts.Text(patchbay.PartRefusal, delta.Refusal)
	}
	for i := range delta.ToolCalls {
		if err := d.call(&delta.ToolCalls[i]); err != nil {
			return err
		}
	}
	return nil
}

// think takes a piece of reasoning. An empty one (a signature that comes late) begins a
// part only when there is none.
func (d *chatDecoder) think(field, text string) {
	n := len(d.reasoning)
	if text == "" && n > 0 {
		return
	}
	d.field = field
	if part := d.parts.Text(patchbay.PartReasoning, text); n == 0 || d.reasoning[n-1] != part {
		d.reasoning = append(d.reasoning, part)
	}
}

// content takes a string, or the list of parts that some vendors send.
func (d *chatDecoder) content(raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
		return nil
	}
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return provider.Malformed("Chat Completions", err)
		}
		d.parts.Text(patchbay.PartText, text)
		return nil
	}
	var list []struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Thinking []struct {
			Text string `json:"text"`
		} `json:"thinking"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return provider.Malformed("Chat Completions", err)
	}
	for _, p := range list {
		for _, t := range p.Thinking {
			d.think("", t.Text)
		}
		if p.Text != "" {
			d.parts.Text(patchbay.PartText, p.Text)
		}
	}
	return nil
}

// call takes a fragment of a call. Servers differ in what they repeat: a fragment is of
// the call with its index, unless it brings another id; without an index, of the last
// call, unless it brings an id or a name of its own.
func (d *chatDecoder) call(c *chatCallDelta) error {
	state := d.find(c)
	if state == nil {
		if len(d.calls) == maxCalls {
			return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model asks for too many calls at once"}
		}
		state = &callState{part: d.parts.Begin(patchbay.PartCall), index: len(d.calls)}
		if c.Index != nil {
			state.index = *c.Index
		}
		d.calls = append(d.calls, state)
	}
	delta := patchbay.Delta{Part: state.part}
	if c.ID != "" && state.id == "" {
		state.id, delta.CallID = c.ID, c.ID
	}
	if c.Function.Name != "" && !state.named {
		state.named, delta.CallName = true, c.Function.Name
	}
	if raw := c.Function.Arguments; len(raw) > 0 && string(raw) != "null" {
		if raw[0] != '"' {
			delta.CallArgs = string(raw)
		} else if err := json.Unmarshal(raw, &delta.CallArgs); err != nil {
			return provider.Malformed("Chat Completions", err)
		}
	}
	if len(c.ExtraContent) > 0 && string(c.ExtraContent) != "null" {
		delta.Vendor = &patchbay.VendorPart{Name: chatVendor, Data: string(provider.Encode(chatKept{Extra: c.ExtraContent}))}
	}
	d.parts.Yield(delta)
	return nil
}

func (d *chatDecoder) find(c *chatCallDelta) *callState {
	for i := len(d.calls) - 1; i >= 0; i-- {
		s := d.calls[i]
		if c.Index == nil {
			if c.ID != "" && s.id != c.ID || c.ID == "" && c.Function.Name != "" && s.named {
				return nil
			}
			return s
		}
		if s.index != *c.Index {
			continue
		}
		if c.ID != "" && s.id != "" && s.id != c.ID {
			return nil
		}
		return s
	}
	return nil
}

// close says how the message ended, and what of its reasoning must go back.
func (d *chatDecoder) close() {
	for i, part := range d.reasoning {
		kept := chatKept{Field: d.field}
		if i == 0 {
			kept.Details = d.details.json() // of the whole message
		}
		d.parts.Yield(patchbay.Delta{Part: part, Vendor: &patchbay.VendorPart{Name: chatVendor, Data: string(provider.Encode(kept))}})
	}
	stop := patchbay.StopEnd
	switch d.finish {
	case "length":
		stop = patchbay.StopLength
	case "content_filter":
		stop = patchbay.StopRefusal
	}
	if stop == patchbay.StopEnd && len(d.calls) > 0 {
		stop = patchbay.StopCalls // some servers say "stop" here
	}
	d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: stop})
}

// details puts reasoning_details together: fragments of one index and type are one.
type details struct {
	list []map[string]json.RawMessage
}

// add takes the fragments of a chunk and returns what of them can be shown.
func (d *details) add(fragments []json.RawMessage) (string, error) {
	var shown strings.Builder
	for _, raw := range fragments {
		var f map[string]json.RawMessage
		if err := json.Unmarshal(raw, &f); err != nil {
			return "", err
		}
		for _, name := range []string{"text", "summary"} {
			shown.WriteString(stringOf(f[name]))
		}
		if n := len(d.list); n > 0 && bytes.Equal(d.list[n-1]["type"], f["type"]) && bytes.Equal(d.list[n-1]["index"], f["index"]) && f["index"] != nil {
			grow(d.list[n-1], f)
			continue
		}
		d.list = append(d.list, f)
	}
	return shown.String(), nil
}

// grow appends the texts of a fragment and takes over the rest.
func grow(into, f map[string]json.RawMessage) {
	for name, raw := range f {
		switch {
		case string(raw) == "null":
		case name == "text" || name == "summary" || name == "data":
			into[name] = provider.Encode(stringOf(into[name]) + stringOf(raw))
		default:
			into[name] = raw
		}
	}
}

func stringOf(raw json.RawMessage) (s string) {
	// Anything but a string is no text.
	_ = json.Unmarshal(raw, &s)
	return s
}

func (d *details) json() json.RawMessage {
	if len(d.list) == 0 {
		return nil
	}
	return provider.Encode(d.list)
}
