package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"patchbay"
	"patchbay/internal/netguard"
)

// Bounds of streams.
const (
	maxResumes   = 3                      // in a row that brought nothing new
	resumeDelay  = 500 * time.Millisecond // when the server names none
	resumeMax    = 30 * time.Second
	streamFactor = 16 // a call's whole stream, in messages of the largest size
	noticeTime   = 5 * time.Second
	maxNotices   = 64 // cancellations under way at once
)

// sink is where the messages of one exchange go.
type sink struct {
	lane     int64 // the lane call that is waited for, or
	sdk      jsonrpc.ID
	observer func(patchbay.Note)

	done   bool // the answer is there:
	result *Result
	err    error
}

// Call implements Wire.
func (w *httpWire) Call(ctx context.Context, c *Call) (*Result, error) {
	id := w.ids.Add(1)
	e := w.now.Load()
	buf := getBuffer()
	data, err := appendCall((*buf)[:0], id, c, metaOf(e))
	if err != nil {
		putBuffer(buf)
		return nil, &CallError{Err: err}
	}
	*buf = data
	x, err := w.begin(ctx)
	if err != nil {
		putBuffer(buf)
		return nil, &CallError{Err: err}
	}
	s := sink{lane: id, observer: c.Observer}
	sent, err := w.exchange(x, w.forCall(e, c), data, &s)
	x.recycle(buf)
	if err == nil {
		if s.err != nil {
			return nil, &CallError{Sent: true, Err: s.err}
		}
		return s.result, nil
	}
	if ctx.Err() != nil {
		if sent && !e.modern() {
			w.cancelled(id, ctx.Err())
		}
		err = ctx.Err()
	} else if ended := w.Err(); ended != nil {
		err = ended
	}
	return nil, &CallError{Sent: sent, Err: err}
}

// exchange posts data and reads until the sink has its answer. It ends x in any case.
// sent tells whether the far end may have acted on the message.
func (w *httpWire) exchange(x *exchange, h http.Header, data []byte, s *sink) (sent bool, err error) {
	resp, err := x.do(http.MethodPost, h, data)
	if err != nil {
		sent = x.sent() && !unwritten(err)
		x.end(nil)
		return sent, wayError(err)
	}
	if resp.StatusCode/100 != 2 {
		sent, err = w.refusal(resp, s)
		x.end(resp.Body)
		return sent, err
	}
	switch mediaType(resp.Header) {
	case "text/event-stream":
		return true, w.stream(x, resp, s)
	case "application/json":
		return true, w.body(x, resp, s)
	}
	x.end(resp.Body)
	if resp.StatusCode == http.StatusAccepted || resp.StatusCode == http.StatusNoContent {
		return true, protocolErrorf("the server took a request and will not answer it (HTTP %d)", resp.StatusCode)
	}
	return true, protocolErrorf("an answer is of type %q", snippet([]byte(mediaType(resp.Header)), 60))
}

// unwritten reports that a write of the request failed: then it did not arrive whole, and
// half a request is not acted on. HTTP/2 tells no such thing apart.
func unwritten(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "write" || op.Op == "readfrom" || op.Op == "dial")
}

// wayError turns what the guard's RoundTripper says into this package's errors.
func wayError(err error) error {
	var limit *netguard.LimitError
	if errors.As(err, &limit) {
		return protocolErrorf("%s", limit.Error())
	}
	return err
}

// body reads an answer that is one JSON document.
func (w *httpWire) body(x *exchange, resp *http.Response, s *sink) error {
	buf := getBuffer()
	data, own, err := readBody(resp, buf, w.max)
	x.end(resp.Body)
	if err == nil {
		err = w.sift(s, data, own)
	}
	putBuffer(buf)
	if err == nil && !s.done {
		err = protocolErrorf("an answer answers something else")
	}
	return err
}

// stream reads an answer that comes as events, across interruptions where the server
// numbers them.
func (w *httpWire) stream(x *exchange, resp *http.Response, s *sink) error {
	var last string
	var retry time.Duration
	for idle := 0; ; idle++ {
		events := newEventReader(resp.Body, w.max)
		before := last
		err := w.events(events, s, &last, &retry)
		drained := events.drained()
		events.release()
		if s.done {
			if drained {
				x.end(resp.Body)
			} else {
				w.tails.take(x, resp.Body)
			}
			return nil
		}
		_ = resp.Body.Close() // read to its end, or broken
		if last != before {
			idle = 0
		}
		if !errors.Is(err, io.EOF) && !lost(err) || last == "" || idle >= maxResumes || w.now.Load().modern() {
			x.end(nil)
			if errors.Is(err, io.EOF) {
				err = ErrLost
			}
			return err
		}
		if resp, err = w.resume(x, last, retry); err != nil {
			x.end(nil)
			return err
		}
	}
}

