package transport

import "sync"

// Bounds of an outbox.
const (
	outboxItems = 4096
	outboxBytes = 64 << 20
)

// outbox is the queue of messages towards a far end that reads one stream. One writer
// takes all that waits at once, so that under load many messages share one write.
type outbox struct {
	mu     sync.Mutex
	queue  []*outgoing
	spare  []*outgoing
	bytes  int
	err    error         // set: nothing is taken any more
	filled chan struct{} // capacity one
}

func (b *outbox) init() { b.filled = make(chan struct{}, 1) }

// put appends a message.
func (b *outbox) put(m *outgoing) error {
	b.mu.Lock()
	switch {
	case b.err != nil:
		b.mu.Unlock()
		m.done()
		return b.err
	case len(b.queue) >= outboxItems || (b.bytes > 0 && b.bytes+len(m.data) > outboxBytes):
		b.mu.Unlock()
		m.done()
		return &LimitError{What: "queue of requests", Limit: outboxItems}
	}
	b.queue = append(b.queue, m)
	b.bytes += len(m.data)
	first := len(b.queue) == 1
	b.mu.Unlock()
	if first {
		nudge(b.filled)
	}
	return nil
}

// remove takes a message back that no writer has taken yet.
func (b *outbox) remove(m *outgoing) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, q := range b.queue {
		if q == m {
			b.queue = append(b.queue[:i], b.queue[i+1:]...)
			b.bytes -= len(m.data)
			m.done()
			return true
		}
	}
	return false
}

// take returns all that waits, nil when nothing does. The slice is the outbox' again at
// the next take.
func (b *outbox) take() []*outgoing {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch := b.queue
	clear(b.spare)
	b.queue, b.spare, b.bytes = b.spare[:0], batch, 0
	for _, m := range batch {
		m.written.Store(true)
	}
	return batch
}

// close makes put fail with err. What waits is never written.
func (b *outbox) close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err, b.queue = err, nil
	}
}
