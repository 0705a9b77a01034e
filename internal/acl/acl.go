// Package acl decides who may do what with a server or an agent: pure functions of
// the actor, the grants and the owner. It owns the rules; it does not own where
// grants are kept (YAML `access`, later the store) nor what a refusal says. It has
// no state, so everything is safe for concurrent use.
package acl

import (
	"maps"
	"slices"
	"strings"

	"patchbay"
)

// All is every permission.
const All = patchbay.PermView | patchbay.PermUse | patchbay.PermEdit | patchbay.PermDelete | patchbay.PermShare

// Options change how grantees match.
type Options struct {
	// TrustEmail lets `user:EMAIL` match e-mail addresses that nobody verified
	// (`registration.trustEmail`).
	TrustEmail bool
	// Groups says who is in which group; nil: nobody is in any.
	Groups *Groups
}

// Groups are the memberships of everybody. They do not change once made.
type Groups struct {
	of map[patchbay.UserID]map[string]struct{}
}

// NewGroups takes, for each person, the groups by which grants may name them.
func NewGroups(of map[patchbay.UserID][]string) *Groups {
	g := &Groups{of: make(map[patchbay.UserID]map[string]struct{}, len(of))}
	for user, names := range of {
		set := make(map[string]struct{}, len(names))
		for _, name := range names {
			set[name] = struct{}{}
		}
		g.of[user] = set
	}
	return g
}

// Of returns the names by which grants may name the groups of a person.
func (g *Groups) Of(user patchbay.UserID) []string {
	if g == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(g.of[user]))
}

// Has reports whether a person is in a group.
func (g *Groups) Has(user patchbay.UserID, group string) bool {
	if g == nil || group == "" {
		return false
	}
	_, ok := g.of[user][group]
	return ok
}

// May reports whether a may do all of p. See Permissions.
func May(a patchbay.Actor, p patchbay.Permission, grants []patchbay.Grant, owner patchbay.UserID) bool {
	return Options{}.May(a, p, grants, owner)
}

// Permissions returns what a may do with something that owner owns and grants share.
// An empty owner means the operator's file: nobody owns it, ADMIN may read all of it.
func Permissions(a patchbay.Actor, grants []patchbay.Grant, owner patchbay.UserID) patchbay.Permission {
	return Options{}.Permissions(a, grants, owner)
}

// May is the package's May under o.
func (o Options) May(a patchbay.Actor, p patchbay.Permission, grants []patchbay.Grant, owner patchbay.UserID) bool {
	return p != 0 && o.Permissions(a, grants, owner)&p == p
}

// Permissions is the package's Permissions under o: (grants ∪ ownership) ∩ scopes.
func (o Options) Permissions(a patchbay.Actor, grants []patchbay.Grant, owner patchbay.UserID) patchbay.Permission {
	if a.User == nil {
		if a.Kind != patchbay.ActorOperator {
			return 0
		}
		return operator(grants)
	}
	if a.User.Disabled {
		return 0
	}
	var p patchbay.Permission
	for _, g := range grants {
		if o.matches(a.User, g.Grantee) {
			p |= implied(g.Permissions)
		}
	}
	switch {
	case owner != "" && owner == a.User.ID:
		p = All
	case owner == "" && a.Admin():
		p |= patchbay.PermView | patchbay.PermEdit
	}
	return p & within(a)
}

// operator is the shell on the same machine, acting as nobody: it has what everyone has.
func operator(grants []patchbay.Grant) patchbay.Permission {
	var p patchbay.Permission
	for _, g := range grants {
		if g.Grantee.Kind == patchbay.GranteeEveryone {
			p |= implied(g.Permissions)
		}
	}
	return p & (patchbay.PermView | patchbay.PermUse)
}

// matches reports whether u is the grantee. A kind that is not known here matches
// nobody.
func (o Options) matches(u *patchbay.User, g patchbay.Grantee) bool {
	switch g.Kind {
	case patchbay.GranteeEveryone:
		return true
	case patchbay.GranteeRole:
		return g.Name != "" && strings.EqualFold(g.Name, string(u.Role))
	case patchbay.GranteeUser:
		if strings.Contains(g.Name, "@") {
			return (u.EmailVerified || o.TrustEmail) && patchbay.NormalEmail(g.Name) == patchbay.NormalEmail(u.Email)
		}
		return g.Name != "" && g.Name == string(u.ID)
	case patchbay.GranteeGroup:
		return o.Groups.Has(u.ID, g.Name)
	}
	return false
}

// implied adds VIEW, which each of the others implies.
func implied(p patchbay.Permission) patchbay.Permission {
	if p != 0 {
		p |= patchbay.PermView
	}
	return p & All
}

// within is what the actor's scopes leave of any permission. A token with scopes
// sees what its scopes work on, and changes no definition: no scope stands for that.
// What an ADMIN token may read is decided by Actor.Admin.
func within(a patchbay.Actor) patchbay.Permission {
	if a.Scopes == nil {
		return All
	}
	var p patchbay.Permission
	if slices.ContainsFunc(a.Scopes, func(s patchbay.Scope) bool { return s != patchbay.ScopeAccount }) {
		p |= patchbay.PermView
	}
	if a.Has(patchbay.ScopeToolsCall) {
		p |= patchbay.PermUse
	}
	if a.Admin() {
		p |= patchbay.PermEdit
	}
	return p
}

// GrantsOf returns the grants that an `access` key stands for. USE implies VIEW, but
// never makes a server more visible than `view` says by being left out: `everyone`
// under `use` means everyone who may view.
func GrantsOf(access patchbay.Access) []patchbay.Grant {
	everyone := patchbay.Grantee{Kind: patchbay.GranteeEveryone}
	use := access.Use
	if slices.Contains(use, everyone) && !slices.Contains(access.View, everyone) {
		use = slices.DeleteFunc(slices.Clone(use), func(g patchbay.Grantee) bool { return g == everyone })
		use = append(use, access.View...)
	}
	grants := make([]patchbay.Grant, 0, len(access.View)+len(use))
	for _, g := range access.View {
		grants = append(grants, patchbay.Grant{Grantee: g, Permissions: patchbay.PermView})
	}
	for _, g := range use {
		grants = append(grants, patchbay.Grant{Grantee: g, Permissions: patchbay.PermView | patchbay.PermUse})
	}
	return grants
}
