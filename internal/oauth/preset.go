package oauth

import "slices"

// preset is a provider that the operator may name instead of its addresses, with what is
// peculiar to it.
type preset struct {
	issuer, authorize, token, revoke string
	method                           string            // client authentication
	params                           map[string]string // of the authorize URL
	noResource                       bool              // refuses RFC 8707
	noOffline                        bool              // has no offline_access scope
	commas                           bool              // separates scopes by commas
}

// presets is the table of `oauth.provider`.
var presets = map[string]preset{
	"google": {
		issuer: "https://accounts.google.com", authorize: "https://accounts.google.com/o/oauth2/v2/auth",
		token: "https://oauth2.googleapis.com/token", revoke: "https://oauth2.googleapis.com/revoke", method: AuthPost,
		params: map[string]string{"access_type": "offline", "prompt": "consent"}, noResource: true, noOffline: true,
	},
	"github": {
		issuer: "https://github.com/login/oauth", authorize: "https://github.com/login/oauth/authorize",
		token: "https://github.com/login/oauth/access_token", method: AuthPost, noOffline: true, commas: true,
	},
}

// Presets lists the providers of `oauth.provider`, sorted.
func Presets() []string {
	names := make([]string, 0, len(presets))
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// usePreset fills the block from its preset.
func (c *Client) usePreset() error {
	if c.block.Provider == "" {
		return nil
	}
	p, ok := presets[c.block.Provider]
	if !ok {
		return badBlock("oauth.provider is not one of the known ones. Give oauth.authorization_url and oauth.token_url instead.")
	}
	c.preset = &p
	b := &c.block
	b.AuthorizationURL, b.TokenURL = p.authorize, p.token
	if b.RevocationURL == "" {
		b.RevocationURL = p.revoke
	}
	if b.ClientID == "" {
		b.ClientID, b.ClientSecret = c.opts.PresetClientID, c.opts.PresetClientSecret
	}
	return nil
}
