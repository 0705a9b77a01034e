package oauth

import (
	"log/slog"
	"time"
)

// Source says how we came to a client at an issuer.
type Source string

// Sources of registrations, in the order in which they are tried.
const (
	Preregistered  Source = "preregistered" // the operator's client id
	ClientDocument Source = "document"      // a client-id metadata document
	Dynamic        Source = "dynamic"       // RFC 7591
)

// Client authentication methods (RFC 7591 2, RFC 7523).
const (
	AuthBasic         = "client_secret_basic"
	AuthPost          = "client_secret_post"
	AuthNone          = "none"
	AuthPrivateKeyJWT = "private_key_jwt"
)

// RegistrationKey is what a registration is kept under (design, decision 9).
type RegistrationKey struct {
	Issuer      string
	RedirectURI string
	Source      Source
}

// Registration is our client at an issuer. Its JSON holds the secret: it is for sealing
// only. Printing it shows none.
type Registration struct {
	Issuer          string    `json:"issuer"`
	RedirectURI     string    `json:"redirectUri"`
	Source          Source    `json:"source"`
	ClientID        string    `json:"clientId"`
	ClientSecret    string    `json:"clientSecret,omitempty"`
	AuthMethod      string    `json:"authMethod"`
	SecretExpiresAt time.Time `json:"secretExpiresAt,omitzero"` // zero: never
}

// Key returns what the registration is kept under.
func (r *Registration) Key() RegistrationKey {
	return RegistrationKey{Issuer: r.Issuer, RedirectURI: r.RedirectURI, Source: r.Source}
}

// Usable reports whether the registration's secret has not expired.
func (r *Registration) Usable(now time.Time) bool {
	return r != nil && r.ClientID != "" && (r.SecretExpiresAt.IsZero() || now.Before(r.SecretExpiresAt))
}

// String returns issuer, source and method.
func (r Registration) String() string {
	return "registration " + string(r.Source) + " at " + shown(r.Issuer) + " (" + r.AuthMethod + ")"
}

// GoString is String, so that %#v shows no secret either.
func (r Registration) GoString() string { return r.String() }

// LogValue is String for slog.
func (r Registration) LogValue() slog.Value { return slog.StringValue(r.String()) }
