package oauth

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// ClientCredentials gets a token that stands for the host and not for a person, with the
// binding it has. key is nil unless the registration's AuthMethod is private_key_jwt.
func (c *Client) ClientCredentials(ctx context.Context, d *Discovery, r *Registration, key *Key, scopes []string) (*Token, Binding, error) {
	b := c.binding(d, r)
	if e := c.ready(StepMachine, &b, r); e != nil {
		return nil, b, c.fail(b.TokenEndpoint, e)
	}
	form := url.Values{"grant_type": {grantClientCredentials}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	if b.Resource != "" {
		form.Set("resource", b.Resource)
	}
	if c.block.Audience != "" {
		form.Set("audience", c.block.Audience)
	}
	var secrets []string
	if r.AuthMethod == AuthPrivateKeyJWT {
		audience := d.AuthServer.Issuer
		if d.AuthServer.Assumed {
			audience = b.TokenEndpoint
		}
		assertion, err := key.assertion(r.ClientID, audience, c.opts.Now())
		if err != nil {
			return nil, b, c.fail(b.TokenEndpoint, badBlock("Signing in with a key is not possible: %s.", err))
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		secrets = append(secrets, assertion)
	}
	t, e := c.token(ctx, StepMachine, &b, r, form, secrets)
	if e != nil {
		return nil, b, c.fail(b.TokenEndpoint, e)
	}
	if t.Scopes == nil {
		t.Scopes = slices.Clone(scopes)
	}
	t.Refresh = "" // RFC 6749 4.4.3: asked for again instead
	return t, b, nil
}
