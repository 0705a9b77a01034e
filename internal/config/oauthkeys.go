package config

import (
	"net/url"
	"strings"

	"patchbay"
	"patchbay/internal/expand"
)

// Providers lists the presets of `oauth.provider`. Their endpoints are in package oauth.
func Providers() []string { return []string{"google", "github"} }

// oauthKeys is the table of the `oauth` block.
func oauthKeys() []key {
	text := func(name, def, doc string, field func(*patchbay.OAuthConfig) *string) key {
		return key{
			name: name, typ: tString, def: def, places: true, doc: doc,
			set: func(r *reader, v *value, _ string) { *field(r.s.OAuth) = v.text },
		}
	}
	list := func(name, def, doc string, field func(*patchbay.OAuthConfig) *[]string) key {
		return key{
			name: name, typ: tStrings, def: def, doc: doc,
			set: func(r *reader, v *value, _ string) { *field(r.s.OAuth) = texts(v) },
		}
	}
	flag := func(name, def, doc string, field func(*patchbay.OAuthConfig) *bool) key {
		return key{
			name: name, typ: tBool, def: def, doc: doc,
			set: func(r *reader, v *value, _ string) { *field(r.s.OAuth) = v.bool() },
		}
	}
	return []key{
		{
			name: "provider", typ: tEnum, enum: Providers(), ours: true,
			doc: "A preset of endpoints. Client id and secret stand in this block, or in `OAUTH_<PROVIDER>_CLIENT_ID` and `OAUTH_<PROVIDER>_CLIENT_SECRET`.",
			set: func(r *reader, v *value, _ string) { r.s.OAuth.Provider = v.text },
		},
		oauthURL("authorization_url", "discovered", "Where people sign in.", func(o *patchbay.OAuthConfig) *string { return &o.AuthorizationURL }),
		oauthURL("token_url", "discovered", "Where codes and refresh tokens become access tokens.", func(o *patchbay.OAuthConfig) *string { return &o.TokenURL }),
		oauthURL("revocation_endpoint", "discovered", "Where tokens are revoked.", func(o *patchbay.OAuthConfig) *string { return &o.RevocationURL }),
		{
			name: "redirect_uri", typ: tString, unused: true, doc: "Accepted and not used: patchbay's own callback address is computed.",
			set: func(r *reader, v *value, _ string) { r.s.OAuth.RedirectURI = v.text },
		},
		text("client_id", "registered", "The client at the authorization server.", func(o *patchbay.OAuthConfig) *string { return &o.ClientID }),
		text("client_secret", "none", "Its secret. Needs `client_id`, and both URLs: a secret is never sent to a discovered address.",
			func(o *patchbay.OAuthConfig) *string { return &o.ClientSecret }),
		{
			name: "scope", typ: tString, def: "as discovered", places: true, doc: "What to ask for, separated by spaces.",
			set: func(r *reader, v *value, path string) { r.scopes(strings.Fields(v.text), v, path) },
		},
		{
			name: "scopes", typ: tStrings, alts: []key{{typ: tString}}, def: "as discovered", ours: true, places: true, doc: "`scope` as a list.",
			set: func(r *reader, v *value, path string) {
				if v.kind == isList {
					r.scopes(texts(v), v, path)
				} else {
					r.scopes(strings.Fields(v.text), v, path)
				}
			},
		},
		text("audience", "none", "Sent when signing in, and when refreshing unless `forward_audience_on_refresh` is false.",
			func(o *patchbay.OAuthConfig) *string { return &o.Audience }),
		{
			name: "token_exchange_method", typ: tEnum, enum: []string{"default_post", "basic_auth_header"}, def: "as advertised",
			doc: "How the client shows itself to the token endpoint.",
			set: func(r *reader, v *value, _ string) { r.s.OAuth.TokenExchangeMethod = v.text },
		},
		list("grant_types_supported", "authorization_code, refresh_token", "What the authorization server grants. `client_credentials` alone means that nobody signs in.",
			func(o *patchbay.OAuthConfig) *[]string { return &o.GrantTypes }),
		list("token_endpoint_auth_methods_supported", "client_secret_basic, client_secret_post", "How clients may show themselves.",
			func(o *patchbay.OAuthConfig) *[]string { return &o.TokenEndpointAuthMethods }),
		list("revocation_endpoint_auth_methods_supported", "as for the token endpoint", "The same, for revocation.",
			func(o *patchbay.OAuthConfig) *[]string { return &o.RevocationEndpointAuthMethods }),
		list("response_types_supported", "code", "What the authorization endpoint answers with.", func(o *patchbay.OAuthConfig) *[]string { return &o.ResponseTypes }),
		list("code_challenge_methods_supported", "S256, plain", "PKCE methods of the authorization server.",
			func(o *patchbay.OAuthConfig) *[]string { return &o.CodeChallengeMethods }),
		flag("skip_code_challenge_check", "false", "Use S256 though the server does not advertise it.", func(o *patchbay.OAuthConfig) *bool { return &o.SkipCodeChallengeCheck }),
		flag("forward_audience_on_refresh", "true", "Send `audience` when refreshing.", func(o *patchbay.OAuthConfig) *bool { return &o.ForwardAudienceOnRefresh }),
		flag("send_resource_parameter", "true", "Send the `resource` parameter of RFC 8707. `false` for Entra.", func(o *patchbay.OAuthConfig) *bool { return &o.SendResource }),
		{
			name: "token_env", typ: tString, only: onStdio, def: "OAUTH_ACCESS_TOKEN", ours: true, doc: "For stdio: the environment variable that gets the user's access token.",
			set: func(r *reader, v *value, path string) {
				if !envName(v.text) {
					r.fail(at(v), path, "is not the name of an environment variable")
					return
				}
				r.s.OAuth.TokenEnv = v.text
			},
		},
	}
}

