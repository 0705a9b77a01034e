package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Bounds of a child's standard error.
const (
	stderrKeep      = 64 << 10 // bytes kept
	stderrLine      = 4 << 10  // bytes of one line; the rest of it is dropped
	stderrPerSecond = 100      // lines printed
	exitLines       = 5        // lines that go into an ExitError
	exitBytes       = 1 << 10
)

// stderrTap takes a child's standard error: it keeps the end of it and prints it line by
// line with the server's name.
type stderrTap struct {
	server string
	print  io.Writer // nil: only keep
	now    func() time.Time

	mu   sync.Mutex
	kept []byte

	second  int64 // of the lines counted in printed
	printed int
	left    int // lines left out since the last one printed
}

// run reads r to its end.
func (t *stderrTap) run(r io.Reader) {
	lines := lineReader{r: &pacedReader{r: r}, max: stderrLine}
	for {
		line, err := lines.next()
		var long *LimitError
		if errors.As(err, &long) {
			line = bytes.Clone(lines.buf[lines.start:lines.end][:stderrLine])
			if err = lines.skip(); err == nil || errors.Is(err, io.EOF) {
				line = append(line, "…"...)
				err = nil
			}
		}
		if err != nil {
			return
		}
		t.line(clean(line))
	}
}

// skip drops the rest of a line.
func (l *lineReader) skip() error {
	for {
		if i := bytes.IndexByte(l.buf[l.start:l.end], '\n'); i >= 0 {
			l.start += i + 1
			return nil
		}
		l.start, l.end = 0, 0
		if l.err != nil {
			return l.err
		}
		l.fill()
	}
}

func (t *stderrTap) line(s string) {
	t.mu.Lock()
	t.kept = append(append(t.kept, s...), '\n')
	if len(t.kept) > stderrKeep+stderrLine*2 {
		cut := t.kept[len(t.kept)-stderrKeep:]
		if i := bytes.IndexByte(cut, '\n'); i >= 0 {
			cut = cut[i+1:]
		}
		t.kept = append(t.kept[:0], cut...)
	}
	t.mu.Unlock()
	if t.print == nil {
		return
	}
	if sec := t.now().Unix(); sec != t.second {
		t.second, t.printed = sec, 0
	}
	if t.printed >= stderrPerSecond {
		t.left++
		return
	}
	t.printed++
	if t.left > 0 {
		t.write(fmt.Sprintf("(%d lines left out)", t.left))
		t.left = 0
	}
	t.write(s)
}

// write prints one line at once, so that lines of several children do not mix.
func (t *stderrTap) write(s string) {
	if _, err := io.WriteString(t.print, "["+t.server+"] "+s+"\n"); err != nil {
		t.print = nil // nobody reads ours any more; it is still kept
	}
}

// bytes returns a copy of what is kept.
func (t *stderrTap) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.kept
	if len(b) > stderrKeep {
		b = b[len(b)-stderrKeep:]
	}
	return bytes.Clone(b)
}

// last returns the last lines on one line, for a sentence.
func (t *stderrTap) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	s := strings.Join(lines[max(0, len(lines)-exitLines):], " | ")
	if len(s) > exitBytes {
		s = "…" + strings.ToValidUTF8(s[len(s)-exitBytes:], "")
	}
	return s
}

// clean makes a foreign line printable: no escape sequences, no control characters.
func clean(line []byte) string {
	line = bytes.TrimRight(line, "\r")
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(string(stripANSI(line)), "\ufffd") {
		if r == '\t' || (r >= 0x20 && r != 0x7f && !(r >= 0x80 && r < 0xa0)) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// stripANSI removes terminal escape sequences: CSI, OSC, and the two-byte kind. It
// returns b itself when there is nothing to remove.
func stripANSI(b []byte) []byte {
	if bytes.IndexByte(b, 0x1b) < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != 0x1b {
			out = append(out, b[i])
			continue
		}
		if i++; i >= len(b) {
			break
		}
		switch b[i] {
		case '[': // until a byte of 0x40 to 0x7e
			for i++; i < len(b) && (b[i] < 0x40 || b[i] > 0x7e); i++ {
			}
		case ']', 'P', '^', '_': // until BEL or ESC \
			for i++; i < len(b) && b[i] != 0x07; i++ {
				if b[i] == 0x1b && i+1 < len(b) && b[i+1] == '\\' {
					i++
					break
				}
			}
		}
	}
	return out
}
