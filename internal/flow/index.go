package flow

import (
	"context"
	"errors"
	"sync"
	"time"

	"patchbay"
)

// place is whose sign-in it is, and where.
type place struct {
	user   patchbay.UserID
	server patchbay.ServerID
}

// Facts is what is known of a sign-in, for statuses.
type Facts struct {
	Phase patchbay.FlowPhase
	Since time.Time
	// Problem says why the last sign-in did not work; empty after one that did, or while
	// another is pending.
	Problem string
}

// How a sign-in can end other than well.
var (
	ErrCancelled = errors.New("the sign-in was cancelled")
	ErrExpired   = errors.New("the sign-in was not finished in time")
	ErrEnded     = errors.New("the sign-in ended in another process")
	errFailed    = errors.New("the sign-in did not work")
)

// maxProblems bounds the failures that are remembered for statuses.
const maxProblems = 4096

// index knows the rows for who must not wait for SQL. Its size is that of the table,
// which has one row for each (user, server).
type index struct {
	mu       sync.Mutex
	flows    map[place]*known
	problems map[place]Facts
	waiters  map[place][]chan error // each of capacity one
}

type known struct {
	id      string
	phase   patchbay.FlowPhase
	since   time.Time
	expires time.Time
	running *exchange // the callback that this process works on
}

// exchange is a callback between its code and its token.
type exchange struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
}

func newIndex() *index {
	return &index{flows: map[place]*known{}, problems: map[place]Facts{}, waiters: map[place][]chan error{}}
}

// put notes a pending row. It reports whether that is news.
func (x *index) put(p place, id string, since, expires time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.flows[p]
	news := k == nil
	if news {
		k = &known{phase: patchbay.FlowPending, since: since}
		x.flows[p] = k
		delete(x.problems, p)
	}
	k.id, k.expires = id, expires
	return news
}

// phase moves a sign-in, if it is still the one with id.
func (x *index) phase(p place, id string, phase patchbay.FlowPhase, at time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.flows[p]
	if k == nil || k.id != id {
		return false
	}
	k.phase, k.since = phase, at
	return true
}

// run notes that this process works on a callback.
func (x *index) run(p place, id string, e *exchange) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if k := x.flows[p]; k != nil && k.id == id {
		k.running = e
	}
}

func (x *index) running(p place) *exchange {
	x.mu.Lock()
	defer x.mu.Unlock()
	if k := x.flows[p]; k != nil {
		return k.running
	}
	return nil
}

// finish forgets a sign-in and wakes who waits for it: nil means that it worked. A problem
// is remembered for the status.
func (x *index) finish(p place, id string, how error, problem string, at time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.flows[p]
	if k == nil || k.id != id {
		return false
	}
	delete(x.flows, p)
	delete(x.problems, p)
	if problem != "" && len(x.problems) < maxProblems {
		x.problems[p] = Facts{Since: at, Problem: problem}
	}
	for _, w := range x.waiters[p] {
		w <- how
	}
	delete(x.waiters, p)
	return true
}

// forgetProblem drops what is remembered of the last failure.
func (x *index) forgetProblem(p place) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.problems, p)
}

// Facts returns what is known of a user's sign-in. It never waits.
func (s *Service) Facts(user patchbay.UserID, server patchbay.ServerID) Facts {
	x := s.index
	x.mu.Lock()
	defer x.mu.Unlock()
	p := place{user, server}
	if k := x.flows[p]; k != nil {
		return Facts{Phase: k.phase, Since: k.since}
	}
	return x.problems[p]
}

// Await waits until the user's pending sign-in at a server ends: nil when it worked or
// there is none, ErrCancelled, ErrExpired, ErrEnded (look again) or what went wrong, or
// ctx's error.
func (s *Service) Await(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) error {
	x, p := s.index, place{user, server}
	w := make(chan error, 1)
	x.mu.Lock()
	if x.flows[p] == nil {
		x.mu.Unlock()
		return nil
	}
	x.waiters[p] = append(x.waiters[p], w)
	x.mu.Unlock()
	select {
	case err := <-w:
		return err
	case <-ctx.Done():
		x.leave(p, w)
		return context.Cause(ctx)
	}
}

func (x *index) leave(p place, w chan error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, other := range x.waiters[p] {
		if other == w {
			x.waiters[p] = append(x.waiters[p][:i], x.waiters[p][i+1:]...)
			break
		}
	}
	if len(x.waiters[p]) == 0 {
		delete(x.waiters, p)
	}
}

// follow lets the next row take the place of one whose sign-in goes on in it.
func (x *index) follow(p place, id, next string, expires time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if k := x.flows[p]; k != nil && k.id == id {
		k.id, k.expires = next, expires
	}
}
