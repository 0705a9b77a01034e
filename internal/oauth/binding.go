package oauth

import (
	"slices"

	"patchbay"
)

// Binding is what a token is tied to: whom it came from, for whom, and where it may be
// sent. A token is of no use under another binding. It
// holds no secret but what may stand in the path of the server's URL.
type Binding struct {
	Server             string `json:"server,omitempty"` // the MCP server's URL without query; empty for stdio
	Issuer             string `json:"issuer"`
	Resource           string `json:"resource,omitempty"` // empty: the parameter is not sent
	ClientID           string `json:"clientId"`
	Origin             Origin `json:"origin"`
	TokenEndpoint      string `json:"tokenEndpoint"`
	RevocationEndpoint string `json:"revocationEndpoint,omitempty"`
	// RevocationAuthMethod is how to show oneself there; empty: as at the token endpoint.
	RevocationAuthMethod string `json:"revocationAuthMethod,omitempty"`
}

// binding ties what is about to be got to what it is got with.
func (c *Client) binding(d *Discovery, r *Registration) Binding {
	as := &d.AuthServer
	b := Binding{
		Server: d.Server, Issuer: as.Issuer, ClientID: r.ClientID, Origin: as.Origin,
		TokenEndpoint: as.TokenEndpoint, RevocationEndpoint: first(c.block.RevocationURL, as.RevocationEndpoint),
		RevocationAuthMethod: revocationMethod(as, r),
	}
	if c.sendsResource() {
		b.Resource = d.Resource
	}
	return b
}

// sendsResource reports whether RFC 8707's parameter goes along.
func (c *Client) sendsResource() bool {
	return c.block.SendResource && (c.preset == nil || !c.preset.noResource)
}

// Bound reports whether a binding still belongs to what the definition leads to: the
// same server, and for endpoints of the operator's the same endpoints and client. When
// not, the credential is to be dropped: Exchange, Refresh and Revoke refuse it.
func (c *Client) Bound(b Binding) bool {
	server := ""
	if c.target != nil {
		server = c.target.String()
	}
	switch {
	case b.Server != server, c.block.ClientID != "" && c.block.ClientID != b.ClientID:
		return false
	case c.opts.Issuer != "" && !sameIssuer(c.opts.Issuer, b.Issuer):
		return false
	}
	return b.TokenEndpoint != "" && (c.block.TokenURL == "") == (b.Origin == FromMetadata || b.Origin == FromGuess) &&
		(c.block.TokenURL == "" || c.block.TokenURL == b.TokenEndpoint)
}

// ready refuses a request that would carry a secret to somebody it was not meant for.
func (c *Client) ready(step StepName, b *Binding, r *Registration) *Error {
	switch {
	case !c.Bound(*b):
		return &Error{
			Step: step, Reason: patchbay.ReasonSigninRequired, Permanent: true, InvalidGrant: true,
			Message: "The definition of the server leads elsewhere now, so what was signed in for before is not sent there. Sign in again.",
		}
	case r.ClientID != b.ClientID || r.Issuer != b.Issuer:
		return &Error{
			Step: step, Reason: patchbay.ReasonSigninRequired, Permanent: true, InvalidGrant: true,
			Message: "The client that was signed in with is not the one that is registered now. Sign in again.",
		}
	}
	return c.trusted(step, b.Origin, r)
}

// trusted refuses to take the operator's secret anywhere but where the operator said.
func (c *Client) trusted(step StepName, o Origin, r *Registration) *Error {
	if r.Source != Preregistered || r.ClientSecret == "" {
		return nil
	}
	if o == FromBlock || o == FromPreset || o == FromMetadata && c.opts.Issuer != "" && sameIssuer(c.opts.Issuer, r.Issuer) {
		return nil
	}
	return &Error{
		Step: step, Reason: patchbay.ReasonBadDefinition, Permanent: true,
		Message: "oauth.client_secret is not sent to an address that nobody named. Put authorization_url and token_url into the oauth block.",
	}
}

// revocationMethod is how to show oneself at the revocation endpoint.
func revocationMethod(as *AuthServer, r *Registration) string {
	if len(as.RevocationAuthMethods) == 0 || slices.Contains(as.RevocationAuthMethods, r.AuthMethod) || r.ClientSecret == "" {
		return ""
	}
	return pickMethod(as.RevocationAuthMethods, true)
}
