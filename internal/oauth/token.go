package oauth

import (
	"context"
	"crypto"
	"log/slog"
	"time"
)

// Token is what a token endpoint gave. Its JSON holds the tokens: it is for sealing only.
// Printing it shows none.
type Token struct {
	Access    string    `json:"access"`
	Refresh   string    `json:"refresh,omitempty"`
	Type      string    `json:"type"`               // "Bearer"
	Scopes    []string  `json:"scopes,omitempty"`   // granted; what was asked for when the answer names none
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // zero: not said
	Issued    time.Time `json:"issued"`
}

// Header is the value of the Authorization header.
func (t *Token) Header() string { return "Bearer " + t.Access }

// Expired reports whether the token's life is over at now.
func (t *Token) Expired(now time.Time) bool { return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) }

// String says what there is, and until when.
func (t Token) String() string {
	s := "token"
	if t.Refresh != "" {
		s += " with refresh"
	}
	if !t.ExpiresAt.IsZero() {
		s += " until " + t.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return s
}

// GoString is String, so that %#v shows no secret either.
func (t Token) GoString() string { return t.String() }

// LogValue is String for slog.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Exchange turns the code of a checked callback into a token. r is the registration that
// Authorize was given. Errors are *Error; a code is never sent twice.
func (c *Client) Exchange(ctx context.Context, p *Pending, r *Registration, code string) (*Token, error) {
	return nil, nil
}

// Refresh gets a new token. The old refresh token is kept when the answer holds no new
// one. A server that refuses for the scopes is asked once more without them. Errors are
// *Error: InvalidGrant means sign in again, Lost means that the old refresh token may be
// used up.
func (c *Client) Refresh(ctx context.Context, b Binding, r *Registration, t *Token) (*Token, error) {
	return nil, nil
}

// Revoke tells the issuer that the tokens are no longer wanted (RFC 7009): the refresh
// token, then the access token. An issuer without revocation endpoint is no error.
func (c *Client) Revoke(ctx context.Context, b Binding, r *Registration, t *Token) error { return nil }

// Key signs in for us (private_key_jwt, RFC 7523).
type Key struct {
	Signer    crypto.Signer // RSA, ECDSA P-256 or Ed25519
	Algorithm string        // RS256, ES256 or EdDSA; empty: by the signer
	ID        string        // kid; may be empty
}

// ClientCredentials gets a token that stands for the host and not for a person. key is
// nil unless the registration's AuthMethod is private_key_jwt.
func (c *Client) ClientCredentials(ctx context.Context, d *Discovery, r *Registration, key *Key, scopes []string) (*Token, Binding, error) {
	return nil, Binding{}, nil
}

const grantClientCredentials = "client_credentials"
