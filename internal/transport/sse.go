package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"patchbay/internal/expand"
	"patchbay/internal/netguard"
)

// sseWire is the transport of revision 2024-11-05: one stream of events from the server,
// whose first names the address that messages are posted to.
type sseWire struct {
	pipe
	way     http.RoundTripper
	url     *url.URL // of the stream
	host    string
	post    *url.URL // of messages; set before the wire is handed out
	set     headerSource
	max     int
	quiet   time.Duration   // sseReadTimeout; 0 for none
	life    context.Context //nolint:containedctx // the wire is a run whose life it is
	cancel  context.CancelFunc
	ready   chan struct{} // closed when post is known
	running sync.WaitGroup

	posts struct {
		mu     sync.Mutex
		closed bool
		wg     sync.WaitGroup
	}
}

var _ Wire = (*sseWire)(nil)

// openInferred opens an sse wire. When the transport was only inferred from the URL's
// scheme and the server does not know the old way, it is tried the new way, once.
func (f *Factory) openInferred(ctx context.Context, ep *expand.Endpoint, o OpenOptions) (Wire, error) {
	w, err := f.openSSE(ctx, ep, o)
	var refused *HTTPError
	if ep.Inferred && errors.As(err, &refused) && refused.Status/100 == 4 && refused.Status != http.StatusTooManyRequests {
		f.opts.Logger.Info("The server has no sse stream; trying streamable-http. Write `type: streamable-http` to skip the try",
			slog.String("server", o.Server), slog.Int("status", refused.Status))
		return f.openHTTP(ep, o)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (f *Factory) openSSE(ctx context.Context, ep *expand.Endpoint, o OpenOptions) (*sseWire, error) {
	if ep.URL == nil {
		return nil, fmt.Errorf("transport: sse without a URL")
	}
	u := *ep.URL
	w := &sseWire{
		way: f.opts.Guard().Follower(netguard.ClientOptions{Trust: ep.Trust, Proxy: ep.Proxy}),
		url: &u, host: u.Host, max: f.opts.MaxMessage, quiet: ep.SSEReadTimeout, ready: make(chan struct{}),
	}
	w.set.init(f.common, ep, o.Token)
	if host := ep.Header.Get("Host"); host != "" {
		w.host = host
	}
	w.pipe.init(o.Server, f.opts.Logger, f.opts.MaxMessage)
	w.send, w.recall = w.postSoon, func(*outgoing) bool { return false }
	w.tells = true
	w.life, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, w.cancel) // while it is being opened
	resp, err := w.get()
	if err != nil {
		stop()
		w.cancel()
		return nil, errors.Join(ctx.Err(), err)
	}
	w.running.Go(func() { w.read(resp.Body) })
	select {
	case <-w.ready:
	case <-w.Done():
	}
	if !stop() || w.Err() != nil {
		err := w.Err()
		_ = w.Close() // it never worked
		return nil, errors.Join(ctx.Err(), err)
	}
	return w, nil
}

// get asks for the stream.
func (w *sseWire) get() (*http.Response, error) {
	h := w.set.get(nil).other.Clone()
	h.Set("Accept", "text/event-stream")
	h.Del("Content-Type")
	req := (&http.Request{Method: http.MethodGet, URL: w.url, Host: w.host, Header: h}).WithContext(w.life)
	resp, err := w.way.RoundTrip(req)
	if err != nil {
		return nil, wayError(err)
	}
	if resp.StatusCode/100 == 2 && mediaType(resp.Header) == "text/event-stream" {
		return resp, nil
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return nil, protocolErrorf("the server's stream is of type %q; if it speaks the newer transport, write `type: streamable-http`", snippet([]byte(mediaType(resp.Header)), 60))
	}
	return nil, w.refusal(resp)
}

// refusal says what a status outside 2xx means.
func (w *sseWire) refusal(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return &AuthError{Status: resp.StatusCode, Challenge: resp.Header.Values("Www-Authenticate")}
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // as much as came
	return httpError(resp, body)
}

// read takes events until the stream ends.
func (w *sseWire) read(body io.ReadCloser) {
	defer body.Close()
	source := io.Reader(body)
	if w.quiet > 0 {
		timer := time.AfterFunc(w.quiet, func() {
			w.fail(fmt.Errorf("%w: nothing came for %s (sseReadTimeout)", ErrLost, w.quiet))
		})
		defer timer.Stop()
		source = &watched{body, func() { timer.Reset(w.quiet) }}
	}
	events := newEventReader(source, w.max)
	defer events.release()
	for {
		events.total = 0
		ev, err := events.next()
		if err == nil {
			err = w.event(ev)
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = ErrLost
			}
			w.fail(err)
			return
		}
	}
}

