package transport

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"
)

// event is one server-sent event. Its parts are valid until the next one is read.
type event struct {
	name  []byte // empty means "message"
	data  []byte
	id    []byte
	hasID bool
	retry time.Duration
}

// eventReader reads server-sent events (WHATWG HTML, 9.2) in place: an event of one
// data line, which in MCP all are, is not copied.
type eventReader struct {
	r      io.Reader
	max    int // bytes of one event
	buf    []byte
	start  int // of what is not consumed
	end    int // of what is read
	err    error
	begun  bool
	total  int64 // bytes read so far
	joined []byte
}

const (
	smallBuffer = 4 << 10
	keepBuffer  = 64 << 10 // a buffer that grew past this is not pooled
)

var eventReaders = sync.Pool{New: func() any { return &eventReader{buf: make([]byte, smallBuffer)} }}

func newEventReader(r io.Reader, max int) *eventReader {
	e, ok := eventReaders.Get().(*eventReader)
	if !ok {
		e = &eventReader{buf: make([]byte, smallBuffer)}
	}
	*e = eventReader{r: r, max: max, buf: e.buf, joined: e.joined[:0]}
	return e
}

// release gives the reader back; its events are no longer valid.
func (e *eventReader) release() {
	e.r = nil
	if len(e.buf) > keepBuffer {
		e.buf = make([]byte, smallBuffer)
	}
	if cap(e.joined) > keepBuffer {
		e.joined = nil
	}
	eventReaders.Put(e)
}

// drained reports whether the stream has been read to its end.
func (e *eventReader) drained() bool { return errors.Is(e.err, io.EOF) }

// next returns the next event that carries data or an id; io.EOF at the end of the
// stream, where an event without its closing empty line is dropped.
func (e *eventReader) next() (event, error) {
	var ev event
	dataLines := 0
	pos := 0 // of the line, relative to start
	for {
		line, width, err := e.line(pos)
		if err != nil {
			return event{}, err
		}
		pos += width
		if pos > e.max {
			return event{}, &LimitError{What: "event", Limit: int64(e.max)}
		}
		if len(line) > 0 {
			name, value := field(line)
			switch string(name) {
			case "data":
				dataLines++
				if dataLines > 1 {
					if dataLines == 2 {
						e.joined = append(e.joined[:0], ev.data...)
					}
					e.joined = append(append(e.joined, '\n'), value...)
					ev.data = e.joined
				} else {
					ev.data = value
				}
			case "event":
				ev.name = value
			case "id":
				if bytes.IndexByte(value, 0) < 0 {
					ev.id, ev.hasID = value, true
				}
			case "retry":
				ev.retry = retryOf(value, ev.retry)
			}
			continue
		}
		// An empty line ends the event. What lies before is consumed only now, so that
		// its parts stay where they are; growing the buffer moves them, see line.
		e.start += pos
		if dataLines > 0 || ev.hasID || ev.retry > 0 {
			return ev, nil
		}
		ev, pos = event{}, 0
	}
}

// retryOf reads a retry field; what is not a number changes nothing.
func retryOf(value []byte, before time.Duration) time.Duration {
	n, err := strconv.ParseUint(string(value), 10, 31)
	if err != nil {
		return before
	}
	return time.Duration(n) * time.Millisecond
}

func field(line []byte) (name, value []byte) {
	i := bytes.IndexByte(line, ':')
	if i < 0 {
		return line, nil
	}
	name, value = line[:i], line[i+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return name, value
}

// line returns the line at pos behind start, without its end, and its width with it.
// It fills the buffer as needed. Because that may move what is in the buffer, an event
// is kept together: the buffer only grows while one is being read, and grows by making
// a new one, the old staying as it is for the parts that were cut from it.
func (e *eventReader) line(pos int) (line []byte, width int, err error) {
	scanned := 0
	for {
		b := e.buf[e.start+pos : e.end]
		if i := bytes.IndexByte(b[scanned:], '\n'); i >= 0 {
			i += scanned
			if j := bytes.IndexByte(b[:i], '\r'); j >= 0 {
				if j == i-1 {
					return e.text(b[:j]), i + 1, nil
				}
				return e.text(b[:j]), j + 1, nil
			}
			return e.text(b[:i]), i + 1, nil
		}
		// A \r alone ends a line too; whether it is alone shows with the byte behind it.
		if j := bytes.IndexByte(b[scanned:], '\r'); j >= 0 && scanned+j < len(b)-1 {
			j += scanned
			return e.text(b[:j]), j + 1, nil
		}
		if scanned = len(b); scanned > 0 && b[scanned-1] == '\r' {
			scanned--
		}
		if e.err != nil {
			if j := len(b) - 1; j >= 0 && b[j] == '\r' {
				return e.text(b[:j]), j + 1, nil
			}
			return nil, 0, e.err
		}
		if e.end-e.start > e.max+2 {
			return nil, 0, &LimitError{What: "event", Limit: int64(e.max)}
		}
		e.fill(pos)
	}
}

// text drops the byte order mark that may open a stream.
func (e *eventReader) text(line []byte) []byte {
	if !e.begun {
		e.begun = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	return line
}

// fill reads more. pos is how much of the event at start has been cut into parts.
func (e *eventReader) fill(pos int) {
	if e.start > 0 && pos == 0 {
		// No parts point into the buffer: what is left moves to its front.
		e.end = copy(e.buf, e.buf[e.start:e.end])
		e.start = 0
	}
	if e.end == len(e.buf) {
		grown := make([]byte, grownSize(e.end-e.start, smallBuffer, e.max+3))
		e.end = copy(grown, e.buf[e.start:e.end])
		e.start, e.buf = 0, grown
	}
	for range 100 { // as bufio: a reader that gives nothing is broken
		n, err := e.r.Read(e.buf[e.end:])
		e.end += n
		e.total += int64(n)
		if err != nil {
			e.err = err
			return
		}
		if n > 0 {
			return
		}
	}
	e.err = io.ErrNoProgress
}
