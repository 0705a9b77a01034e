package anthropic

import (
	"encoding/json"

	"patchbay"
	"patchbay/internal/provider"
)

// What is kept of a reasoning part, to tell its two forms apart.
const (
	thinking = `{"type":"thinking"}`
	redacted = `{"type":"redacted_thinking"}`
)

type event struct {
	Type    string          `json:"type"`
	Index   int             `json:"index"`
	Message *startMessage   `json:"message"`
	Block   json.RawMessage `json:"content_block"`
	Delta   *eventDelta     `json:"delta"`
	Usage   *usage          `json:"usage"`
}

type startMessage struct {
	Model string `json:"model"`
	Usage *usage `json:"usage"`
}

type eventDelta struct {
	Type        string          `json:"type"`
	Text        string          `json:"text"`
	PartialJSON string          `json:"partial_json"`
	Thinking    string          `json:"thinking"`
	Signature   string          `json:"signature"`
	Citation    json.RawMessage `json:"citation"`
	StopReason  string          `json:"stop_reason"`
}

// usage counts are totals of the message so far; what an event leaves out stays.
type usage struct {
	Input      *int64 `json:"input_tokens"`
	Output     *int64 `json:"output_tokens"`
	CacheRead  *int64 `json:"cache_read_input_tokens"`
	CacheWrite *int64 `json:"cache_creation_input_tokens"`
	Details    *struct {
		Thinking *int64 `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
}

type blockStart struct {
	Type      string          `json:"type"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Text      string          `json:"text"`
	Thinking  string          `json:"thinking"`
	Signature string          `json:"signature"`
	Data      string          `json:"data"`
	Input     json.RawMessage `json:"input"`
}

// maxBlocks bounds the blocks of one answer.
const maxBlocks = 1024

// decoder reads the events of one message.
type decoder struct {
	parts  provider.Parts
	blocks map[int]*blockState
	counts struct{ input, output, cacheRead, cacheWrite, reasoning int64 }
	stop   string
}

type blockState struct {
	part      int
	kind      string
	args      bool              // some of a call's arguments have come
	raw       json.RawMessage   // of a block that is the vendor's own
	input     []byte            // of such a block
	citations []json.RawMessage // of a text
}

func newDecoder(yield func(patchbay.Delta)) *decoder {
	return &decoder{parts: provider.Parts{Yield: yield}, blocks: map[int]*blockState{}}
}

// Event takes one event. Events of later versions pass by.
func (d *decoder) Event(_ string, data []byte) error {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return provider.Malformed("Messages", err)
	}
	switch e.Type {
	case "message_start":
		if e.Message != nil {
			d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Model: e.Message.Model})
			d.count(e.Message.Usage)
		}
	case "content_block_start":
		return d.start(&e)
	case "content_block_delta":
		d.delta(&e)
	case "content_block_stop":
		return d.finish(e.Index)
	case "message_delta":
		if e.Delta != nil && e.Delta.StopReason != "" {
			d.stop = e.Delta.StopReason
		}
		d.count(e.Usage)
	case "message_stop":
		d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: d.reason()})
		return provider.ErrDone
	case "error":
		return provider.ErrorOf(0, data)
	}
	return nil
}

// End accepts a stream without message_stop when the reason to stop had come.
func (d *decoder) End() error {
	if d.stop == "" {
		return provider.Cut()
	}
	d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: d.reason()})
	return nil
}

func (d *decoder) reason() patchbay.StopReason {
	switch d.stop {
	case "tool_use":
		return patchbay.StopCalls
	case "max_tokens", "model_context_window_exceeded":
		return patchbay.StopLength
	case "refusal":
		return patchbay.StopRefusal
	case "pause_turn":
		return patchbay.StopPause
	}
	return patchbay.StopEnd
}

