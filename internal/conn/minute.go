package conn

import "time"

// minute counts what happened in the last sixty seconds, in steps of one. It is a value
// without a clock: now is the time since some fixed moment at least a minute back.
type minute struct {
	counts [60]uint16 // by second, modulo 60
	second int64      // the last one counted in
	sum    int
}

// forward forgets what is a minute past at now.
func (m *minute) forward(now time.Duration) {
	s := int64(now / time.Second)
	for at := max(m.second+1, s-59); at <= s; at++ {
		c := &m.counts[at%60]
		m.sum -= int(*c)
		*c = 0
	}
	m.second = max(m.second, s)
}

// add counts one.
func (m *minute) add(now time.Duration) {
	m.forward(now)
	if c := &m.counts[m.second%60]; *c < 1<<16-1 {
		*c++
		m.sum++
	}
}

// wait returns how long it takes until there is room for one more under limit, 0 for
// none. limit 0 is no limit.
func (m *minute) wait(now time.Duration, limit int) time.Duration {
	m.forward(now)
	if limit <= 0 || m.sum < limit {
		return 0
	}
	left := m.sum
	for at := m.second - 59; at <= m.second; at++ {
		if left -= int(m.counts[at%60]); left < limit {
			return max(time.Duration(at+60)*time.Second-now, time.Millisecond)
		}
	}
	return time.Minute // not reachable: with nothing counted there is room
}
