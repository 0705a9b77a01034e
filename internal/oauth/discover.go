package oauth

import (
	"context"
	"fmt"
	"net/url"

	"patchbay"
)

// Discover finds who guards the server. ch is the challenge of a 401 or 403, zero when
// there was none. The order: the operator's block or preset; the resource's metadata
// (where the challenge says, at the path, at the root) and the first usable of its
// authorization servers; the MCP server's own origin, by metadata, and, when no metadata
// exists anywhere, by the default paths of 2025-03-26. Errors are *Error.
func (c *Client) Discover(ctx context.Context, ch Challenge) (*Discovery, error) {
	ctx, cancel := context.WithTimeout(ctx, DiscoverTimeout)
	defer cancel()
	d := &Discovery{Challenge: ch}
	if c.target != nil {
		d.Server = c.target.String()
		d.Resource = d.Server
	}
	var err error
	if c.block.TokenURL != "" {
		err = c.discoverBlock(ctx, d)
	} else {
		err = c.discoverServer(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// discoverServer asks the MCP server, since the operator said nothing.
func (c *Client) discoverServer(ctx context.Context, d *Discovery) error {
	meta, err := c.resource(ctx, d.Challenge)
	if err != nil {
		return err
	}
	if meta == nil {
		return c.fromOrigin(ctx, d, true)
	}
	d.Resource, d.Scopes = meta.Resource, union(meta.Scopes, nil)
	if len(meta.AuthServers) == 0 {
		return c.fromOrigin(ctx, d, false)
	}
	return c.fromList(ctx, d, meta.AuthServers)
}

// fromList takes the first usable authorization server of the resource's list, or the
// one that the operator named.
func (c *Client) fromList(ctx context.Context, d *Discovery, issuers []string) error {
	if own := c.opts.Issuer; own != "" {
		for _, is := range issuers {
			if sameIssuer(is, own) {
				return c.useIssuer(ctx, d, is)
			}
		}
		return c.fail(own, &Error{
			Step: StepResource, Reason: patchbay.ReasonBadDefinition, Permanent: true,
			Message: fmt.Sprintf("The server no longer names %s as its authorization server. Ask who runs it, then correct the definition.", c.shown(own)),
		})
	}
	var first error
	for i, is := range issuers {
		if i == maxAuthServers || ctx.Err() != nil {
			break
		}
		err := c.useIssuer(ctx, d, is)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// useIssuer fills in the authorization server of an issuer.
func (c *Client) useIssuer(ctx context.Context, d *Discovery, issuer string) error {
	as, err := c.authServer(ctx, issuer)
	if err != nil {
		return err
	}
	if as == nil {
		return c.fail(issuer, broken(StepAuthServer, "The authorization server %s has no metadata where the standards put it. Put authorization_url and token_url into the oauth block, or tell who runs it.", c.shown(issuer)))
	}
	d.AuthServer = *as
	return nil
}

// fromOrigin takes the MCP server's own origin for the authorization server (2025-03-26,
// and metadata that names none). Without any metadata at all, guess allows its default
// paths.
func (c *Client) fromOrigin(ctx context.Context, d *Discovery, guess bool) error {
	origin := (&url.URL{Scheme: c.target.Scheme, Host: c.target.Host}).String()
	if own := c.opts.Issuer; own != "" {
		return c.useIssuer(ctx, d, own)
	}
	candidates := []string{origin}
	if len(c.target.Path) > 1 {
		candidates = append(candidates, d.Server)
	}
	for _, issuer := range candidates {
		as, err := c.authServer(ctx, issuer)
		if err != nil {
			return err
		}
		if as != nil {
			d.AuthServer = *as
			return nil
		}
	}
	if !guess {
		return c.fail(origin, broken(StepAuthServer, "The server names no authorization server and is none itself. Put authorization_url and token_url into the oauth block, or tell who runs it."))
	}
	return c.guess(d, origin)
}

// guess takes the default endpoints of 2025-03-26. What is sent there is only what they
// gave us themselves: see Register.
func (c *Client) guess(d *Discovery, origin string) error {
	if _, err := learnedEndpoint(origin); err != nil {
		return c.fail(origin, broken(StepAuthServer, "The server has no metadata, and signing in at its own address is not possible because that %s. Put authorization_url and token_url into the oauth block.", err))
	}
	d.AuthServer = AuthServer{
		Issuer: origin, Assumed: true, Origin: FromGuess,
		AuthorizationEndpoint: origin + "/authorize", TokenEndpoint: origin + "/token", RegistrationEndpoint: origin + "/register",
	}
	c.step(StepAuthServer, origin, 0, true, "No metadata exists anywhere: the default paths /authorize, /token and /register of the server itself are tried.")
	return nil
}

// fail tells of an error as a step and returns it.
func (c *Client) fail(at string, e *Error) error {
	c.failed(at, e)
	return e
}
