package conn

import (
	"testing"
	"time"
)

// TestBreakerAfterAReplacedConnection: a connection whose session the server forgot is put
// aside without a loss. Connects that fail afterwards open the breaker, and it stays open
// however long ago the connection was made.
func TestBreakerAfterAReplacedConnection(t *testing.T) {
	var b breaker
	start := time.Unix(1_000_000, 0)
	b.connected(start)
	now := start.Add(30 * time.Second)
	for range breakerThreshold {
		b.failed(now, 0, 0)
	}
	for _, later := range []time.Duration{0, time.Second, 2 * breakerStable} {
		if !b.open(now.Add(later)) {
			t.Errorf("not open %s after the last of %d failures", later, breakerThreshold)
		}
	}
	b.connected(now)
	b.failed(now.Add(2*breakerStable), 0, 0)
	if b.open(now.Add(2 * breakerStable)) {
		t.Error("one failure after a good time opens it")
	}
}
