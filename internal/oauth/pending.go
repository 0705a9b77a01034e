package oauth

import "log/slog"

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
