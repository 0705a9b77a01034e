package oauth

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// probeTimeout bounds one question of Probe: a server may hold a HEAD like a stream.
const probeTimeout = 5 * time.Second

// Probe asks the MCP server without a token what it wants: HEAD, then a POST of {}. A
// server that turns neither away gives the zero Challenge and no error; the error is that
// of the POST.
func (c *Client) Probe(ctx context.Context) (Challenge, error) {
	if c.target == nil {
		return Challenge{}, nil
	}
	at := httpForm(c.opts.URL)
	at.User, at.Fragment = nil, ""
	head, err := c.probe(ctx, http.MethodHead, at)
	if err == nil && head.ResourceMetadata != "" {
		return head, nil
	}
	post, err := c.probe(ctx, http.MethodPost, at)
	if err == nil && !post.Bearer && head.Bearer {
		return head, nil
	}
	return post, err
}

func (c *Client) probe(ctx context.Context, method string, at *url.URL) (Challenge, error) {
	ctx, cancel := context.WithTimeout(ctx, min(c.limit, probeTimeout))
	defer cancel()
	var body io.Reader = http.NoBody
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return Challenge{}, c.fail(c.target.String(), broken(StepProbe, "The url of the server cannot be asked. Correct it in the definition."))
	}
	req.Header.Set("Accept", "application/json, text/event-stream")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, e := c.send(ctx, StepProbe, req, Access{Trust: c.opts.Trust, Redirects: true}, false)
	if e != nil {
		return Challenge{}, c.fail(c.target.String(), e)
	}
	_ = resp.Body.Close() // the header says it all, and the body may be a stream
	if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
		c.step(StepProbe, c.target.String(), resp.StatusCode, true, "%s without a token is not turned away.", method)
		return Challenge{}, nil
	}
	ch := ReadChallenge(resp.Header.Values("Www-Authenticate"))
	note := "turned away without a bearer challenge"
	switch {
	case ch.ResourceMetadata != "":
		note = "turned away; the challenge says where the metadata is"
	case ch.Bearer:
		note = "turned away with a bearer challenge that does not say where the metadata is"
	}
	c.step(StepProbe, c.target.String(), resp.StatusCode, true, "%s without a token: %s.", method, note)
	return ch, nil
}
