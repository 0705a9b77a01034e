package oauth

// Challenge is what a server said when it turned a request away (RFC 6750 3, RFC 9728
// 5.1). The zero value means that it said nothing of use.
type Challenge struct {
	Bearer           bool     `json:"bearer,omitempty"` // it wants a bearer token
	ResourceMetadata string   `json:"resourceMetadata,omitempty"`
	Scopes           []string `json:"scopes,omitempty"`
	Error            string   `json:"error,omitempty"` // invalid_token, insufficient_scope, …; printable
}

// InsufficientScope reports whether the token is good and its scopes are too few.
func (c Challenge) InsufficientScope() bool { return c.Error == "insufficient_scope" }

// AuthChallenge is one challenge of a WWW-Authenticate header.
type AuthChallenge struct {
	Scheme  string            // lower case; empty when parameters stood there alone
	Token68 string            // for schemes such as Negotiate
	Params  map[string]string // names in lower case; of doubled ones the first counts
}
