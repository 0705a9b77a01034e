package oauth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"patchbay"
)

// Grant types.
const (
	grantCode              = "authorization_code"
	grantRefresh           = "refresh_token"
	grantClientCredentials = "client_credentials"
)

// post sends a form with our client's credentials to an endpoint, and never further. The
// values in secrets are kept out of what is told.
func (c *Client) post(ctx context.Context, step StepName, endpoint, method string, r *Registration, form url.Values, secrets []string) (*reply, oauthError, *Error) {
	var said oauthError
	at, e := c.endpoint(step, endpoint)
	if e != nil {
		return nil, said, e
	}
	basic := authenticate(form, method, r)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, said, broken(step, "The endpoint cannot be asked. Correct the oauth block, or tell who runs the authorization server.")
	}
	c.oauthHeaders(req)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if basic != "" {
		req.Header.Set("Authorization", basic)
	}
	got, e := c.do(ctx, step, req, Access{Trust: c.trustOf(at)}, true)
	if e != nil {
		return nil, said, e
	}
	got.body = unform(got)
	if looksJSON(got.body) && decode(got.body, &said) != nil {
		said = oauthError{} // not readable as an error; as a token it is read later
	}
	said.Description = clip(withoutSecrets(said.Description, append(secrets, r.ClientSecret)), 200)
	return got, said, nil
}

// withoutSecrets takes what we sent out of what came back, also in the form it has in a
// request's body.
func withoutSecrets(s string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			s = strings.ReplaceAll(s, form, "…")
		}
	}
	return s
}

// token asks the token endpoint for a token.
func (c *Client) token(ctx context.Context, step StepName, b *Binding, r *Registration, form url.Values, secrets []string) (*Token, *Error) {
	issued := c.opts.Now().UTC()
	got, said, e := c.post(ctx, step, b.TokenEndpoint, r.AuthMethod, r, form, secrets)
	if e != nil {
		return nil, e
	}
	host := shownHost(b.TokenEndpoint)
	if isRefusal(got.status, said) {
		return nil, refusedToken(step, host, r, got, said)
	}
	t, err := c.readToken(got.body, issued)
	if err != nil {
		e := broken(step, "%s answered with something that is no token: %s. Tell who runs it.", host, err)
		e.Status, e.Lost = got.status, true
		return nil, e
	}
	c.step(step, b.TokenEndpoint, got.status, true, "Got a %s, for scopes: %s.", t, shownScopes(t.Scopes))
	return t, nil
}

// refusedToken names what a token endpoint said instead of giving a token.
func refusedToken(step StepName, host string, r *Registration, got *reply, said oauthError) *Error {
	code := errorCode(said.Code)
	ended := slices.Contains([]string{"invalid_grant", "bad_refresh_token", "invalid_refresh_token", "expired_token", "bad_verification_code"}, code)
	if got.status == http.StatusTooManyRequests || got.status >= 500 && !ended || code == "temporarily_unavailable" || code == "server_error" || code == "slow_down" {
		e := ill(step, host, got)
		e.Code, e.Description = code, said.Description
		e.Lost = got.status >= 500
		return e
	}
	e := &Error{Step: step, Status: got.status, Code: code, Description: said.Description, Reason: patchbay.ReasonUnauthorized, Permanent: true, InvalidGrant: ended}
	if step == StepRefresh {
		e.Reason = patchbay.ReasonSigninExpired // whatever it is, a new sign-in is the way out
	}
	e.Forgotten = forgetsCode(code) || forgets(said.Description) || code == "" && got.status < 500 && got.status >= 400 && len(got.body) < 2000 && forgets(string(got.body))
	switch {
	case got.status >= 300 && got.status < 400:
		e.Reason = patchbay.ReasonProtocol
		e.Message = fmt.Sprintf("%s sends us elsewhere (HTTP %d), and secrets are not sent on. Correct oauth.token_url, or tell who runs the authorization server.", host, got.status)
	case e.Forgotten && r.Source == Preregistered:
		e.Reason = patchbay.ReasonBadDefinition
		e.Message = fmt.Sprintf("%s does not accept patchbay's client. Check oauth.client_id, oauth.client_secret and oauth.token_exchange_method.", host)
	case e.Forgotten:
		if step != StepRefresh {
			e.Reason = patchbay.ReasonSigninRequired
		}
		e.Message = fmt.Sprintf("%s does not know patchbay's client any more. Sign in again: a new one is registered.", host)
	case e.InvalidGrant && step == StepRefresh:
		e.Message = "The sign-in has expired or was revoked. Sign in again."
	case e.InvalidGrant:
		e.Reason = patchbay.ReasonSigninRequired
		e.Message = fmt.Sprintf("%s does not accept the code: it was used already, or it is too old. Start the sign-in again.", host)
	case code == "invalid_target":
		e.Message = fmt.Sprintf("%s refuses the resource that was named. Check the url; or set oauth.send_resource_parameter: false.", host)
	case code == "invalid_scope":
		e.Message = fmt.Sprintf("%s refuses the scopes that were asked for. Correct oauth.scopes, or ask who runs the server.", host)
	case step == StepRefresh:
		e.Message = fmt.Sprintf("%s refuses to renew the sign-in (HTTP %d). Sign in again.", host, got.status)
	default:
		e.Message = fmt.Sprintf("%s refused (HTTP %d). Check the oauth block; if it is right, tell who runs the authorization server.", host, got.status)
	}
	return e
}

// forgetsCode reports whether an error code means that the issuer does not know the
// client, or does not believe it.
func forgetsCode(code string) bool {
	return slices.Contains([]string{"invalid_client", "unauthorized_client", "incorrect_client_credentials", "client_not_found", "unknown_client"}, code)
}

// forgets is forgetsCode for the sentences that servers put in its place.
func forgets(text string) bool {
	text = strings.ToLower(text)
	for _, s := range []string{"client_id mismatch", "client not found", "unknown client", "client not registered", "client does not exist", "invalid client_id", "no such client"} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

func shownHost(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "the token endpoint"
	}
	return clip(u.Host, 200)
}
