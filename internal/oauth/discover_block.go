package oauth

import (
	"context"
	"net/url"
	"slices"
)

// discoverBlock takes the endpoints of the operator's block or of a preset. Metadata is
// read for what the block leaves open, scopes and client authentication, and only
// believed when it names the same token endpoint; that it is missing is no error.
func (c *Client) discoverBlock(ctx context.Context, d *Discovery) error {
	ctx, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	b := &c.block
	as := AuthServer{
		Origin: FromBlock, AuthorizationEndpoint: b.AuthorizationURL, TokenEndpoint: b.TokenURL, RevocationEndpoint: b.RevocationURL,
		GrantTypes: b.GrantTypes, AuthMethods: b.TokenEndpointAuthMethods, RevocationAuthMethods: b.RevocationEndpointAuthMethods,
	}
	var issuers []string
	if c.target != nil {
		// A server that describes itself wrongly does not undo what the operator wrote.
		if meta, err := c.resource(ctx, d.Challenge); err == nil && meta != nil {
			d.Resource, d.Scopes = meta.Resource, union(meta.Scopes, nil)
			issuers = meta.AuthServers
		}
	}
	if c.preset != nil {
		as.Origin, as.Issuer = FromPreset, c.preset.issuer
		as.AuthMethods = []string{c.preset.method}
		c.step(StepAuthServer, as.TokenEndpoint, 0, true, "The endpoints are those of the preset %s.", b.Provider)
		d.AuthServer = as
		return nil
	}
	if len(b.CodeChallengeMethods) > 0 && !slices.Contains(b.CodeChallengeMethods, "S256") && !b.SkipCodeChallengeCheck {
		return badBlock("oauth.code_challenge_methods_supported leaves out S256, the only method that is used. Add it, or set oauth.skip_code_challenge_check.")
	}
	c.step(StepAuthServer, as.TokenEndpoint, 0, true, "The endpoints are those of the oauth block.")
	c.complete(ctx, &as, issuers)
	if as.Issuer == "" {
		u, err := url.Parse(first(as.AuthorizationEndpoint, as.TokenEndpoint))
		if err != nil {
			return badBlock("oauth.authorization_url is not a URL. Correct it in the definition.")
		}
		as.Issuer, as.Assumed = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String(), true
	}
	d.AuthServer = as
	return nil
}

// complete adds to the block's endpoints what the metadata of the same authorization
// server says. Nobody is asked whom neither the block nor the server names.
func (c *Client) complete(ctx context.Context, as *AuthServer, issuers []string) {
	if u, err := url.Parse(first(as.AuthorizationEndpoint, as.TokenEndpoint)); err == nil {
		issuers = append(slices.Clone(issuers[:min(len(issuers), maxAuthServers)]), (&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
	}
	if c.opts.Issuer != "" {
		issuers = []string{c.opts.Issuer}
	}
	for _, issuer := range slices.Compact(issuers) {
		meta, err := c.authServer(ctx, issuer)
		if err != nil || meta == nil {
			continue
		}
		if meta.TokenEndpoint != as.TokenEndpoint {
			c.step(StepAuthServer, issuer, 0, true, "Not used: it names another token endpoint than the oauth block.")
			continue
		}
		as.Issuer, as.IssInResponse, as.ClientDocuments = meta.Issuer, meta.IssInResponse, meta.ClientDocuments
		as.Scopes, as.RegistrationEndpoint = meta.Scopes, meta.RegistrationEndpoint
		as.RevocationEndpoint = first(as.RevocationEndpoint, meta.RevocationEndpoint)
		if as.AuthMethods == nil {
			as.AuthMethods = meta.AuthMethods
		}
		if as.RevocationAuthMethods == nil {
			as.RevocationAuthMethods = meta.RevocationAuthMethods
		}
		if as.GrantTypes == nil {
			as.GrantTypes = meta.GrantTypes
		}
		return
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
