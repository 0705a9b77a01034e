package bedrock

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// What is kept of a reasoning part, to tell its two forms apart.
const (
	thinking = `{"type":"reasoningText"}`
	redacted = `{"type":"redactedContent"}`
)

type startEvent struct {
	Index int `json:"contentBlockIndex"`
	Start struct {
		ToolUse *struct {
			ID   string `json:"toolUseId"`
			Name string `json:"name"`
		} `json:"toolUse"`
	} `json:"start"`
}

type deltaEvent struct {
	Index int `json:"contentBlockIndex"`
	Delta struct {
		Text    *string `json:"text"`
		ToolUse *struct {
			Input string `json:"input"`
		} `json:"toolUse"`
		Reasoning *struct {
			Text      string `json:"text"`
			Signature string `json:"signature"`
			Redacted  string `json:"redactedContent"`
		} `json:"reasoningContent"`
		Image *struct {
			Format string `json:"format"`
			Source source `json:"source"`
		} `json:"image"`
	} `json:"delta"`
}

type stopEvent struct {
	StopReason string `json:"stopReason"`
}

type metadataEvent struct {
	Usage *struct {
		Input      int64 `json:"inputTokens"` // without what a cache served or took
		Output     int64 `json:"outputTokens"`
		CacheRead  int64 `json:"cacheReadInputTokens"`
		CacheWrite int64 `json:"cacheWriteInputTokens"`
	} `json:"usage"`
}

// Bounds of one answer.
const (
	maxCalls = 128
	maxParts = 1024
)

// decoder reads the events of one message. Only calls are announced; texts and reasoning
// begin with their first piece.
type decoder struct {
	parts   provider.Parts
	asked   string // the model that was asked
	noCalls bool
	blocks  map[int]*blockState
	begun   int
	calls   int
	stop    string
}

type blockState struct {
	part int
	kind patchbay.PartKind
	args bool // some of a call's arguments have come
	skip bool // a call that was forbidden
}

func newDecoder(req *patchbay.ModelRequest, yield func(patchbay.Delta)) *decoder {
	return &decoder{
		parts: provider.Parts{Yield: yield}, asked: req.Model, noCalls: forbidden(req), blocks: map[int]*blockState{},
	}
}

// Event takes one event. Events of later versions pass by.
func (d *decoder) Event(name string, data []byte) error {
	if kind, bad := strings.CutPrefix(name, failed); bad {
		return exception(0, upperFirst(kind), data)
	}
	switch name {
	case "messageStart":
		d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Model: d.asked})
	case "contentBlockStart":
		var e startEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return provider.Malformed("Bedrock", err)
		}
		return d.start(&e)
	case "contentBlockDelta":
		var e deltaEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return provider.Malformed("Bedrock", err)
		}
		return d.delta(&e)
	case "contentBlockStop":
		var e startEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return provider.Malformed("Bedrock", err)
		}
		if s := d.blocks[e.Index]; s != nil && s.kind == patchbay.PartCall && !s.skip && !s.args {
			d.parts.Yield(patchbay.Delta{Part: s.part, CallArgs: "{}"})
		}
		delete(d.blocks, e.Index)
	case "messageStop":
		var e stopEvent
		if err := json.Unmarshal(data, &e); err != nil || e.StopReason == "" {
			return provider.Malformed("Bedrock", err)
		}
		d.stop = e.StopReason
	case "metadata":
		var e metadataEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return provider.Malformed("Bedrock", err)
		}
		if u := e.Usage; u != nil {
			d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Usage: &patchbay.Usage{
				Input: u.Input + u.CacheRead + u.CacheWrite, Output: u.Output, CacheRead: u.CacheRead, CacheWrite: u.CacheWrite,
			}})
		}
		if err := d.End(); err != nil {
			return err
		}
		return provider.ErrDone
	}
	return nil
}

// upperFirst: the names of exceptions in a stream begin small, those of answers do not.
func upperFirst(s string) string {
	if s == "" {
		return "UnknownException"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// End accepts a stream without metadata when the reason to stop had come.
func (d *decoder) End() error {
	stop := patchbay.StopEnd
	switch d.stop {
	case "":
		return provider.Cut()
	case "tool_use":
		if d.calls > 0 {
			stop = patchbay.StopCalls
		}
	case "max_tokens", "model_context_window_exceeded":
		stop = patchbay.StopLength
	case "guardrail_intervened", "content_filtered", "refusal":
		stop = patchbay.StopRefusal
	case "malformed_model_output", "malformed_tool_use":
		// The vendor could not read what the model wrote. Asked again, it mostly does better.
		return &patchbay.ModelError{Kind: patchbay.ModelVendor, Code: d.stop, Message: "the model's answer was unusable (" + d.stop + "): ask again"}
	}
	d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: stop})
	return nil
}

func (d *decoder) start(e *startEvent) error {
	u := e.Start.ToolUse
	if u == nil {
		return nil // what else begins is told by its first piece
	}
	if d.calls++; d.calls > maxCalls {
		return tooMany()
	}
	if d.noCalls {
		d.calls = 0
		d.blocks[e.Index] = &blockState{kind: patchbay.PartCall, skip: true}
		return nil
	}
	s, err := d.block(e.Index, patchbay.PartCall)
	if err != nil {
		return err
	}
	d.parts.Yield(patchbay.Delta{Part: s.part, CallID: u.ID, CallName: u.Name})
	return nil
}

// block is the part that an index stands for, begun when it is of another kind.
func (d *decoder) block(index int, kind patchbay.PartKind) (*blockState, error) {
	if s := d.blocks[index]; s != nil && s.kind == kind {
		return s, nil
	}
	if d.begun++; d.begun > maxParts {
		return nil, tooMany()
	}
	s := &blockState{part: d.parts.Begin(kind), kind: kind}
	d.blocks[index] = s
	return s, nil
}

func (d *decoder) delta(e *deltaEvent) error {
	x := &e.Delta
	switch {
	case x.Text != nil:
		s, err := d.block(e.Index, patchbay.PartText)
		if err != nil {
			return err
		}
		d.parts.Yield(patchbay.Delta{Part: s.part, Text: *x.Text})
	case x.ToolUse != nil:
		if s := d.blocks[e.Index]; s != nil && s.kind == patchbay.PartCall && !s.skip && x.ToolUse.Input != "" {
			s.args = true
			d.parts.Yield(patchbay.Delta{Part: s.part, CallArgs: x.ToolUse.Input})
		}
	case x.Reasoning != nil:
		r := x.Reasoning
		form := thinking
		if r.Redacted != "" {
			form = redacted
			delete(d.blocks, e.Index) // two pieces of base64 do not make one
		}
		fresh := d.begun
		s, err := d.block(e.Index, patchbay.PartReasoning)
		if err != nil {
			return err
		}
		delta := patchbay.Delta{Part: s.part, Text: r.Text, Signature: r.Signature + r.Redacted}
		if d.begun > fresh {
			delta.Vendor = &patchbay.VendorPart{Name: vendorName, Model: d.asked, Data: form}
		}
		d.parts.Yield(delta)
	case x.Image != nil:
		raw, err := base64.StdEncoding.DecodeString(x.Image.Source.Bytes)
		if err != nil {
			return provider.Malformed("Bedrock", err)
		}
		delete(d.blocks, e.Index)
		s, err := d.block(e.Index, patchbay.PartImage)
		if err != nil {
			return err
		}
		d.parts.Yield(patchbay.Delta{Part: s.part, Media: &patchbay.Media{MIMEType: "image/" + x.Image.Format, Data: raw}})
	}
	return nil
}

func tooMany() error {
	return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model's answer has too many parts"}
}
