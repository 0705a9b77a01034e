package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/provider"
)

// Results reads what calls of the conversation answered, whole as they were. It may be
// used by many goroutines at once.
type Results interface {
	// Result returns a call's result, or an error with CodeNotFound for a call that is
	// not there or not of this conversation.
	Result(ctx context.Context, callID string) (*patchbay.ToolResult, error)
}

// Sentences for the model.
const (
	unknownFate = "the connection was lost after the call was sent, so it is not known whether it was carried out. Do not repeat it without checking first."
	stoppedCall = "the person stopped it."
	limitedCall = "the run has reached a limit."
)

// failure is a result of ours that says why a call has none of its tool's.
func failure(c *Call, why string) patchbay.CallResult {
	where := "[MCP][" + c.Server + "][" + c.Tool + "] tool call failed: "
	if c.Server == "" {
		where = "Tool call failed: "
	}
	return errorResult(where + why)
}

func errorResult(text string) patchbay.CallResult {
	return patchbay.CallResult{Raw: textResult(true, text), IsError: true}
}

// textResult is a CallToolResult of texts.
func textResult(isError bool, texts ...string) json.RawMessage {
	type block struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	doc := struct {
		Content []block `json:"content"`
		IsError bool    `json:"isError,omitempty"`
	}{IsError: isError}
	for _, text := range texts {
		doc.Content = append(doc.Content, block{"text", text})
	}
	return provider.Encode(doc)
}

// shown is a tool's result as the model is shown it: as it is when it is within the
// limits, else its first page, and where the rest is.
func shown(callID string, r *patchbay.ToolResult, l Limits) patchbay.CallResult {
	out := patchbay.CallResult{Raw: r.Raw, IsError: r.IsError}
	if (l.Output < 0 || len(r.Raw) <= l.Output) && (l.Media < 0 || len(r.Raw) <= l.Media) {
		return out // its text and its media are shorter than itself
	}
	content := provider.ContentOf(r.Raw)
	text := provider.TextOf(content)
	media := 0
	for i := range content {
		media += len(content[i].Data)
	}
	fits := l.Media < 0 || media <= l.Media
	if fits && (l.Output < 0 || len(text) <= l.Output) {
		return out
	}
	out.Cut = true
	first, next := page(text, 0, l.Output)
	if next > 0 {
		first += more(callID, next, len(text))
	}
	doc := textResult(r.IsError, first)
	if fits {
		doc = withMedia(doc, r.Raw)
	} else {
		doc = textResult(r.IsError, first, fmt.Sprintf("[Images or files of together %d bytes are too large to be shown.]", media))
	}
	out.Raw = doc
	return out
}

// withMedia appends the image and resource blocks that vendors take as data.
func withMedia(doc, raw json.RawMessage) json.RawMessage {
	var from struct {
		Content []json.RawMessage `json:"content"`
	}
	// ContentOf has read it already.
	_ = json.Unmarshal(raw, &from)
	var b bytes.Buffer
	b.Write(doc[:bytes.LastIndexByte(doc, ']')])
	for _, block := range from.Content {
		one := provider.ContentOf(json.RawMessage(`{"content":[` + string(block) + `]}`))
		if len(one) == 1 && one[0].Data != "" {
			b.WriteByte(',')
			b.Write(block)
		}
	}
	b.Write(doc[bytes.LastIndexByte(doc, ']'):])
	return b.Bytes()
}

func more(callID string, next, total int) string {
	return fmt.Sprintf("\n\n[Cut at byte %d of %d. Call %s with call_id %q and offset %d to read on.]", next, total, readTool, callID, next)
}

// page cuts a text from offset on, between two characters; next is 0 at its end.
func page(text string, offset, limit int) (part string, next int) {
	if offset < 0 || offset > len(text) {
		offset = len(text)
	}
	for offset < len(text) && !utf8.RuneStart(text[offset]) {
		offset++
	}
	text = text[offset:]
	if limit < 0 || len(text) <= limit {
		return text, 0
	}
	n := limit
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	if n == 0 { // a limit below one character
		_, n = utf8.DecodeRuneInString(text)
	}
	return text[:n], offset + n
}

// read runs our own tool.
func (l *Loop) read(ctx context.Context, args string) patchbay.CallResult {
	var in struct {
		CallID string `json:"call_id"`
		Offset int    `json:"offset"`
	}
	if err := json.Unmarshal([]byte(args), &in); err != nil || in.CallID == "" {
		return errorResult(readTool + " needs call_id, a string, and offset, an integer.")
	}
	r, err := l.o.Results.Result(ctx, in.CallID)
	if err != nil {
		return errorResult("There is no result of the call " + fmt.Sprintf("%q", in.CallID) + " to read.")
	}
	text := provider.TextOf(provider.ContentOf(r.Raw))
	part, next := page(text, in.Offset, l.o.Limits.Output)
	switch {
	case next > 0:
		part += more(in.CallID, next, len(text))
	case part == "":
		part = fmt.Sprintf("[The result has %d bytes; there is nothing at this offset.]", len(text))
	}
	return patchbay.CallResult{Raw: textResult(false, part)}
}
