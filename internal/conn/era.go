package conn

import (
	"sync"

	"patchbay"
)

// era is what is remembered of a server between connects: MCP 2026-07-28 has no
// handshake, older revisions do, and finding out costs an exchange.
type era uint8

const (
	eraUnknown era = iota
	eraLegacy      // up to 2025-11-25: initialize
	eraModern      // from 2026-07-28: server/discover
)

// Protocol revisions that divide the eras.
const (
	latestLegacy = "2025-11-25"
	firstModern  = "2026-07-28"
)

// eras remembers the era of each server, for the definition it was learned from.
type eras struct {
	mu sync.Mutex
	m  map[patchbay.ServerID]learned
}

type learned struct {
	hash string
	era  era
}

// get returns what is known of the definition's era.
func (r *eras) get(s *patchbay.Server) era {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l, ok := r.m[s.ID]; ok && l.hash == s.Hash {
		return l.era
	}
	return eraUnknown
}

// learn remembers the era that version belongs to.
func (r *eras) learn(s *patchbay.Server, version string) {
	l := learned{hash: s.Hash, era: eraLegacy}
	if version >= firstModern {
		l.era = eraModern
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.m == nil {
		r.m = map[patchbay.ServerID]learned{}
	}
	r.m[s.ID] = l
}

// forget makes the next connect find out anew: a server may have been upgraded.
func (r *eras) forget(s *patchbay.Server) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.m, s.ID)
}
