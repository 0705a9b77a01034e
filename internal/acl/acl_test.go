package acl

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
)

const (
	v   = patchbay.PermView
	use = patchbay.PermUse
	ed  = patchbay.PermEdit
	del = patchbay.PermDelete
	sh  = patchbay.PermShare
)

func user(change func(*patchbay.User)) *patchbay.User {
	u := &patchbay.User{ID: "u1", Email: "ada@example.org", EmailVerified: true, Role: patchbay.RoleUser}
	if change != nil {
		change(u)
	}
	return u
}

func as(u *patchbay.User, scopes ...patchbay.Scope) patchbay.Actor {
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser, Scopes: scopes}
}

func grant(kind patchbay.GranteeKind, name string, p patchbay.Permission) patchbay.Grant {
	return patchbay.Grant{Grantee: patchbay.Grantee{Kind: kind, Name: name}, Permissions: p}
}

func TestPermissions(t *testing.T) {
	everyone := []patchbay.Grant{grant(patchbay.GranteeEveryone, "", use)}
	plain := as(user(nil))
	admin := as(user(func(u *patchbay.User) { u.Role = patchbay.RoleAdmin }))
	scoped := func(a patchbay.Actor, scopes ...patchbay.Scope) patchbay.Actor { a.Scopes = scopes; return a }
	for _, tt := range []struct {
		name   string
		o      Options
		actor  patchbay.Actor
		grants []patchbay.Grant
		owner  patchbay.UserID
		want   patchbay.Permission
	}{
		{name: "no actor", grants: everyone},
		{name: "an actor of kind user without a user", actor: patchbay.Actor{Kind: patchbay.ActorUser}, grants: everyone},
		{name: "no grants", actor: plain},
		{name: "everyone", actor: plain, grants: everyone, want: v | use},
		{name: "view alone", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeEveryone, "", v)}, want: v},
		{name: "grants add up", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeEveryone, "", v), grant(patchbay.GranteeUser, "u1", ed)}, want: v | ed},
		{name: "edit implies view", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeUser, "u1", ed)}, want: v | ed},
		{name: "delete implies view", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeUser, "u1", del)}, want: v | del},
		{name: "share implies view", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeUser, "u1", sh)}, want: v | sh},
		{name: "an empty grant gives nothing", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeEveryone, "", 0)}},
		{name: "unknown bits give nothing of their own", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeEveryone, "", 1<<7)}, want: v},
		{name: "disabled", actor: as(user(func(u *patchbay.User) { u.Disabled = true })), grants: everyone, owner: "u1"},

		{name: "another user's id", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeUser, "u2", use)}},
		{name: "a user without a name", actor: as(&patchbay.User{}), grants: []patchbay.Grant{grant(patchbay.GranteeUser, "", use)}},
		{name: "e-mail", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeUser, " ADA@example.org", use)}, want: v | use},
		{name: "another e-mail", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeUser, "bob@example.org", use)}},
		{name: "unverified e-mail", actor: as(user(func(u *patchbay.User) { u.EmailVerified = false })), grants: []patchbay.Grant{grant(patchbay.GranteeUser, "ada@example.org", use)}},
		{
			name: "unverified e-mail, trusted", o: Options{TrustEmail: true}, actor: as(user(func(u *patchbay.User) { u.EmailVerified = false })),
			grants: []patchbay.Grant{grant(patchbay.GranteeUser, "ada@example.org", use)}, want: v | use,
		},
		{name: "an id needs no verified e-mail", actor: as(user(func(u *patchbay.User) { u.EmailVerified = false })), grants: []patchbay.Grant{grant(patchbay.GranteeUser, "u1", use)}, want: v | use},
		{name: "an id that looks like an e-mail is compared as one", actor: as(user(func(u *patchbay.User) { u.ID = "x@y" })), grants: []patchbay.Grant{grant(patchbay.GranteeUser, "x@y", use)}},

		{name: "role", actor: admin, grants: []patchbay.Grant{grant(patchbay.GranteeRole, "admin", use)}, owner: "other", want: v | use},
		{name: "another role", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeRole, "ADMIN", use)}},
		{name: "a role without a name", actor: as(&patchbay.User{ID: "u1"}), grants: []patchbay.Grant{grant(patchbay.GranteeRole, "", use)}},
		{name: "a group that nobody is in", actor: plain, grants: []patchbay.Grant{grant(patchbay.GranteeGroup, "u1", use)}},
		{
			name: "a group", o: Options{Groups: NewGroups(map[patchbay.UserID][]string{"u1": {"g1", "ops"}})}, actor: plain,
			grants: []patchbay.Grant{grant(patchbay.GranteeGroup, "ops", use), grant(patchbay.GranteeGroup, "g1", ed)}, want: v | use | ed,
		},
		{
			name: "another's group", o: Options{Groups: NewGroups(map[patchbay.UserID][]string{"u2": {"ops"}})}, actor: plain,
			grants: []patchbay.Grant{grant(patchbay.GranteeGroup, "ops", use), grant(patchbay.GranteeGroup, "", use)},
		},
		{name: "a kind nobody knows", actor: plain, grants: []patchbay.Grant{grant("world", "", use)}},

		{name: "owner", actor: plain, owner: "u1", want: All},
		{name: "not the owner", actor: plain, owner: "u2"},
		{name: "an account without an id owns nothing", actor: as(&patchbay.User{}), owner: ""},
		{name: "ADMIN reads the operator's file", actor: admin, want: v | ed},
		{name: "ADMIN may use what everyone may", actor: admin, grants: everyone, want: v | use | ed},
		{name: "ADMIN has nothing of what a person owns", actor: admin, owner: "u2"},

		{name: "scope to call", actor: scoped(plain, patchbay.ScopeToolsCall), grants: everyone, want: v | use},
		{name: "scope to read", actor: scoped(plain, patchbay.ScopeServersRead), grants: everyone, want: v},
		{name: "scope for variables", actor: scoped(plain, patchbay.ScopeVarsWrite), grants: everyone, want: v},
		{name: "scope for the account", actor: scoped(plain, patchbay.ScopeAccount), grants: everyone},
		{name: "no scope at all", actor: patchbay.Actor{User: user(nil), Scopes: []patchbay.Scope{}}, grants: everyone, owner: "u1"},
		{name: "scopes of an owner", actor: scoped(plain, patchbay.ScopeToolsCall, patchbay.ScopeServersRead), owner: "u1", want: v | use},
		{name: "scope admin of a USER", actor: scoped(plain, patchbay.ScopeAdmin), owner: "u1", want: v},
		{name: "scope admin of an ADMIN", actor: scoped(admin, patchbay.ScopeAdmin), want: v | ed},
		{name: "ADMIN without the scope", actor: scoped(admin, patchbay.ScopeToolsCall), grants: everyone, want: v | use},
		{name: "ADMIN without the scope sees no hidden server", actor: scoped(admin, patchbay.ScopeToolsCall)},

		{name: "operator as nobody", actor: patchbay.Actor{Kind: patchbay.ActorOperator}, grants: everyone, want: v | use},
		{name: "operator as nobody never edits", actor: patchbay.Actor{Kind: patchbay.ActorOperator}, grants: []patchbay.Grant{grant(patchbay.GranteeEveryone, "", All)}, want: v | use},
		{name: "operator as nobody has no role", actor: patchbay.Actor{Kind: patchbay.ActorOperator}, grants: []patchbay.Grant{grant(patchbay.GranteeRole, "ADMIN", use)}},
		{name: "operator as a person", actor: patchbay.Actor{Kind: patchbay.ActorOperator, User: user(nil)}, owner: "u1", want: All},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.o.Permissions(tt.actor, tt.grants, tt.owner)
			if got != tt.want {
				t.Fatalf("Permissions = %q, want %q", got, tt.want)
			}
			for p := range All + 1 {
				want := p != 0 && tt.want&p == p
				if tt.o.May(tt.actor, p, tt.grants, tt.owner) != want {
					t.Errorf("May %q is not %v", p, want)
				}
			}
			if tt.o == (Options{}) && (Permissions(tt.actor, tt.grants, tt.owner) != got || May(tt.actor, v, tt.grants, tt.owner) != (got&v == v)) {
				t.Error("the functions differ from the methods of the zero Options")
			}
		})
	}
}

