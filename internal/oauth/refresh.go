package oauth

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"patchbay"
)

// Refresh gets a new token. The old refresh token is kept when the answer holds no new
// one. A server that refuses for the scopes is asked once more without them. Errors are
// *Error: InvalidGrant means sign in again, Lost means that the old refresh token may be
// used up.
func (c *Client) Refresh(ctx context.Context, b Binding, r *Registration, t *Token) (*Token, error) {
	if t.Refresh == "" {
		return nil, c.fail(b.TokenEndpoint, &Error{
			Step: StepRefresh, Reason: patchbay.ReasonSigninExpired, Permanent: true, InvalidGrant: true,
			Message: "The sign-in has expired, and the authorization server gave nothing to renew it with. Sign in again.",
		})
	}
	if e := c.ready(StepRefresh, &b, r); e != nil {
		return nil, c.fail(b.TokenEndpoint, e)
	}
	fresh, e := c.refreshOnce(ctx, &b, r, t, t.Scopes)
	if e != nil && len(t.Scopes) > 0 && scopesRefused(e) {
		c.failed(b.TokenEndpoint, e)
		fresh, e = c.refreshOnce(ctx, &b, r, t, nil)
	}
	if e != nil {
		return nil, c.fail(b.TokenEndpoint, e)
	}
	if fresh.Refresh == "" {
		fresh.Refresh = t.Refresh
	}
	if fresh.Scopes == nil {
		fresh.Scopes = slices.Clone(t.Scopes)
	}
	return fresh, nil
}

func (c *Client) refreshOnce(ctx context.Context, b *Binding, r *Registration, t *Token, scopes []string) (*Token, *Error) {
	form := url.Values{"grant_type": {grantRefresh}, "refresh_token": {t.Refresh}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	if b.Resource != "" && c.sendsResource() {
		form.Set("resource", b.Resource)
	}
	if c.block.Audience != "" && c.block.ForwardAudienceOnRefresh {
		form.Set("audience", c.block.Audience)
	}
	return c.token(ctx, StepRefresh, b, r, form, []string{t.Refresh, t.Access})
}

// scopesRefused reports whether a refresh was turned down for its scopes, so that the
// refresh token is untouched.
func scopesRefused(e *Error) bool {
	if e.Status < 400 || e.Status > 499 || e.InvalidGrant || e.Forgotten {
		return false
	}
	text := strings.ToLower(e.Code + " " + e.Description)
	if e.Code == "invalid_scope" {
		return true
	}
	return strings.Contains(text, "scope") &&
		(strings.Contains(text, "not supported") || strings.Contains(text, "unsupported") || strings.Contains(text, "not allowed"))
}
