package openai

import (
	"encoding/json"

	"patchbay"
	"patchbay/internal/provider"
)

type responsesEvent struct {
	Type         string             `json:"type"`
	OutputIndex  int                `json:"output_index"`
	ContentIndex int                `json:"content_index"`
	SummaryIndex int                `json:"summary_index"`
	Delta        lenient            `json:"delta"`
	Arguments    lenient            `json:"arguments"`
	Item         json.RawMessage    `json:"item"`
	Response     *responsesResponse `json:"response"`
}

// lenient is a string; anything else, which events we do not read may hold, is "".
type lenient string

func (s *lenient) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '"' {
		return nil
	}
	var text string
	err := json.Unmarshal(data, &text)
	*s = lenient(text)
	return err
}

type responsesResponse struct {
	Model             string          `json:"model"`
	Error             json.RawMessage `json:"error"`
	IncompleteDetails struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
	Usage *struct {
		InputTokens        int64 `json:"input_tokens"`
		OutputTokens       int64 `json:"output_tokens"`
		InputTokensDetails struct {
			CachedTokens     int64 `json:"cached_tokens"`
			CacheWriteTokens int64 `json:"cache_write_tokens"`
		} `json:"input_tokens_details"`
		OutputTokensDetails struct {
			ReasoningTokens int64 `json:"reasoning_tokens"`
		} `json:"output_tokens_details"`
	} `json:"usage"`
}

