package httpkit

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Bounds of an event stream.
const (
	Heartbeat    = 15 * time.Second // how often a silent stream says that it lives
	writeTimeout = 10 * time.Second // how long a client may take to read one event, at least
	timedEvery   = time.Second      // and at most so much longer: setting the deadline costs a tenth of a write
)

// Stream writes a text/event-stream answer. It belongs to one goroutine. When a method
// returns an error the client is gone or too slow, and the handler should return.
type Stream struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	buf bytes.Buffer

	timed time.Time // when the deadline was last set
}

// NewStream sends the head of the answer.
func NewStream(w http.ResponseWriter) (*Stream, error) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx holds answers back otherwise
	s := &Stream{w: w, rc: http.NewResponseController(w)}
	w.WriteHeader(http.StatusOK)
	return s, s.flush()
}

// Send writes one event. Empty id or event leaves that line out; data may have several
// lines. id and event are ours and hold no line breaks.
func (s *Stream) Send(id, event string, data []byte) error {
	if strings.ContainsAny(id, "\r\n") || strings.ContainsAny(event, "\r\n") {
		return fmt.Errorf("httpkit: an event's id and name hold no line breaks")
	}
	s.buf.Reset()
	writeEvent(&s.buf, id, event, data)
	return s.write(s.buf.Bytes())
}

// Frame returns an event as it is on the wire, for SendFrames to many streams. It takes what
// Send takes.
func Frame(id, event string, data []byte) ([]byte, error) {
	if strings.ContainsAny(id, "\r\n") || strings.ContainsAny(event, "\r\n") {
		return nil, fmt.Errorf("httpkit: an event's id and name hold no line breaks")
	}
	var buf bytes.Buffer
	writeEvent(&buf, id, event, data)
	return buf.Bytes(), nil
}

// SendFrames writes events that Frame made, all at once.
func (s *Stream) SendFrames(frames ...[]byte) error { return s.write(frames...) }

func writeEvent(buf *bytes.Buffer, id, event string, data []byte) {
	if id != "" {
		buf.WriteString("id: " + id + "\n")
	}
	if event != "" {
		buf.WriteString("event: " + event + "\n")
	}
	writeData(buf, data)
	buf.WriteByte('\n')
}

// Beat writes the heartbeat: a comment, which clients skip.
func (s *Stream) Beat() error {
	s.buf.Reset()
	s.buf.WriteString(": \n\n")
	return s.write(s.buf.Bytes())
}

// writeData splits data at CR, LF and CRLF alike, as the client's parser will.
func writeData(buf *bytes.Buffer, data []byte) {
	for {
		buf.WriteString("data: ")
		i := bytes.IndexAny(data, "\r\n")
		if i < 0 {
			buf.Write(data)
			buf.WriteByte('\n')
			return
		}
		buf.Write(data[:i])
		buf.WriteByte('\n')
		if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
		}
		data = data[i+1:]
	}
}

func (s *Stream) write(parts ...[]byte) error {
	if len(parts) == 0 {
		return nil
	}
	if now := time.Now(); now.Sub(s.timed) >= timedEvery {
		s.timed = now
		// A recorder in tests has no deadlines; a connection always has.
		_ = s.rc.SetWriteDeadline(now.Add(writeTimeout + timedEvery))
	}
	for _, b := range parts {
		if _, err := s.w.Write(b); err != nil {
			return fmt.Errorf("httpkit: write event: %w", err)
		}
	}
	return s.flush()
}

func (s *Stream) flush() error {
	if err := s.rc.Flush(); err != nil {
		return fmt.Errorf("httpkit: flush event: %w", err)
	}
	return nil
}
