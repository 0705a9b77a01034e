package testkit

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"

	"patchbay"
)

// bedrockFormat is Amazon Bedrock's ConverseStream.
var bedrockFormat = format{
	stream: bedrockStream, check: checkBedrock, failure: bedrockFailure, kind: "application/vnd.amazon.eventstream",
	model: func(r *http.Request, _ []byte) string { return bedrockModel(r.URL.Path) },
}

func bedrockModel(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, "/model/"), "/converse-stream")
}

// EventStreamFrame is one frame of AWS's event stream: lengths, headers, a payload, and
// the checksums of the lengths and of all. headers are pairs of name and value.
func EventStreamFrame(payload []byte, headers ...string) []byte {
	var h bytes.Buffer
	for i := 0; i+1 < len(headers); i += 2 {
		h.WriteByte(byte(len(headers[i])))
		h.WriteString(headers[i])
		h.WriteByte(7) // a string
		h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(headers[i+1]))))
		h.WriteString(headers[i+1])
	}
	total := uint32(12 + h.Len() + len(payload) + 4)
	frame := binary.BigEndian.AppendUint32(nil, total)
	frame = binary.BigEndian.AppendUint32(frame, uint32(h.Len()))
	frame = binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
	frame = append(append(frame, h.Bytes()...), payload...)
	return binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
}

// frame writes one event of Bedrock's. AWS pads payloads, so that their sizes say less.
func (w *sseWriter) frame(kind string, data obj) {
	data["p"] = "abcdefghijklmnopqrstuvwxyz"[:1+w.out.Len()%26]
	w.out.Write(EventStreamFrame(exact(data), ":event-type", kind, ":content-type", "application/json", ":message-type", "event"))
}

func bedrockStream(w *sseWriter, m *patchbay.Message, _ string) {
	w.frame("messageStart", obj{"role": "assistant"})
	for i := range m.Parts {
		p := &m.Parts[i]
		delta := func(d obj) { w.frame("contentBlockDelta", obj{"contentBlockIndex": i, "delta": d}) }
		switch p.Kind {
		case patchbay.PartReasoning:
			for _, s := range w.cut(p.Text) {
				delta(obj{"reasoningContent": obj{"text": s}})
			}
			delta(obj{"reasoningContent": obj{"signature": p.Signature}})
		case patchbay.PartCall:
			w.frame("contentBlockStart", obj{"contentBlockIndex": i, "start": obj{"toolUse": obj{"toolUseId": p.Call.ID, "name": p.Call.Name}}})
			for _, s := range w.cut(p.Call.Args) {
				delta(obj{"toolUse": obj{"input": s}})
			}
		default:
			for _, s := range w.cut(p.Text) {
				delta(obj{"text": s})
			}
		}
		w.frame("contentBlockStop", obj{"contentBlockIndex": i})
	}
	if w.broken {
		w.out.Write(EventStreamFrame(exact(obj{"message": "no room"}), ":exception-type", "serviceUnavailableException", ":content-type", "application/json", ":message-type", "exception"))
		return
	}
	stop := map[patchbay.StopReason]string{patchbay.StopCalls: "tool_use", patchbay.StopLength: "max_tokens", patchbay.StopRefusal: "content_filtered"}[m.Stop]
	if stop == "" {
		stop = "end_turn"
	}
	w.frame("messageStop", obj{"stopReason": stop})
	u := usageOf(m)
	w.frame("metadata", obj{"usage": obj{
		"inputTokens": u.Input - u.CacheRead - u.CacheWrite, "outputTokens": u.Output, "totalTokens": u.Input + u.Output,
		"cacheReadInputTokens": u.CacheRead, "cacheWriteInputTokens": u.CacheWrite,
	}, "metrics": obj{"latencyMs": 7}})
}

