package conn

import (
	"sync"
	"time"

	"patchbay"
)

// people is what is counted of each user. A user who uses nothing is swept away.
type people struct {
	mu sync.RWMutex
	m  map[patchbay.UserID]*person
}

// person is one user's use of the pool. Its lock is taken under an entry's.
type person struct {
	mu       sync.Mutex
	calls    int // running
	conns    int // entries that hold a place
	minute   minute
	watchers int
	until    time.Time // watching lasts at least until then
	gone     bool      // swept away
}

// of returns the person of a user, locked.
func (r *people) of(user patchbay.UserID) *person {
	for {
		r.mu.RLock()
		w := r.m[user]
		r.mu.RUnlock()
		if w == nil {
			w = r.add(user)
		}
		w.mu.Lock()
		if !w.gone {
			return w
		}
		w.mu.Unlock() // swept away between lookup and lock: look again
	}
}

func (r *people) add(user patchbay.UserID) *person {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.m[user]
	if w == nil {
		if r.m == nil {
			r.m = map[patchbay.UserID]*person{}
		}
		w = &person{}
		r.m[user] = w
	}
	return w
}

// peek returns the person of a user, not locked, or nil.
func (r *people) peek(user patchbay.UserID) *person {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.m[user]
}

// sweep forgets who uses nothing at now.
func (r *people) sweep(now time.Time, clock time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for user, w := range r.m {
		w.mu.Lock()
		w.minute.forward(clock)
		if w.calls == 0 && w.conns == 0 && w.watchers == 0 && w.minute.sum == 0 && !now.Before(w.until) {
			w.gone = true
			delete(r.m, user)
		}
		w.mu.Unlock()
	}
}

// perServer counts the open connections to each server.
type perServer struct {
	mu sync.Mutex
	m  map[patchbay.ServerID]int
}

func (s *perServer) take(id patchbay.ServerID, name string, most int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if most > 0 && s.m[id] >= most {
		return limited(retryConnections, "There are %d connections to %s, as many as one server may have (mcpSettings.limits.perServer.connections). Try again later.", most, name)
	}
	if s.m == nil {
		s.m = map[patchbay.ServerID]int{}
	}
	s.m[id]++
	return nil
}

func (s *perServer) giveBack(id patchbay.ServerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m[id]--; s.m[id] <= 0 {
		delete(s.m, id)
	}
}
