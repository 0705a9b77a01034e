package conn

import "time"

// The breaker's figures. It is kept per Key, so one user's bad luck (or bad
// credentials) never keeps another from the same server.
const (
	breakerThreshold = 3               // failures in a row that open it
	breakerFirst     = 5 * time.Second // how long it stays open the first time
	breakerMax       = 5 * time.Minute // and at most
)

// breaker decides whether a connect may be tried now. It is a value without a clock.
type breaker struct {
	failures int
	until    time.Time // no automatic attempt before this
}

// allow reports whether an attempt may be made at now, and if not, how long to wait.
func (b *breaker) allow(now time.Time) (time.Duration, bool) {
	if wait := b.until.Sub(now); wait > 0 {
		return wait, false
	}
	return 0, true
}

// failed counts a failure at now. jitter in [0, 1) spreads the attempts of many keys
// that failed together; after is what the far end asked for, if anything.
func (b *breaker) failed(now time.Time, after time.Duration, jitter float64) {
	b.failures++
	wait := after
	if over := b.failures - breakerThreshold; over >= 0 {
		open := breakerMax
		if over < 6 {
			open = min(breakerFirst<<over, breakerMax)
		}
		open += time.Duration(jitter * float64(open) / 4)
		wait = max(wait, open)
	}
	b.until = now.Add(min(wait, 2*breakerMax))
}

// worked forgets all failures.
func (b *breaker) worked() { *b = breaker{} }
