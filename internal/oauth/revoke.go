package oauth

import (
	"context"
	"fmt"
	"net/url"

	"patchbay"
)

// Revoke tells the issuer that the tokens are no longer wanted (RFC 7009): the refresh
// token, then the access token. An issuer without revocation endpoint is no error.
func (c *Client) Revoke(ctx context.Context, b Binding, r *Registration, t *Token) error {
	if b.RevocationEndpoint == "" {
		c.step(StepRevoke, b.Issuer, 0, true, "The authorization server revokes nothing; the tokens are only forgotten here.")
		return nil
	}
	if e := c.ready(StepRevoke, &b, r); e != nil {
		return c.fail(b.RevocationEndpoint, e)
	}
	var first error
	for _, one := range []struct{ hint, token string }{{"refresh_token", t.Refresh}, {"access_token", t.Access}} {
		if one.token == "" {
			continue
		}
		if e := c.revoke(ctx, &b, r, one.hint, one.token, []string{t.Access, t.Refresh}); e != nil {
			c.failed(b.RevocationEndpoint, e)
			if first == nil {
				first = e
			}
			if dead(e) {
				break
			}
			continue
		}
		c.step(StepRevoke, b.RevocationEndpoint, 200, true, "The %s is revoked.", one.hint)
	}
	return first
}

func (c *Client) revoke(ctx context.Context, b *Binding, r *Registration, hint, token string, secrets []string) *Error {
	method := b.RevocationAuthMethod
	if method == "" {
		method = r.AuthMethod
	}
	form := url.Values{"token": {token}, "token_type_hint": {hint}}
	got, said, e := c.post(ctx, StepRevoke, b.RevocationEndpoint, method, r, form, secrets)
	switch {
	case e != nil:
		return e
	case got.status >= 200 && got.status < 300:
		return nil
	case got.status == 429 || got.status >= 500:
		return ill(StepRevoke, shownHost(b.RevocationEndpoint), got)
	}
	code := errorCode(said.Code)
	return &Error{
		Step: StepRevoke, Status: got.status, Code: code, Description: said.Description, Reason: patchbay.ReasonUnauthorized,
		Permanent: true, Forgotten: forgetsCode(code) || forgets(said.Description),
		Message: fmt.Sprintf("%s refused to revoke the %s (HTTP %d). It is forgotten here; end the access there, too.", shownHost(b.RevocationEndpoint), hint, got.status),
	}
}
