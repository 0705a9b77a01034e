package testkit

import (
	"encoding/json"
	"net/http"
)

// isMetadata reports whether a path is where the options put the metadata.
func isMetadata(o AuthServerOptions, path string) bool {
	const rfc8414, oidc = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	switch o.Form {
	case FormRFC8414:
		return path == rfc8414+o.Path
	case FormRFC8414Tail:
		return path == o.Path+rfc8414
	case FormRFC8414Root:
		return path == rfc8414
	case FormOIDC:
		return path == o.Path+oidc
	case FormOIDCInsert:
		return path == oidc+o.Path
	case FormOIDCRoot:
		return path == oidc
	}
	return false
}

func (a *AuthServer) metadata(w http.ResponseWriter, o AuthServerOptions) {
	issuer := a.server.URL + o.Path
	methods := o.AuthMethods
	if methods == nil {
		methods = []string{"client_secret_basic", "client_secret_post", "none"}
	}
	doc := map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                issuer + "/authorize",
		"token_endpoint":                        issuer + "/token",
		"revocation_endpoint":                   issuer + "/revoke",
		"introspection_endpoint":                issuer + "/introspect",
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", "client_credentials"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": methods,
	}
	if !o.NoRegistration {
		doc["registration_endpoint"] = issuer + "/register"
	}
	if o.Scopes != nil {
		doc["scopes_supported"] = o.Scopes
	}
	if o.IssAdvertised {
		doc["authorization_response_iss_parameter_supported"] = true
	}
	if o.ClientDocuments {
		doc["client_id_metadata_document_supported"] = true
	}
	if o.Edit != nil {
		o.Edit(doc)
	}
	a.count(func(c *AuthCounts) { c.Metadata++ })
	writeJSON(w, http.StatusOK, doc)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // a test's own values
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may have gone
}

// refuse answers with an error of RFC 6749 5.2.
func refuse(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]string{"error": code, "error_description": description})
}
