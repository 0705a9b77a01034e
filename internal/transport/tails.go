package transport

import (
	"io"
	"sync"
	"time"
)

// Bounds of reading tails.
const (
	tailWorkers = 16
	tailTime    = 100 * time.Millisecond
	tailBytes   = 64 << 10
	tailIdle    = 500 * time.Millisecond
)

// tails reads what follows an answer on its stream, so that the connection can be used
// again: most servers end the stream a moment after the answer. It happens after the
// answer was handed over and costs the call neither time nor a goroutine of its own. A
// server that lets the stream stand loses its connections at once from then on, so that
// it cannot hold up the tails of others for long.
type tails struct {
	work chan tail
	quit chan struct{}
	wg   sync.WaitGroup

	mu      sync.Mutex
	workers int
	closed  bool
}

type tail struct {
	x    *exchange
	body io.ReadCloser
}

func newTails() *tails {
	return &tails{work: make(chan tail), quit: make(chan struct{})}
}

// take reads the tail of body some time soon, and ends the exchange.
func (t *tails) take(x *exchange, body io.ReadCloser) {
	x.leave()
	x.tailed = true
	if x.wire.lingers.Load() {
		x.end(body)
		return
	}
	one := tail{x, body}
	select {
	case t.work <- one:
		return
	default:
	}
	t.mu.Lock()
	if t.closed || t.workers >= tailWorkers {
		t.mu.Unlock()
		x.end(body)
		return
	}
	t.workers++
	t.wg.Add(1)
	t.mu.Unlock()
	go t.run(one)
}

// run reads tails until there have been none for a while.
func (t *tails) run(one tail) {
	defer t.wg.Done()
	idle := time.NewTimer(tailIdle)
	defer idle.Stop()
	for {
		one.read()
		idle.Reset(tailIdle)
		select {
		case one = <-t.work:
			continue
		case <-idle.C:
		case <-t.quit:
		}
		t.mu.Lock()
		t.workers--
		t.mu.Unlock()
		return
	}
}

func (t *tail) read() {
	timer := time.AfterFunc(tailTime, func() { t.x.cancel(nil) })
	buf := getBuffer()
	b := (*buf)[:cap(*buf)]
	for n := 0; ; {
		k, err := t.body.Read(b)
		if n += k; err != nil || n > tailBytes {
			if err != io.EOF {
				t.x.wire.lingers.Store(true)
			}
			break
		}
	}
	timer.Stop()
	putBuffer(buf)
	t.x.end(t.body)
}

// close ends the workers and waits for them.
func (t *tails) close() {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	t.mu.Unlock()
	if first {
		close(t.quit)
	}
	t.wg.Wait()
}
