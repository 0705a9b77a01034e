package chat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/store"
	"patchbay/internal/tools"
)

// Bounds of a Service.
const (
	defaultRuns     = 2000 // executed at the same time, in this process
	defaultUserRuns = 20   // of one person
)

// Tools lists and calls tools; *tools.Service does, and documents the methods.
type Tools interface {
	Call(ctx context.Context, a patchbay.Actor, req patchbay.CallRequest) (patchbay.Outcome, error)
	List(ctx context.Context, a patchbay.Actor, f tools.Filter) ([]tools.Entry, error)
}

// Servers finds definitions; *registry.Registry does, and documents the methods.
type Servers interface {
	Authorise(a patchbay.Actor, name string, p patchbay.Permission) (*patchbay.Server, error)
	AuthoriseID(a patchbay.Actor, id patchbay.ServerID, p patchbay.Permission) (*patchbay.Server, error)
}

// Chosen is a model that a person may use.
type Chosen struct {
	Model    agent.Model // asks it, with the key that counts
	Provider string      // name
	Name     string      // of the model at its provider
	NoTools  bool        // it is known not to take tools
	Params   patchbay.ModelParams
	// Title writes titles and TitleName is its model; nil: titles are the first words.
	Title     agent.Model
	TitleName string
}

// Models chooses models.
type Models interface {
	// Choose returns a model of a provider for a person. Empty names mean the default.
	// It is called once for each run and each time one goes on, and may be called
	// concurrently. Its errors are *patchbay.Error and are shown.
	Choose(ctx context.Context, a patchbay.Actor, provider, model string) (Chosen, error)
}

// SignIns knows who has signed in where.
type SignIns interface {
	// Held says since when a person has the token that they have now at a server; zero:
	// there is none. It does not wait for another host.
	Held(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (since, ends time.Time, err error)
}

// Bus carries events inside the process.
type Bus interface {
	// Publish never blocks.
	Publish(ev patchbay.Event)
}

// Approval is `endpoints.agents.toolApproval`: LibreChat's globs over tools.
type Approval struct {
	Enabled bool
	Mode    string // default, dontAsk, bypass
	Allow   []string
	Deny    []string
	Ask     []string
}

// Config is what the configuration says of chats. A value is never changed.
type Config struct {
	Limits   agent.Limits // of each run
	Approval Approval
}

// Options are the parts of a Service. All are required but those that say otherwise.
type Options struct {
	Store   *store.Store
	Tools   Tools
	Servers Servers
	Models  Models
	SignIns SignIns
	Bus     Bus
	// Instructions returns what a live connection of the person to the server says that
	// models should know; "" when there is none. It does not wait.
	Instructions func(user patchbay.UserID, server *patchbay.Server) string
	// Config returns the configuration in force; it is asked for each turn.
	Config func() *Config
	Logger *slog.Logger

	Now func() time.Time // nil: time.Now
	// Runs and UserRuns bound what is executed at the same time; 0: 2,000 and 20.
	Runs, UserRuns int
}

// Service keeps conversations and executes their runs.
type Service struct{ o Options }

// New returns a service. It executes nothing before Run or a request.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Tools == nil || o.Servers == nil || o.Models == nil || o.SignIns == nil || o.Bus == nil ||
		o.Instructions == nil || o.Config == nil || o.Logger == nil {
		return nil, errors.New("chat: an option is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Runs == 0 {
		o.Runs = defaultRuns
	}
	if o.UserRuns == 0 {
		o.UserRuns = defaultUserRuns
	}
	return &Service{o: o}, nil
}
