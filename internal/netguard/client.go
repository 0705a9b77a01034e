package netguard

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"patchbay"
)

// Bounds of the shared transports.
const (
	maxIdlePerHost = 512
	maxIdle        = 4096
	idleTimeout    = 90 * time.Second
	maxHeader      = 128 << 10 // bytes of one response's header
	socketBuffer   = 2 << 10   // each way; an idle connection keeps both
)

// ClientOptions says for whom a client is.
type ClientOptions struct {
	Trust patchbay.Trust
	// Origin and OriginTrust are the URL and the trust of the definition that led to
	// the addresses of a TrustLearned client. Without OriginTrust the definition is
	// taken for a person's.
	Origin      *url.URL
	OriginTrust patchbay.Trust
	// Proxy is the definition's own; nil for the general one.
	Proxy *url.URL
	// MaxBody caps the bytes of a response's body; 0 for no cap of the guard's.
	MaxBody int64
	// Timeout bounds a whole exchange of Client; 0 leaves it to the context.
	Timeout time.Duration
	// NoRedirects hands a redirect to the caller instead of following it.
	NoRedirects bool
}

// poolKey tells transports apart: connections are never shared between classes.
type poolKey struct {
	class class
	proxy string
}

// transport returns the one transport of a class and proxy.
func (g *Guard) transport(c class, proxy *url.URL) *http.Transport {
	key := poolKey{class: c}
	dial := g.dialGuarded
	if c == open {
		dial = g.dialOpen
	}
	var through func(*http.Request) (*url.URL, error)
	if proxy != nil {
		// The operator named the proxy; what may be reached through it was judged by
		// the target.
		key.proxy, dial, through = proxy.String(), g.dialOpen, http.ProxyURL(proxy)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t, ok := g.transports[key]; ok {
		return t
	}
	t := &http.Transport{
		Proxy:                  through,
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.roots},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
		ReadBufferSize:         socketBuffer,
		WriteBufferSize:        socketBuffer,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 20 * time.Second, PingTimeout: 15 * time.Second},
	}
	g.transports[key] = t
	return t
}

// RoundTripper returns the way out for one purpose. It judges each request's URL,
// asks for and accepts unencoded answers only, caps them, and names TLS errors. It
// follows no redirect. The request's URL must not be changed while it is in use.
func (g *Guard) RoundTripper(o ClientOptions) http.RoundTripper { return g.tripper(o) }

func (g *Guard) tripper(o ClientOptions) *tripper {
	if o.OriginTrust == "" {
		o.OriginTrust = patchbay.TrustPerson
	}
	return &tripper{guard: g, opts: o}
}

type tripper struct {
	guard *Guard
	opts  ClientOptions
	last  atomic.Pointer[route] // of the request before: often the same again

	mu     sync.RWMutex
	routes map[site]*route // judged before
}

// site is what a judgement is about.
type site struct{ scheme, host string }

// route is the judgement on one site.
type route struct {
	site
	transport *http.Transport
}

// maxRoutes bounds the judgements that one tripper remembers.
const maxRoutes = 4096

func (t *tripper) route(u *url.URL) (*route, error) {
	at := site{u.Scheme, u.Host}
	if r := t.last.Load(); r != nil && r.site == at {
		return r, nil
	}
	t.mu.RLock()
	r := t.routes[at]
	t.mu.RUnlock()
	if r != nil {
		t.last.Store(r)
		return r, nil
	}
	proxy := t.guard.proxyFor(u, t.opts.Proxy)
	c, err := t.guard.judge(u, t.opts.Trust, originOf(t.opts.Origin, t.opts.OriginTrust), proxy != nil)
	if err != nil {
		return nil, err
	}
	r = &route{site: at, transport: t.guard.transport(c, proxy)}
	t.mu.Lock()
	if t.routes == nil || len(t.routes) >= maxRoutes { // beyond, all are judged anew once
		t.routes = map[site]*route{}
	}
	t.routes[at] = r
	t.mu.Unlock()
	t.last.Store(r)
	return r, nil
}

// RoundTrip implements http.RoundTripper.
func (t *tripper) RoundTrip(req *http.Request) (*http.Response, error) {
	r, err := t.route(req.URL)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	if len(req.Header["Accept-Encoding"]) == 0 {
		req = withIdentity(req)
	}
	resp, err := r.transport.RoundTrip(req)
	if err != nil {
		return nil, nameError(err, req.URL)
	}
	if enc := resp.Header["Content-Encoding"]; len(enc) > 0 && enc[0] != "" && enc[0] != "identity" {
		_ = resp.Body.Close() // the answer is of no use; the error below says why
		return nil, &LimitError{What: "encoding"}
	}
	if t.opts.MaxBody > 0 && resp.StatusCode != http.StatusSwitchingProtocols {
		if resp.ContentLength > t.opts.MaxBody {
			_ = resp.Body.Close() // as above
			return nil, &LimitError{What: "body", Limit: t.opts.MaxBody}
		}
		resp.Body = &cappedBody{ReadCloser: resp.Body, left: t.opts.MaxBody, limit: t.opts.MaxBody}
	}
	return resp, nil
}

// withIdentity asks for an unencoded answer on behalf of a caller that did not.
func withIdentity(req *http.Request) *http.Request {
	r := *req
	r.Header = req.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Accept-Encoding", "identity")
	return &r
}

// nameError brings the guard's and TLS' reasons to the surface.
func nameError(err error, u *url.URL) error {
	var blocked *BlockedError
	if errors.As(err, &blocked) {
		return blocked
	}
	var op *net.OpError
	if errors.As(err, &op) && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return err
	}
	return asTLS(err, u.Host)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // required of a RoundTripper, nothing was read from it
	}
}

// cappedBody ends with an error instead of going past the cap.
type cappedBody struct {
	io.ReadCloser
	left, limit int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, &LimitError{What: "body", Limit: b.limit}
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, &LimitError{What: "body", Limit: b.limit}
	}
	return n, err
}
