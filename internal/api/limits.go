package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"patchbay"
)

// Limits per account on routes that no service limits: far above what a browser or a
// script needs, and below what a loop can do.
const (
	userRate  = 100 // requests a second
	userBurst = 400
	maxKnown  = 10_000 // accounts whose pace is remembered
)

// limits is the pace of each account.
type limits struct {
	mu    sync.Mutex
	known map[patchbay.UserID]*rate.Limiter
}

func newLimits() *limits { return &limits{known: map[patchbay.UserID]*rate.Limiter{}} }

func (l *limits) take(a *patchbay.Actor) error {
	wait := l.of(a.ID())
	if wait <= 0 {
		return nil
	}
	return &patchbay.Error{Code: patchbay.CodeRateLimited, Message: "Too many requests; wait a moment", RetryAfter: wait}
}

// of takes one request of id, and returns how long to wait when there was none left.
func (l *limits) of(id patchbay.UserID) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim := l.known[id]
	if lim == nil {
		if len(l.known) >= maxKnown {
			l.forget()
		}
		lim = rate.NewLimiter(userRate, userBurst)
		l.known[id] = lim
	}
	if lim.Allow() {
		return 0
	}
	return time.Second
}

// forget drops the accounts that have rested, or some when none has.
func (l *limits) forget() {
	for id, lim := range l.known {
		if lim.Tokens() >= userBurst {
			delete(l.known, id)
		}
	}
	for id := range l.known {
		if len(l.known) < maxKnown {
			return
		}
		delete(l.known, id)
	}
}
