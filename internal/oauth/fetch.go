package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
)

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request and reads the whole answer, within the time limit and MaxBody.
// secret says that the request carries one, so that a lost answer matters.
func (c *Client) do(ctx context.Context, step StepName, req *http.Request, a Access, secret bool) (*reply, *Error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	resp, e := c.send(ctx, step, req, a, secret)
	if e != nil {
		return nil, e
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or of no more use
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err == nil && len(body) > MaxBody {
		err = &netguard.LimitError{What: "body", Limit: MaxBody}
	}
	if err != nil {
		e := netError(step, req.URL.Host, withoutURL(err), secret)
		e.Status = resp.StatusCode
		return nil, e
	}
	return &reply{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// send sends one request and hands over the answer, whose body the caller closes.
func (c *Client) send(ctx context.Context, step StepName, req *http.Request, a Access, secret bool) (*http.Response, *Error) {
	client := *c.opts.HTTP.Client(a)
	if !a.Redirects {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	req.Header.Set("User-Agent", "patchbay/"+patchbay.Version)
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, netError(step, req.URL.Host, withoutURL(err), secret)
	}
	return resp, nil
}

// withoutURL drops the address that net/http puts into its errors: its query may hold
// somebody's key.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// oauthHeaders adds `oauth_headers` when the definition itself names the origin. An
// Authorization among them (an initial access token, RFC 7591 3) gives way to our own.
func (c *Client) oauthHeaders(req *http.Request) {
	if len(c.opts.Header) == 0 || !c.names(req.URL) {
		return
	}
	for name, values := range c.opts.Header {
		if !reservedHeader(name) {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
}

// reservedHeader reports whether a header is ours to set.
func reservedHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Content-Type", "Content-Length", "Host", "Accept", "Accept-Encoding", "Transfer-Encoding", "Connection":
		return true
	}
	return false
}

// verdict is what asking for a document came to.
type verdict int

const (
	found   verdict = iota // an object that could be read
	absent                 // the far end has no such document
	failing                // it may have one: it cannot be reached, is ill, or sends what cannot be read
)

// document asks for a JSON object at an address that somebody else named.
func (c *Client) document(ctx context.Context, step StepName, address string, into any) (verdict, int, *Error) {
	u, err := webURL(address)
	if err == nil && u.Scheme != "https" && !loopback(hostOf(u)) && !c.names(u) {
		err = errors.New("is not https")
	}
	if err != nil {
		return failing, 0, broken(step, "The address of the metadata, %s, %s. Tell who runs the server.", c.shown(address), err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return failing, 0, broken(step, "The address of the metadata cannot be asked for. Tell who runs the server.")
	}
	req.Header.Set("Accept", "application/json")
	if step != StepResource {
		c.oauthHeaders(req)
	}
	r, e := c.do(ctx, step, req, Access{Trust: c.trustOf(u), Redirects: true}, false)
	if e != nil {
		return failing, e.Status, e
	}
	switch {
	case r.status == http.StatusTooManyRequests || r.status >= 500:
		return failing, r.status, ill(step, u.Host, r)
	case r.status != http.StatusOK:
		return absent, r.status, nil
	case !looksJSON(r.body):
		return absent, r.status, nil // a page for every path
	}
	if err := decode(r.body, into); err != nil {
		return failing, r.status, broken(step, "%s sent metadata that cannot be read: %s. Tell who runs it.", u.Host, err)
	}
	return found, r.status, nil
}

// ill is an answer that says "not now".
func ill(step StepName, host string, r *reply) *Error {
	e := &Error{Step: step, Status: r.status, Reason: patchbay.ReasonUnreachable, RetryAfter: retryAfter(r.header.Get("Retry-After"))}
	e.Message = fmt.Sprintf("%s answered HTTP %d. Try again later; if it stays so, tell who runs it.", host, r.status)
	if r.status == http.StatusTooManyRequests {
		e.Reason = patchbay.ReasonRateLimited
		e.Message = fmt.Sprintf("%s says that it is asked too often (HTTP 429). Try again later.", host)
	}
	return e
}

// retryAfter reads the seconds of the header; at most an hour.
func retryAfter(v string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 31)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, time.Hour)
}

// trustOf is the class of an address: the definition's for what it names itself.
func (c *Client) trustOf(u *url.URL) patchbay.Trust {
	if c.target != nil && originOf(u) == originOf(c.target) || c.preset == nil && c.inBlock(u) {
		return c.opts.Trust
	}
	return patchbay.TrustLearned
}

// inBlock reports whether the origin of u is one of the operator's block.
func (c *Client) inBlock(u *url.URL) bool {
	for _, s := range []string{c.block.AuthorizationURL, c.block.TokenURL, c.block.RevocationURL, c.opts.Issuer} {
		if b, err := url.Parse(s); err == nil && b.Host != "" && originOf(b) == originOf(u) {
			return true
		}
	}
	return false
}
