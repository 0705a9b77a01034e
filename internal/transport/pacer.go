package transport

import (
	"io"
	"math"
	"sync"
	"time"
)

// What a server may send within paceWindow that is no answer somebody waits for: notes of
// calls, notifications, questions, answers to nothing. What is over that waits on the
// server's own connection, so that one that sends without end takes no more than its
// share of the processor from everybody else.
const (
	paceWindow   = 100 * time.Millisecond
	paceMessages = 200     // of a wire
	pacePerCall  = 20      // and for each call under way on a wire that all calls share
	paceBytes    = 4 << 20 // of a wire
	paceStderr   = 1 << 20 // of a child's standard error
)

// pacer counts what came within a window. The zero value is ready.
type pacer struct {
	mu       sync.Mutex
	began    time.Time
	messages int
	bytes    int
}

// take counts one message of size bytes at now and returns how long its reader has to
// wait before the next.
func (p *pacer) take(now time.Time, size, messages, bytes int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.began) >= paceWindow {
		p.began, p.messages, p.bytes = now, 0, 0
	}
	p.messages++
	p.bytes += size
	if p.messages <= messages && p.bytes <= bytes {
		return 0
	}
	return p.began.Add(paceWindow).Sub(now)
}

// pace holds the caller, who reads what the server sends, back when too much came that
// nobody waits for. calls are those under way on the wire.
func (c *core) pace(size, calls int) {
	wait := c.pacer.take(time.Now(), size, paceMessages+pacePerCall*calls, paceBytes)
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.Done():
	}
}

// pacedReader reads no faster than paceStderr in a window. Who writes waits too.
type pacedReader struct {
	r     io.Reader
	pacer pacer
}

// Read implements io.Reader.
func (p *pacedReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if wait := p.pacer.take(time.Now(), n, math.MaxInt, paceStderr); wait > 0 {
		time.Sleep(wait) // at most a window
	}
	return n, err
}
