package flow

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
	"patchbay/internal/vault"
)

// Bounds of sign-ins.
const (
	TTL          = 10 * time.Minute // of a state, and of a row since it was last asked for
	almostOver   = time.Minute      // a sign-in with less left is begun anew when asked for
	finishLimit  = 45 * time.Second // of everything between callback and stored token
	connectLimit = 2 * time.Minute  // of the connect after a sign-in
	cancelLimit  = 10 * time.Second // how long a cancel waits for an exchange under way
	maxRenewals  = 1                // how often a flow is sent round again because the issuer forgot our client
	maxAnswer    = 32 << 10         // bytes of a callback's query
)

// Rows keeps sign-ins; *store.Store does, and documents the methods.
type Rows interface {
	CreateFlow(ctx context.Context, f *store.Flow, now time.Time) (got *store.Flow, created bool, err error)
	Flow(ctx context.Context, id string) (*store.Flow, error)
	FlowByState(ctx context.Context, stateHash string) (*store.Flow, error)
	ActiveFlow(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, now time.Time) (*store.Flow, error)
	ActiveFlows(ctx context.Context, now time.Time) ([]*store.Flow, error)
	UpdateFlow(ctx context.Context, f *store.Flow, old string, now time.Time) error
	TakeFlow(ctx context.Context, stateHash string, now time.Time) (*store.Flow, error)
	EndFlow(ctx context.Context, id string, to store.FlowStatus, message string, now time.Time, from ...store.FlowStatus) (*store.Flow, error)
	ExpireFlows(ctx context.Context, now time.Time, keep time.Duration) ([]*store.Flow, error)
	Shared() bool
}

// Vault seals rows and keeps tokens and registrations; *vault.Vault does, and documents
// the methods.
type Vault interface {
	SealFlow(f *store.Flow, plain []byte) error
	OpenFlow(f *store.Flow) ([]byte, error)
	StoreToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, g vault.Grant, flow string) error
	TokenInfo(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (vault.TokenInfo, error)
	StepUp(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, ch oauth.Challenge) (scopes []string, stepUps int, again bool, err error)
	RevokeToken(ctx context.Context, user *patchbay.User, server *patchbay.Server) (bool, error)
	Registration(ctx context.Context, server patchbay.ServerID, key oauth.RegistrationKey) (*oauth.Registration, error)
	StoreRegistration(ctx context.Context, server patchbay.ServerID, r *oauth.Registration) error
	DropRegistration(ctx context.Context, server patchbay.ServerID, r *oauth.Registration) error
}

// Address is where a sign-in leads back to.
type Address struct {
	RedirectURI    string
	ClientDocument string // of our client-id metadata document; empty: there is none
}

// Clients makes the wire client of a definition for a person.
type Clients interface {
	Client(ctx context.Context, user *patchbay.User, server *patchbay.Server, at Address, observe func(oauth.Step)) (*oauth.Client, error)
}

// Servers finds the definitions in force.
type Servers interface {
	ByID(id patchbay.ServerID) (*patchbay.Server, bool)
	All() []*patchbay.Server
}

// Connections opens the connection of somebody who has signed in. Both are called from
// goroutines of the Service, without a lock.
type Connections interface {
	Connect(ctx context.Context, actor patchbay.Actor, server *patchbay.Server) error
	// Cancel ends a connect that is under way.
	Cancel(user patchbay.UserID, server *patchbay.Server)
	// Close closes what was opened with a token that is no longer wanted.
	Close(user patchbay.UserID, server *patchbay.Server)
}

// Options are the parts of a Service. All are required.
type Options struct {
	Rows        Rows
	Vault       Vault
	Clients     Clients
	Servers     Servers
	Connections Connections
	// Changed is told after the sign-in of a user at a server began or ended, outside
	// every lock. It must not block.
	Changed func(user patchbay.UserID, server patchbay.ServerID)
	// Public returns the https address under which the internet reaches us, empty when it
	// does not. Only then are there client-id metadata documents.
	Public func() string
	// Secrets derive the addresses of those documents, the current one first.
	Secrets [][]byte
	Logger  *slog.Logger
	Now     func() time.Time // nil: time.Now
}

// Service keeps sign-ins.
type Service struct {
	o     Options
	index *index
	turns turns // one step at a time per (user, server), and per registration

	life context.Context //nolint:containedctx // the life of what callbacks leave behind
	end  context.CancelFunc
	work sync.WaitGroup
}

// New returns a service. ctx bounds the life of what it does on its own; nothing starts
// before Run or a request.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Rows == nil || o.Vault == nil || o.Clients == nil || o.Servers == nil || o.Connections == nil ||
		o.Changed == nil || o.Public == nil || len(o.Secrets) == 0 || o.Logger == nil {
		return nil, errors.New("flow: every option is required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{o: o, index: newIndex()}
	s.life, s.end = context.WithCancel(ctx)
	return s, nil
}

// Close ends exchanges and connects under way and waits for them. Rows stay: a sign-in
// goes on after a restart.
func (s *Service) Close() {
	s.end()
	s.work.Wait()
}

func (s *Service) log(server *patchbay.Server, user patchbay.UserID) *slog.Logger {
	return s.o.Logger.With("server", server.Name, "user", string(user))
}
