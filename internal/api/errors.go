package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"patchbay"
	"patchbay/internal/httpkit"
)

// Sentences of the seeds' REST page.
const (
	msgConnectFailed  = "Failed to connect to MCP server"
	msgSigninRequired = "OAuth authentication required"
)

// fail answers err.
func (s *Server) fail(w http.ResponseWriter, err error) { httpkit.WriteError(w, s.o.Log, err) }

// farEnd turns a connection that could not be had into the answer that the seeds show,
// and starts the sign-in when that is what is missing. Other errors pass unchanged.
func (s *Server) farEnd(ctx context.Context, c *caller, err error) error {
	var ce *patchbay.ConnectError
	if !errors.As(err, &ce) {
		return err
	}
	action := actionOf(ce)
	detail := map[string]any{"serverName": ce.Server, "details": ce.Message, "reason": ce.Reason, "action": action}
	switch ce.Reason {
	case patchbay.ReasonSigninRequired, patchbay.ReasonSigninExpired:
		return s.signInAnswer(ctx, c, ce, detail)
	case patchbay.ReasonRateLimited:
		return &patchbay.Error{Code: patchbay.CodeRateLimited, Message: ce.Message, Detail: detail, RetryAfter: max(ce.After, time.Second), Err: err}
	case patchbay.ReasonCapacity:
		return &patchbay.Error{Code: patchbay.CodeCapacity, Message: ce.Message, Detail: detail, RetryAfter: ce.After, Err: err}
	case patchbay.ReasonStopping:
		return &patchbay.Error{Code: patchbay.CodeUnavailable, Message: ce.Message, Detail: detail, Err: err}
	}
	return &patchbay.Error{Code: patchbay.CodeConnectFailed, Message: msgConnectFailed, Detail: detail, RetryAfter: ce.After, Err: err}
}

// actionOf is the action that the status shows for a failure: decided in one place.
func actionOf(ce *patchbay.ConnectError) patchbay.Action {
	return patchbay.StatusOf(patchbay.StatusFacts{Phase: patchbay.PhaseFailed, Err: ce}).Action
}
