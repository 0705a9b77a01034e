package oauth

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// Probe asks the MCP server without a token what it wants: HEAD, then a POST of {}. A
// server that turns neither away gives the zero Challenge and no error.
func (c *Client) Probe(ctx context.Context) (Challenge, error) {
	if c.target == nil {
		return Challenge{}, nil
	}
	at := *httpForm(c.opts.URL)
	at.User, at.Fragment = nil, ""
	var best Challenge
	for _, method := range []string{http.MethodHead, http.MethodPost} {
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader("{}")
		}
		req, err := http.NewRequestWithContext(ctx, method, at.String(), body)
		if err != nil {
			return Challenge{}, broken(StepProbe, "The url of the server cannot be asked. Correct it in the definition.")
		}
		req.Header.Set("Accept", "application/json, text/event-stream")
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		r, e := c.do(ctx, StepProbe, req, Access{Trust: c.opts.Trust, Redirects: true}, false)
		if e != nil {
			c.failed(c.target.String(), e)
			return best, e
		}
		if r.status != http.StatusUnauthorized && r.status != http.StatusForbidden {
			c.step(StepProbe, c.target.String(), r.status, true, "%s without a token is not turned away.", method)
			continue
		}
		best = ReadChallenge(r.header.Values("Www-Authenticate"))
		note := "turned away without a bearer challenge"
		switch {
		case best.ResourceMetadata != "":
			note = "turned away; the challenge says where the metadata is"
		case best.Bearer:
			note = "turned away with a bearer challenge that does not say where the metadata is"
		}
		c.step(StepProbe, c.target.String(), r.status, true, "%s without a token: %s.", method, note)
		if best.ResourceMetadata != "" {
			break
		}
	}
	return best, nil
}