// watched calls a function whenever something comes.
type watched struct {
	io.Reader
	came func()
}

// Read implements io.Reader.
func (r *watched) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.came()
	}
	return n, err
}

func (w *sseWire) event(ev event) error {
	switch string(ev.name) {
	case "endpoint":
		if w.post != nil {
			return nil // the first one counts
		}
		to, err := w.url.Parse(strings.TrimSpace(string(ev.data)))
		if err != nil || to.Scheme != w.url.Scheme || to.Host != w.url.Host {
			return protocolErrorf("the server wants messages posted to another origin")
		}
		to.User = nil
		w.post = to
		close(w.ready)
	case "", "message":
		if len(ev.data) == 0 {
			return nil
		}
		if err := w.receive(ev.data); !errors.Is(err, errForeign) {
			return err
		}
		return protocolErrorf("an event is no MCP message")
	}
	return nil
}

// postSoon posts a lane message in the background; what goes wrong is told to its call.
func (w *sseWire) postSoon(m *outgoing) error {
	w.posts.mu.Lock()
	defer w.posts.mu.Unlock()
	if w.posts.closed {
		m.done()
		return w.Err()
	}
	m.written.Store(true)
	data := m.data
	w.posts.wg.Go(func() {
		err := w.posted(w.life, w.set.get(w.now.Load()).call, data)
		m.done()
		if err != nil && m.failed != nil {
			m.failed(maybeSent(err), err)
		}
	})
	return nil
}

// maybeSent reports whether a post that failed may have arrived.
func maybeSent(err error) bool {
	var blocked *netguard.BlockedError
	var tls *netguard.TLSError
	var auth *AuthError
	var status *HTTPError
	switch {
	case errors.As(err, &blocked), errors.As(err, &tls), errors.As(err, &auth), errors.Is(err, ErrSessionGone), unwritten(err):
		return false
	case errors.As(err, &status):
		return status.Status != http.StatusTooManyRequests
	}
	return true
}

// posted sends one message.
func (w *sseWire) posted(ctx context.Context, h http.Header, data []byte) error {
	req := &http.Request{
		Method: http.MethodPost, URL: w.post, Host: w.host, Header: h, ContentLength: int64(len(data)),
		Body:    io.NopCloser(bytes.NewReader(data)),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
	resp, err := w.way.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return wayError(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode/100 == 2:
		_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody) // lets the connection be used again
		return nil
	case resp.StatusCode == http.StatusNotFound:
		return ErrSessionGone
	}
	return w.refusal(resp)
}

// Write implements mcp.Connection.
func (w *sseWire) Write(ctx context.Context, msg jsonrpc.Message) error {
	if err := w.Err(); err != nil {
		return err
	}
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return &rejected{err}
	}
	if req, ok := msg.(*jsonrpc.Request); ok && req.IsCall() {
		w.sent(req)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.life, cancel)()
	if err := w.posted(ctx, w.set.get(w.now.Load()).other, data); err != nil {
		return &rejected{err}
	}
	return nil
}

// fail ends the wire because of err.
func (w *sseWire) fail(err error) {
	w.finish(err)
	w.posts.mu.Lock()
	w.posts.closed = true
	w.posts.mu.Unlock()
	w.cancel()
}

// Close implements mcp.Connection.
func (w *sseWire) Close() error {
	w.fail(ErrClosed)
	w.running.Wait()
	w.posts.wg.Wait()
	return nil
}
