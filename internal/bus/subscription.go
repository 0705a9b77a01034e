package bus

import (
	"sync"

	"patchbay"
)

// Subscription receives the events it wants, in order per publisher.
type Subscription struct {
	bus    *Bus
	want   func(patchbay.Event) bool
	events chan patchbay.Event

	mu   sync.Mutex // makes a send and the closing of events exclude each other
	over bool       // events is closed
	lost bool
}

// Events is closed when the subscription fell behind or was closed; Lost tells which.
func (s *Subscription) Events() <-chan patchbay.Event { return s.events }

// Lost reports whether events were dropped because the subscriber was too slow. It is
// to be asked after Events was closed.
func (s *Subscription) Lost() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// Close ends the subscription. It may be called more than once.
func (s *Subscription) Close() { s.end(false) }

// offer sends ev, or ends the subscription when its buffer is full.
func (s *Subscription) offer(ev patchbay.Event) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	select {
	case s.events <- ev:
		s.mu.Unlock()
	default:
		s.mu.Unlock()
		s.end(true)
	}
}

func (s *Subscription) end(lost bool) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	s.over, s.lost = true, lost
	close(s.events)
	s.mu.Unlock()
	// Not under s.mu: the bus's lock is held while other subscriptions change.
	s.bus.remove(s)
}
