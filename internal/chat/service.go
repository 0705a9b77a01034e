package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/agent"
	"patchbay/internal/bus"
	"patchbay/internal/roster"
	"patchbay/internal/store"
	"patchbay/internal/tools"
)

// Bounds of a Service.
const (
	defaultRuns     = 2000 // executed at the same time, in this process
	defaultUserRuns = 20   // of one person
	defaultLease    = 30 * time.Second
)

// Tools lists and calls tools; *tools.Service does, and documents the methods.
type Tools interface {
	Call(ctx context.Context, a patchbay.Actor, req patchbay.CallRequest) (patchbay.Outcome, error)
	List(ctx context.Context, a patchbay.Actor, f tools.Filter) ([]tools.Entry, error)
	EndRun(user patchbay.UserID, run string, server patchbay.ServerID)
}

// Servers finds definitions; *registry.Registry does, and documents the methods.
type Servers interface {
	Authorise(a patchbay.Actor, name string, p patchbay.Permission) (*patchbay.Server, error)
	ByID(id patchbay.ServerID) (*patchbay.Server, bool)
}

// Models chooses models; *roster.Service does, and documents the method.
type Models interface {
	Choose(ctx context.Context, a patchbay.Actor, provider, model string) (roster.Chosen, error)
}

// SignIns knows who has signed in where.
type SignIns interface {
	// Held says since when a person has the token that they have now at a server; zero:
	// there is none. It does not wait for another host.
	Held(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (since, ends time.Time, err error)
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
	Specs    []patchbay.ModelSpec
	Enforce  bool         // nothing but Specs may be chosen
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
	Bus     *bus.Bus
	// Instructions returns what a live connection of the person to the server says that
	// models should know; "" when there is none. It does not wait.
	Instructions func(user patchbay.UserID, server *patchbay.Server) string
	// Config returns the configuration in force; it is asked for each turn.
	Config func() *Config
	Logger *slog.Logger
	// ACL returns what decides about people beside grants. Nil: there are no groups.
	ACL func() acl.Options
	// Grants judges new grants. Nil: agents are not shared.
	Grants Grants

	Now func() time.Time // nil: the time, in milliseconds, as rows hold it
	// Runs and UserRuns bound what is executed at the same time; 0: 2,000 and 20.
	Runs, UserRuns int
	// Lease is how long a run is this process's without word of it; 0: 30 s.
	Lease time.Duration
}

// Service keeps conversations and executes their runs.
type Service struct {
	o     Options
	owner string // PROCESS/ID, of the runs that are executed here

	catalogues catalogues
	questions  questions
	onces      onces
	watchers   watchers

	life context.Context //nolint:containedctx // the life of runs, which outlive who started them
	end  context.CancelCauseFunc
	work sync.WaitGroup

	mu      sync.Mutex
	runners map[patchbay.RunID]*runner
	taken   map[patchbay.UserID]int // places of UserRuns
	places  int                     // of Runs
	closing bool
	orphans []*patchbay.Run // that could not go on, to be handed back
	news    chan struct{}   // closed and renewed when a run begins to be executed here
}

// New returns a service. It executes nothing before Run or a request; ctx bounds the life
// of all runs.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Store == nil || o.Tools == nil || o.Servers == nil || o.Models == nil || o.SignIns == nil || o.Bus == nil ||
		o.Instructions == nil || o.Config == nil || o.Logger == nil {
		return nil, errors.New("chat: an option is missing")
	}
	if o.Now == nil {
		// Rows hold milliseconds: what is told at once is to be what is read later.
		o.Now = func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	}
	if o.Runs == 0 {
		o.Runs = defaultRuns
	}
	if o.UserRuns == 0 {
		o.UserRuns = defaultUserRuns
	}
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	s := &Service{
		o: o, owner: rand.Text() + "/runs", runners: map[patchbay.RunID]*runner{}, taken: map[patchbay.UserID]int{}, news: make(chan struct{}),
	}
	s.life, s.end = context.WithCancelCause(context.WithoutCancel(ctx))
	return s, nil
}
