package oauth

// Origin says where the endpoints of an authorization server come from.
type Origin string

// Origins.
const (
	FromMetadata Origin = "metadata" // the issuer's own document
	FromBlock    Origin = "block"    // the operator's authorization_url and token_url
	FromPreset   Origin = "preset"   // oauth.provider
	FromGuess    Origin = "guess"    // the default paths of 2025-03-26: nothing is known
)

// AuthServer is an authorization server as far as it is known. It holds no secret and
// can be stored.
type AuthServer struct {
	Issuer string `json:"issuer"`
	// Assumed: the issuer is only the origin of its endpoints, no document names it.
	Assumed               bool   `json:"assumed,omitempty"`
	Origin                Origin `json:"origin"`
	AuthorizationEndpoint string `json:"authorizationEndpoint"`
	TokenEndpoint         string `json:"tokenEndpoint"`
	RegistrationEndpoint  string `json:"registrationEndpoint,omitempty"`
	RevocationEndpoint    string `json:"revocationEndpoint,omitempty"`

	Scopes                []string `json:"scopes,omitempty"` // scopes_supported
	GrantTypes            []string `json:"grantTypes,omitempty"`
	AuthMethods           []string `json:"authMethods,omitempty"` // of the token endpoint; nil: not said
	RevocationAuthMethods []string `json:"revocationAuthMethods,omitempty"`
	// IssInResponse: every callback carries `iss` (RFC 9207).
	IssInResponse bool `json:"issInResponse,omitempty"`
	// ClientDocuments: it takes the URL of a metadata document for a client id.
	ClientDocuments bool `json:"clientDocuments,omitempty"`
}

// Discovery is what was found out about who guards an MCP server. It holds no secret and
// can be stored.
type Discovery struct {
	// Server is the MCP server's URL without query; empty for stdio.
	Server string `json:"server,omitempty"`
	// Resource is its canonical identifier: that of its metadata, else Server.
	Resource string `json:"resource,omitempty"`
	// Scopes is scopes_supported of the resource's metadata.
	Scopes     []string   `json:"scopes,omitempty"`
	Challenge  Challenge  `json:"challenge"`
	AuthServer AuthServer `json:"authServer"`
}
