package transport

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// exchange is one HTTP request of a wire and what hangs on it. Its context ends with
// the caller's until the answer is there, and with the wire's end always.
type exchange struct {
	wire   *httpWire
	ctx    context.Context //nolint:containedctx // an exchange is a run whose life the context is
	cancel context.CancelCauseFunc
	detach func() bool // stops listening to the caller's context

	body  requestBody
	again *requestBody // the body was asked for once more: a retry or a redirect
}

// begin starts an exchange, unless the wire has ended.
func (w *httpWire) begin(parent context.Context) (*exchange, error) {
	x := &exchange{wire: w}
	// The rest of an answer is read after the caller has gone (see tails), so the end of
	// the caller's context must not reach the request then.
	x.ctx, x.cancel = context.WithCancelCause(context.WithoutCancel(parent))
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		x.cancel(nil)
		return nil, w.Err()
	}
	w.live[x] = struct{}{}
	w.mu.Unlock()
	if parent.Done() != nil {
		x.detach = context.AfterFunc(parent, func() { x.cancel(context.Cause(parent)) })
	}
	return x, nil
}

// leave is the caller's last act on an exchange whose tail others will read.
func (x *exchange) leave() {
	if x.detach != nil {
		x.detach()
		x.detach = nil
	}
}

// end gives everything back. body may be nil.
func (x *exchange) end(body io.Closer) {
	x.leave()
	if body != nil {
		_ = body.Close() // the answer has been read, or is of no use
	}
	x.cancel(nil)
	x.wire.mu.Lock()
	delete(x.wire.live, x)
	x.wire.mu.Unlock()
}

// sent reports whether any part of the request may have left.
func (x *exchange) sent() bool {
	if x.again != nil {
		return x.again.started.Load()
	}
	return x.body.started.Load()
}

// do sends a request. header is shared and only read.
func (x *exchange) do(method string, header http.Header, data []byte) (*http.Response, error) {
	w := x.wire
	req := &http.Request{
		Method: method, URL: w.url, Host: w.host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if data != nil {
		x.body.data = data
		req.Body, req.GetBody, req.ContentLength = &x.body, x.rewind, int64(len(data))
	}
	return w.way.RoundTrip(req.WithContext(x.ctx))
}

func (x *exchange) rewind() (io.ReadCloser, error) {
	x.again = &requestBody{data: x.body.data}
	return x.again, nil
}

// requestBody is a request's body that knows whether it was read.
type requestBody struct {
	data    []byte
	off     atomic.Int64
	started atomic.Bool
}

// Read implements io.Reader.
func (b *requestBody) Read(p []byte) (int, error) {
	b.started.Store(true)
	off := int(b.off.Load())
	if off >= len(b.data) {
		return 0, io.EOF
	}
	n := copy(p, b.data[off:])
	b.off.Store(int64(off + n))
	return n, nil
}

// Close implements io.Closer.
func (b *requestBody) Close() error { return nil }

// buffers are for building requests and reading small answers.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, smallBuffer); return &b }}

func getBuffer() *[]byte {
	b, ok := buffers.Get().(*[]byte)
	if !ok {
		b = new([]byte)
	}
	return b
}

func putBuffer(b *[]byte) {
	if cap(*b) > keepBuffer {
		return
	}
	*b = (*b)[:0]
	buffers.Put(b)
}

// recycle puts the request's buffer back when nobody can be reading it any more.
func (x *exchange) recycle(b *[]byte) {
	if x.again == nil && int(x.body.off.Load()) == len(x.body.data) {
		putBuffer(b)
	}
}

// readBody reads a whole body of at most limit bytes. Small ones go into buf; own tells
// that data is not in buf, so it may be kept.
func readBody(resp *http.Response, buf *[]byte, limit int) (data []byte, own bool, err error) {
	n := resp.ContentLength
	if n > int64(limit) {
		return nil, false, &LimitError{What: "message", Limit: int64(limit)}
	}
	b := (*buf)[:0]
	if n > keepBuffer {
		b, own = make([]byte, 0, n+bytes.MinRead), true
	}
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		k, err := resp.Body.Read(b[len(b):min(cap(b), limit+1)])
		b = b[:len(b)+k]
		if len(b) > limit {
			return nil, false, &LimitError{What: "message", Limit: int64(limit)}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	if !own {
		*buf = b
	}
	return b, own, nil
}
