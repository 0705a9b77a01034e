package farend_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bystander is somebody who calls a tool of a sound server all the time, and notes how
// long each call took.
type bystander struct {
	who    *person
	server string
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed atomic.Int64

	mu    sync.Mutex
	first error
	took  []time.Duration
	plain []time.Duration // requests that do not go through patchbay: the machine's own pace
}

// bystanderPause is between two calls: a person's calls, not a load test.
const bystanderPause = 3 * time.Millisecond

// watchFrom starts a bystander's calls.
func watchFrom(t *testing.T, who *person, server string) *bystander {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	b := &bystander{who: who, server: server, cancel: cancel}
	for range 2 {
		b.done.Go(func() {
			for ctx.Err() == nil {
				begin := time.Now()
				_, err := who.call(ctx, server, "echo", `{"text":"still here"}`)
				took := time.Since(begin)
				if ctx.Err() != nil {
					return
				}
				b.mu.Lock()
				b.took = append(b.took, took)
				if err != nil && b.first == nil {
					b.first = err
				}
				b.mu.Unlock()
				if err != nil {
					b.failed.Add(1)
				}
				pause(ctx, bystanderPause)
			}
		})
	}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	b.done.Go(func() {
		for ctx.Err() == nil {
			begin := time.Now()
			if resp, err := plain.Client().Get(plain.URL); err == nil {
				resp.Body.Close()
			}
			b.mu.Lock()
			b.plain = append(b.plain, time.Since(begin))
			b.mu.Unlock()
			pause(ctx, bystanderPause)
		}
	})
	t.Cleanup(plain.Close)
	t.Cleanup(b.end)
	return b
}

func (b *bystander) end() {
	b.cancel()
	b.done.Wait()
}

// pace is how long calls took.
type pace struct {
	calls int
	p99   time.Duration
	plain time.Duration // of requests beside patchbay
}

func (p pace) String() string {
	return fmt.Sprintf("%d calls, p99 %s (beside patchbay %s)", p.calls, p.p99.Round(10*time.Microsecond), p.plain.Round(10*time.Microsecond))
}

// pace takes the calls since the last time it was asked.
func (b *bystander) pace() pace {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := pace{len(b.took), p99(b.took), p99(b.plain)}
	b.took, b.plain = nil, nil
	return p
}

// p99 is what 99 of 100 did not exceed.
func p99(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// failure is the first call that failed.
func (b *bystander) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.first
}

// bearable is the p99 that a bystander may have next to trouble: twice the baseline in a
// nightly run without the race detector, where the machine has nothing else to do;
// elsewhere what tells a stall from a busy machine. What slows requests that do not go
// through patchbay is not its doing.
func (base pace) bearable(now pace) time.Duration {
	machine := max(1, float64(now.plain)/float64(max(base.plain, time.Millisecond)))
	scaled := time.Duration(machine * float64(base.p99))
	switch {
	case raceEnabled: // setting memory aside takes many times as long
		return 10*scaled + 500*time.Millisecond
	case nightly():
		return 2*scaled + 2*time.Millisecond // a turn of the scheduler
	}
	return 10*scaled + 50*time.Millisecond
}
