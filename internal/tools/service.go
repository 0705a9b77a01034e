// Package tools is the door behind all doors to tools: REST, shell, playground, runs
// and later the gateway call a tool, list a catalogue and connect a server through it,
// with the same actor. It owns the order of checks: may the actor use the server, is
// the tool offered, are the arguments sound.
//
// It does not own connections (conn), definitions and permissions (registry, acl), nor
// what a person is asked (flow, later). All methods may be called concurrently; the
// package keeps no state.
package tools

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/transport"
)

// Registry says who may use which server.
type Registry interface {
	// Authorise returns the server called name when a has all of p on it.
	Authorise(a patchbay.Actor, name string, p patchbay.Permission) (*patchbay.Server, error)
	// AuthoriseID is Authorise by id.
	AuthoriseID(a patchbay.Actor, id patchbay.ServerID, p patchbay.Permission) (*patchbay.Server, error)
	// Visible returns the servers on which a has all of p, sorted by name.
	Visible(a patchbay.Actor, p patchbay.Permission) []*patchbay.Server
	// SignInNeeded gives each person a connection of their own to a server that turned out
	// to want them to sign in.
	SignInNeeded(id patchbay.ServerID) bool
}

// Connections opens connections and calls on them.
type Connections interface {
	Call(ctx context.Context, t conn.Target, r conn.Request) (*transport.Result, error)
	Connect(ctx context.Context, t conn.Target) error
	ListTools(ctx context.Context, t conn.Target) ([]patchbay.Tool, error)
	Tools(k conn.Key) (tools []patchbay.Tool, stale, known bool)
	CloseKey(k conn.Key)
	Log(ctx context.Context, t conn.Target) ([]conn.LogLine, error)
}

// Sealer seals what a caller has to hand back unread.
type Sealer interface {
	Seal(plain []byte, ad string) (string, error)
	Open(sealed, ad string) ([]byte, error)
}

// Meter counts calls. CallDone is called once per call, by the caller's goroutine.
type Meter interface {
	// CallDone counts a call of a server (its name, "" when it was refused before one was
	// found) that ended with outcome: "ok", "tool_error", "question" or an error's code.
	CallDone(server, outcome string, took time.Duration)
}

// Options are the parts of a Service. All are required.
type Options struct {
	Registry    Registry
	Connections Connections
	Sealer      Sealer
	Meter       Meter
	Logger      *slog.Logger
}

// Service calls tools on behalf of actors.
type Service struct {
	registry Registry
	conns    Connections
	sealer   Sealer
	meter    Meter
	log      *slog.Logger
}

// New returns a service.
func New(o Options) (*Service, error) {
	if o.Registry == nil || o.Connections == nil || o.Sealer == nil || o.Meter == nil || o.Logger == nil {
		return nil, errors.New("tools: every option is required")
	}
	return &Service{registry: o.Registry, conns: o.Connections, sealer: o.Sealer, meter: o.Meter, log: o.Logger}, nil
}

// target builds the connection that the actor has to a server.
func target(a patchbay.Actor, s *patchbay.Server, body patchbay.CallBody, run string) (conn.Target, error) {
	if s.Problem != nil {
		return conn.Target{}, &patchbay.ConnectError{Server: s.Name, Reason: s.Problem.Reason, Message: s.Problem.Message}
	}
	k, ok := conn.KeyOf(s, a.ID(), run)
	if !ok {
		return conn.Target{}, patchbay.Errorf(patchbay.CodeForbidden,
			"MCP server '%s' has a connection for each person. Say for whom: --as EMAIL.", s.Name)
	}
	t := conn.Target{Key: k, Server: s, Body: body, Caller: a.ID()}
	if k.Level() != patchbay.LevelApp {
		t.User = a.User
	}
	return t, nil
}

// Connect opens the actor's connection to a server anew: what a person's click on
// Initialize does.
func (s *Service) Connect(ctx context.Context, a patchbay.Actor, srv *patchbay.Server) error {
	srv, err := s.registry.AuthoriseID(a, srv.ID, patchbay.PermUse)
	if err != nil {
		return err
	}
	t, err := target(a, srv, patchbay.CallBody{}, "")
	if err != nil {
		return err
	}
	if srv.Level == patchbay.LevelRun {
		return &patchbay.ConnectError{
			Server: srv.Name, Reason: patchbay.ReasonNeverOpened,
			Message: "This server is connected anew for each conversation, when a tool of it is called.",
		}
	}
	err = s.conns.Connect(ctx, t)
	if own, ok := s.ownTarget(a, t, err); ok {
		return s.conns.Connect(ctx, own)
	}
	return err
}

// ownTarget is the actor's own connection to a server whose shared one was refused for
// want of a sign-in, and whose definition leaves it open who signs in: now it is known.
func (s *Service) ownTarget(a patchbay.Actor, shared conn.Target, err error) (conn.Target, bool) {
	var ce *patchbay.ConnectError
	if shared.Key.Level() != patchbay.LevelApp || !errors.As(err, &ce) || ce.Reason != patchbay.ReasonSigninRequired || !expand.MaySignIn(shared.Server) {
		return conn.Target{}, false
	}
	s.registry.SignInNeeded(shared.Server.ID)
	srv, err := s.registry.AuthoriseID(a, shared.Server.ID, patchbay.PermView)
	if err != nil || srv.Level == patchbay.LevelApp {
		return conn.Target{}, false
	}
	t, err := target(a, srv, shared.Body, "")
	return t, err == nil
}
