package provider

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// ErrEventTooLong is for an event over its cap.
var ErrEventTooLong = errors.New("provider: an event of the stream is over its cap")

// eventReader reads a stream of server-sent events (WHATWG HTML, 9.2), however its bytes
// are cut into reads.
type eventReader struct {
	in       *bufio.Reader
	maxEvent int
	name     []byte
	data     []byte
	started  bool // past a byte order mark
	afterCR  bool // the line before ended in CR: an LF now belongs to it
}

func newEventReader(r io.Reader, maxEvent int) *eventReader {
	return &eventReader{in: bufio.NewReaderSize(r, 4<<10), maxEvent: maxEvent}
}

// Next returns the next event. The data are valid until the next call. At the end of the
// stream it returns io.EOF, or what the reader said; an event whose last line is whole
// counts even when the blank line after it is missing, as some servers end like this.
func (r *eventReader) Next() (name string, data []byte, err error) {
	r.name, r.data = r.name[:0], r.data[:0]
	has := false
	for {
		line, whole, err := r.line()
		if err != nil {
			if has && errors.Is(err, io.EOF) {
				return string(r.name), r.data, nil
			}
			return "", nil, err
		}
		if !whole {
			continue
		}
		if len(line) == 0 {
			if has {
				return string(r.name), r.data, nil
			}
			r.name = r.name[:0]
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			r.name = append(r.name[:0], value...)
		case "data":
			if has {
				r.data = append(r.data, '\n')
			}
			has = true
			r.data = append(r.data, value...)
			if len(r.data) > r.maxEvent {
				return "", nil, ErrEventTooLong
			}
		}
	}
}

// line reads one line without its end: CR, LF or both. whole is false at the empty rest
// between a CR and its LF. A last line without an end is not whole JSON for sure, so it
// is dropped with io.EOF, unless the stream ends in it and it reads as a finished event.
func (r *eventReader) line() (line []byte, whole bool, err error) {
	var long []byte
	for {
		if r.in.Buffered() == 0 {
			if _, err := r.in.Peek(1); err != nil {
				if errors.Is(err, io.EOF) && len(long) > 0 && finished(long) {
					return long, true, nil
				}
				return nil, false, err
			}
		}
		buffered, err := r.in.Peek(r.in.Buffered())
		if err != nil {
			return nil, false, err
		}
		if r.afterCR {
			r.afterCR = false
			if buffered[0] == '\n' {
				r.discard(1)
				return nil, false, nil
			}
		}
		i := bytes.IndexAny(buffered, "\r\n")
		if i < 0 {
			long = append(long, buffered...)
			r.discard(len(buffered))
			if len(long) > r.maxEvent+64 {
				return nil, false, ErrEventTooLong
			}
			continue
		}
		r.afterCR = buffered[i] == '\r'
		long = append(long, buffered[:i]...)
		r.discard(i + 1)
		if !r.started {
			r.started = true
			long = bytes.TrimPrefix(long, []byte("\ufeff"))
		}
		return long, true, nil
	}
}

func (r *eventReader) discard(n int) {
	// n bytes are buffered, so this cannot fail.
	_, _ = r.in.Discard(n)
}

// finished reports whether a last line without an end is a whole event after all.
func finished(line []byte) bool {
	value, ok := bytes.CutPrefix(line, []byte("data:"))
	value = bytes.TrimSpace(value)
	return ok && len(value) > 0 && (value[len(value)-1] == '}' || string(value) == "[DONE]")
}