// lost reports whether err is the network's, so that the stream can be taken up again.
func lost(err error) bool {
	var limit *LimitError
	var protocol *ProtocolError
	return !errors.As(err, &limit) && !errors.As(err, &protocol) && !errors.Is(err, context.Canceled) &&
		!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrClosed)
}

// events hands events to the sink until it has its answer or the stream ends.
func (w *httpWire) events(events *eventReader, s *sink, last *string, retry *time.Duration) error {
	for {
		ev, err := events.next()
		if err != nil {
			return err
		}
		if ev.hasID {
			*last = string(ev.id)
		}
		if ev.retry > 0 {
			*retry = ev.retry
		}
		if events.total > int64(w.max)*streamFactor {
			return &LimitError{What: "stream", Limit: int64(w.max) * streamFactor}
		}
		if len(ev.data) == 0 || (len(ev.name) > 0 && string(ev.name) != "message") {
			continue
		}
		if err := w.sift(s, ev.data, false); err != nil || s.done {
			return err
		}
	}
}

// resume asks for the rest of a stream that ended early (2025-11-25, transports,
// resumability). The wait is the server's wish.
func (w *httpWire) resume(x *exchange, last string, retry time.Duration) (*http.Response, error) {
	if retry <= 0 {
		retry = resumeDelay
	}
	timer := time.NewTimer(min(retry, resumeMax))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.ctx.Done():
		return nil, context.Cause(x.ctx)
	}
	resp, err := x.do(http.MethodGet, w.forStream(last), nil)
	if err != nil {
		return nil, wayError(err)
	}
	if resp.StatusCode != http.StatusOK || mediaType(resp.Header) != "text/event-stream" {
		_ = resp.Body.Close() // not the stream that was asked for
		return nil, ErrLost
	}
	return resp, nil
}

// forStream returns the headers of a GET for events.
func (w *httpWire) forStream(last string) http.Header {
	h := w.set.get(w.now.Load()).other.Clone()
	h.Set("Accept", "text/event-stream")
	h.Del("Content-Type")
	if last != "" {
		h.Set(headerLastEventID, last)
	}
	return h
}

// sift looks at one message of an exchange and sends it where it belongs. own tells
// that the sink may keep data. An error means that the exchange cannot go on.
func (w *httpWire) sift(s *sink, data []byte, own bool) error {
	if i := space(data, 0); i < len(data) && data[i] == '[' {
		return elements(data, func(value []byte) error {
			if s.done {
				return nil
			}
			return w.sift(s, value, own)
		})
	}
	e, err := scanEnvelope(data)
	if err != nil {
		return err
	}
	if !e.isMessage() {
		return protocolErrorf("a message is neither a request nor a response")
	}
	if id, ok := e.laneID(); ok || (e.isAnswer() && s.lane != 0) {
		if id != s.lane {
			w.dropped.Add(1)
			w.pace(len(data), 0)
			return nil
		}
		s.done = true
		// A small result in a big document is not worth keeping the document for.
		s.result, s.err = laneAnswer(&e, own && len(e.result) > len(data)/2)
		return nil
	}
	defer w.pace(len(data), 0) // after what it says went on
	if s.lane != 0 {
		if n, ok := note(&e); ok && (s.observer != nil || n.Kind == patchbay.NoteProgress) {
			if s.observer != nil {
				s.observer(n)
			}
			return nil
		}
	}
	if e.madeUp() {
		w.dropped.Add(1)
		return nil
	}
	msg, err := w.deliver(data)
	if err != nil {
		var limit *LimitError
		if errors.As(err, &limit) {
			w.fail(err) // the SDK no longer reads: nothing of the wire works
		}
		return err
	}
	if resp, ok := msg.(*jsonrpc.Response); ok && s.sdk.IsValid() && resp.ID == s.sdk {
		s.done = true
	}
	return nil
}

// cancelled tells a legacy server, in the background, that a call is no longer wanted.
// The closed stream alone does not say so there.
func (w *httpWire) cancelled(id int64, cause error) {
	if w.notices.Add(1) > maxNotices {
		w.notices.Add(-1)
		return
	}
	reason := "cancelled"
	if errors.Is(cause, context.DeadlineExceeded) {
		reason = "timed out"
	}
	started := w.spawn(func() {
		defer w.notices.Add(-1)
		ctx, cancel := context.WithTimeout(unending{}, noticeTime)
		defer cancel()
		x, err := w.begin(ctx)
		if err != nil {
			return // the wire ended, and the call with it
		}
		resp, err := x.do(http.MethodPost, w.set.get(w.now.Load()).other, appendCancelled(nil, id, reason))
		if err != nil {
			x.end(nil)
			return // nobody there to tell
		}
		_, _ = io.CopyN(io.Discard, resp.Body, tailBytes) // lets the connection be used again
		x.end(resp.Body)
	})
	if !started {
		w.notices.Add(-1)
	}
}
