package patchbay

import "strings"

// Permission is a set of what one may do with a server or an agent.
type Permission uint8

// Permissions. Each of the others implies VIEW.
const (
	PermView Permission = 1 << iota
	PermUse
	PermEdit
	PermDelete
	PermShare
)

var permissionNames = []struct {
	p    Permission
	name string
}{{PermView, "VIEW"}, {PermUse, "USE"}, {PermEdit, "EDIT"}, {PermDelete, "DELETE"}, {PermShare, "SHARE"}}

// Names returns the permissions in the set, in the order VIEW USE EDIT DELETE SHARE.
func (p Permission) Names() []string {
	names := []string{}
	for _, n := range permissionNames {
		if p&n.p != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// String joins Names by a comma.
func (p Permission) String() string { return strings.Join(p.Names(), ",") }

// GranteeKind says what a grantee is.
type GranteeKind string

// Kinds of grantees.
const (
	GranteeEveryone GranteeKind = "everyone"
	GranteeRole     GranteeKind = "role"
	GranteeGroup    GranteeKind = "group"
	GranteeUser     GranteeKind = "user"
)

// Grantee is whom a grant is for. Name is a role, a group's name, or a user: an
// e-mail address in YAML, a user id in stored grants.
type Grantee struct {
	Kind GranteeKind
	Name string
}

// String returns the form of the configuration file: "everyone", "role:ADMIN".
func (g Grantee) String() string {
	if g.Kind == GranteeEveryone {
		return string(g.Kind)
	}
	return string(g.Kind) + ":" + g.Name
}

// Grant gives a set of permissions to a grantee.
type Grant struct {
	Grantee     Grantee
	Permissions Permission
}

// Access is the `access` key of a YAML server. The configuration fills the default,
// everyone for both.
type Access struct {
	View []Grantee
	Use  []Grantee
}
