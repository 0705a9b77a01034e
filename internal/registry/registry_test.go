package registry_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/registry"
)

func grantee(kind patchbay.GranteeKind, name string) []patchbay.Grantee {
	return []patchbay.Grantee{{Kind: kind, Name: name}}
}

func server(name, hash string, access patchbay.Access) *patchbay.Server {
	return &patchbay.Server{ID: patchbay.YAMLServerID(name), Name: name, Source: patchbay.SourceYAML, Hash: hash, Access: access}
}

var everyone = patchbay.Access{View: grantee(patchbay.GranteeEveryone, ""), Use: grantee(patchbay.GranteeEveryone, "")}

func user(id, email string, role patchbay.Role) patchbay.Actor {
	return patchbay.Actor{Kind: patchbay.ActorUser, User: &patchbay.User{ID: patchbay.UserID(id), Email: email, EmailVerified: true, Role: role}}
}

func names(servers []*patchbay.Server) []string {
	out := []string{}
	for _, s := range servers {
		out = append(out, s.Name)
	}
	return out
}

func TestVisibleAndAuthorise(t *testing.T) {
	r := registry.New()
	r.Replace([]*patchbay.Server{
		server("open", "1", everyone),
		server("admins", "1", patchbay.Access{View: grantee(patchbay.GranteeRole, "ADMIN"), Use: grantee(patchbay.GranteeRole, "ADMIN")}),
		server("look", "1", patchbay.Access{View: grantee(patchbay.GranteeEveryone, ""), Use: grantee(patchbay.GranteeUser, "ann@example.com")}),
	}, registry.Rules{})
	ann, bob, admin := user("a", "ann@example.com", patchbay.RoleUser), user("b", "bob@example.com", patchbay.RoleUser), user("c", "root@example.com", patchbay.RoleAdmin)

	visible := []struct {
		who   string
		actor patchbay.Actor
		perm  patchbay.Permission
		want  []string
	}{
		{"ann sees", ann, patchbay.PermView, []string{"look", "open"}},
		{"ann uses", ann, patchbay.PermUse, []string{"look", "open"}},
		{"bob sees", bob, patchbay.PermView, []string{"look", "open"}},
		{"bob uses", bob, patchbay.PermUse, []string{"open"}},
		{"the administrator sees", admin, patchbay.PermView, []string{"admins", "look", "open"}},
		{"the administrator uses", admin, patchbay.PermUse, []string{"admins", "open"}},
		{"nobody sees", patchbay.Actor{}, patchbay.PermView, []string{}},
	}
	for _, tt := range visible {
		t.Run(tt.who, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, names(r.Visible(tt.actor, tt.perm))); diff != "" {
				t.Errorf("servers (-want +got):\n%s", diff)
			}
		})
	}

	if _, err := r.Authorise(bob, "look", patchbay.PermUse); patchbay.CodeOf(err) != patchbay.CodeForbidden {
		t.Errorf("bob uses look: %v, want forbidden", err)
	}
	_, hidden := r.Authorise(bob, "admins", patchbay.PermUse)
	_, absent := r.Authorise(bob, "nowhere", patchbay.PermUse)
	if patchbay.CodeOf(hidden) != patchbay.CodeNotFound || patchbay.CodeOf(absent) != patchbay.CodeNotFound {
		t.Fatalf("hidden %v, absent %v, want not_found for both", hidden, absent)
	}
	if got := hidden.Error(); got != patchbay.NotFound("admins").Error() {
		t.Errorf("hidden server has its own wording: %q", got)
	}
	if s, err := r.Authorise(ann, "look", patchbay.PermUse); err != nil || s.Name != "look" {
		t.Errorf("ann uses look: %v, %v", s, err)
	}
}

func TestReplaceDiff(t *testing.T) {
	r := registry.New()
	first := r.Replace([]*patchbay.Server{server("a", "1", everyone), server("b", "1", everyone), server("c", "1", everyone)}, registry.Rules{})
	if got := names(first.Added); len(got) != 3 || len(first.Reconnect) != 0 {
		t.Fatalf("first: added %v, reconnect %v", got, first.Reconnect)
	}
	again := r.Replace([]*patchbay.Server{server("a", "1", everyone), server("b", "1", everyone), server("c", "1", everyone)}, registry.Rules{})
	if !again.Empty() {
		t.Fatalf("the same again: %+v", again)
	}
	titled := server("a", "1", everyone)
	titled.Title = "A"
	d := r.Replace([]*patchbay.Server{titled, server("b", "2", everyone), server("d", "1", everyone)}, registry.Rules{})
	if diff := cmp.Diff([][]string{{"d"}, {"a", "b"}, {"c"}}, [][]string{names(d.Added), names(d.Changed), names(d.Removed)}); diff != "" {
		t.Errorf("diff (-want +got):\n%s", diff)
	}
	want := []patchbay.ServerID{patchbay.YAMLServerID("b"), patchbay.YAMLServerID("c")}
	if diff := cmp.Diff(want, d.Reconnect); diff != "" {
		t.Errorf("reconnect (-want +got):\n%s", diff)
	}
}

func TestMovedProblemIsNoChange(t *testing.T) {
	bad := func(line int) *patchbay.Server {
		s := server("a", "1", everyone)
		s.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url is missing", Line: line}
		return s
	}
	r := registry.New()
	r.Replace([]*patchbay.Server{bad(3)}, registry.Rules{})
	if d := r.Replace([]*patchbay.Server{bad(9)}, registry.Rules{}); !d.Empty() {
		t.Errorf("a problem that moved: %+v, want no change", d)
	}
}
