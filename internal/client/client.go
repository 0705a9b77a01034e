// Package client speaks patchbay's own REST API; the shell uses it.
//
// It owns the requests, the decoding of answers and of event streams, and nothing of
// what the shell prints. Errors of the API come back as *patchbay.Error with the code
// that the instance gave; a far end that is not there, or not patchbay, is an error that
// says what to look at. A Client keeps no state between requests and may be used from
// many goroutines.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/httpkit"
)

// Bounds of what is read from an instance.
const (
	maxBody  = 256 << 20 // an answer, or one event of a stream
	maxError = 1 << 20   // an error answer
	maxPages = 1000      // pages of one list
)

// HeaderAs names the person whom an operator acts for.
const HeaderAs = "X-Patchbay-As"

// Options say which instance to talk to, and as whom.
type Options struct {
	BaseURL string // with the sub-path, when there is one
	Token   string // login token, API token, or the operator's of cli.json
	As      string // an operator's: the e-mail address to act for
	// HTTPClient is for tests. The default has no time limit of its own (a call may
	// take hours, and its context says so) and follows no redirects, which would
	// carry the token away.
	HTTPClient *http.Client
}

// Client talks to one instance.
type Client struct {
	base  string
	token string
	as    string
	http  *http.Client
}

// New checks the options. It opens no connection.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, patchbay.Errorf(patchbay.CodeBadRequest, "The address of the instance must look like http://127.0.0.1:3080")
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, patchbay.Errorf(patchbay.CodeBadRequest, "The address of the instance takes no user, query or fragment; give the token by --token")
	}
	c := &Client{base: strings.TrimSuffix(u.String(), "/"), token: o.Token, as: o.As, http: o.HTTPClient}
	if c.http == nil {
		c.http = defaultHTTPClient()
	}
	return c, nil
}

func defaultHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   10 * time.Second,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// BaseURL returns the address the client talks to, without a trailing slash.
func (c *Client) BaseURL() string { return c.base }

// do sends body (nil for none) as JSON and decodes the answer into out (nil to ignore it).
func (c *Client) do(ctx context.Context, method, path string, body, out any) error {
	resp, err := c.send(ctx, method, path, "application/json", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := readAll(resp.Body, maxBody)
	if err != nil {
		return c.unreachable(ctx, err)
	}
	if out == nil || len(data) == 0 {
		return nil
	}
	if raw, ok := out.(*json.RawMessage); ok {
		*raw = data
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return c.notPatchbay(err)
	}
	return nil
}

// send returns an answer of status 2xx, its body open; every other is an error.
func (c *Client) send(ctx context.Context, method, path, accept string, body any) (*http.Response, error) {
	req, err := c.request(ctx, method, path, accept, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 3 {
		return nil, patchbay.Errorf(patchbay.CodeBadRequest, "%s redirects to another address; give that one by --url", c.base)
	}
	data, err := readAll(resp.Body, maxError)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	return nil, httpkit.ParseError(resp.StatusCode, resp.Header, data)
}

func (c *Client) request(ctx context.Context, method, path, accept string, body any) (*http.Request, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case json.RawMessage: // as it is
		reader = bytes.NewReader(b)
	default:
		data, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("client: encode %s %s: %w", method, path, err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, reader)
	if err != nil {
		return nil, fmt.Errorf("client: %s %s: %w", method, path, err)
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "patchbay/"+patchbay.Version)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.as != "" {
		req.Header.Set(HeaderAs, c.as)
	}
	return req, nil
}

// unreachable turns a failure of the network into a sentence. That of the caller's own
// context stays as it is.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var tooLong *tooLongError
	if errors.As(err, &tooLong) {
		return &patchbay.Error{Code: patchbay.CodeTooLarge, Message: fmt.Sprintf("The answer of %s is larger than %d bytes", c.base, tooLong.limit)}
	}
	return &patchbay.Error{
		Code:    patchbay.CodeUnavailable,
		Message: fmt.Sprintf("No answer from patchbay at %s; is it running there? (patchbay serve)", c.base),
		Err:     errors.Join(ErrUnreachable, err),
	}
}

// ErrUnreachable is in the chain of an error when nothing answered at all.
var ErrUnreachable = errors.New("client: unreachable")

func (c *Client) notPatchbay(err error) error {
	return &patchbay.Error{
		Code:    patchbay.CodeProtocol,
		Message: fmt.Sprintf("What answers at %s does not speak patchbay's API; check --url and its sub-path", c.base),
		Err:     err,
	}
}

type tooLongError struct{ limit int64 }

func (e *tooLongError) Error() string { return fmt.Sprintf("client: more than %d bytes", e.limit) }

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &tooLongError{limit}
	}
	return data, nil
}

func mediaType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "" // none, or not one: treated as JSON, which then says what is wrong
	}
	return t
}

// segment escapes a name for one segment of a path. "." and ".." would be resolved away.
func segment(name string) string {
	switch name {
	case ".":
		return "%2E"
	case "..":
		return "%2E%2E"
	}
	return url.PathEscape(name)
}
