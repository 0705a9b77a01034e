package conn

import "time"

// Figures of cuts.
const (
	cutShortest = 5 * time.Second // what breaks sooner is not cut by a clock
	cutSpread   = 20              // two lengths are alike within a twentieth, or a second
)

// cuts tells a proxy's time limit from other ends of a line: it cuts at the same length
// each time. It is a value without a clock.
type cuts struct {
	last time.Duration
}

// note takes in that a line was cut after it had lasted for d, and reports whether the
// one before had lasted as long.
func (c *cuts) note(d time.Duration) bool {
	before := c.last
	c.last = d
	return d >= cutShortest && (d-before).Abs() <= max(time.Second, d/cutSpread)
}
