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
		in, serr := s.startSignIn(ctx, c, ce.Challenge)
		if serr != nil {
			return serr
		}
		detail["oauthUrl"] = nil
		if in.URL != "" {
			detail["oauthUrl"], detail["flowId"], detail["oauthTimeout"] = in.URL, in.FlowID, in.Timeout.Milliseconds()
		}
		return &patchbay.Error{Code: patchbay.CodeSigninRequired, Message: msgSigninRequired, Detail: detail, Err: err}
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

// startSignIn returns the person's sign-in, or nothing when none can be started here.
func (s *Server) startSignIn(ctx context.Context, c *caller, challenge []string) (SignIn, error) {
	if s.o.SignIns == nil || c.server == nil || c.actor.User == nil {
		return SignIn{}, nil
	}
	return s.o.SignIns.Start(ctx, c.actor, c.server, challenge)
}
