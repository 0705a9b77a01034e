package vault

import (
	"context"
	"log/slog"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
)

// Grant is what a sign-in brought, with all that it is bound to. Its JSON holds secrets:
// it is for sealing only. Printing it shows none.
type Grant struct {
	Token        oauth.Token        `json:"token"`
	Binding      oauth.Binding      `json:"binding"`
	Registration oauth.Registration `json:"registration"`
	// StepUps is how many times in a row the server asked for more scopes; see StepUp.
	StepUps int `json:"stepUps,omitempty"`
}

// String returns token and binding, without a secret.
func (g Grant) String() string { return g.Token.String() + " at " + g.Binding.Issuer }

// GoString is String, so that %#v shows no secret either.
func (g Grant) GoString() string { return g.String() }

// LogValue is String for slog.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// TokenState says what there is of a sign-in.
type TokenState string

// Token states.
const (
	TokenNone    TokenState = "none"    // never signed in, or signed out
	TokenLive    TokenState = "live"    // there is a token, or a refresh token to get one with
	TokenExpired TokenState = "expired" // signed in once, and only a new sign-in helps
)

// TokenInfo is what may be shown of a sign-in. It holds no secret.
type TokenInfo struct {
	State       TokenState
	ExpiresAt   time.Time // of the access token; zero: not said
	Refreshable bool      // it is renewed without the person
	Scopes      []string  // granted
	Issuer      string
	StepUps     int
}

// TokenInfo returns what is known of a user's sign-in at a server.
func (v *Vault) TokenInfo(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (TokenInfo, error) {
	return TokenInfo{State: TokenNone}, nil
}

// StoreToken keeps what a sign-in of user at server brought, in place of what there was.
// It is durable and in force, in this process at once, when StoreToken returns. With a
// flow, the flow must be in status finishing and becomes done in the same transaction;
// when it is not (it was cancelled), nothing is kept and the error is not-found.
func (v *Vault) StoreToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, g Grant, flow string) error {
	return nil
}

// RevokeToken signs a user out of a server: it forgets the tokens and then tells the
// issuer (RFC 7009). What the issuer says is logged and no error: the tokens are gone
// from here whatever it says. It reports whether there was anything.
func (v *Vault) RevokeToken(ctx context.Context, user *patchbay.User, server *patchbay.Server) (bool, error) {
	return false, nil
}

// StepUp says what to ask for when a server turned a good token down with challenge: the
// scopes to ask for, and the count for Grant.StepUps. again is false when asking for more
// would gain nothing or was done often enough: then the refusal is final.
func (v *Vault) StepUp(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, challenge oauth.Challenge) (scopes []string, stepUps int, again bool, err error) {
	return nil, 0, false, nil
}
