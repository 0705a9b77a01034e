package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
)

// ErrDone is what a Decoder returns at the event that completes the message.
var ErrDone = errors.New("provider: the message is complete")

// Decoder turns the events of one answer into deltas, which it hands to the yield it was
// made with. It is used by one goroutine, for one answer.
type Decoder interface {
	// Event takes one event. It returns nil to go on, ErrDone when the message is
	// complete, else a *patchbay.ModelError. It must not keep data.
	Event(name string, data []byte) error
	// End is called when the stream ends without ErrDone. It returns nil when the
	// message was complete all the same.
	End() error
}

// WholeDecoder is a Decoder that also takes an answer that is one JSON document, from an
// endpoint that does not stream.
type WholeDecoder interface {
	Decoder
	Whole(data []byte) error
}

// Frames reads the events of one answer.
type Frames interface {
	// Next returns the next event. The data are valid until the next call. At the end of
	// the stream it returns io.EOF; for a stream that is not in its format a
	// *patchbay.ModelError, ErrEventTooLong for an event over its cap, else what the
	// reader below said.
	Next() (name string, data []byte, err error)
}

// Exchange is one request whose answer is a stream.
type Exchange struct {
	Path   string // after the endpoint's base, escaped, with its query
	Header http.Header
	Body   []byte
	// Frames makes the reader of one answer; nil: server-sent events. It must not hold
	// more than maxEvent bytes for an event, whatever the stream says of its length.
	Frames func(in io.Reader, maxEvent int) Frames
	// Decoder makes the decoder of one attempt.
	Decoder func(yield func(patchbay.Delta)) Decoder
}

// Stream sends the exchange and hands the deltas of its answer to yield, as agent.Model
// asks: retries before the first part only, silence and size bounded, every failure a
// *patchbay.ModelError or the context's error.
func (e *Endpoint) Stream(ctx context.Context, x Exchange, yield func(patchbay.Delta)) error {
	return e.Retry.do(ctx, func() (bool, error) {
		begun := false
		err := e.attempt(ctx, x, func(d patchbay.Delta) {
			begun = begun || d.Part >= 0
			yield(d)
		})
		return begun, err
	})
}

func (e *Endpoint) attempt(ctx context.Context, x Exchange, yield func(patchbay.Delta)) error {
	limits := e.Limits.withDefaults()
	watch, ctx := newWatch(ctx, limits.Silence)
	defer watch.stop()
	req, err := e.request(ctx, http.MethodPost, x.Path, x.Header, bytes.NewReader(x.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "text/event-stream")
	}
	if err := e.sign(req, x.Body); err != nil {
		return err
	}
	resp, err := e.Client.Do(req)
	if err != nil {
		return e.failed(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return e.refused(resp)
	}
	in := &heardReader{in: resp.Body, watch: watch, left: limits.MaxStream}
	decoder := x.Decoder(yield)
	switch kind := kindOfBody(resp.Header); kind {
	case "text/html":
		return &patchbay.ModelError{Kind: patchbay.ModelProtocol, Message: "the address answered with a web page instead of a model's answer: check the base URL"}
	case "application/json":
		return e.whole(ctx, in, decoder)
	}
	var frames Frames
	if x.Frames != nil {
		frames = x.Frames(in, limits.MaxEvent)
	} else {
		frames = newEventReader(in, limits.MaxEvent)
	}
	err = e.events(ctx, frames, decoder)
	if err == nil {
		// The end of the body frees the connection for the next request; it mostly is in
		// the same packet as the last event.
		watch.last(lastWords)
		_, _ = io.CopyN(io.Discard, in.in, maxErrorBody)
	}
	return err
}

// lastWords is how long a stream may go on after its message is complete.
const lastWords = 50 * time.Millisecond

func (e *Endpoint) events(ctx context.Context, r Frames, decoder Decoder) error {
	for {
		name, data, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return e.shown(decoder.End())
		case errors.Is(err, ErrEventTooLong), errors.Is(err, errStreamTooLong):
			return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model's answer is over the size that is accepted", Err: err}
		case err != nil && (ctx.Err() != nil || errors.As(err, new(*netguard.LimitError))):
			return e.failed(ctx, err)
		case errors.As(err, new(*patchbay.ModelError)):
			return e.shown(err)
		case err != nil && decoder.End() == nil:
			return nil // it broke after the last word
		case err != nil:
			return &patchbay.ModelError{Kind: patchbay.ModelCut, Message: "the connection broke in the middle of the answer", Err: errors.New(e.hide(err.Error()))}
		}
		if err := decoder.Event(name, data); err != nil {
			if errors.Is(err, ErrDone) {
				return nil
			}
			return e.shown(err)
		}
	}
}

// whole reads an answer that is one document.
func (e *Endpoint) whole(ctx context.Context, in io.Reader, decoder Decoder) error {
	data, err := io.ReadAll(in)
	switch {
	case errors.Is(err, errStreamTooLong):
		return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the model's answer is over the size that is accepted", Err: err}
	case err != nil:
		return e.failed(ctx, err)
	}
	w, ok := decoder.(WholeDecoder)
	if !ok {
		return e.shown(ErrorOf(0, data))
	}
	return e.shown(w.Whole(data))
}

// shown takes the key out of what a decoder says.
func (e *Endpoint) shown(err error) error {
	var m *patchbay.ModelError
	if errors.As(err, &m) {
		m.Message = e.hide(m.Message)
	}
	return err
}

// Cut is the error of a stream that ended before its message did.
func Cut() error {
	return &patchbay.ModelError{Kind: patchbay.ModelCut, Message: "the stream ended before the answer did"}
}

// Malformed is the error of an event that is not in the vendor's format.
func Malformed(vendor string, err error) error {
	return &patchbay.ModelError{Kind: patchbay.ModelProtocol, Message: "an event of the stream is not what " + vendor + " documents", Err: fmt.Errorf("provider: decode event: %w", err)}
}

var errStreamTooLong = errors.New("provider: the stream is over its cap")

// heardReader counts what comes in and tells the watch of it.
type heardReader struct {
	in    io.Reader
	watch *watch
	left  int64
}

func (r *heardReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if n > 0 {
		r.watch.heard()
		if r.left -= int64(n); r.left < 0 {
			return 0, errStreamTooLong
		}
	}
	return n, err
}
