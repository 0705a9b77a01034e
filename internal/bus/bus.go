package bus

import (
	"slices"
	"sync"
	"sync/atomic"

	"patchbay"
)

// Bus fans events out to its subscriptions. Make it with New.
type Bus struct {
	mu   sync.Mutex // serialises changes of subs
	subs atomic.Pointer[[]*Subscription]
}

// New returns a bus without subscriptions.
func New() *Bus {
	b := &Bus{}
	b.subs.Store(&[]*Subscription{})
	return b
}

// Publish hands ev to every subscription that wants it. It never blocks.
func (b *Bus) Publish(ev patchbay.Event) {
	for _, s := range *b.subs.Load() {
		if s.want == nil || s.want(ev) {
			s.offer(ev)
		}
	}
}

// Subscribe returns a subscription that holds up to buffer events (at least one). want
// filters; nil means everything. The caller must Close it.
func (b *Bus) Subscribe(buffer int, want func(patchbay.Event) bool) *Subscription {
	s := &Subscription{bus: b, want: want, events: make(chan patchbay.Event, max(buffer, 1))}
	b.mu.Lock()
	defer b.mu.Unlock()
	next := append(slices.Clone(*b.subs.Load()), s)
	b.subs.Store(&next)
	return s
}

func (b *Bus) remove(s *Subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := *b.subs.Load()
	i := slices.Index(old, s)
	if i < 0 {
		return
	}
	next := slices.Delete(slices.Clone(old), i, i+1)
	b.subs.Store(&next)
}
