package transport

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// exchange is one HTTP request of a wire and what hangs on it. Its context ends with
// the caller's until the answer is there, and with the wire's end always.
type exchange struct {
	wire   *httpWire
	parent context.Context //nolint:containedctx // the caller's own, told apart from the wire's end
	ctx    context.Context //nolint:containedctx // an exchange is a run whose life the context is
	cancel context.CancelCauseFunc
	detach func() bool // stops listening to the caller's context

	prev, next *exchange // of those under way on the wire; guarded by its lock

	request http.Request // as it is before it gets its context; that makes a copy

	data   []byte
	reader bytes.Reader // of data
	again  bool         // the body was asked for once more: a retry or a redirect
	uses   int          // requests sent
	tailed bool         // others read its tail
	loose  bool         // the caller's context ended: its callback may still run

	wroteHeaders atomic.Bool // the request may have left, in part
	wroteRequest atomic.Bool // it has, whole, and nobody looks at data any more

	// What net/http is given, made once for each exchange of the pool. An in-memory body
	// it knows goes out in one write with the headers.
	body   io.ReadCloser
	trace  httptrace.ClientTrace
	rewind func() (io.ReadCloser, error)
	leaves func() // the caller's context ended
}

var exchanges = sync.Pool{New: func() any { return newExchange() }}

func newExchange() *exchange {
	x := &exchange{}
	x.body = io.NopCloser(&x.reader)
	x.trace.WroteHeaders = func() { x.wroteHeaders.Store(true) }
	x.trace.WroteRequest = func(info httptrace.WroteRequestInfo) { x.wroteRequest.Store(info.Err == nil) }
	x.rewind = func() (io.ReadCloser, error) {
		x.again = true
		x.wroteHeaders.Store(false)
		return io.NopCloser(bytes.NewReader(x.data)), nil
	}
	x.leaves = func() { x.cancel(context.Cause(x.parent)) }
	return x
}

// begin starts an exchange, unless the wire has ended.
func (w *httpWire) begin(parent context.Context) (*exchange, error) {
	x, ok := exchanges.Get().(*exchange)
	if !ok {
		x = newExchange()
	}
	x.wire, x.parent = w, parent
	// The rest of an answer is read after the caller has gone (see tails), so the end of
	// the caller's context must not reach the request then.
	x.ctx, x.cancel = context.WithCancelCause(context.WithoutCancel(parent))
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		x.cancel(nil)
		return nil, w.Err()
	}
	w.link(x)
	w.mu.Unlock()
	if parent.Done() != nil {
		x.detach = context.AfterFunc(parent, x.leaves)
	}
	return x, nil
}

// link adds an exchange to those under way. The caller holds w.mu.
func (w *httpWire) link(x *exchange) {
	if x.next = w.live; x.next != nil {
		x.next.prev = x
	}
	w.live = x
}

// unlink takes it out, once. The caller holds w.mu.
func (w *httpWire) unlink(x *exchange) {
	switch {
	case x.prev != nil:
		x.prev.next = x.next
	case w.live == x:
		w.live = x.next
	default:
		return // it is out
	}
	if x.next != nil {
		x.next.prev = x.prev
	}
	x.prev, x.next = nil, nil
}

// leave is the caller's last act on an exchange whose tail others will read.
func (x *exchange) leave() {
	if x.detach != nil {
		x.loose = !x.detach()
		x.detach = nil
	}
}

// end gives back what the exchange holds of others. body may be nil.
func (x *exchange) end(body io.Closer) {
	x.leave()
	if body != nil {
		_ = body.Close() // the answer has been read, or is of no use
	}
	x.wire.mu.Lock()
	x.wire.unlink(x)
	x.wire.mu.Unlock()
	x.cancel(nil)
}

// recycle gives back the exchange itself, and buf, the home of its data, when nobody can
// be looking at them any more. It is the caller's last act on one that has ended, or
// whose tail others read.
func (x *exchange) recycle(buf *[]byte) {
	if x.again || x.uses != 1 || !x.wroteRequest.Load() {
		return
	}
	putBuffer(buf)
	if x.tailed || x.loose {
		return
	}
	x.wire, x.parent, x.ctx, x.cancel, x.data, x.uses = nil, nil, nil, nil, nil, 0
	x.reader.Reset(nil)
	x.request = http.Request{}
	x.wroteHeaders.Store(false)
	x.wroteRequest.Store(false)
	exchanges.Put(x)
}

// sent reports whether any part of the request may have left.
func (x *exchange) sent() bool { return x.wroteHeaders.Load() }

// do sends a request. header is shared and only read.
func (x *exchange) do(method string, header http.Header, data []byte) (*http.Response, error) {
	x.uses++
	w := x.wire
	x.request = http.Request{
		Method: method, URL: w.url, Host: w.host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if data != nil {
		x.data = data
		x.reader.Reset(data)
		x.request.Body, x.request.GetBody, x.request.ContentLength = x.body, x.rewind, int64(len(data))
	}
	return w.way.RoundTrip(x.request.WithContext(httptrace.WithClientTrace(x.ctx, &x.trace)))
}

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
