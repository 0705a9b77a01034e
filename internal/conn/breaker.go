package conn

import "time"

// The breaker's figures. It is kept per Key, so one user's bad luck (or bad
// credentials) never keeps another from the same server.
const (
	breakerThreshold = 3               // failures in a row that open it
	breakerFirst     = 5 * time.Second // how long it stays open the first time
	breakerMax       = 5 * time.Minute // and at most
	breakerLost      = 5 * time.Second // and at most for calls, when connecting itself works
	breakerStable    = time.Minute     // a connection that lived this long was no failure
	retryFirst       = time.Second     // the back-off before it opens
)

// breaker decides whether a connect may be tried now. It is a value without a clock.
// What opens a connection in the background is held back longer than a call is: a call
// is somebody waiting.
type breaker struct {
	failures int       // in a row; a connection that is lost soon is one
	up       time.Time // since when it is connected; zero: it is not
	until    time.Time // nothing in the background before this
	shut     time.Time // no call opens it before this
}

// allow reports whether a call may make an attempt at now, and if not, how long to wait.
func (b *breaker) allow(now time.Time) (time.Duration, bool) {
	if wait := b.shut.Sub(now); wait > 0 {
		return wait, false
	}
	return 0, true
}

// due reports whether an attempt may be made in the background at now.
func (b *breaker) due(now time.Time) bool { return !now.Before(b.until) }

// open reports whether the server is in trouble as far as this key can tell.
func (b *breaker) open(now time.Time) bool {
	return b.failures >= breakerThreshold && (b.up.IsZero() || now.Sub(b.up) < breakerStable)
}

// failed counts a connect that failed at now. jitter in [0, 1) spreads the attempts of
// many keys that failed together; after is what the far end asked for, if anything.
func (b *breaker) failed(now time.Time, after time.Duration, jitter float64) {
	if !b.up.IsZero() && now.Sub(b.up) >= breakerStable {
		b.failures = 0 // it was good, and was put aside without a loss
	}
	b.up = time.Time{}
	b.failures++
	wait := min(max(after, backOff(b.failures, jitter)), 2*breakerMax)
	b.until = now.Add(wait)
	if b.failures >= breakerThreshold || after > 0 {
		b.shut = b.until
		if b.failures < breakerThreshold {
			b.shut = now.Add(min(after, 2*breakerMax))
		}
	}
}

// lost counts a connection that broke at now.
func (b *breaker) lost(now time.Time, jitter float64) {
	if now.Sub(b.up) >= breakerStable {
		b.failures = 0
	}
	b.up = time.Time{}
	b.failures++
	wait := backOff(b.failures, jitter)
	b.until = now.Add(wait)
	if b.failures >= breakerThreshold {
		b.shut = now.Add(min(wait, breakerLost))
	}
}

// connected notes a connection that opened at now. Whether it is any good shows later.
func (b *breaker) connected(now time.Time) { b.up, b.until, b.shut = now, time.Time{}, time.Time{} }

// reset lets the next attempt pass, because a person asked for it.
func (b *breaker) reset() { b.until, b.shut = time.Time{}, time.Time{} }

// backOff is how long to wait after so many failures in a row.
func backOff(failures int, jitter float64) time.Duration {
	wait := retryFirst << max(failures-1, 0)
	if over := failures - breakerThreshold; over >= 0 {
		wait = breakerFirst << min(over, 6)
	}
	return min(wait, breakerMax) + time.Duration(jitter*float64(min(wait, breakerMax))/2)
}
