package chat

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"patchbay"
)

// words says why a call has no result: for the model in a sentence that follows "tool
// call failed: ", for the person in one of its own. What a model can do about it is said
// to it, because it reads nothing else.
func words(err error) (unknown bool, reason, problem, failure string) {
	var ce *patchbay.ConnectError
	if errors.As(err, &ce) {
		problem = ce.Message
		failure = "there is no connection to the server (" + string(ce.Reason) + "): " + lower(ce.Message)
		if ce.Reason == patchbay.ReasonNeedsVariables {
			failure += " Tell the person that the server wants settings which only they can give."
		}
		return false, string(ce.Reason), problem, failure
	}
	code := patchbay.CodeOf(err)
	var e *patchbay.Error
	if !errors.As(err, &e) || code == patchbay.CodeInternal {
		return false, string(patchbay.CodeInternal), "Something went wrong on our side.", "something went wrong on the host's side. Trying again may help."
	}
	problem = e.Message
	switch code {
	case patchbay.CodeUnknownFate:
		return true, string(code), problem, ""
	case patchbay.CodeForbidden, patchbay.CodeNotFound:
		failure = "the person may not use this tool (any more). Do not call it again."
	case patchbay.CodeToolNotFound:
		failure = "the server has no such tool any more. Go on without it."
	case patchbay.CodeTimeout:
		failure = "the server did not answer in time. It may still be working; do not repeat a call that changes something without checking first."
	case patchbay.CodeRateLimited, patchbay.CodeCapacity:
		failure = lower(e.Message)
		if e.RetryAfter > 0 {
			failure += fmt.Sprintf(" Wait %s before trying again.", e.RetryAfter.Round(time.Second))
		}
	case patchbay.CodeInvalid:
		failure = lower(e.Message)
		for _, f := range e.Fields {
			failure += " " + f.Path + " " + f.Message + "."
		}
	default:
		failure = lower(e.Message)
	}
	return false, string(code), problem, failure
}

// modelError is an error of ours as the error of a model that ends a run.
func modelError(err error) *patchbay.ModelError {
	var me *patchbay.ModelError
	if errors.As(err, &me) {
		return me
	}
	kind := patchbay.ModelBadRequest
	switch patchbay.CodeOf(err) {
	case patchbay.CodeModelKeyMissing, patchbay.CodeModelKeyExpired, patchbay.CodeForbidden:
		kind = patchbay.ModelAuth
	case patchbay.CodeNotFound:
		kind = patchbay.ModelNotFound
	case patchbay.CodeUnavailable, patchbay.CodeNotImplemented:
		kind = patchbay.ModelUnreachable
	case patchbay.CodeInternal:
		return &patchbay.ModelError{Kind: patchbay.ModelVendor, Message: "Something went wrong on our side.", Err: err}
	}
	var e *patchbay.Error
	errors.As(err, &e)
	return &patchbay.ModelError{Kind: kind, Message: e.Message, Code: string(e.Code), Err: err}
}

// lower begins a sentence in the middle of another.
func lower(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' { // MCP, HTTP
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// clip cuts a text to at most n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