func oauthURL(name, def, doc string, field func(*patchbay.OAuthConfig) *string) key {
	return key{name: name, typ: tString, def: def, places: true, doc: doc, set: func(r *reader, v *value, path string) {
		*field(r.s.OAuth) = v.text
		if why := schemeProblem(v.text, "http", "https"); why != "" {
			r.fail(at(v), path, "%s", why)
		}
	}}
}

// schemeProblem says what is wrong with the scheme of a URL template, or "". What a
// placeholder in its place means is said by expand.
func schemeProblem(text string, allowed ...string) string {
	scheme, _, ok := strings.Cut(text, "://")
	if !ok || strings.ContainsAny(scheme, "{$") {
		return ""
	}
	for _, a := range allowed {
		if strings.EqualFold(scheme, a) {
			return ""
		}
	}
	return "must begin with " + strings.Join(allowed, ":// or ") + "://"
}

func (r *reader) scopes(scopes []string, v *value, path string) {
	if r.scratch.scopeBoth != "" {
		r.fail(at(v), path, "`scope` and `scopes` are both there; keep one")
		return
	}
	r.scratch.scopeBoth = path
	r.s.OAuth.Scopes = scopes
}

// oauthRules are the rules between the fields of the block (reference 1.5).
func (r *reader) oauthRules() {
	o := r.s.OAuth
	if o == nil {
		return
	}
	path := r.entry + ".oauth"
	switch {
	case o.ClientSecret != "" && o.ClientID == "":
		r.fail(r.placeOf("oauth.client_secret"), path+".client_secret", "needs client_id beside it")
	case o.ClientSecret != "" && o.Provider == "" && (o.AuthorizationURL == "" && !expand.OwnName(r.s) || o.TokenURL == ""):
		r.fail(r.placeOf("oauth.client_secret"), path+".client_secret",
			"needs authorization_url and token_url beside it: a secret is never sent to an address that was discovered")
	case o.Provider != "" && (o.AuthorizationURL != "" || o.TokenURL != ""):
		r.fail(r.placeOf("oauth.provider"), path+".provider", "is a preset of the addresses; keep either it or authorization_url and token_url")
	}
	if r.s.Transport == patchbay.TransportStdio && o.TokenEnv == "" {
		o.TokenEnv = "OAUTH_ACCESS_TOKEN"
	}
	if off := r.s.RequiresOAuth; off != nil && !*off {
		r.add(SeverityNote, r.placeOf("oauth"), path, "is not used, because requiresOAuth is false")
	}
	if _, err := url.Parse(o.RedirectURI); err != nil && !strings.Contains(o.RedirectURI, "{") {
		r.fail(r.placeOf("oauth.redirect_uri"), path+".redirect_uri", "is not a URL")
	}
}
