package patchbay_test

import (
	"testing"

	"patchbay"
)

// A token without scopes has all but what only a name gives; a person who signed in may
// give that too.
func TestActorHas(t *testing.T) {
	login, token := patchbay.Actor{LoginID: "l"}, patchbay.Actor{TokenID: "t"}
	narrow := patchbay.Actor{TokenID: "t", Scopes: []patchbay.Scope{patchbay.ScopeToolsUnattended}}
	for _, scope := range patchbay.Scopes() {
		unattended := scope == patchbay.ScopeToolsUnattended
		if !login.Has(scope) || token.Has(scope) == unattended || narrow.Has(scope) != unattended {
			t.Errorf("%s: a login %v, a token %v, one that names tools:unattended %v", scope, login.Has(scope), token.Has(scope), narrow.Has(scope))
		}
	}
}
