// Package auth says who somebody is: accounts, logins, API tokens, the first setup,
// and the shell's operator token. It owns passwords and their rules, tokens and their
// forms, the limits on guessing, and the snapshots that make Authenticate cheap. It
// does not own the rows (store), what an actor may do with servers (acl), cookies or
// routes (api).
//
// A Service is safe for concurrent use. New starts nothing; Run does the work in the
// background, and everything but times of last use works without it.
package auth

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// Publisher takes events. Publish is called after the change is durable, from the
// goroutine that made it, and must not block.
type Publisher interface {
	Publish(patchbay.Event)
}

// Registration is who may make an account alone.
type Registration struct {
	Allowed        bool     // ALLOW_REGISTRATION
	AllowedDomains []string // `registration.allowedDomains`; empty: any
}

// Limits bound guessing. Zero values mean the defaults.
type Limits struct {
	LoginTries     int           // failed logins per e-mail address within LoginWindow; 10
	LoginTriesIP   int           // failed logins per address of the client; 100, above what can be hashed at a time
	LoginWindow    time.Duration // 5 minutes
	RegisterTries  int           // accounts made per address of the client; 10
	RegisterWindow time.Duration // 1 hour
}

// Options build a Service.
type Options struct {
	Store        *store.Store
	Publisher    Publisher // nil: events go nowhere
	Logger       *slog.Logger
	Registration Registration
	Limits       Limits
	LoginTTL     time.Duration // how long a login lasts; 0: 30 days
	Cost         Cost          // of hashing a password; zero: the default
	MaxSnapshots int           // tokens kept in memory; 0: 16384
	Now          func() time.Time
}

// Service is the accounts.
type Service struct {
	store     *store.Store
	publisher Publisher
	log       *slog.Logger
	limits    Limits
	loginTTL  time.Duration
	now       func() time.Time
	hasher    *hasher

	registration atomic.Pointer[Registration]

	operatorToken string
	operatorHash  tokenHash
	setupToken    string
	setupDone     atomic.Bool

	snapshots snapshots
	uses      uses

	freshMu   sync.Mutex // one asks the store for the epoch at a time
	epoch     int64      // under freshMu
	checkedAt atomic.Int64
}

// New returns a Service with a setup token and an operator token of its own.
func New(o Options) (*Service, error) {
	if o.Store == nil {
		return nil, errors.New("auth: needs a store")
	}
	if o.Publisher == nil {
		o.Publisher = nowhere{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.LoginTTL <= 0 {
		o.LoginTTL = 30 * 24 * time.Hour
	}
	if o.MaxSnapshots <= 0 {
		o.MaxSnapshots = 16384
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h, err := newHasher(o.Cost)
	if err != nil {
		return nil, err
	}
	s := &Service{
		store: o.Store, publisher: o.Publisher, log: o.Logger, limits: o.Limits.withDefaults(),
		loginTTL: o.LoginTTL, now: o.Now, hasher: h,
		operatorToken: mint(prefixOperator), setupToken: mint(""),
		snapshots: newSnapshots(o.MaxSnapshots),
		uses:      newUses(o.MaxSnapshots),
	}
	s.operatorHash, _ = hashToken(s.operatorToken) // one that was just made is not too long
	s.SetRegistration(o.Registration)
	return s, nil
}

type nowhere struct{}

func (nowhere) Publish(patchbay.Event) {}

func (l Limits) withDefaults() Limits {
	if l.LoginTries <= 0 {
		l.LoginTries = 10
	}
	if l.LoginTriesIP <= 0 {
		l.LoginTriesIP = 100
	}
	if l.LoginWindow <= 0 {
		l.LoginWindow = 5 * time.Minute
	}
	if l.RegisterTries <= 0 {
		l.RegisterTries = 10
	}
	if l.RegisterWindow <= 0 {
		l.RegisterWindow = time.Hour
	}
	return l
}

// SetRegistration changes who may register, from the next try on.
func (s *Service) SetRegistration(r Registration) { s.registration.Store(&r) }

// RegistrationAllowed reports whether people may make accounts.
func (s *Service) RegistrationAllowed() bool { return s.registration.Load().Allowed }

// Pace of the work in the background.
const (
	flushEvery  = time.Minute
	cleanEvery  = 10 * time.Minute
	flushLimit  = 5 * time.Second
	keepExpired = 30 * 24 * time.Hour
)

// Run writes times of last use and deletes what has expired, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	flush := time.NewTicker(flushEvery)
	defer flush.Stop()
	clean := time.NewTicker(cleanEvery)
	defer clean.Stop()
	for {
		select {
		case <-ctx.Done():
			// What was used in the last minute is still to be written.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushLimit)
			defer cancel()
			s.flush(last)
			return nil
		case <-flush.C:
			s.flush(ctx)
		case <-clean.C:
			if err := s.store.DeleteExpired(ctx, s.now(), keepExpired); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "expired logins could not be deleted", "error", err)
			}
		}
	}
}

func (s *Service) flush(ctx context.Context) {
	taken := s.uses.take()
	if len(taken) == 0 {
		return
	}
	if err := s.store.Touch(ctx, taken); err != nil {
		s.log.WarnContext(ctx, "times of last use could not be written", "error", err)
	}
}

// changed makes a durable change of an account known: snapshots of it go at once,
// here and in whoever listens.
func (s *Service) changed(user patchbay.UserID) {
	s.snapshots.dropUser(user)
	s.publisher.Publish(patchbay.Event{Kind: patchbay.EventUser, User: user})
}
