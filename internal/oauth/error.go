package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
)

// Error is why a step of signing in failed. No member holds a secret.
type Error struct {
	Step StepName
	// Code is the authorization server's own error code (RFC 6749 5.2), printable and at
	// most 64 bytes; empty when it gave none.
	Code string
	// Description is its error_description: the far end's words, printable, at most 200
	// bytes, with everything secret that we sent taken out. Data, never markup.
	Description string
	Reason      patchbay.Reason
	Message     string // a sentence or two: what is wrong and what to do next
	Status      int    // HTTP; 0 when no answer came
	// Permanent: the same request fails again.
	Permanent bool
	// Forgotten: the issuer no longer knows our client. A registration that was made
	// dynamically is to be dropped and made anew.
	Forgotten bool
	// InvalidGrant: the code or refresh token is used up, expired or revoked. Only a new
	// sign-in helps. It alone says so: without it the refresh token may still be good,
	// whatever the reason is.
	InvalidGrant bool
	// Lost: the request was sent and no readable answer came, so it may have been carried
	// out. A refresh token may have been rotated.
	Lost       bool
	RetryAfter time.Duration // of a 429 or 503; 0 when not said
	Err        error         // the cause, for logs
}

// Error returns step, reason and message.
func (e *Error) Error() string {
	s := "oauth: " + string(e.Step) + ": "
	if e.Code != "" {
		s += e.Code + ": "
	}
	return s + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Action is the one thing a person can do about it.
func (e *Error) Action() patchbay.Action {
	switch {
	case e.InvalidGrant, e.Reason == patchbay.ReasonSigninRequired, e.Reason == patchbay.ReasonSigninExpired:
		return patchbay.ActionAuthenticate
	case e.Reason == patchbay.ReasonBadDefinition, e.Reason == patchbay.ReasonBlocked:
		return patchbay.ActionConfigure
	case e.Permanent:
		return patchbay.ActionNone
	}
	return patchbay.ActionRetry
}

// As returns the *Error in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

func badBlock(format string, args ...any) *Error {
	return &Error{Step: StepRegister, Reason: patchbay.ReasonBadDefinition, Message: fmt.Sprintf(format, args...), Permanent: true}
}

// broken is a far end that does not keep to the standards.
func broken(step StepName, format string, args ...any) *Error {
	return &Error{Step: step, Reason: patchbay.ReasonProtocol, Message: fmt.Sprintf(format, args...), Permanent: true}
}

// netError says what the network, the guard or the cap said. sent tells whether a request
// with a secret was under way, so that its fate may be unknown.
func netError(step StepName, host string, err error, sent bool) *Error {
	e := &Error{Step: step, Reason: patchbay.ReasonUnreachable, Err: err}
	var blocked *netguard.BlockedError
	var badTLS *netguard.TLSError
	var limit *netguard.LimitError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &blocked):
		e.Reason, e.Permanent, sent = patchbay.ReasonBlocked, true, false
		e.Message = sentence(blocked.Error())
	case errors.As(err, &badTLS):
		e.Reason, e.Permanent, sent = patchbay.ReasonTLS, true, false
		e.Message = sentence(badTLS.Error())
	case errors.As(err, &limit):
		e.Reason, e.Permanent = patchbay.ReasonProtocol, true
		e.Message = fmt.Sprintf("%s sent an answer that is too large or compressed: %s Tell who runs it.", host, sentence(limit.Error()))
	case errors.As(err, &dns):
		sent = false
		e.Message = fmt.Sprintf("The name %s cannot be resolved. Check the network, then try again.", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		sent = false
		e.Message = fmt.Sprintf("Nothing listens at %s (connection refused). Is the authorization server running?", host)
	case errors.Is(err, context.Canceled):
		e.Message = "It was cancelled. Start again when you like."
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		e.Reason = patchbay.ReasonTimeout
		e.Message = fmt.Sprintf("%s did not answer in time. Try again; if it stays so, tell who runs it.", host)
	case errors.As(err, &op) && op.Op == "dial":
		sent = false
		e.Message = fmt.Sprintf("%s cannot be reached. Check the network, then try again.", host)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		e.Reason = patchbay.ReasonLost
		e.Message = fmt.Sprintf("%s closed the connection before it had answered. Try again.", host)
	default:
		e.Message = fmt.Sprintf("Asking %s failed. Try again; if it stays so, tell who runs it.", host)
	}
	e.Lost = sent
	return e
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// clip makes foreign text one printable line of at most n bytes.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r == '\ufeff', r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return strings.TrimSpace(s)
}

// sentence makes s begin with a capital and end with a full stop.
func sentence(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return s
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
