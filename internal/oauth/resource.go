package oauth

import (
	"context"
	"net/url"
	"strings"

	"patchbay"
)

const resourceWellKnown = "/.well-known/oauth-protected-resource"

// resourceMetadata is RFC 9728 as far as it is of use.
type resourceMetadata struct {
	Resource    string `json:"resource"`
	AuthServers list   `json:"authorization_servers"`
	Scopes      list   `json:"scopes_supported"`
}

// resource asks for the resource's metadata: where the challenge says, at the server's
// path, at the root. Nil means that the server has none. It is an error when there is one
// that cannot be had or does not describe this server: then nothing is guessed.
func (c *Client) resource(ctx context.Context, ch Challenge) (*resourceMetadata, error) {
	var missed error
	for _, at := range c.resourceURLs(ch) {
		var m resourceMetadata
		v, status, e := c.document(ctx, StepResource, at, &m)
		switch {
		case v == found:
			if e := c.matches(at, &m); e != nil {
				e.Status = status
				return nil, c.fail(at, e)
			}
			c.step(StepResource, at, status, true, "The server describes itself; it names %d authorization server(s).", len(m.AuthServers))
			return &m, nil
		case v == absent && at == ch.ResourceMetadata:
			e = broken(StepResource, "The server's challenge says where its metadata is, but there is none (HTTP %d). Tell who runs the server.", status)
			e.Status = status
			c.failed(at, e)
			missed = e
		case v == absent:
			c.step(StepResource, at, status, true, "There is none here.")
		default:
			c.failed(at, e)
			missed = e
			if dead(e) && at != ch.ResourceMetadata {
				return nil, missed
			}
		}
	}
	if missed != nil {
		return nil, missed
	}
	return nil, nil //nolint:nilnil // a server without metadata is a case of its own, not an error
}

// dead reports whether asking the same host for something else is of no use.
func dead(e *Error) bool {
	return e.Reason == patchbay.ReasonTimeout || e.Status == 0 && e.Reason != patchbay.ReasonProtocol
}

func (c *Client) resourceURLs(ch Challenge) []string {
	origin := (&url.URL{Scheme: c.target.Scheme, Host: c.target.Host}).String()
	urls := make([]string, 0, 3)
	if ch.ResourceMetadata != "" {
		urls = append(urls, ch.ResourceMetadata)
	}
	for _, path := range []string{strings.TrimSuffix(c.target.EscapedPath(), "/"), ""} {
		at := origin + resourceWellKnown + path
		if len(urls) == 0 || urls[len(urls)-1] != at {
			urls = append(urls, at)
		}
	}
	return urls
}

// matches holds the metadata against the server that was asked: same origin, and a path
// that the server's lies under (RFC 9728 3.3, with the prefix that MCP servers use).
func (c *Client) matches(at string, m *resourceMetadata) *Error {
	if m.Resource == "" {
		return broken(StepResource, "The server's metadata does not say which resource it describes. Tell who runs the server.")
	}
	u, err := webURL(m.Resource)
	if err != nil {
		return broken(StepResource, "The server's metadata describes a resource that %s. Tell who runs the server.", err)
	}
	prefix, path := strings.TrimSuffix(u.EscapedPath(), "/"), strings.TrimSuffix(c.target.EscapedPath(), "/")
	if originOf(u) != originOf(c.target) || (path != prefix && !strings.HasPrefix(path, prefix+"/")) {
		return broken(StepResource, "The metadata at %s describes another resource, %s, so a token for it would not be meant for this server. Check the url in the definition.", c.shown(at), c.shown(m.Resource))
	}
	return nil
}
