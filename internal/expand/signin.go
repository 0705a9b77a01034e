package expand

import (
	"strings"

	"patchbay"
)

const grantClientCredentials = "client_credentials"

// OwnName reports whether the host signs in to def in its own name and nobody else has to:
// the client-credentials grant alone.
func OwnName(def *patchbay.Server) bool {
	return def.OAuth != nil && len(def.OAuth.GrantTypes) == 1 && def.OAuth.GrantTypes[0] == grantClientCredentials &&
		(def.RequiresOAuth == nil || *def.RequiresOAuth)
}

// MaySignIn reports whether signing in may have to do with def: it says so, or leaves it
// open and sends no Authorization of its own. Of those that leave it open, the server's
// 401 decides.
func MaySignIn(def *patchbay.Server) bool {
	switch {
	case def.RequiresOAuth != nil:
		return *def.RequiresOAuth
	case def.OAuth != nil:
		return true
	case !def.Transport.Remote():
		return false
	}
	if k := def.APIKey; k != nil {
		if name, _ := APIKeyHeader(k); strings.EqualFold(name, "Authorization") {
			return false
		}
	}
	for _, headers := range []map[string]string{def.Headers, def.RequestHeaders} {
		for name := range headers {
			if strings.EqualFold(name, "Authorization") {
				return false
			}
		}
	}
	return true
}
