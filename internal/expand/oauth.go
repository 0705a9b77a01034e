package expand

import (
	"slices"

	"patchbay"
)

// OAuth expands the oauth block of def; nil when there is none. Its values are plain
// text: who puts them into a request encodes them. Errors are those of Server.
func OAuth(def *patchbay.Server, v Values) (*patchbay.OAuthConfig, error) {
	if def.OAuth == nil {
		return nil, nil //nolint:nilnil // no block is no error: discovery decides
	}
	x := &expander{def: def, values: v}
	if err := x.ready(); err != nil {
		return nil, err
	}
	o := *def.OAuth
	for _, f := range []struct {
		path string
		text *string
	}{
		{"oauth.authorization_url", &o.AuthorizationURL},
		{"oauth.token_url", &o.TokenURL},
		{"oauth.revocation_endpoint", &o.RevocationURL},
	} {
		if *f.text == "" {
			continue
		}
		if u := x.url(f.path, *f.text); u != nil {
			*f.text = u.String()
		}
	}
	o.ClientID = x.text("oauth.client_id", o.ClientID, encodeRaw, true)
	o.ClientSecret = x.text("oauth.client_secret", o.ClientSecret, encodeRaw, true)
	o.Audience = x.text("oauth.audience", o.Audience, encodeRaw, true)
	o.Scopes = slices.Clone(o.Scopes)
	for i, s := range o.Scopes {
		o.Scopes[i] = x.text("oauth.scopes", s, encodeRaw, true)
	}
	if x.err != nil {
		return nil, x.err
	}
	return &o, nil
}