type responsesItem struct {
	Type      string `json:"type"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
	Phase     string `json:"phase"`
	Content   []struct {
		Type    string `json:"type"`
		Text    string `json:"text"`
		Refusal string `json:"refusal"`
	} `json:"content"`
}

// place is a part of an answer in the vendor's numbering.
type place struct{ output, content int }

// responsesDecoder reads the events of a response.
type responsesDecoder struct {
	parts  provider.Parts
	asked  string // the model that was asked
	byItem map[place]int
	items  map[int]*itemState
	model  string
	calls  int
	// refused is set once the model refuses.
	refused bool
}

type itemState struct {
	kind    string
	first   int // part, -1 before it has one
	args    bool
	summary int
	done    bool
}

func newResponsesDecoder(model string, yield func(patchbay.Delta)) *responsesDecoder {
	return &responsesDecoder{parts: provider.Parts{Yield: yield}, asked: model, byItem: map[place]int{}, items: map[int]*itemState{}}
}

// Event takes one event. Events that say nothing new (content_part.done, …) pass by.
func (d *responsesDecoder) Event(_ string, data []byte) error {
	var e responsesEvent
	if err := json.Unmarshal(data, &e); err != nil {
		return provider.Malformed("Responses", err)
	}
	switch e.Type {
	case "response.created", "response.in_progress":
		if e.Response != nil && e.Response.Model != "" && d.model == "" {
			d.model = e.Response.Model
			d.parts.Yield(patchbay.Delta{Part: patchbay.OfMessage, Model: d.model})
		}
	case "response.output_item.added":
		return d.added(&e)
	case "response.output_text.delta":
		d.text(&e, patchbay.PartText)
	case "response.refusal.delta":
		d.refused = true
		d.text(&e, patchbay.PartRefusal)
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
		d.reasoning(&e)
	case "response.function_call_arguments.delta":
		if item := d.items[e.OutputIndex]; item != nil && item.kind == "function_call" {
			item.args = true
			d.parts.Yield(patchbay.Delta{Part: item.first, CallArgs: string(e.Delta)})
		}
	case "response.output_item.done":
		return d.done(&e)
	case "response.completed", "response.incomplete":
		return d.complete(&e)
	case "response.failed":
		if e.Response != nil && len(e.Response.Error) > 0 {
			return provider.ErrorOf(0, e.Response.Error)
		}
		return provider.ErrorOf(0, data)
	case "error":
		return provider.ErrorOf(0, data)
	}
	return nil
}

// End: a response always says how it ended.
func (d *responsesDecoder) End() error { return provider.Cut() }

func (d *responsesDecoder) added(e *responsesEvent) error {
	var item responsesItem
	if err := json.Unmarshal(e.Item, &item); err != nil {
		return provider.Malformed("Responses", err)
	}
	if len(d.items) >= 4*maxCalls {
		return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model's answer has too many items"}
	}
	state := &itemState{kind: item.Type, first: -1}
	d.items[e.OutputIndex] = state
	switch item.Type {
	case "reasoning":
		state.first = d.parts.Begin(patchbay.PartReasoning)
	case "function_call":
		d.calls++
		state.first = d.parts.Begin(patchbay.PartCall)
		d.parts.Yield(patchbay.Delta{Part: state.first, CallID: item.CallID, CallName: item.Name})
	}
	return nil
}

func (d *responsesDecoder) text(e *responsesEvent, kind patchbay.PartKind) {
	at := place{e.OutputIndex, e.ContentIndex}
	part, has := d.byItem[at]
	if !has {
		part = d.parts.Begin(kind)
		d.byItem[at] = part
		if item := d.items[e.OutputIndex]; item != nil && item.first < 0 {
			item.first = part
		}
	}
	d.parts.Yield(patchbay.Delta{Part: part, Text: string(e.Delta)})
}

func (d *responsesDecoder) reasoning(e *responsesEvent) {
	item := d.items[e.OutputIndex]
	if item == nil || item.kind != "reasoning" {
		return
	}
	text := string(e.Delta)
	if e.SummaryIndex > item.summary {
		item.summary = e.SummaryIndex
		text = "\n\n" + text
	}
	d.parts.Yield(patchbay.Delta{Part: item.first, Text: text})
}

// done takes what only the finished item has.
func (d *responsesDecoder) done(e *responsesEvent) error {
	state := d.items[e.OutputIndex]
	if state == nil || state.done {
		return nil
	}
	state.done = true
	var item responsesItem
	if err := json.Unmarshal(e.Item, &item); err != nil {
		return provider.Malformed("Responses", err)
	}
	vendor := func(data string) *patchbay.VendorPart {
		return &patchbay.VendorPart{Name: responsesVendor, Model: d.asked, Data: data}
	}
	switch state.kind {
	case "reasoning":
		d.parts.Yield(patchbay.Delta{Part: state.first, Vendor: vendor(string(e.Item))})
	case "function_call":
		if !state.args && item.Arguments != "" {
			d.parts.Yield(patchbay.Delta{Part: state.first, CallArgs: item.Arguments})
		}
	case "message":
		if state.first < 0 { // no deltas: all of it comes now
			for _, c := range item.Content {
				state.first = d.parts.Begin(patchbay.PartText)
				d.parts.Yield(patchbay.Delta{Part: state.first, Text: c.Text + c.Refusal})
			}
		}
		if item.Phase != "" && state.first >= 0 {
			d.parts.Yield(patchbay.Delta{Part: state.first, Vendor: vendor(string(provider.Encode(responsesKept{item.Phase})))})
		}
	default:
		// A tool of the vendor's own, asked for by added parameters.
		d.parts.Yield(patchbay.Delta{Part: d.parts.Begin(patchbay.PartVendor), Vendor: vendor(string(e.Item))})
	}
	return nil
}

func (d *responsesDecoder) complete(e *responsesEvent) error {
	stop := patchbay.StopEnd
	switch {
	case d.calls > 0:
		stop = patchbay.StopCalls
	case d.refused:
		stop = patchbay.StopRefusal
	}
	delta := patchbay.Delta{Part: patchbay.OfMessage}
	if r := e.Response; r != nil {
		if e.Type == "response.incomplete" {
			stop = patchbay.StopLength
			if r.IncompleteDetails.Reason == "content_filter" {
				stop = patchbay.StopRefusal
			}
		}
		if u := r.Usage; u != nil {
			delta.Usage = &patchbay.Usage{
				Input: u.InputTokens, Output: u.OutputTokens, Reasoning: u.OutputTokensDetails.ReasoningTokens,
				CacheRead: u.InputTokensDetails.CachedTokens, CacheWrite: u.InputTokensDetails.CacheWriteTokens,
			}
		}
	}
	delta.Stop = stop
	d.parts.Yield(delta)
	return provider.ErrDone
}
