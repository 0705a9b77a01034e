package transport

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"patchbay/internal/expand"
	"patchbay/internal/netguard"
)

// closeTimeout bounds the goodbye to a server when a wire is closed.
const closeTimeout = 2 * time.Second

// httpWire is streamable HTTP: every message is a POST of its own and idle wires hold
// neither a goroutine nor a socket.
type httpWire struct {
	core
	server string
	logger *slog.Logger
	way    http.RoundTripper
	url    *url.URL
	host   string
	set    headerSource
	max    int
	tails  *tails
	// lingers tells that the server does not end its streams after an answer.
	lingers atomic.Bool
	// refused is the 401 or 403 that server/discover met: initialize would meet it too.
	refused atomic.Pointer[AuthError]
	lastID  atomic.Pointer[string] // of the listener's events

	notices atomic.Int32 // cancellations under way

	mu     sync.Mutex
	closed bool
	live   *exchange // the first of what is under way
	wg     sync.WaitGroup
}

var _ Wire = (*httpWire)(nil)

func (f *Factory) openHTTP(ep *expand.Endpoint, o OpenOptions) (Wire, error) {
	if ep.URL == nil {
		return nil, fmt.Errorf("transport: streamable HTTP without a URL")
	}
	u := *ep.URL
	w := &httpWire{
		server: o.Server, logger: f.opts.Logger, url: &u, host: u.Host, max: f.opts.MaxMessage, tails: f.tails,
		way: f.opts.Guard().Follower(netguard.ClientOptions{Trust: ep.Trust, Proxy: ep.Proxy}),
	}
	w.core.init(f.opts.MaxMessage)
	w.set.init(f.common, ep, o.Token)
	if host := ep.Header.Get("Host"); host != "" {
		w.host = host
	}
	return w, nil
}

// spawn runs f in a goroutine that Close waits for; false when the wire has ended.
func (w *httpWire) spawn(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.wg.Go(f)
	return true
}

// fail ends the wire because of err, and with it every exchange.
func (w *httpWire) fail(err error) {
	if w.finish(err) {
		w.stop()
	}
}

// stop aborts what is under way. Nothing begins afterwards.
func (w *httpWire) stop() {
	err := w.Err()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for x := w.live; x != nil; x = x.next { // under the lock, because an exchange that ends is used again
		x.cancel(err)
	}
}

// Close implements mcp.Connection: it ends the session at a legacy server too.
func (w *httpWire) Close() error {
	if w.finish(ErrClosed) {
		w.stop()
		if e := w.now.Load(); e != nil && e.session != "" {
			w.goodbye(e)
		}
	}
	w.wg.Wait()
	return nil
}

// goodbye tells a legacy server that the session is over. Servers need not listen, so
// what they say does not matter.
func (w *httpWire) goodbye(e *era) {
	ctx, cancel := context.WithTimeout(unending{}, closeTimeout)
	defer cancel()
	req := (&http.Request{Method: http.MethodDelete, URL: w.url, Host: w.host, Header: w.set.get(e).other}).WithContext(ctx)
	resp, err := w.way.RoundTrip(req)
	if err != nil {
		w.logger.Debug("Could not end the protocol session", slog.String("server", w.server), slog.Any("error", err))
		return
	}
	_ = resp.Body.Close() // nothing in it matters
}

// unending is the context of what outlives its caller: a goodbye, a cancellation. Each gets
// a short time limit of its own. One made from the caller's would keep that alive as long
// as the wire.
type unending struct{}

func (unending) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }
func (unending) Done() <-chan struct{}                   { return nil }
func (unending) Err() error                              { return nil }
func (unending) Value(any) any                           { return nil }

// mediaType returns the content type without its parameters.
func mediaType(h http.Header) string {
	v := h["Content-Type"]
	if len(v) == 0 {
		return ""
	}
	t, _, _ := strings.Cut(v[0], ";")
	return strings.ToLower(strings.TrimSpace(t))
}
