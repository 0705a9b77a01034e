package transport

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
)

// Wire carries the messages of one connection. The SDK drives it through
// mcp.Connection; tool calls go past the SDK through Call.
//
// Read and Write are for the SDK alone. All other methods may be called by anybody at
// any time, also after the wire has ended.
type Wire interface {
	// Read, Write, Close and SessionID are the SDK's. Close ends the wire and waits
	// for everything it started (a child: at most six seconds). SessionID is the
	// session a legacy streamable HTTP server gave, else "".
	mcp.Connection

	// Call sends one tools/call on the lane and waits for its answer. Every error is
	// a *CallError. When ctx ends first the far end is told, in the background, and
	// the wire stays usable.
	Call(ctx context.Context, c *Call) (*Result, error)

	// SetTools hands over the tool list, from which the Mcp-Param headers of modern
	// servers are prepared. Each call replaces the list before.
	SetTools(tools []patchbay.Tool)

	// Listen holds the stream on which a legacy streamable HTTP server sends what
	// belongs to no call, until ctx or the stream ends; what arrives goes to Read.
	// ErrNoListener means that there is no such stream and never will be: the server
	// has none, or the wire brings everything to Read by itself.
	Listen(ctx context.Context) error

	// ProtocolVersion is the negotiated version, "" before that.
	ProtocolVersion() string

	// Done is closed when the wire has ended; Err then tells why: ErrClosed after
	// Close, else what broke it. Err is nil before.
	Done() <-chan struct{}
	Err() error

	// Stderr returns what is kept of a child's standard error, at most 64 KiB; nil on
	// the other transports.
	Stderr() []byte
}

// Call is one tools/call for the lane.
type Call struct {
	Name string          // the tool's own name
	Args json.RawMessage // a JSON object; empty for {}
	Meta json.RawMessage // a JSON object of further _meta members, or empty; members of ours win

	// InputResponses and RequestState continue a call of a modern server that ended in
	// ResultType "input_required". Both are sent as they are.
	InputResponses json.RawMessage
	RequestState   json.RawMessage

	// Observer is shown the call's progress and log lines in wire order, before Call
	// returns and never after. It is called from one goroutine at a time and must not
	// block. Progress is asked for only when it is set.
	Observer func(patchbay.Note)
}

// Result is the answer to a Call.
type Result struct {
	// Raw is the result member, byte for byte; valid JSON and UTF-8. The receiver owns it.
	Raw json.RawMessage
	// IsError and ResultType are Raw's members of those names; ResultType is
	// "complete" when the server did not say.
	IsError    bool
	ResultType string
}

// ResultTypes that a Result may have; others are passed on as they are.
const (
	ResultComplete      = "complete"
	ResultInputRequired = "input_required"
)

// FirstModern is the first protocol revision without a handshake. Revisions compare
// as strings.
const FirstModern = "2026-07-28"
