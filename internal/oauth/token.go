package oauth

import (
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
