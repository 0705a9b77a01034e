package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
)

// Authorize begins a sign-in: what to keep, and where to send the person. scopes is what
// to ask for, normally c.Scopes(d, granted). It contacts nobody.
func (c *Client) Authorize(d *Discovery, r *Registration, scopes []string) (*Pending, string, error) {
	as := &d.AuthServer
	to, err := c.endpoint(StepAuthorize, as.AuthorizationEndpoint)
	if err != nil {
		return nil, "", c.fail(as.AuthorizationEndpoint, err)
	}
	if r.Issuer != as.Issuer {
		return nil, "", c.fail(as.AuthorizationEndpoint, broken(StepAuthorize, "The registered client belongs to another authorization server. Register anew."))
	}
	p := &Pending{
		Binding: c.binding(d, r), State: random(), Verifier: random(), RedirectURI: r.RedirectURI, Scopes: scopes,
		Assumed: as.Assumed, IssInResponse: as.IssInResponse, AuthHost: to.Host,
	}
	sum := sha256.Sum256([]byte(p.Verifier))
	q := to.Query() // RFC 6749 3.1: what stands there stays
	for name, value := range map[string]string{
		"response_type": "code", "client_id": r.ClientID, "redirect_uri": r.RedirectURI, "state": p.State,
		"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256",
		"scope": strings.Join(scopes, " "), "resource": p.Resource, "audience": c.block.Audience,
	} {
		q.Del(name)
		if value != "" {
			q.Set(name, value)
		}
	}
	if c.preset != nil {
		for name, value := range c.preset.params {
			q.Set(name, value)
		}
	}
	at := *to
	at.RawQuery = q.Encode()
	c.step(StepAuthorize, as.AuthorizationEndpoint, 0, true, "The person is sent there, for scopes: %s.", shownScopes(scopes))
	return p, at.String(), nil
}

// endpoint reads an endpoint again before it is used: what was stored may be old.
func (c *Client) endpoint(step StepName, s string) (*url.URL, *Error) {
	u, err := webURL(s)
	if err == nil && !c.isBlock(s) {
		u, err = learnedEndpoint(s)
	}
	if err != nil {
		return nil, broken(step, "The endpoint %s. Correct the oauth block, or tell who runs the authorization server.", err)
	}
	return u, nil
}

// isBlock reports whether an endpoint is one of the operator's, letter by letter.
func (c *Client) isBlock(s string) bool {
	return s != "" && (s == c.block.AuthorizationURL || s == c.block.TokenURL || s == c.block.RevocationURL)
}

// random is 256 bits, in letters that every server takes.
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program first
	return base64.RawURLEncoding.EncodeToString(b)
}

func shownScopes(scopes []string) string {
	if len(scopes) == 0 {
		return "none named"
	}
	return clip(strings.Join(scopes, " "), 200)
}
