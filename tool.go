package patchbay

import (
	"encoding/json"
	"strings"
)

// ToolRef names one tool of one server.
type ToolRef struct {
	Server ServerID
	Tool   string // the tool's own name
}

// Tool is what a server says of one tool. Raw members are the server's bytes.
type Tool struct {
	Name         string
	Title        string
	Description  string
	InputSchema  json.RawMessage
	OutputSchema json.RawMessage
	Annotations  json.RawMessage
	Meta         json.RawMessage
}

// ToolKey returns the key under which LibreChat and the model know a tool:
// `tool_mcp_server`.
func ToolKey(tool, server string) string { return tool + toolKeyDelimiter + server }

const toolKeyDelimiter = "_mcp_"

// ParseToolKey splits a tool key. Of the names that known lists, the longest that
// the key ends with wins, so that servers `bar` and `foo_mcp_bar` cannot be mixed
// up; with none, it splits at the last delimiter. ok is false when there is none.
func ParseToolKey(key string, known []string) (tool, server string, ok bool) {
	for _, name := range known {
		t, found := strings.CutSuffix(key, toolKeyDelimiter+name)
		if found && t != "" && len(name) > len(server) {
			tool, server, ok = t, name, true
		}
	}
	if ok {
		return tool, server, true
	}
	i := strings.LastIndex(key, toolKeyDelimiter)
	if i <= 0 || i+len(toolKeyDelimiter) == len(key) {
		return "", "", false
	}
	return key[:i], key[i+len(toolKeyDelimiter):], true
}

// ToolResult is what came back from a tool. Raw is the MCP CallToolResult, byte for
// byte as the server sent it; typed views are derived by mcpconv for who needs them.
type ToolResult struct {
	Raw     json.RawMessage
	IsError bool // the tool ran and failed: data for the model, not an error of ours
}

// CallRequest is one tool call as a door hands it to tools.Call.
type CallRequest struct {
	Ref  ToolRef
	Args json.RawMessage // a JSON object, or empty for none
	Meta json.RawMessage // a JSON object for `_meta`, or empty
	// Body fills {{LIBRECHAT_BODY_…}} of servers at run level.
	Body CallBody
	// Run names the run that calls: a server at run level has one connection for it, until
	// tools.EndRun. Empty: one for this call alone.
	Run string
	// Resume and Answers continue a call that ended in a question.
	Resume  string
	Answers json.RawMessage
	// Observer sees progress and log lines in wire order, before the result. It is
	// called from one goroutine at a time and must not block.
	Observer func(Note)
}

// CallBody is the request body's part in placeholders.
type CallBody struct {
	ConversationID  string `json:"conversationId,omitempty"`
	ParentMessageID string `json:"parentMessageId,omitempty"`
	MessageID       string `json:"messageId,omitempty"`
}

// NoteKind says what a Note is.
type NoteKind string

// Kinds of notes.
const (
	NoteProgress NoteKind = "progress"
	NoteLog      NoteKind = "log"
)

// Note is one progress or log notification of a running call. Params are the
// notification's own bytes.
type Note struct {
	Kind   NoteKind
	Params json.RawMessage
}

// Outcome is how a call ended: a result, or a wait for a person.
type Outcome struct {
	Result *ToolResult
	Wait   *Wait
}

// WaitKind says what a call stands still for.
type WaitKind string

// Kinds of waits.
const (
	WaitQuestion WaitKind = "question" // input_required of a new-era server
)

// Wait is what must happen before a call can go on.
type Wait struct {
	Kind      WaitKind
	Questions json.RawMessage // inputRequests, as the server sent them
	Resume    string          // opaque; handed back in CallRequest.Resume
}
