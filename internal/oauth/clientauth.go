package oauth

import (
	"encoding/base64"
	"net/url"
)

// authenticate puts our client's credentials into a form, or returns the Authorization
// header that holds them. Id and secret are form-encoded before they are joined (RFC
// 6749 2.3.1). private_key_jwt is put into the form by who has the key.
func authenticate(form url.Values, method string, r *Registration) (authorization string) {
	switch method {
	case AuthBasic:
		pair := url.QueryEscape(r.ClientID) + ":" + url.QueryEscape(r.ClientSecret)
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
	case AuthPost:
		form.Set("client_secret", r.ClientSecret)
	}
	form.Set("client_id", r.ClientID)
	return ""
}
