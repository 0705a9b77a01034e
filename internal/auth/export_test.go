package auth

import (
	"context"
	"runtime"
)

// Snapshots returns how many tokens are in memory.
func (s *Service) Snapshots() int { return s.snapshots.len() }

// OccupyHasher takes every turn to hash until release is called.
func (s *Service) OccupyHasher(ctx context.Context) (release func(), err error) {
	var leave []func()
	for range hashesAtOnce {
		l, err := s.hasher.enter(ctx)
		if err != nil {
			return nil, err
		}
		leave = append(leave, l)
	}
	return func() {
		for _, l := range leave {
			l()
		}
	}, nil
}

// WaitForHasher returns true once somebody waits for a turn, false when done is
// closed before.
func (s *Service) WaitForHasher(done <-chan struct{}) bool {
	for {
		select {
		case <-done:
			return false
		default:
		}
		if len(s.hasher.queue) > hashesAtOnce {
			return true
		}
		runtime.Gosched()
	}
}
