package api

import (
	"context"

	"patchbay"
)

// connectionState is the four-value projection of a status that the seeds show.
type connectionState string

func projected(st patchbay.StatusName) connectionState {
	switch st {
	case patchbay.StatusConnected:
		return "connected"
	case patchbay.StatusError:
		return "error"
	case patchbay.StatusInitializing, patchbay.StatusCancelling:
		return "connecting"
	}
	return "disconnected"
}

// shownError is the seeds' `error`: the message of what went wrong, nil when nothing did.
func shownError(st patchbay.Status) *string {
	switch {
	case st.Status == patchbay.StatusError:
	case st.Status == patchbay.StatusDisconnected &&
		st.Reason != patchbay.ReasonNone && st.Reason != patchbay.ReasonNeverOpened && st.Reason != patchbay.ReasonIdle:
	default:
		return nil
	}
	return &st.Message
}

type connectionView struct {
	ConnectionState connectionState `json:"connectionState" enum:"connected,disconnected,error,connecting"`
	RequiresOAuth   bool            `json:"requiresOAuth"`
	Error           *string         `json:"error"`
	StatusView
}

type connectionsInput struct{ Caller caller }

type connectionsOutput struct {
	Body struct {
		Success          bool                      `json:"success"`
		ConnectionStatus map[string]connectionView `json:"connectionStatus"`
	}
}

func (s *Server) listConnections(ctx context.Context, in *connectionsInput) (*connectionsOutput, error) {
	out := &connectionsOutput{}
	out.Body.Success = true
	out.Body.ConnectionStatus = map[string]connectionView{}
	for _, def := range s.o.Servers.Visible(in.Caller.actor, patchbay.PermView) {
		st := s.o.Statuses.Of(ctx, in.Caller.actor, def)
		out.Body.ConnectionStatus[def.Name] = connectionView{projected(st.Status), requiresOAuth(def, st), shownError(st), viewStatus(st)}
	}
	return out, nil
}

type connectionOutput struct {
	Body struct {
		Success          bool            `json:"success"`
		ServerName       string          `json:"serverName"`
		ConnectionStatus connectionState `json:"connectionStatus" enum:"connected,disconnected,error,connecting"`
		RequiresOAuth    bool            `json:"requiresOAuth"`
		Error            *string         `json:"error"`
		StatusView
	}
}

func (s *Server) getConnection(ctx context.Context, in *oneServerInput) (*connectionOutput, error) {
	def := in.Caller.server
	st := s.o.Statuses.Of(ctx, in.Caller.actor, def)
	out := &connectionOutput{}
	b := &out.Body
	b.Success, b.ServerName, b.ConnectionStatus = true, def.Name, projected(st.Status)
	b.RequiresOAuth, b.Error, b.StatusView = requiresOAuth(def, st), shownError(st), viewStatus(st)
	return out, nil
}
