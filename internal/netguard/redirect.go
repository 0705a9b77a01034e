package netguard

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"patchbay"
)

// maxRedirects bounds a chain of redirects.
const maxRedirects = 5

// Client returns an HTTP client that follows redirects as Follower does.
func (g *Guard) Client(o ClientOptions) *http.Client {
	var rt http.RoundTripper = g.tripper(o)
	if !o.NoRedirects {
		rt = g.Follower(o)
	}
	return &http.Client{
		Transport:     rt,
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Follower returns a RoundTripper that follows up to five redirects: 307 and 308 with
// the same method and body, 301, 302 and 303 for GET and HEAD only. Each is judged
// anew, as an address learned from the definition. Across origins only headers that
// say nothing of the person or the connection go along, and never from https to http.
// What is not followed is the caller's to judge: it gets the redirect itself. Equal
// options get the same one: there is a caller for each user's connection.
func (g *Guard) Follower(o ClientOptions) http.RoundTripper {
	if o.Origin != nil {
		return &follower{first: g.tripper(o), guard: g, opts: o}
	}
	key := followerKey{trust: o.Trust, originTrust: o.OriginTrust, maxBody: o.MaxBody}
	if o.Proxy != nil {
		key.proxy = o.Proxy.String()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.followers[key]
	if f == nil {
		f = &follower{first: g.tripper(o), guard: g, opts: o}
		g.followers[key] = f
	}
	return f
}

// followerKey tells followers apart that do not belong to one address.
type followerKey struct {
	trust, originTrust patchbay.Trust
	proxy              string
	maxBody            int64
}

type follower struct {
	first *tripper
	guard *Guard
	opts  ClientOptions
}

// RoundTrip implements http.RoundTripper.
func (f *follower) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.first.RoundTrip(req)
	if err != nil || resp.StatusCode < 301 || resp.StatusCode > 308 {
		return resp, err
	}
	return f.follow(req, resp)
}

func (f *follower) follow(req *http.Request, resp *http.Response) (*http.Response, error) {
	next := f.opts
	if next.Trust != patchbay.TrustLearned {
		next.Origin, next.OriginTrust = req.URL, next.Trust
	}
	next.Trust = patchbay.TrustLearned
	rt := f.guard.tripper(next)
	for range maxRedirects {
		to := target(req, resp)
		if to == nil {
			return resp, nil
		}
		hop, ok := redirected(req, to)
		if !ok {
			return resp, nil
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // lets the connection be used again
		_ = resp.Body.Close()                         // the redirect's own body is of no interest
		var err error
		if resp, err = rt.RoundTrip(hop); err != nil {
			return nil, err
		}
		req = hop
	}
	return resp, nil
}

// target returns where resp redirects req to, nil when that is not to be followed.
func target(req *http.Request, resp *http.Response) *url.URL {
	switch resp.StatusCode {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		if req.Method != http.MethodGet && req.Method != http.MethodHead {
			return nil
		}
	default:
		return nil
	}
	loc := resp.Header.Get("Location")
	if loc == "" {
		return nil
	}
	to, err := req.URL.Parse(loc)
	if err != nil || to.Host == "" || (to.Scheme != "http" && to.Scheme != "https") ||
		(req.URL.Scheme == "https" && to.Scheme != "https") {
		return nil
	}
	to.User = nil
	return to
}

// redirected returns the request for the next hop; ok is false when its body cannot be
// sent again.
func redirected(req *http.Request, to *url.URL) (hop *http.Request, ok bool) {
	hop = req.Clone(req.Context())
	hop.URL, hop.Host = to, ""
	if !sameOrigin(req.URL, to) {
		hop.Header = harmless(req.Header)
	}
	if req.Body == nil || req.Body == http.NoBody {
		return hop, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	hop.Body = body
	return hop, true
}

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && sameHost(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

// harmless returns the headers that may cross origins: no credential, nothing that was
// configured, no session.
func harmless(h http.Header) http.Header {
	out := http.Header{}
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "User-Agent",
		"Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name",
	} {
		if v := h.Values(name); len(v) > 0 {
			out[name] = v
		}
	}
	return out
}
