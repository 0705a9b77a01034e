package testkit

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"patchbay"
)

// sseWriter writes events and cuts texts into deltas.
type sseWriter struct {
	out    bytes.Buffer
	pieces int
	broken bool // the stream ends in an error
}

// event writes one event; name may be empty.
func (w *sseWriter) event(name string, data any) {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // a test's own message that is no JSON
	}
	w.raw(name, raw)
}

// raw writes one event of bytes as they are.
func (w *sseWriter) raw(name string, raw []byte) {
	if name != "" {
		w.out.WriteString("event: " + name + "\n")
	}
	w.out.WriteString("data: " + string(raw) + "\n\n")
}

// cut cuts a text into pieces of whole characters.
func (w *sseWriter) cut(text string) []string {
	var list []string
	for text != "" {
		n := 0
		for i := 0; i < w.pieces && n < len(text); i++ {
			_, size := utf8.DecodeRuneInString(text[n:])
			n += size
		}
		list = append(list, text[:n])
		text = text[n:]
	}
	return list
}

type obj = map[string]any

func usageOf(m *patchbay.Message) patchbay.Usage {
	if m.Usage == nil {
		return patchbay.Usage{Input: 10, Output: 5}
	}
	return *m.Usage
}

// chatStream writes chat.completion.chunk events.
func chatStream(w *sseWriter, m *patchbay.Message, model string) {
	chunk := func(delta obj, finish any) {
		w.event("", obj{
			"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model,
			"choices": []obj{{"index": 0, "delta": delta, "finish_reason": finish}},
		})
	}
	chunk(obj{"role": "assistant", "content": ""}, nil)
	calls := 0
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Kind {
		case patchbay.PartText:
			for _, s := range w.cut(p.Text) {
				chunk(obj{"content": s}, nil)
			}
		case patchbay.PartReasoning:
			for _, s := range w.cut(p.Text) {
				chunk(obj{"reasoning_content": s}, nil)
			}
		case patchbay.PartRefusal:
			chunk(obj{"refusal": p.Text}, nil)
		case patchbay.PartCall:
			chunk(obj{"tool_calls": []obj{{"index": calls, "id": p.Call.ID, "type": "function", "function": obj{"name": p.Call.Name, "arguments": ""}}}}, nil)
			for _, s := range w.cut(p.Call.Args) {
				chunk(obj{"tool_calls": []obj{{"index": calls, "function": obj{"arguments": s}}}}, nil)
			}
			calls++
		}
	}
	if w.broken {
		w.event("", obj{"error": obj{"message": "no room", "type": "overloaded_error", "code": 503}})
		return
	}
	finish := map[patchbay.StopReason]string{patchbay.StopCalls: "tool_calls", patchbay.StopLength: "length", patchbay.StopRefusal: "content_filter"}[m.Stop]
	if finish == "" {
		finish = "stop"
	}
	chunk(obj{}, finish)
	u := usageOf(m)
	w.event("", obj{
		"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": []obj{},
		"usage": obj{
			"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output,
			"prompt_tokens_details": obj{"cached_tokens": u.CacheRead}, "completion_tokens_details": obj{"reasoning_tokens": u.Reasoning},
		},
	})
	w.out.WriteString("data: [DONE]\n\n")
}