func bedrockFailure(status int, _, message string) []byte {
	kind := map[int]string{
		http.StatusBadRequest: "ValidationException", http.StatusUnauthorized: "UnrecognizedClientException", http.StatusNotFound: "ResourceNotFoundException",
	}[status]
	return exact(obj{"__type": "com.amazon.coral.service#" + kind, "message": message})
}

type bedrockBlock struct {
	Text     *string       `json:"text"`
	Image    *bedrockMedia `json:"image"`
	Document *bedrockMedia `json:"document"`
	ToolUse  *struct {
		ID    string          `json:"toolUseId"`
		Name  string          `json:"name"`
		Input json.RawMessage `json:"input"`
	} `json:"toolUse"`
	ToolResult *struct {
		ID      string         `json:"toolUseId"`
		Content []bedrockBlock `json:"content"`
		Status  string         `json:"status"`
	} `json:"toolResult"`
	Reasoning *struct {
		Text *struct {
			Text      string `json:"text"`
			Signature string `json:"signature"`
		} `json:"reasoningText"`
		Redacted []byte `json:"redactedContent"`
	} `json:"reasoningContent"`
	CachePoint *struct {
		Type string `json:"type"`
	} `json:"cachePoint"`
}

type bedrockMedia struct {
	Format string `json:"format"`
	Name   string `json:"name"`
	Source struct {
		Bytes []byte `json:"bytes"`
	} `json:"source"`
}

type bedrockRequest struct {
	Messages []struct {
		Role    string         `json:"role"`
		Content []bedrockBlock `json:"content"`
	} `json:"messages"`
	System     []bedrockBlock `json:"system"`
	ToolConfig *struct {
		Tools []struct {
			ToolSpec *struct {
				Name        string `json:"name"`
				InputSchema struct {
					JSON json.RawMessage `json:"json"`
				} `json:"inputSchema"`
			} `json:"toolSpec"`
			CachePoint json.RawMessage `json:"cachePoint"`
		} `json:"tools"`
	} `json:"toolConfig"`
	Inference struct {
		MaxTokens   int      `json:"maxTokens"`
		Temperature *float64 `json:"temperature"`
	} `json:"inferenceConfig"`
	Additional struct {
		Thinking *struct {
			Type   string `json:"type"`
			Budget int    `json:"budget_tokens"`
		} `json:"thinking"`
	} `json:"additionalModelRequestFields"`
}

func checkBedrock(r *http.Request, body []byte) error {
	var in bedrockRequest
	if err := json.Unmarshal(body, &in); err != nil {
		return fmt.Errorf("the request is not valid JSON: %w", err)
	}
	thinking := in.Additional.Thinking
	switch {
	case len(in.Messages) == 0:
		return errors.New("1 validation error detected: value at 'messages' failed to satisfy constraint: member must not be null")
	case in.Messages[0].Role != "user":
		return errors.New("a conversation must start with a user message")
	case thinking != nil && thinking.Type == "enabled" && (thinking.Budget < 1024 || thinking.Budget >= in.Inference.MaxTokens):
		return errors.New("`max_tokens` must be greater than `thinking.budget_tokens`")
	case thinking != nil && thinking.Type != "disabled" && in.Inference.Temperature != nil:
		return errors.New("`temperature` may only be set to 1 when thinking is enabled")
	}
	c := bedrockCheck{open: map[string]bool{}, used: map[string]bool{}, names: map[string]bool{}, model: bedrockModel(r.URL.Path)}
	if in.ToolConfig != nil {
		if len(in.ToolConfig.Tools) == 0 {
			return errors.New("toolConfig.tools must have at least one element")
		}
		seen := map[string]bool{}
		for _, t := range in.ToolConfig.Tools {
			if t.ToolSpec == nil {
				c.marks++
				continue
			}
			if err := checkNames(seen, t.ToolSpec.Name); err != nil {
				return err
			}
			if err := checkSchema(t.ToolSpec.Name, t.ToolSpec.InputSchema.JSON); err != nil {
				return err
			}
		}
		c.tools = true
	}
	for _, b := range in.System {
		if b.CachePoint != nil {
			c.marks++
		}
	}
	for i, m := range in.Messages {
		if i > 0 && m.Role == in.Messages[i-1].Role || m.Role != "user" && m.Role != "assistant" {
			return errors.New("a conversation must alternate between user and assistant roles")
		}
		if err := c.message(i, m.Role, m.Content); err != nil {
			return err
		}
	}
	switch {
	case len(c.open) > 0:
		return errors.New("expected toolResult blocks for the toolUse blocks at the end")
	case c.marks > 4:
		return errors.New("a maximum of 4 cache points may be provided")
	case c.marks > 0 && !strings.Contains(c.model, "claude") && !strings.Contains(c.model, "nova"):
		return errors.New("you invoked an unsupported model or your request did not allow prompt caching")
	}
	return nil
}

