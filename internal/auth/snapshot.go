package auth

import (
	"slices"
	"sync"
	"sync/atomic"

	"patchbay"
)

// snapshot is a token's actor as of when it was read.
type snapshot struct {
	actor   patchbay.Actor
	expires int64        // unix-milli; 0: never
	used    atomic.Int64 // unix-milli of the newest use that was handed on to be written
}

// snapshots are the tokens used lately, by their hash. Only tokens that are valid get
// in, so nobody can fill it with guesses.
type snapshots struct {
	most int

	mu     sync.RWMutex
	turn   uint64 // moves with every drop
	byHash map[tokenHash]*snapshot
	byUser map[patchbay.UserID][]tokenHash // few each; a map would cost ten times as much
}

func newSnapshots(most int) snapshots {
	return snapshots{most: most, byHash: make(map[tokenHash]*snapshot), byUser: make(map[patchbay.UserID][]tokenHash)}
}

func (s *snapshots) get(h tokenHash) *snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byHash[h]
}

// begin is called before a token's rows are read, and its answer handed to put.
func (s *snapshots) begin() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.turn
}

// put keeps what was read, unless something was dropped since begin: then what was
// read may be older than that change.
func (s *snapshots) put(h tokenHash, v *snapshot, turn uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != turn {
		return
	}
	for old := range s.byHash { // any one: it is read again when it is used
		if len(s.byHash) < s.most {
			break
		}
		s.remove(old)
	}
	user := v.actor.ID()
	if _, known := s.byHash[h]; !known {
		s.byUser[user] = append(s.byUser[user], h)
	}
	s.byHash[h] = v
}

// remove is called with the lock held.
func (s *snapshots) remove(h tokenHash) {
	v, ok := s.byHash[h]
	if !ok {
		return
	}
	delete(s.byHash, h)
	user := v.actor.ID()
	rest := slices.DeleteFunc(s.byUser[user], func(other tokenHash) bool { return other == h })
	if len(rest) == 0 {
		delete(s.byUser, user)
		return
	}
	s.byUser[user] = rest
}

func (s *snapshots) dropUser(user patchbay.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	for _, h := range s.byUser[user] {
		delete(s.byHash, h)
	}
	delete(s.byUser, user)
}

func (s *snapshots) dropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	clear(s.byHash)
	clear(s.byUser)
}

func (s *snapshots) len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.byHash)
}