func (d *decoder) count(u *usage) {
	if u == nil {
		return
	}
	c := &d.counts
	for _, x := range []struct {
		to   *int64
		from *int64
	}{{&c.input, u.Input}, {&c.output, u.Output}, {&c.cacheRead, u.CacheRead}, {&c.cacheWrite, u.CacheWrite}} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	if u.Details != nil && u.Details.Thinking != nil {
		c.reasoning = *u.Details.Thinking
	}
	// The vendor counts what a cache served apart from the input.
	d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Usage: &patchbay.Usage{
		Input: c.input + c.cacheRead + c.cacheWrite, Output: c.output, Reasoning: c.reasoning, CacheRead: c.cacheRead, CacheWrite: c.cacheWrite,
	}})
}

func (d *decoder) start(e *event) error {
	var b blockStart
	if err := json.Unmarshal(e.Block, &b); err != nil {
		return provider.Malformed("Messages", err)
	}
	if len(d.blocks) == maxBlocks {
		return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model's answer has too many parts"}
	}
	s := &blockState{kind: b.Type}
	d.blocks[e.Index] = s
	switch b.Type {
	case "text":
		s.part = d.parts.Begin(patchbay.PartText)
		d.yield(patchbay.Delta{Part: s.part, Text: b.Text}, b.Text != "")
	case "thinking", "redacted_thinking":
		s.part = d.parts.Begin(patchbay.PartReasoning)
		form := thinking
		if b.Type == "redacted_thinking" {
			form = redacted
		}
		d.parts.Yield(patchbay.Delta{
			Part: s.part, Text: b.Thinking, Signature: b.Signature + b.Data, Vendor: &patchbay.VendorPart{Name: vendorName, Data: form},
		})
	case "tool_use":
		s.part = d.parts.Begin(patchbay.PartCall)
		d.parts.Yield(patchbay.Delta{Part: s.part, CallID: b.ID, CallName: b.Name})
		if len(b.Input) > 2 && string(b.Input) != "null" { // all at once, not streamed
			s.args = true
			d.parts.Yield(patchbay.Delta{Part: s.part, CallArgs: string(b.Input)})
		}
	default:
		s.part = d.parts.Begin(patchbay.PartVendor)
		s.raw = append(json.RawMessage(nil), e.Block...)
	}
	return nil
}

func (d *decoder) yield(delta patchbay.Delta, when bool) {
	if when {
		d.parts.Yield(delta)
	}
}

func (d *decoder) delta(e *event) {
	s := d.blocks[e.Index]
	if s == nil || e.Delta == nil {
		return
	}
	switch x := e.Delta; x.Type {
	case "text_delta":
		d.yield(patchbay.Delta{Part: s.part, Text: x.Text}, s.raw == nil)
	case "thinking_delta":
		d.parts.Yield(patchbay.Delta{Part: s.part, Text: x.Thinking})
	case "signature_delta":
		d.parts.Yield(patchbay.Delta{Part: s.part, Signature: x.Signature})
	case "input_json_delta":
		if s.raw != nil {
			s.input = append(s.input, x.PartialJSON...)
		} else if x.PartialJSON != "" {
			s.args = true
			d.parts.Yield(patchbay.Delta{Part: s.part, CallArgs: x.PartialJSON})
		}
	case "citations_delta":
		s.citations = append(s.citations, append(json.RawMessage(nil), x.Citation...))
	}
}

// finish completes a block.
func (d *decoder) finish(index int) error {
	s := d.blocks[index]
	if s == nil {
		return nil
	}
	switch {
	case s.kind == "tool_use" && !s.args:
		d.parts.Yield(patchbay.Delta{Part: s.part, CallArgs: "{}"})
	case s.raw != nil:
		raw := s.raw
		if len(s.input) > 0 {
			var err error
			if raw, err = provider.Edit(raw, map[string]json.RawMessage{"input": s.input}, nil); err != nil || !json.Valid(raw) {
				return provider.Malformed("Messages", err)
			}
		}
		d.parts.Yield(patchbay.Delta{Part: s.part, Vendor: &patchbay.VendorPart{Name: vendorName, Data: string(raw)}})
	case len(s.citations) > 0:
		kept := provider.Encode(map[string][]json.RawMessage{"citations": s.citations})
		d.parts.Yield(patchbay.Delta{Part: s.part, Vendor: &patchbay.VendorPart{Name: vendorName, Data: string(kept)}})
	}
	return nil
}
