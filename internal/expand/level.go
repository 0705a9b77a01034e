package expand

import (
	"slices"
	"strings"

	"patchbay"
)

// LevelOf decides who shares a connection of def (contract, "Levels"). A definition
// that names the request body is at run level whatever `level` says, because no other
// connection could carry it.
func LevelOf(def *patchbay.Server) patchbay.Level {
	user := len(def.UserVars) > 0 || signsIn(def)
	for _, u := range placeholders(def) {
		switch u.kind {
		case kindBody:
			return patchbay.LevelRun
		case kindUser, kindVar, kindOIDC:
			user = true
		}
	}
	if def.ForcedLevel != "" {
		return def.ForcedLevel
	}
	if user {
		return patchbay.LevelUser
	}
	return patchbay.LevelApp
}

// signsIn reports whether each person signs in to def for themselves. An explicit
// `requiresOAuth: false` turns sign-in off even beside an oauth block.
func signsIn(def *patchbay.Server) bool {
	if def.RequiresOAuth != nil {
		return *def.RequiresOAuth
	}
	return def.OAuth != nil && !OwnName(def)
}

// UserVarsNeeded lists the user variables that def's placeholders name: those declared
// first, in their order.
func UserVarsNeeded(def *patchbay.Server) []string {
	named := namesOf(def, kindVar)
	needed := make([]string, 0, len(named))
	for _, v := range def.UserVars {
		if slices.Contains(named, v.Name) {
			needed = append(needed, v.Name)
		}
	}
	for _, n := range named {
		if !slices.Contains(needed, n) {
			needed = append(needed, n)
		}
	}
	return needed
}

// MissingVars lists what UserVarsNeeded names and vars does not give. An empty value
// counts as not given.
func MissingVars(def *patchbay.Server, vars map[string]string) []string {
	return slices.DeleteFunc(UserVarsNeeded(def), func(n string) bool { return vars[n] != "" })
}

// EnvNames lists the environment variables that def reads, those of a definition made
// by a person never among them.
func EnvNames(def *patchbay.Server) []string { return namesOf(def, kindEnv) }

// EnvUse says where in a definition an environment variable is read first.
type EnvUse struct {
	Name string
	Path string // as in Problem
}

// EnvUses lists what EnvNames does, with the place of each.
func EnvUses(def *patchbay.Server) []EnvUse {
	var uses []EnvUse
	seen := map[string]bool{}
	for _, u := range placeholders(def) {
		if u.kind == kindEnv && !seen[u.name] {
			seen[u.name] = true
			uses = append(uses, EnvUse{Name: u.name, Path: u.path})
		}
	}
	return uses
}

// BodyFields lists the fields of the request that def needs: "conversationId", ….
func BodyFields(def *patchbay.Server) []string {
	var names []string
	for _, n := range namesOf(def, kindBody) {
		names = append(names, bodyFields[strings.TrimPrefix(n, bodyPrefix)].name)
	}
	return names
}

// PersonEnv lists the names written as ${NAME} in a definition made by a person: what
// has to be declared in customUserVars.
func PersonEnv(def *patchbay.Server) []string {
	if def.Source != patchbay.SourceUser {
		return nil
	}
	var names []string
	for _, u := range placeholders(def) {
		if !u.brace && u.kind == kindVar && !slices.Contains(names, u.name) {
			names = append(names, u.name)
		}
	}
	return names
}

// UserParts names what makes def one of a user's own: "customUserVars", "oauth",
// "{{LIBRECHAT_USER_ID}} in headers.X-User". Empty means an app-level connection is fine.
func UserParts(def *patchbay.Server) []string {
	var parts []string
	if len(def.UserVars) > 0 {
		parts = append(parts, "customUserVars")
	}
	if signsIn(def) {
		parts = append(parts, "sign-in by OAuth")
	}
	for _, u := range placeholders(def) {
		switch u.kind {
		case kindUser, kindVar, kindBody, kindOIDC:
			parts = append(parts, u.part.text+" in "+u.path)
		}
	}
	return parts
}
