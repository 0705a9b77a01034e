package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Sentinels.
var (
	// ErrClosed is why a wire ended that was closed by us.
	ErrClosed = errors.New("the connection was closed")
	// ErrSessionGone means that a legacy server no longer knows the session: it was
	// restarted or dropped it. Nothing was executed. The wire itself stays, for calls
	// that may have got through before; it is of no use for new ones.
	ErrSessionGone = errors.New("the server no longer knows this session")
	// ErrNoListener is Listen's answer when there is nothing to listen to.
	ErrNoListener = errors.New("the server has no stream of its own")
	// ErrLost means that the far end hung up.
	ErrLost = errors.New("the server closed the connection")
)

// CallError is what went wrong with one call.
type CallError struct {
	// Sent tells whether the far end may have executed the call. When false it was
	// not written, or was turned away unread: it is safe to send it again.
	Sent bool
	Err  error
}

// Error returns the cause's text.
func (e *CallError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Err }

// RPCError is a JSON-RPC error that the server answered with.
type RPCError struct {
	Code    int64
	Message string // the server's text: data, never markup
	Data    json.RawMessage
}

// Error returns code and text.
func (e *RPCError) Error() string {
	return fmt.Sprintf("the server answered %d: %s", e.Code, e.Message)
}

// AuthError is a 401 or 403.
type AuthError struct {
	Status    int
	Challenge []string // the WWW-Authenticate values
}

// Error says what the status means.
func (e *AuthError) Error() string {
	if e.Status == http.StatusForbidden {
		return "the server refuses access (HTTP 403)"
	}
	return "the server wants a sign-in (HTTP 401)"
}

// HTTPError is an HTTP status that is neither success nor AuthError.
type HTTPError struct {
	Status     int
	RetryAfter time.Duration // 0: not said
	Snippet    string        // the start of the answer, printable, at most 200 bytes
	HTML       bool          // the answer is a web page: a proxy's, not an MCP server's
}

// Error returns the status and the start of the answer.
func (e *HTTPError) Error() string {
	s := fmt.Sprintf("the server answered HTTP %d", e.Status)
	if t := http.StatusText(e.Status); t != "" {
		s += " " + t
	}
	if e.Snippet != "" {
		s += ": " + e.Snippet
	}
	return s
}

// ExitError means that a child process ended by itself.
type ExitError struct {
	Code   int    // exit code; -1 when a signal ended it
	Signal string // "SIGKILL", else ""
	Stderr string // its last lines, printable
}

// Error says how it ended and what it said last.
func (e *ExitError) Error() string {
	s := fmt.Sprintf("the program exited with code %d", e.Code)
	if e.Signal != "" {
		s = "the program was ended by " + e.Signal
	}
	if e.Stderr != "" {
		s += ": " + e.Stderr
	}
	return s
}

// CommandError means that a program could not be started.
type CommandError struct {
	Command string
	Err     error
}

// Error names the command and what to do.
func (e *CommandError) Error() string { return fmt.Sprintf("cannot start %q: %v", e.Command, e.Err) }

// Unwrap returns the cause.
func (e *CommandError) Unwrap() error { return e.Err }

// LimitError means that the far end went over a cap.
type LimitError struct {
	What  string // "message", "line", "event", "queue", …
	Limit int64  // bytes or, for queues, items
}

// Error names the cap.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the server went over the limit for one %s (%d)", e.What, e.Limit)
}

// ProtocolError means that the far end broke MCP, JSON-RPC or HTTP.
type ProtocolError struct {
	Message string
}

// Error returns the sentence.
func (e *ProtocolError) Error() string { return "the server broke the protocol: " + e.Message }

func protocolErrorf(format string, args ...any) *ProtocolError {
	return &ProtocolError{Message: fmt.Sprintf(format, args...)}
}

// codeRejected is the code by which the SDK's JSON-RPC layer knows that a write failed
// for this message only, so that the connection goes on.
const codeRejected = -32005

// rejected marks an error of Write as one of the message, not of the connection.
type rejected struct{ err error }

func (e *rejected) Error() string { return e.err.Error() }
func (e *rejected) Unwrap() error { return e.err }

// Is makes errors.Is find the SDK's own marker, which lives in an internal package.
func (e *rejected) Is(target error) bool {
	w, ok := target.(*jsonrpc.Error)
	return ok && w != nil && w.Code == codeRejected
}

// snippet makes foreign bytes fit for a sentence: one line, printable, at most n bytes.
func snippet(b []byte, n int) string {
	cut := len(b) > n
	if cut {
		b = b[:n]
	}
	s := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || r == '\ufeff' || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), ""))
	s = strings.Join(strings.Fields(s), " ")
	if cut && s != "" {
		s += "…"
	}
	return s
}
