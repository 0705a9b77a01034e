package transport

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Bounds of an inbox.
const (
	inboxItems = 64
	inboxWait  = 2 * time.Second // how long a full one holds up the far end
)

// inbox is the queue of messages for the SDK's Read. An idle one holds no buffer.
type inbox struct {
	maxBytes int

	mu    sync.Mutex
	queue []inboxItem
	bytes int
	wake  chan struct{} // capacity one: something was put, or the wire ended
	room  chan struct{} // capacity one: something was taken; nil until somebody waits for it
}

type inboxItem struct {
	msg  jsonrpc.Message
	size int
}

func (b *inbox) init(maxBytes int) {
	b.maxBytes = maxBytes
	b.wake = make(chan struct{}, 1)
}

// put appends a message. A full inbox makes the far end wait, and then breaks the wire.
func (b *inbox) put(done func() <-chan struct{}, msg jsonrpc.Message, size int) error {
	if b.tryPut(msg, size) {
		return nil
	}
	b.mu.Lock()
	if b.room == nil {
		b.room = make(chan struct{}, 1)
		b.room <- struct{}{} // room may have come meanwhile
	}
	room := b.room
	b.mu.Unlock()
	timer := time.NewTimer(inboxWait)
	defer timer.Stop()
	for {
		select {
		case <-room:
			if b.tryPut(msg, size) {
				return nil
			}
		case <-done():
			return ErrClosed
		case <-timer.C:
			return &LimitError{What: "queue of messages", Limit: inboxItems}
		}
	}
}

func (b *inbox) tryPut(msg jsonrpc.Message, size int) bool {
	b.mu.Lock()
	if len(b.queue) >= inboxItems || (b.bytes > 0 && b.bytes+size > b.maxBytes) {
		b.mu.Unlock()
		return false
	}
	b.queue = append(b.queue, inboxItem{msg, size})
	b.bytes += size
	b.mu.Unlock()
	nudge(b.wake)
	return true
}

// take returns the next message; when there is none and the wire has ended, what ended
// it says.
func (b *inbox) take(ctx context.Context, ended func() error) (jsonrpc.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		over := ended() // asked first: what was put before the end is still read
		if msg, ok := b.pop(); ok {
			return msg, nil
		}
		if over != nil {
			nudge(b.wake) // for whoever else reads
			if !errors.Is(over, ErrClosed) {
				return nil, over
			}
			return nil, io.EOF
		}
		if ctx.Done() == nil { // the SDK's reader: one channel to wait for is one the less in memory
			<-b.wake
			continue
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (b *inbox) pop() (jsonrpc.Message, bool) {
	b.mu.Lock()
	if len(b.queue) == 0 {
		b.mu.Unlock()
		return nil, false
	}
	item := b.queue[0]
	b.queue[0] = inboxItem{}
	b.queue = b.queue[1:]
	b.bytes -= item.size
	more := len(b.queue) > 0
	if !more {
		b.queue = nil
	}
	room := b.room
	b.mu.Unlock()
	if more {
		nudge(b.wake)
	}
	nudge(room) // of nil, nothing
	return item.msg, true
}

// nudge wakes one waiter, or leaves a note for the next.
func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