func TestGrantsOf(t *testing.T) {
	everyone := patchbay.Grantee{Kind: patchbay.GranteeEveryone}
	admins := patchbay.Grantee{Kind: patchbay.GranteeRole, Name: "ADMIN"}
	bob := patchbay.Grantee{Kind: patchbay.GranteeUser, Name: "bob@example.org"}
	for _, tt := range []struct {
		name   string
		access patchbay.Access
		want   []patchbay.Grant
	}{
		{"nothing is nobody", patchbay.Access{}, []patchbay.Grant{}},
		{
			"the default",
			patchbay.Access{View: []patchbay.Grantee{everyone}, Use: []patchbay.Grantee{everyone}},
			[]patchbay.Grant{{Grantee: everyone, Permissions: v}, {Grantee: everyone, Permissions: v | use}},
		},
		{
			"all may see, some may use",
			patchbay.Access{View: []patchbay.Grantee{everyone}, Use: []patchbay.Grantee{admins}},
			[]patchbay.Grant{{Grantee: everyone, Permissions: v}, {Grantee: admins, Permissions: v | use}},
		},
		{
			"a narrow view with the default use hides it from the rest",
			patchbay.Access{View: []patchbay.Grantee{admins}, Use: []patchbay.Grantee{everyone}},
			[]patchbay.Grant{{Grantee: admins, Permissions: v}, {Grantee: admins, Permissions: v | use}},
		},
		{
			"who is named may use it even so",
			patchbay.Access{View: []patchbay.Grantee{admins}, Use: []patchbay.Grantee{bob, everyone}},
			[]patchbay.Grant{{Grantee: admins, Permissions: v}, {Grantee: bob, Permissions: v | use}, {Grantee: admins, Permissions: v | use}},
		},
		{
			"nobody may use",
			patchbay.Access{View: []patchbay.Grantee{everyone}},
			[]patchbay.Grant{{Grantee: everyone, Permissions: v}},
		},
		{"nobody may view, so everyone is nobody", patchbay.Access{Use: []patchbay.Grantee{everyone}}, []patchbay.Grant{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := append([]patchbay.Grantee{}, tt.access.Use...)
			if diff := cmp.Diff(tt.want, GrantsOf(tt.access)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, append([]patchbay.Grantee{}, tt.access.Use...)); diff != "" {
				t.Errorf("the definition was changed: %s", diff)
			}
		})
	}
}
