package oauth

import (
	"context"
	"net/url"
	"slices"
)

// Exchange turns the code of a checked callback into a token. r is the registration that
// Authorize was given. Errors are *Error; a code is never sent twice.
func (c *Client) Exchange(ctx context.Context, p *Pending, r *Registration, code string) (*Token, error) {
	if e := c.ready(StepExchange, &p.Binding, r); e != nil {
		return nil, c.fail(p.TokenEndpoint, e)
	}
	form := url.Values{
		"grant_type": {grantCode}, "code": {code}, "redirect_uri": {p.RedirectURI}, "code_verifier": {p.Verifier},
	}
	if p.Resource != "" {
		form.Set("resource", p.Resource)
	}
	t, e := c.token(ctx, StepExchange, &p.Binding, r, form, []string{code, p.Verifier})
	if e != nil {
		return nil, c.fail(p.TokenEndpoint, e)
	}
	if t.Scopes == nil { // RFC 6749 5.1: left out when it is what was asked for
		t.Scopes = slices.Clone(p.Scopes)
	}
	return t, nil
}
