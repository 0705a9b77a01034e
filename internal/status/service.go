// Package status owns what is shown of each (user, server): it gathers the facts
// (definition, connection, missing variables, pending sign-ins), lets
// patchbay.StatusOf decide, and alone publishes the result on the bus.
//
// It does not own the facts, nor who may see a status: callers have checked VIEW.
// Of may be called concurrently; one Run publishes, in the order changes came in, and
// coalesces changes of the same key.
package status

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
)

// Registry returns definitions in force.
type Registry interface {
	ByID(id patchbay.ServerID) (*patchbay.Server, bool)
}

// Connections tells what is known of connections. Neither method waits for I/O.
type Connections interface {
	Facts(k conn.Key) conn.Facts
	Tools(k conn.Key) (tools []patchbay.Tool, stale, known bool)
}

// Vault returns a user's variables for a server.
type Vault interface {
	Vars(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (map[string]string, error)
}

// SignIns tells what is known of sign-ins. Neither method waits for another host.
type SignIns interface {
	// Pending says where a person's sign-in stands, and why the last one failed.
	Pending(user patchbay.UserID, server patchbay.ServerID) (phase patchbay.FlowPhase, since time.Time, problem string)
	// Missing says whether a server is known to want a sign-in that the person has not got:
	// signin_required, signin_expired or "".
	Missing(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (patchbay.Reason, error)
	// Held says since when a person has the token that they have now at a server (zero:
	// there is none), and when only a new sign-in will help (zero: not known, or never).
	Held(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (since, ends time.Time, err error)
}

// Publisher takes events without blocking.
type Publisher interface {
	Publish(patchbay.Event)
}

// Options are the parts of a Service. All are required.
type Options struct {
	Registry    Registry
	Connections Connections
	Vault       Vault
	SignIns     SignIns
	Bus         Publisher
	Logger      *slog.Logger
}

// Service decides and publishes statuses.
type Service struct {
	opts  Options
	queue queue
}

// New returns a service; it publishes nothing before Run.
func New(o Options) (*Service, error) {
	if o.Registry == nil || o.Connections == nil || o.Vault == nil || o.SignIns == nil || o.Bus == nil || o.Logger == nil {
		return nil, errors.New("status: every option is required")
	}
	return &Service{opts: o, queue: newQueue()}, nil
}

// Of returns the status of a server for an actor. When the person's variables cannot be
// read, that is what the status says.
func (s *Service) Of(ctx context.Context, a patchbay.Actor, srv *patchbay.Server) patchbay.Status {
	st, err := s.of(ctx, a.ID(), srv)
	if err != nil {
		s.opts.Logger.Error("Status could not be decided", "server", srv.Name, "error", err)
		return patchbay.Status{
			Status: patchbay.StatusDisconnected, Reason: patchbay.ReasonNeedsVariables, Action: patchbay.ActionConfigure,
			Message: "Your saved values for this server could not be read. Give them again.", Since: srv.UpdatedAt,
		}
	}
	return st
}

func (s *Service) of(ctx context.Context, user patchbay.UserID, srv *patchbay.Server) (patchbay.Status, error) {
	facts := patchbay.StatusFacts{Problem: srv.Problem, Since: srv.UpdatedAt}
	k, ok := conn.KeyOf(srv, user, "")
	if srv.Problem != nil || !ok {
		return patchbay.StatusOf(facts), nil
	}
	if user != "" && len(expand.UserVarsNeeded(srv)) > 0 {
		vars, err := s.opts.Vault.Vars(ctx, user, srv.ID)
		if err != nil {
			return patchbay.Status{}, err
		}
		facts.MissingVars = expand.MissingVars(srv, vars)
	}
	f := s.opts.Connections.Facts(k)
	facts.Phase, facts.Err, facts.ProtocolVersion, facts.ToolsKnown = f.Phase, f.Err, f.ProtocolVersion, f.ToolsKnown
	if !f.Since.IsZero() {
		facts.Since = f.Since
	}
	facts.ToolCount = s.offered(k, srv)
	if err := s.signIn(ctx, user, srv, &facts); err != nil {
		return patchbay.Status{}, err
	}
	return patchbay.StatusOf(facts), nil
}

// signIn gathers what is known of a person's sign-in.
func (s *Service) signIn(ctx context.Context, user patchbay.UserID, srv *patchbay.Server, facts *patchbay.StatusFacts) error {
	if user == "" || srv.Level == patchbay.LevelApp {
		return nil
	}
	var since time.Time
	facts.Flow, since, facts.FlowProblem = s.opts.SignIns.Pending(user, srv.ID)
	if facts.Flow != patchbay.FlowNone && facts.Phase != patchbay.PhaseConnecting {
		facts.Since = since
	}
	var err error
	if facts.NeedsSignIn, err = s.opts.SignIns.Missing(ctx, user, srv); err != nil {
		return err
	}
	refused := facts.Phase == patchbay.PhaseFailed && facts.Err != nil &&
		(facts.Err.Reason == patchbay.ReasonSigninRequired || facts.Err.Reason == patchbay.ReasonSigninExpired)
	if !refused && facts.Phase != patchbay.PhaseConnected {
		return nil
	}
	since, ends, err := s.opts.SignIns.Held(ctx, user, srv)
	if err != nil {
		return err
	}
	facts.SignInEnds = ends
	if refused && since.After(facts.Since) {
		// They signed in since, at another replica perhaps: the next use opens it.
		facts.Phase, facts.Err, facts.Since = patchbay.PhaseNever, nil, since
	}
	return nil
}

// offered counts the tools of a key that the definition does not leave out.
func (s *Service) offered(k conn.Key, srv *patchbay.Server) int {
	list, _, _ := s.opts.Connections.Tools(k)
	n := 0
	for i := range list {
		if srv.Tools.Allows(list[i].Name) {
			n++
		}
	}
	return n
}
