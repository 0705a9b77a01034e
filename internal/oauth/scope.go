package oauth

import (
	"slices"
	"strings"
)

// MaxStepUps is how many times in a row a server may ask for more scopes before it is
// taken at its word that it refuses.
const MaxStepUps = 3

const (
	offlineAccess = "offline_access"
	maxScopes     = 100
	maxScope      = 256 // bytes of one
)

// Scopes decides what to ask for: what the challenge names, else what the resource's
// metadata lists, else what is configured; together with what was granted before, so
// that a step-up loses nothing; and offline_access beside them when the authorization
// server lists it. Nil means that the parameter is left out.
func (c *Client) Scopes(d *Discovery, granted []string) []string {
	var want []string
	switch {
	case len(d.Challenge.Scopes) > 0:
		want = d.Challenge.Scopes
	case len(d.Scopes) > 0:
		want = d.Scopes
	default:
		want = c.block.Scopes
	}
	return c.offline(&d.AuthServer, union(granted, want))
}

// offline settles offline_access: asked for when the server says that it knows it. It is
// never asked for alone: no scope at all means the server's default ones, which that would
// take away.
func (c *Client) offline(as *AuthServer, want []string) []string {
	listed := slices.Contains(as.Scopes, offlineAccess)
	switch {
	case c.preset != nil && c.preset.noOffline, len(as.Scopes) > 0 && !listed && !slices.Contains(c.block.Scopes, offlineAccess):
		want = slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s == offlineAccess })
	case listed && len(want) > 0 && !c.machine() && !slices.Contains(want, offlineAccess):
		want = append(slices.Clone(want), offlineAccess)
	}
	if len(want) == 0 {
		return nil
	}
	return want
}

// StepUp says what to ask for after an insufficient_scope: the union of what was granted
// and what is wanted. again is false when that gains nothing, or when the server was
// obeyed MaxStepUps times already: then the refusal is final.
func StepUp(granted []string, ch Challenge, tries int) (scopes []string, again bool) {
	scopes = union(granted, ch.Scopes)
	return scopes, tries < MaxStepUps && len(scopes) > len(union(granted, nil))
}

// union joins scopes in order, each once.
func union(a, b []string) []string {
	var out []string
	for _, s := range slices.Concat(a, b) {
		if validScope(s) && !slices.Contains(out, s) && len(out) < maxScopes {
			out = append(out, s)
		}
	}
	return out
}

// readScopes splits a scope parameter and leaves out what is no scope.
func readScopes(s string) []string { return union(strings.Fields(s), nil) }

// validScope is a scope-token of RFC 6749 3.3.
func validScope(s string) bool {
	if s == "" || len(s) > maxScope {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' })
}
