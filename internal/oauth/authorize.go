package oauth

import (
	"log/slog"
	"net/url"
)

// Binding is what a token is tied to: whom it came from, for whom, and where it may be
// sent. It holds no secret. A token is of no use under another binding.
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

// Pending is a sign-in under way: what must be kept from the redirect to the callback.
// Its JSON holds the verifier: it is for sealing only. Printing it shows nothing secret.
type Pending struct {
	Binding
	State         string   `json:"state"`    // 256 bits; single use is the keeper's business
	Verifier      string   `json:"verifier"` // PKCE S256
	RedirectURI   string   `json:"redirectUri"`
	Scopes        []string `json:"scopes,omitempty"` // asked for; nil: none were
	Assumed       bool     `json:"assumed,omitempty"`
	IssInResponse bool     `json:"issInResponse,omitempty"`
	AuthHost      string   `json:"authHost"` // where the person signs in, to show them
}

// String returns issuer and server.
func (p Pending) String() string { return "sign-in to " + shown(p.Server) + " at " + shown(p.Issuer) }

// GoString is String, so that %#v shows no secret either.
func (p Pending) GoString() string { return p.String() }

// LogValue is String for slog.
func (p Pending) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Authorize begins a sign-in: what to keep, and where to send the person. scopes is what
// to ask for, normally c.Scopes(d, granted). It contacts nobody.
func (c *Client) Authorize(d *Discovery, r *Registration, scopes []string) (*Pending, string, error) {
	return nil, "", nil
}

// CheckCallback judges what came back with the person and returns the code. It compares
// state in constant time, then `iss` byte for byte, and only then believes an error or a
// code. That the flow is this person's and this browser's is the caller's to check.
func CheckCallback(p *Pending, q url.Values) (code string, err error) { return "", nil }

// Bound reports whether a binding still belongs to what the definition leads to: the
// same server, and for endpoints of the operator's the same endpoints. When not, the
// credential is to be dropped: Exchange, Refresh and Revoke refuse it.
func (c *Client) Bound(b Binding) bool { return false }
