package conn

import (
	"slices"
	"sync"

	"patchbay"
)

// shelf keeps the last tool list of each server, so that users who are shown the same
// tools share one copy: a list is often tens of kilobytes, and there is one for each
// connection. Lists are never changed once stored, and only equal ones are shared.
type shelf struct {
	mu   sync.Mutex
	last map[patchbay.ServerID][]patchbay.Tool
}

// share returns a list equal to list, the one of before when it is.
func (s *shelf) share(server patchbay.ServerID, list []patchbay.Tool) []patchbay.Tool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[server]; ok && slices.EqualFunc(last, list, sameTool) {
		return last
	}
	if s.last == nil {
		s.last = map[patchbay.ServerID][]patchbay.Tool{}
	}
	s.last[server] = list
	return list
}

// clear forgets the lists of a server's older definition.
func (s *shelf) clear(server patchbay.ServerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.last, server)
}
