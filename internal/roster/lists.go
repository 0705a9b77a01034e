package roster

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"patchbay"
)

// The life of a list of models.
const (
	listFresh   = 10 * time.Minute // how long one is believed
	failFresh   = 30 * time.Second // how long an API that failed is left alone
	listTimeout = 8 * time.Second  // how long it may take
	maxModels   = 5000             // models of one list
	maxUsers    = 4096             // users with lists
)

// lists caches the lists of models, by user first; "" is everybody's.
type lists struct {
	now func() time.Time

	mu sync.Mutex
	m  map[patchbay.UserID]map[string]*listed
}

// listed is one list, or the asking for it. What is below done counts once it is closed.
type listed struct {
	print [sha256.Size]byte
	done  chan struct{}

	models  []patchbay.ModelInfo
	err     error
	until   time.Time
	dropped bool // whoever asked went away: the next one asks
}

func newLists(now func() time.Time) lists {
	return lists{now: now, m: map[patchbay.UserID]map[string]*listed{}}
}

// get returns the list of x, asking for it when there is no fresh one. Of all who want it
// at the same time one asks.
func (l *lists) get(ctx context.Context, x *access, ask func(ctx context.Context) ([]patchbay.ModelInfo, error)) ([]patchbay.ModelInfo, error) {
	print := x.print()
	for {
		e, mine := l.entry(x.owner, x.provider.Name, print)
		if mine {
			l.ask(ctx, x, e, ask)
			return e.models, e.err
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !e.dropped {
			return e.models, e.err
		}
	}
}

// entry returns the entry to wait for, or a new one that is the caller's to fill.
func (l *lists) entry(owner patchbay.UserID, name string, print [sha256.Size]byte) (e *listed, mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.m[owner][name]; e != nil && e.print == print && !l.stale(e) {
		return e, false
	}
	of := l.m[owner]
	if of == nil {
		for user := range l.m { // any will do: it is asked for again
			if len(l.m) < maxUsers {
				break
			}
			delete(l.m, user)
		}
		of = map[string]*listed{}
		l.m[owner] = of
	}
	e = &listed{print: print, done: make(chan struct{})}
	of[name] = e
	return e, true
}

func (l *lists) stale(e *listed) bool {
	select {
	case <-e.done:
		return e.dropped || !l.now().Before(e.until)
	default:
		return false
	}
}

func (l *lists) ask(ctx context.Context, x *access, e *listed, ask func(ctx context.Context) ([]patchbay.ModelInfo, error)) {
	defer close(e.done)
	bounded, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	e.models, e.err = ask(bounded)
	e.until = l.now().Add(listFresh)
	if e.err != nil {
		e.until = l.now().Add(failFresh)
		e.dropped = ctx.Err() != nil
	}
}

// drop forgets the list of a user at a provider.
func (l *lists) drop(owner patchbay.UserID, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.m[owner], name)
}

func (l *lists) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.m)
}
