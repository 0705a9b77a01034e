package patchbay

import (
	"encoding/json"
	"fmt"
	"time"
)

// ModelRequest is one question to a model, the same for every vendor. It never holds a
// key. Nobody changes it while it is under way.
type ModelRequest struct {
	Model        string
	Instructions string // the system prompt
	Messages     []Message
	Tools        []ToolOffer
	Params       ModelParams
}

// ToolOffer is a tool as it is offered to a model.
type ToolOffer struct {
	Name        string // [A-Za-z0-9_-]{1,64}, unique in its request
	Ref         ToolRef
	Server      string // the server's name; empty for a tool of ours
	Title       string
	Description string
	Schema      json.RawMessage // JSON Schema of the arguments, as the server sent it
	// Ask says that a person must approve each call.
	Ask bool
}

// ModelParams are the settings of a request. A zero field is left to the vendor.
type ModelParams struct {
	MaxTokens   int      `json:"maxTokens,omitempty"`
	Temperature *float64 `json:"temperature,omitempty"`
	TopP        *float64 `json:"topP,omitempty"`
	StopAt      []string `json:"stopAt,omitempty"`
	// Effort is how long to reason: none, minimal, low, medium, high, … or empty.
	Effort string `json:"effort,omitempty"`
	// ThinkingBudget is the most tokens to reason with, for vendors that take a number.
	ThinkingBudget int `json:"thinkingBudget,omitempty"`
	// NoParallelCalls asks for one call at a time.
	NoParallelCalls bool `json:"noParallelCalls,omitempty"`
	// NoCalls offers the tools but forbids to call them, so that the model ends in words.
	NoCalls bool `json:"noCalls,omitempty"`
	// NoCache turns prompt caching off where it is ours to ask for.
	NoCache bool `json:"noCache,omitempty"`
	// Add and Drop edit the members of the vendor's request last (addParams, dropParams).
	Add  map[string]json.RawMessage `json:"add,omitempty"`
	Drop []string                   `json:"drop,omitempty"`
}

// ModelInfo is one model of a provider's list.
type ModelInfo struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"` // display name, where the vendor has one
}

// ModelErrorKind is the stable word for what went wrong with a model.
type ModelErrorKind string

// Kinds of model errors.
const (
	ModelAuth        ModelErrorKind = "auth"         // the key is missing, wrong or lacks a right
	ModelQuota       ModelErrorKind = "quota"        // no credit left: waiting does not help
	ModelRateLimited ModelErrorKind = "rate_limited" // RetryAfter says when
	ModelOverloaded  ModelErrorKind = "overloaded"   // the vendor has no room now
	ModelNotFound    ModelErrorKind = "not_found"    // no such model, or no such address
	ModelTooLong     ModelErrorKind = "too_long"     // the conversation does not fit the context
	ModelBadRequest  ModelErrorKind = "bad_request"  // refused as it stands
	ModelFiltered    ModelErrorKind = "filtered"     // a content filter refused it
	ModelUnreachable ModelErrorKind = "unreachable"  // no connection
	ModelTimeout     ModelErrorKind = "timeout"      // no answer in time, or silence in the middle
	ModelCut         ModelErrorKind = "cut"          // the stream ended before the message did
	ModelProtocol    ModelErrorKind = "protocol"     // what came is not the vendor's format
	ModelTooLarge    ModelErrorKind = "too_large"    // the answer is over a cap of ours
	ModelVendor      ModelErrorKind = "vendor"       // the vendor's own failure (5xx)
)

// ModelError is why a model did not answer, or not to the end. It may be shown to a
// person: it never holds a key.
type ModelError struct {
	Kind    ModelErrorKind `json:"kind"`
	Message string         `json:"message"` // a sentence; the vendor's own where it gave one
	Status  int            `json:"status,omitempty"`
	Code    string         `json:"code,omitempty"` // the vendor's word
	// RetryAfter is when the vendor wants to be asked again.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
	Err        error         `json:"-"` // the cause, for logs
}

// Error returns kind and message.
func (e *ModelError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("model: %s (HTTP %d): %s", e.Kind, e.Status, e.Message)
	}
	return fmt.Sprintf("model: %s: %s", e.Kind, e.Message)
}

// Unwrap returns the cause.
func (e *ModelError) Unwrap() error { return e.Err }

// Retryable reports whether the same request may work later.
func (e *ModelError) Retryable() bool {
	switch e.Kind {
	case ModelRateLimited, ModelOverloaded, ModelUnreachable, ModelVendor:
		return true
	}
	return false
}
