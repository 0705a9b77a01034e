package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// event is one event of a stream.
type event struct {
	name string
	data []byte // owned by the receiver
}

// eventReader reads a text/event-stream as WHATWG HTML 9.2.6 says, without ids and
// retry, which a call's answer does not use.
type eventReader struct {
	r     *bufio.Reader
	limit int64
}

func newEventReader(r io.Reader, limit int64) *eventReader {
	return &eventReader{r: bufio.NewReaderSize(r, 32<<10), limit: limit}
}

// next returns the next event that has data. io.EOF is the end of the stream, also in
// the middle of an event, which is then dropped.
func (e *eventReader) next() (event, error) {
	var ev event
	var has bool
	var size int64
	for {
		line, err := e.line()
		if err != nil {
			return event{}, err
		}
		size += int64(len(line))
		if size > e.limit {
			return event{}, &tooLongError{e.limit}
		}
		if len(line) == 0 {
			if has {
				return ev, nil
			}
			ev = event{}
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			ev.name = string(value)
		case "data":
			if has {
				ev.data = append(ev.data, '\n')
			}
			ev.data = append(ev.data, value...)
			has = true
		}
	}
}

// line returns a line without its end: LF or CRLF, which is what our own doors write.
func (e *eventReader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := e.r.ReadSlice('\n')
		if err == nil && line == nil {
			return trimEnd(part), nil // valid until the next read: next copies what it keeps
		}
		line = append(line, part...)
		if int64(len(line)) > e.limit {
			return nil, &tooLongError{e.limit}
		}
		if err == nil {
			return trimEnd(line), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

func trimEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}
