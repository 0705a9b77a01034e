package transport

import (
	"bytes"
	"io"
)

const lineBuffer = 16 << 10

// lineReader reads lines of at most max bytes in place.
type lineReader struct {
	r          io.Reader
	max        int
	buf        []byte
	start, end int
	err        error
	cut        bool // the line that next returned last had no end
}

// next returns the next line without its end, valid until the following call. What
// stands before the end of the stream counts as a line.
func (l *lineReader) next() ([]byte, error) {
	scanned := 0
	for {
		b := l.buf[l.start:l.end]
		if i := bytes.IndexByte(b[scanned:], '\n'); i >= 0 {
			line := b[:scanned+i]
			l.start += scanned + i + 1
			return line, nil
		}
		scanned = len(b)
		if scanned > l.max {
			return nil, &LimitError{What: "line", Limit: int64(l.max)}
		}
		if l.err != nil {
			if len(b) > 0 {
				l.start, l.cut = l.end, true
				return b, nil
			}
			return nil, l.err
		}
		l.fill()
	}
}

func (l *lineReader) fill() {
	if l.start == l.end && len(l.buf) > keepBuffer {
		l.buf, l.start, l.end = nil, 0, 0 // a long line has passed
	}
	if l.start > 0 {
		l.end = copy(l.buf, l.buf[l.start:l.end])
		l.start = 0
	}
	if l.end == len(l.buf) {
		grown := make([]byte, grownSize(len(l.buf), lineBuffer, l.max+1))
		copy(grown, l.buf[:l.end])
		l.buf = grown
	}
	n, err := l.r.Read(l.buf[l.end:])
	l.end += n
	l.err = err
}

// grownSize is the size for a buffer that is full with n bytes: at least least, then twice
// as much each time, and at last just most, where a message is refused. Doubling to the
// end would set aside, for a message that is too long, twice what one may take.
func grownSize(n, least, most int) int {
	if n >= most/2 {
		return max(most, n+1)
	}
	return max(2*n, least)
}
