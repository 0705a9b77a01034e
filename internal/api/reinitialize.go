package api

import (
	"context"
	"errors"

	"patchbay"
	"patchbay/internal/expand"
)

const msgReinitialized = "MCP server reinitialized successfully"

type reinitializeOutput struct {
	Body struct {
		Success         bool            `json:"success"`
		Message         string          `json:"message"`
		ServerName      string          `json:"serverName"`
		OAuthRequired   bool            `json:"oauthRequired"`
		OAuthURL        *string         `json:"oauthUrl,omitempty"`
		FlowID          string          `json:"flowId,omitempty"`
		OAuthTimeout    int64           `json:"oauthTimeout,omitempty" doc:"ms"`
		Provider        string          `json:"provider,omitempty" doc:"The host that oauthUrl leads to"`
		Reason          patchbay.Reason `json:"reason,omitempty"`
		Action          patchbay.Action `json:"action,omitempty"`
		MissingUserVars []string        `json:"missingUserVars,omitempty"`
	}
}

// reinitialize connects anew. That it did not work is an answer here, not an error.
func (s *Server) reinitialize(ctx context.Context, in *oneServerInput) (*reinitializeOutput, error) {
	def := in.Caller.server
	out := &reinitializeOutput{}
	b := &out.Body
	b.ServerName = def.Name
	err := s.o.Tools.Connect(ctx, in.Caller.actor, def)
	if err == nil {
		b.Success, b.Message = true, msgReinitialized
		return out, nil
	}
	var ce *patchbay.ConnectError
	if !errors.As(err, &ce) {
		return nil, err
	}
	b.Message, b.Reason, b.Action = ce.Message, ce.Reason, actionOf(ce)
	switch ce.Reason {
	case patchbay.ReasonSigninRequired, patchbay.ReasonSigninExpired:
		b.OAuthRequired = true
		in, err := s.startSignIn(ctx, &in.Caller, ce.Challenge)
		if errors.As(err, &ce) { // it cannot be offered: that is what is in the way
			b.Message, b.Reason, b.Action = ce.Message, ce.Reason, actionOf(ce)
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		b.Message = msgSigninRequired
		if in.URL != "" {
			b.OAuthURL, b.FlowID, b.OAuthTimeout, b.Provider = &in.URL, in.FlowID, in.Timeout.Milliseconds(), in.Provider
		}
	case patchbay.ReasonNeedsVariables:
		missing, err := s.missingVars(ctx, &in.Caller)
		if err != nil {
			return nil, err
		}
		b.MissingUserVars = missing
	}
	return out, nil
}

// missingVars lists what the definition needs and the person has not given.
func (s *Server) missingVars(ctx context.Context, c *caller) ([]string, error) {
	needed := expand.UserVarsNeeded(c.server)
	if c.actor.User == nil {
		return needed, nil
	}
	flags, err := s.o.Variables.Flags(ctx, c.actor.User.ID, c.server)
	if err != nil {
		return nil, err
	}
	missing := []string{}
	for _, name := range needed {
		if !flags[name] {
			missing = append(missing, name)
		}
	}
	return missing, nil
}
