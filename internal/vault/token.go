package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/seal"
	"patchbay/internal/store"
)

// Grant is what a sign-in brought, with all that it is bound to. Its JSON holds secrets:
// it is for sealing only. Printing it shows none.
type Grant struct {
	Token        oauth.Token        `json:"token"`
	Binding      oauth.Binding      `json:"binding"`
	Registration oauth.Registration `json:"registration"`
	// StepUps is how many times in a row the server asked for more scopes; see StepUp.
	StepUps   int       `json:"stepUps,omitempty"`
	SteppedUp time.Time `json:"steppedUp,omitzero"` // when that was; StoreToken sets it
}

// String returns token and issuer, without a secret.
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
	Scopes      []string  // granted; not to be changed
	Issuer      string
	StepUps     int
	Since       time.Time // when the token of now was stored

	steppedUp time.Time
}

// TokenInfo returns what is known of a user's sign-in at a server. It reads the store once
// per user and server, and again after two seconds when another process may have changed
// it.
func (v *Vault) TokenInfo(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (TokenInfo, error) {
	s, err := v.source(ctx, user, server)
	if err != nil {
		return TokenInfo{}, err
	}
	return s.now.Load().info, nil
}

// StoreToken keeps what a sign-in of user at server brought, in place of what there was.
// It is durable and in force, in this process at once, when StoreToken returns. With a
// flow, the flow must be in status finishing and becomes done in the same transaction;
// when it is not (it was cancelled), nothing is kept and the error is not-found.
func (v *Vault) StoreToken(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, g Grant, flow string) error {
	if user == "" || server == "" || g.Token.Access == "" {
		return errors.New("vault: a token needs a user, a server and a value")
	}
	if g.StepUps > 0 {
		g.SteppedUp = v.now()
	}
	row, err := v.sealGrant(user, server, &g)
	if err != nil {
		return err
	}
	s := v.sourceOf(user, server)
	s.mu.Lock()
	s.turn++ // what is read meanwhile is older
	s.mu.Unlock()
	if _, err = v.store.PutOAuthToken(ctx, row, flow); err != nil {
		return fmt.Errorf("vault: store token at %s: %w", server, err)
	}
	s.mu.Lock()
	s.turn++
	s.failures, s.useless, s.quiet, s.failure = 0, 0, time.Time{}, nil
	s.set(s.heldGrant(&g, row.UpdatedAt))
	s.mu.Unlock()
	return nil
}

// RevokeToken signs a user out of a server: it forgets the tokens and then tells the
// issuer (RFC 7009). What the issuer says is logged and no error: the tokens are gone
// from here whatever it says. It reports whether there was anything.
func (v *Vault) RevokeToken(ctx context.Context, user *patchbay.User, server *patchbay.Server) (bool, error) {
	row, g, err := v.readGrant(ctx, user.ID, server.ID)
	if patchbay.CodeOf(err) == patchbay.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s := v.sourceOf(user.ID, server.ID)
	if err := v.store.DeleteOAuthToken(ctx, user.ID, server.ID, 0); err != nil {
		return true, fmt.Errorf("vault: delete token at %s: %w", server.ID, err)
	}
	s.mu.Lock()
	s.turn++
	s.set(s.heldNothing(TokenNone))
	s.mu.Unlock()
	if g == nil || row.Sealed == "" {
		return true, nil
	}
	client, err := v.clients(ctx, user, server)
	if err != nil {
		v.log.Warn("The issuer could not be told that tokens are revoked", "server", server.Name, "user", string(user.ID), "error", err)
		return true, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*exchangeMost) // who asked may leave: they are gone from here
	defer cancel()
	v.forsake(ctx, client, g)
	return true, nil
}

// forsake tells the issuer that nobody has use for a grant any more.
func (v *Vault) forsake(ctx context.Context, client Client, g *Grant) {
	reg, err := current(ctx, client, g)
	if err == nil {
		err = client.Revoke(ctx, g.Binding, reg, &g.Token)
	}
	if err != nil {
		v.log.Warn("The issuer did not take tokens back; they end by themselves", "issuer", g.Binding.Issuer, "error", err)
	}
}

// stepUpSpan is how long step-ups count as being in a row.
const stepUpSpan = 10 * time.Minute

// StepUp says what to ask for when a server turned a good token down with challenge: the
// scopes to ask for, and the count for Grant.StepUps. again is false when asking for more
// would gain nothing or was done often enough: then the refusal is final.
func (v *Vault) StepUp(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, challenge oauth.Challenge) (scopes []string, stepUps int, again bool, err error) {
	info, err := v.TokenInfo(ctx, user, server)
	if err != nil {
		return nil, 0, false, err
	}
	tries := info.StepUps
	if v.now().Sub(info.steppedUp) > stepUpSpan {
		tries = 0
	}
	scopes, again = oauth.StepUp(info.Scopes, challenge, tries)
	return scopes, tries + 1, again, nil
}

// sealGrant makes the row of a grant, without version and lease.
func (v *Vault) sealGrant(user patchbay.UserID, server patchbay.ServerID, g *Grant) (*store.OAuthToken, error) {
	row := &store.OAuthToken{
		User: user, Server: server, Issuer: g.Binding.Issuer, Resource: g.Binding.Resource, ClientID: g.Binding.ClientID,
		KeyID: v.box.KeyID(), ExpiresAt: g.Token.ExpiresAt, UpdatedAt: v.now(),
	}
	plain, err := json.Marshal(g)
	if err == nil {
		row.Sealed, err = v.box.Seal(plain, tokenPlace(row))
	}
	if err != nil {
		return nil, fmt.Errorf("vault: seal token at %s: %w", server, err)
	}
	return row, nil
}

// readGrant reads what the store has now. The grant is nil when the sign-in is over, or
// cannot be opened any more.
func (v *Vault) readGrant(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (*store.OAuthToken, *Grant, error) {
	row, err := v.store.OAuthToken(ctx, user, server)
	if err != nil {
		return nil, nil, fmt.Errorf("vault: token at %s: %w", server, err)
	}
	if row.Sealed == "" {
		return row, nil, nil
	}
	g := new(Grant)
	plain, err := v.box.Open(row.Sealed, tokenPlace(row))
	if err == nil {
		err = json.Unmarshal(plain, g)
	}
	if err != nil {
		v.log.Warn("A sign-in cannot be opened any more; a new one is needed", "server", string(server), "user", string(user), "error", err)
		return row, nil, nil
	}
	return row, g, nil
}

// tokenPlace is the associated data of a token: it opens in its own row only, and with
// what it is bound to only.
func tokenPlace(r *store.OAuthToken) string {
	return seal.Data("oauth_tokens", string(r.User), string(r.Server), r.Issuer, r.Resource, r.ClientID)
}
