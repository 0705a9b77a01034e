package oauth

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// serverMetadata is RFC 8414 and OIDC discovery as far as it is of use.
type serverMetadata struct {
	Issuer                string  `json:"issuer"`
	AuthorizationEndpoint string  `json:"authorization_endpoint"`
	TokenEndpoint         string  `json:"token_endpoint"`
	RegistrationEndpoint  string  `json:"registration_endpoint"`
	RevocationEndpoint    string  `json:"revocation_endpoint"`
	Scopes                list    `json:"scopes_supported"`
	ResponseTypes         list    `json:"response_types_supported"`
	GrantTypes            list    `json:"grant_types_supported"`
	CodeChallengeMethods  list    `json:"code_challenge_methods_supported"`
	AuthMethods           list    `json:"token_endpoint_auth_methods_supported"`
	RevocationAuthMethods list    `json:"revocation_endpoint_auth_methods_supported"`
	IssInResponse         lenient `json:"authorization_response_iss_parameter_supported"`
	ClientDocuments       lenient `json:"client_id_metadata_document_supported"`
}

// authServer asks for the metadata of an issuer, in every place where RFC 8414 and OIDC
// discovery put it. Nil means that there is none anywhere.
func (c *Client) authServer(ctx context.Context, issuer string) (*AuthServer, error) {
	u, err := webURL(issuer)
	if err == nil && !c.names(u) {
		u, err = learnedEndpoint(issuer)
	}
	if err != nil {
		return nil, c.fail(issuer, broken(StepAuthServer, "The server names an authorization server whose address %s. Tell who runs the server.", err))
	}
	var wrong error
	for _, at := range metadataURLs(u) {
		var m serverMetadata
		v, status, e := c.document(ctx, StepAuthServer, at, &m)
		switch v {
		case absent:
			c.step(StepAuthServer, at, status, true, "There is none here.")
			continue
		case failing:
			c.failed(at, e)
			if dead(e) {
				return nil, e
			}
			wrong = e
			continue
		}
		if !sameIssuer(m.Issuer, issuer) {
			e := broken(StepAuthServer, "The metadata at %s is that of another issuer, %s, so it is not trusted. Tell who runs the server; or put authorization_url and token_url into the oauth block.", c.shown(at), shownIssuer(m.Issuer))
			e.Status = status
			c.failed(at, e)
			wrong = e
			continue
		}
		as, e := c.judge(&m)
		if e != nil {
			e.Status = status
			return nil, c.fail(at, e)
		}
		c.step(StepAuthServer, at, status, true, "%s", as.summary())
		return as, nil
	}
	if wrong != nil {
		return nil, wrong
	}
	return nil, nil //nolint:nilnil // an issuer without metadata is a case of its own, not an error
}

// metadataURLs lists where an issuer's metadata may be: between host and path, behind the
// path, and at the root, of RFC 8414 first and of OIDC second (2025-11-25, authorization).
func metadataURLs(issuer *url.URL) []string {
	const rfc8414, oidc = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	origin := (&url.URL{Scheme: issuer.Scheme, Host: issuer.Host}).String()
	path := strings.TrimSuffix(issuer.EscapedPath(), "/")
	if path == "" {
		return []string{origin + rfc8414, origin + oidc}
	}
	return []string{origin + rfc8414 + path, origin + oidc + path, origin + path + oidc, origin + path + rfc8414, origin + rfc8414, origin + oidc}
}

// sameIssuer compares issuers; a slash at the end is often added or lost on the way.
func sameIssuer(a, b string) bool {
	return a != "" && strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}

func shownIssuer(s string) string {
	if s == "" {
		return "without a name"
	}
	return shown(s)
}

// judge refuses metadata that must not be used, and leaves out what need not be.
func (c *Client) judge(m *serverMetadata) (*AuthServer, *Error) {
	as := &AuthServer{
		Issuer: m.Issuer, Origin: FromMetadata, AuthorizationEndpoint: m.AuthorizationEndpoint, TokenEndpoint: m.TokenEndpoint,
		Scopes: union(m.Scopes, nil), GrantTypes: m.GrantTypes, AuthMethods: m.AuthMethods, RevocationAuthMethods: m.RevocationAuthMethods,
		IssInResponse: bool(m.IssInResponse), ClientDocuments: bool(m.ClientDocuments),
	}
	if err := c.usable(m.TokenEndpoint, "token_endpoint"); err != nil {
		return nil, err
	}
	if !c.machine() {
		if err := c.usable(m.AuthorizationEndpoint, "authorization_endpoint"); err != nil {
			return nil, err
		}
		if len(m.ResponseTypes) > 0 && !slices.ContainsFunc(m.ResponseTypes, func(s string) bool { return slices.Contains(strings.Fields(s), "code") }) {
			return nil, broken(StepAuthServer, "The authorization server %s does not give out codes, the only way of signing in that is safe here. Tell who runs it.", shown(m.Issuer))
		}
		if !slices.Contains(m.CodeChallengeMethods, "S256") && !c.block.SkipCodeChallengeCheck {
			return nil, broken(StepAuthServer, "The authorization server %s does not say that it supports PKCE with S256. If you know that it does, set oauth.skip_code_challenge_check: true.", shown(m.Issuer))
		}
	}
	for _, e := range []struct {
		name, value string
		to          *string
	}{
		{"registration_endpoint", m.RegistrationEndpoint, &as.RegistrationEndpoint},
		{"revocation_endpoint", m.RevocationEndpoint, &as.RevocationEndpoint},
	} {
		if e.value == "" {
			continue
		}
		if err := c.usable(e.value, e.name); err != nil {
			c.failed(e.value, err) // said, and done without
			continue
		}
		*e.to = e.value
	}
	return as, nil
}

// usable judges an endpoint of somebody's metadata: its form, and what the guard can see
// of it. A person's browser is sent there, too.
func (c *Client) usable(endpoint, name string) *Error {
	if endpoint == "" {
		return broken(StepAuthServer, "The authorization server's metadata has no %s. Tell who runs it; or put authorization_url and token_url into the oauth block.", name)
	}
	u, err := learnedEndpoint(endpoint)
	if err != nil {
		return broken(StepAuthServer, "The %s in the authorization server's metadata %s, so it is not used. Tell who runs it.", name, err)
	}
	if err := c.opts.HTTP.Check(u, c.trustOf(u)); err != nil {
		e := netError(StepAuthServer, u.Host, err, false)
		e.Message = fmt.Sprintf("The %s leads to an address that may not be reached. %s", name, e.Message)
		return e
	}
	return nil
}

// summary says what was found, for a step.
func (as *AuthServer) summary() string {
	var can []string
	if as.RegistrationEndpoint != "" {
		can = append(can, "dynamic registration")
	}
	if as.ClientDocuments {
		can = append(can, "client metadata documents")
	}
	if as.RevocationEndpoint != "" {
		can = append(can, "revocation")
	}
	if as.IssInResponse {
		can = append(can, "iss in callbacks")
	}
	if len(can) == 0 {
		return "Found the authorization server " + shown(as.Issuer) + "."
	}
	return "Found the authorization server " + shown(as.Issuer) + ", with " + strings.Join(can, ", ") + "."
}
