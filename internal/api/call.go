package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
)

// callTool is the hot path: nothing here decodes arguments or results.
func (s *Server) callTool(w http.ResponseWriter, r *http.Request, c *caller) {
	call, err := readCall(w, r)
	if err != nil {
		s.fail(w, err)
		return
	}
	call.Ref = patchbay.ToolRef{Server: c.server.ID, Tool: param(r, "toolName")}
	if wantsStream(r) {
		s.streamCall(w, r, c, call)
		return
	}
	out, err := s.o.Tools.Call(r.Context(), c.actor, call)
	if err == nil && out.Wait != nil {
		err = questionError(c.server, out.Wait)
	}
	if err != nil {
		s.fail(w, s.farEnd(r.Context(), c, err))
		return
	}
	h := w.Header()
	h["Content-Type"] = s.jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(out.Result.Raw))}
	_, _ = w.Write(out.Result.Raw) // the client is gone: nobody to tell
}

// questionError is the answer of a call that stands still for a person.
func questionError(server *patchbay.Server, wait *patchbay.Wait) *patchbay.Error {
	return &patchbay.Error{
		Code:    patchbay.CodeInputRequired,
		Message: "The server asks a question first; post the call again with `resume` and `answers`",
		Detail:  map[string]any{"serverName": server.Name, "questions": wait.Questions, "resume": wait.Resume},
	}
}

// wantsStream reports whether the caller names an event stream before JSON. Who names
// JSON first, as MCP clients do, gets that: it costs half, and progress would have nobody
// to go to.
func wantsStream(r *http.Request) bool {
	accept := strings.Join(r.Header["Accept"], ",")
	stream := strings.Index(accept, "text/event-stream")
	if stream < 0 {
		return false
	}
	other := strings.Index(accept, "json")
	return other < 0 || stream < other
}

// callBody and toolResult describe the call for OpenAPI; the bytes pass unread.
type callBody struct {
	Arguments       map[string]any `json:"arguments,omitempty" doc:"What the tool's inputSchema asks for"`
	Meta            map[string]any `json:"_meta,omitempty"`
	ConversationID  string         `json:"conversationId,omitempty" doc:"For servers whose definition names it, like the two below"`
	ParentMessageID string         `json:"parentMessageId,omitempty"`
	MessageID       string         `json:"messageId,omitempty"`
	Resume          string         `json:"resume,omitempty" doc:"Of a 409 input_required"`
	Answers         map[string]any `json:"answers,omitempty" doc:"To its questions"`
}

type toolResult struct {
	Content           []map[string]any `json:"content"`
	StructuredContent json.RawMessage  `json:"structuredContent,omitempty"`
	IsError           bool             `json:"isError,omitempty" doc:"The tool ran and failed"`
	Meta              map[string]any   `json:"_meta,omitempty"`
}

func documentCall(op *huma.Operation, schemas huma.Registry) {
	op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(reflect.TypeFor[callBody](), true, "")},
	}}
	op.Responses["200"] = &huma.Response{
		Description: "The MCP CallToolResult, byte for byte. With `Accept: text/event-stream`: events `progress` and `log`, then one `result` or `error`.",
		Content: map[string]*huma.MediaType{
			"application/json":  {Schema: schemas.Schema(reflect.TypeFor[toolResult](), true, "")},
			"text/event-stream": {Schema: &huma.Schema{Type: "string"}},
		},
	}
}
