package flow

import (
	"crypto/subtle"
	"strings"

	"patchbay/internal/expand"
	"patchbay/internal/oauth"
)

// Where client-id metadata documents are.
const (
	documentPrefix = "/oauth/client/"
	documentSuffix = ".json"
)

// Document is a client-id metadata document: what an authorization server reads about us.
type Document struct {
	ClientID      string   `json:"client_id"`
	ClientName    string   `json:"client_name"`
	ClientURI     string   `json:"client_uri"`
	RedirectURIs  []string `json:"redirect_uris"`
	GrantTypes    []string `json:"grant_types"`
	ResponseTypes []string `json:"response_types"`
	AuthMethod    string   `json:"token_endpoint_auth_method"`
	Application   string   `json:"application_type"`
}

// Document returns the document whose file name is given ("<id>.json"). There are none
// unless the internet reaches us.
func (s *Service) Document(name string) (*Document, bool) {
	base := s.o.Public()
	id, ok := strings.CutSuffix(name, documentSuffix)
	if base == "" || !ok || len(id) != 32 {
		return nil, false
	}
	for _, server := range s.o.Servers.All() {
		if !expand.MaySignIn(server) {
			continue
		}
		redirect := base + Path(server.Name, "callback")
		for _, secret := range s.o.Secrets {
			if subtle.ConstantTimeCompare([]byte(id), []byte(s.documentID(secret, redirect))) == 1 {
				return &Document{
					ClientID: base + documentPrefix + name, ClientName: "patchbay", ClientURI: base,
					RedirectURIs: []string{redirect}, GrantTypes: []string{"authorization_code", "refresh_token"},
					ResponseTypes: []string{"code"}, AuthMethod: oauth.AuthNone, Application: "web",
				}, true
			}
		}
	}
	return nil, false
}
