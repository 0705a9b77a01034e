package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Listen implements Wire: the GET stream of legacy servers, and subscriptions/listen of
// modern ones.
func (w *httpWire) Listen(ctx context.Context) error {
	e := w.now.Load()
	x, err := w.begin(ctx)
	if err != nil {
		return err
	}
	var s sink
	var resp *http.Response
	if e.modern() {
		s.lane = w.ids.Add(1)
		h := w.set.get(e).other.Clone()
		h.Set(headerMethod, methodListen)
		resp, err = x.do(http.MethodPost, h, appendListen(nil, s.lane, e.meta))
	} else {
		last := ""
		if p := w.lastID.Load(); p != nil {
			last = *p
		}
		resp, err = x.do(http.MethodGet, w.forStream(last), nil)
	}
	if err != nil {
		x.end(nil)
		return w.listenError(ctx, wayError(err))
	}
	defer func() { x.end(resp.Body) }()
	if resp.StatusCode != http.StatusOK || mediaType(resp.Header) != "text/event-stream" {
		return w.noListener(resp)
	}
	events := newEventReader(resp.Body, w.max)
	defer events.release()
	for {
		events.total = 0 // a listener may stand for days
		ev, err := events.next()
		if err != nil {
			return w.listenError(ctx, err)
		}
		if ev.hasID {
			last := string(ev.id)
			w.lastID.Store(&last)
		}
		if len(ev.data) == 0 || (len(ev.name) > 0 && string(ev.name) != "message") {
			continue
		}
		if err := w.sift(&s, ev.data, false); err != nil {
			return w.listenError(ctx, err)
		}
		if s.done {
			return s.err // the server ended the subscription
		}
	}
}

// noListener says why there is no stream.
func (w *httpWire) noListener(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return &AuthError{Status: resp.StatusCode, Challenge: resp.Header.Values("Www-Authenticate")}
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return httpError(resp, nil)
	}
	return ErrNoListener
}

func (w *httpWire) listenError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case w.Err() != nil:
		return w.Err()
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}