// bedrockCheck follows a conversation.
type bedrockCheck struct {
	model      string
	tools      bool
	marks      int
	open, used map[string]bool // calls
	names      map[string]bool // of documents
}

func (c *bedrockCheck) message(i int, role string, content []bedrockBlock) error {
	if len(content) == 0 {
		return fmt.Errorf("messages.%d.content must not be empty", i)
	}
	others := false
	for j, b := range content {
		at := fmt.Sprintf("messages.%d.content.%d", i, j)
		switch {
		case b.CachePoint != nil:
			c.marks++
			if b.CachePoint.Type != "default" {
				return errors.New(at + ": unknown cache point")
			}
			continue
		case b.ToolUse != nil:
			u := b.ToolUse
			if !c.tools {
				return errors.New("the toolConfig field must be defined when using toolUse and toolResult content blocks")
			}
			if role != "assistant" || c.used[u.ID] || !callID.MatchString(u.ID) || len(u.Input) == 0 || u.Input[0] != '{' {
				return errors.New(at + ": bad toolUse")
			}
			c.used[u.ID], c.open[u.ID] = true, true
		case b.ToolResult != nil:
			r := b.ToolResult
			if role != "user" || others || !c.open[r.ID] || len(r.Content) == 0 {
				return errors.New(at + ": unexpected toolResult")
			}
			delete(c.open, r.ID)
			rich := strings.Contains(c.model, "claude") || strings.Contains(c.model, "nova")
			for _, inner := range r.Content {
				media := inner.Image != nil || inner.Document != nil
				if media && (!rich || r.Status == "error" && strings.Contains(c.model, "claude")) || r.Status != "" && !rich {
					return errors.New(at + ": this model takes text in results only")
				}
				if err := c.leaf(at, &inner); err != nil {
					return err
				}
			}
			continue
		case b.Reasoning != nil:
			if role != "assistant" || b.Reasoning.Text != nil && b.Reasoning.Text.Signature == "" || b.Reasoning.Text == nil && len(b.Reasoning.Redacted) == 0 {
				return errors.New(at + ": bad reasoningContent")
			}
		default:
			if err := c.leaf(at, &b); err != nil {
				return err
			}
		}
		others = true
	}
	if role == "user" && len(c.open) > 0 {
		return fmt.Errorf("expected toolResult blocks at messages.%d.content", i)
	}
	return nil
}

func (c *bedrockCheck) leaf(at string, b *bedrockBlock) error {
	switch {
	case b.Text != nil:
		if strings.TrimSpace(*b.Text) == "" {
			return errors.New(at + ": text content blocks must contain non-whitespace text")
		}
	case b.Image != nil:
		if b.Image.Format == "" || len(b.Image.Source.Bytes) == 0 {
			return errors.New(at + ": bad image")
		}
	case b.Document != nil:
		if b.Document.Format != "pdf" || b.Document.Name == "" || c.names[b.Document.Name] || len(b.Document.Source.Bytes) == 0 {
			return errors.New(at + ": bad document, or a name used twice")
		}
		c.names[b.Document.Name] = true
	default:
		return errors.New(at + ": a block must set one member")
	}
	return nil
}
