package acl_test

import (
	"fmt"
	"testing"

	"patchbay"
	"patchbay/internal/acl"
)

// member is somebody with an API token, and what twenty grants give them.
func member() (patchbay.Actor, []patchbay.Grant) {
	a := patchbay.Actor{
		Kind:   patchbay.ActorUser,
		User:   &patchbay.User{ID: "u-1", Email: "ann@example.test", EmailVerified: true, Role: patchbay.RoleUser},
		Scopes: []patchbay.Scope{patchbay.ScopeServersRead, patchbay.ScopeToolsCall},
	}
	access := patchbay.Access{}
	for i := range 9 {
		access.View = append(access.View, patchbay.Grantee{Kind: patchbay.GranteeUser, Name: fmt.Sprintf("u-%d", i+100)})
		access.Use = append(access.Use, patchbay.Grantee{Kind: patchbay.GranteeRole, Name: "ROLE"})
	}
	access.View = append(access.View, patchbay.Grantee{Kind: patchbay.GranteeEveryone})
	access.Use = append(access.Use, patchbay.Grantee{Kind: patchbay.GranteeUser, Name: "u-1"})
	return a, acl.GrantsOf(access)
}

func BenchmarkPermissions(b *testing.B) {
	a, grants := member()
	b.ReportAllocs()
	for b.Loop() {
		if acl.Permissions(a, grants, "")&patchbay.PermUse == 0 {
			b.Fatal("USE was not granted")
		}
	}
}

// A permission is decided on every call, and twice: it may not cost an allocation.
func TestPermissionsAllocateNothing(t *testing.T) {
	a, grants := member()
	got := testing.AllocsPerRun(100, func() {
		if acl.Permissions(a, grants, "")&patchbay.PermUse == 0 {
			t.Fatal("USE was not granted")
		}
	})
	if got != 0 {
		t.Errorf("%.0f allocations", got)
	}
}
