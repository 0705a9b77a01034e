package oauth

import (
	"crypto/subtle"
	"net/url"

	"patchbay"
)

// maxCode bounds an authorization code.
const maxCode = 4096

// CheckCallback judges what came back with the person and returns the code. It compares
// state in constant time, then `iss` byte for byte, and only then believes an error or a
// code. That the flow is this person's and this browser's is the caller's to check.
func CheckCallback(p *Pending, q url.Values) (code string, err error) {
	for _, name := range []string{"state", "iss", "code", "error"} {
		if len(q[name]) > 1 {
			return "", callbackError("The answer of the authorization server says %s twice, so it is not believed. Start the sign-in again.", name)
		}
	}
	if p.State == "" || subtle.ConstantTimeCompare([]byte(p.State), []byte(q.Get("state"))) != 1 {
		e := callbackError("The answer does not belong to this sign-in. Start it again.")
		e.Reason = patchbay.ReasonSigninRequired
		return "", e
	}
	if !rightIssuer(p, q) {
		return "", callbackError("The answer is not from the authorization server that was asked, %s. Nothing was stored. Start the sign-in again; if it happens again, do not trust this server.", shown(p.Issuer))
	}
	if q.Has("error") {
		return "", refusedAtCallback(p, q)
	}
	code = q.Get("code")
	if code == "" || len(code) > maxCode || !printable(code) {
		return "", callbackError("The answer of the authorization server holds no usable code. Start the sign-in again.")
	}
	return code, nil
}

func callbackError(format string, args ...any) *Error { return broken(StepCallback, format, args...) }

// rightIssuer is RFC 9207 2.4. Where no document names the issuer, its origin is all that
// can be compared.
func rightIssuer(p *Pending, q url.Values) bool {
	iss := q.Get("iss")
	switch {
	case !q.Has("iss"):
		return !p.IssInResponse
	case !p.Assumed:
		return iss == p.Issuer
	}
	got, err := url.Parse(iss)
	want, wantErr := url.Parse(p.Issuer)
	return err == nil && wantErr == nil && originOf(got) == originOf(want)
}

// refusedAtCallback is the error that came in place of a code (RFC 6749 4.1.2.1).
func refusedAtCallback(p *Pending, q url.Values) *Error {
	e := &Error{
		Step: StepCallback, Code: errorCode(q.Get("error")),
		Description: clip(withoutSecrets(q.Get("error_description"), []string{p.State, p.Verifier, q.Get("code")}), 200),
		Reason:      patchbay.ReasonUnauthorized, Permanent: true,
	}
	switch e.Code {
	case "access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required":
		e.Reason, e.Permanent = patchbay.ReasonSigninRequired, false
		e.Message = "Access was not granted at the authorization server. Sign in again and allow it."
	case "temporarily_unavailable", "server_error":
		e.Reason, e.Permanent = patchbay.ReasonUnreachable, false
		e.Message = "The authorization server cannot sign anybody in at the moment. Try again later."
	case "invalid_scope":
		e.Message = "The authorization server refuses the scopes that were asked for. Correct oauth.scopes, or ask who runs the server."
	case "invalid_target":
		e.Message = "The authorization server refuses the resource that was named. Check the url; or set oauth.send_resource_parameter: false."
	case "unauthorized_client", "invalid_client":
		e.Forgotten = true
		e.Reason, e.Permanent = patchbay.ReasonSigninRequired, false
		e.Message = "The authorization server does not know patchbay's client any more. Sign in again: a new one is registered; or correct oauth.client_id."
	default:
		e.Message = "The authorization server refused the sign-in. Try again; if it stays so, tell who runs it."
	}
	e.Forgotten = e.Forgotten || forgets(e.Description)
	return e
}

// printable reports whether s is visible ASCII and blanks, as RFC 6749 A wants of codes
// and tokens.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