// responsesStream writes the events of a response.
func responsesStream(w *sseWriter, m *patchbay.Message, model string) {
	n := 0
	event := func(kind string, data obj) {
		data["type"], data["sequence_number"] = kind, n
		n++
		w.event(kind, data)
	}
	event("response.created", obj{"response": obj{"id": "resp_1", "object": "response", "status": "in_progress", "model": model, "output": []any{}}})
	for i := range m.Parts {
		p := &m.Parts[i]
		id := "item_" + strconv.Itoa(i)
		switch p.Kind {
		case patchbay.PartText:
			event("response.output_item.added", obj{"output_index": i, "item": obj{"id": id, "type": "message", "role": "assistant", "status": "in_progress", "content": []any{}}})
			event("response.content_part.added", obj{"output_index": i, "item_id": id, "content_index": 0, "part": obj{"type": "output_text", "text": ""}})
			for _, s := range w.cut(p.Text) {
				event("response.output_text.delta", obj{"output_index": i, "item_id": id, "content_index": 0, "delta": s})
			}
			event("response.output_text.done", obj{"output_index": i, "item_id": id, "content_index": 0, "text": p.Text})
			event("response.output_item.done", obj{"output_index": i, "item": obj{"id": id, "type": "message", "role": "assistant", "status": "completed", "content": []obj{{"type": "output_text", "text": p.Text}}}})
		case patchbay.PartReasoning:
			event("response.output_item.added", obj{"output_index": i, "item": obj{"id": "rs_" + id, "type": "reasoning", "summary": []any{}}})
			event("response.reasoning_summary_part.added", obj{"output_index": i, "item_id": "rs_" + id, "summary_index": 0, "part": obj{"type": "summary_text", "text": ""}})
			for _, s := range w.cut(p.Text) {
				event("response.reasoning_summary_text.delta", obj{"output_index": i, "item_id": "rs_" + id, "summary_index": 0, "delta": s})
			}
			event("response.output_item.done", obj{"output_index": i, "item": obj{"id": "rs_" + id, "type": "reasoning", "summary": []obj{{"type": "summary_text", "text": p.Text}}, "encrypted_content": p.Signature}})
		case patchbay.PartCall:
			item := func(status, args string) obj {
				return obj{"id": "fc_" + id, "type": "function_call", "status": status, "call_id": p.Call.ID, "name": p.Call.Name, "arguments": args}
			}
			event("response.output_item.added", obj{"output_index": i, "item": item("in_progress", "")})
			for _, s := range w.cut(p.Call.Args) {
				event("response.function_call_arguments.delta", obj{"output_index": i, "item_id": "fc_" + id, "delta": s})
			}
			event("response.function_call_arguments.done", obj{"output_index": i, "item_id": "fc_" + id, "arguments": p.Call.Args})
			event("response.output_item.done", obj{"output_index": i, "item": item("completed", p.Call.Args)})
		}
	}
	if w.broken {
		event("error", obj{"code": "overloaded", "message": "no room", "param": nil})
		return
	}
	u := usageOf(m)
	response := obj{
		"id": "resp_1", "object": "response", "status": "completed", "model": model,
		"usage": obj{
			"input_tokens": u.Input, "output_tokens": u.Output, "total_tokens": u.Input + u.Output,
			"input_tokens_details": obj{"cached_tokens": u.CacheRead}, "output_tokens_details": obj{"reasoning_tokens": u.Reasoning},
		},
	}
	if m.Stop == patchbay.StopLength {
		response["status"], response["incomplete_details"] = "incomplete", obj{"reason": "max_output_tokens"}
		event("response.incomplete", obj{"response": response})
		return
	}
	event("response.completed", obj{"response": response})
}

// messagesStream writes the events of a message of Anthropic's.
func messagesStream(w *sseWriter, m *patchbay.Message, model string) {
	event := func(kind string, data obj) {
		data["type"] = kind
		w.event(kind, data)
	}
	u := usageOf(m)
	event("message_start", obj{"message": obj{
		"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []any{}, "stop_reason": nil, "stop_sequence": nil,
		"usage": obj{"input_tokens": u.Input - u.CacheRead - u.CacheWrite, "output_tokens": 1, "cache_read_input_tokens": u.CacheRead, "cache_creation_input_tokens": u.CacheWrite},
	}})
	event("ping", obj{})
	for i := range m.Parts {
		p := &m.Parts[i]
		delta := func(kind, field, text string) {
			event("content_block_delta", obj{"index": i, "delta": obj{"type": kind, field: text}})
		}
		switch p.Kind {
		case patchbay.PartReasoning:
			event("content_block_start", obj{"index": i, "content_block": obj{"type": "thinking", "thinking": "", "signature": ""}})
			for _, s := range w.cut(p.Text) {
				delta("thinking_delta", "thinking", s)
			}
			delta("signature_delta", "signature", p.Signature)
		case patchbay.PartCall:
			event("content_block_start", obj{"index": i, "content_block": obj{"type": "tool_use", "id": p.Call.ID, "name": p.Call.Name, "input": obj{}}})
			for _, s := range w.cut(p.Call.Args) {
				delta("input_json_delta", "partial_json", s)
			}
		default:
			event("content_block_start", obj{"index": i, "content_block": obj{"type": "text", "text": ""}})
			for _, s := range w.cut(p.Text) {
				delta("text_delta", "text", s)
			}
		}
		event("content_block_stop", obj{"index": i})
	}
	if w.broken {
		event("error", obj{"error": obj{"type": "overloaded_error", "message": "no room"}})
		return
	}
	stop := map[patchbay.StopReason]string{patchbay.StopCalls: "tool_use", patchbay.StopLength: "max_tokens", patchbay.StopRefusal: "refusal"}[m.Stop]
	if stop == "" {
		stop = "end_turn"
	}
	event("message_delta", obj{"delta": obj{"stop_reason": stop, "stop_sequence": nil}, "usage": obj{"output_tokens": u.Output}})
	event("message_stop", obj{})
}

func openAIFailure(_ int, kind, message string) []byte {
	raw, err := json.Marshal(obj{"error": obj{"message": message, "type": kind, "param": nil, "code": nil}})
	if err != nil {
		panic(err) // strings only
	}
	return raw
}

func anthropicFailure(_ int, kind, message string) []byte {
	raw, err := json.Marshal(obj{"type": "error", "error": obj{"type": kind, "message": message}, "request_id": "req_1"})
	if err != nil {
		panic(err) // strings only
	}
	return raw
}
