package patchbay

import (
	"errors"
	"fmt"
	"time"
)

// Code is the stable, machine-readable kind of an error. It is part of the REST
// contract: codes are added, never renamed.
type Code string

// The codes, with the HTTP status that httpkit gives them.
const (
	CodeBadRequest      Code = "bad_request"       // 400: not readable as a request
	CodeChatMenuOff     Code = "chat_menu_off"     // 400: the server is not for chats (chatMenu: false)
	CodeUnauthenticated Code = "unauthenticated"   // 401: no valid login or token
	CodeSigninRequired  Code = "signin_required"   // 401: the MCP server wants the person to sign in
	CodeForbidden       Code = "forbidden"         // 403: seen, but not allowed
	CodeNotFound        Code = "not_found"         // 404: not there, or not yours
	CodeToolNotFound    Code = "tool_not_found"    // 404: the server is there, the tool is not
	CodeNotAllowed      Code = "not_allowed"       // 405: no such method on this path
	CodeConflict        Code = "conflict"          // 409: exists already
	CodeInputRequired   Code = "input_required"    // 409: the server asks a question first
	CodeStale           Code = "stale"             // 412: edited meanwhile
	CodeTooLarge        Code = "too_large"         // 413: over a cap
	CodeMediaType       Code = "media_type"        // 415: body is not JSON
	CodeMisdirected     Code = "misdirected"       // 421: Host header is not ours
	CodeInvalid         Code = "invalid"           // 422: a field is wrong; Fields says which
	CodeNeedsVariables  Code = "needs_variables"   // 422: variables the person has not given
	CodeModelKeyMissing Code = "model_key_missing" // 422: the provider needs a key that the person has not given
	CodeModelKeyExpired Code = "model_key_expired" // 422: the person's own limit of their key has passed
	CodeRateLimited     Code = "rate_limited"      // 429: RetryAfter says when to try again
	CodeCancelled       Code = "cancelled"         // 499: the caller went away
	CodeInternal        Code = "internal"          // 500: shown with an id only
	CodeConnectFailed   Code = "connect_failed"    // 500: no connection to the MCP server
	CodeNotImplemented  Code = "not_implemented"   // 501: the place of it is there, this build has not got it
	CodeProtocol        Code = "protocol"          // 502: the MCP server broke the protocol
	CodeUnknownFate     Code = "unknown"           // 502: sent, but nobody knows what became of it
	CodeServerError     Code = "server_error"      // 502: the MCP server answered with a JSON-RPC error
	CodeCapacity        Code = "capacity"          // 503: no room now
	CodeUnavailable     Code = "unavailable"       // 503: stopping, or a part of ours is down
	CodeTimeout         Code = "timeout"           // 504: no answer in time
)

// Error is an error that may be shown to a person. Everything that is not an
// *Error is internal: it is logged, and shown with an id only.
type Error struct {
	Code    Code
	Message string // one sentence that says what to do next; never holds a secret or a submitted value
	Fields  []FieldError
	// Detail adds members to the JSON answer ("serverName", "oauthUrl", …).
	Detail map[string]any
	// RetryAfter is set with CodeRateLimited and CodeCapacity.
	RetryAfter time.Duration
	Err        error // the cause, for logs; never shown
}

// FieldError names one wrong field. It never carries the submitted value.
type FieldError struct {
	Path    string `json:"path"`    // "arguments.a", "body.email"
	Message string `json:"message"` // "must be an integer"
}

// Error returns code and message, and the cause when there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an *Error whose message is safe to show.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of err: that of the first *Error in its chain, "" for
// nil, CodeInternal for anything else.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// NotFound is the one wording for a server that is not there or may not be seen
// (seeds, REST page, "Server Not Found").
func NotFound(server string) *Error {
	return Errorf(CodeNotFound, "MCP server '%s' not found in configuration", server)
}
