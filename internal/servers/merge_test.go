package servers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
)

func TestMerge(t *testing.T) {
	old := `{"name":"n","url":"https://a.test/mcp?key=abcdefgh12345678","timeout":9007199254740993,"headers":{"X-Key":"fake-secret","X-User":"{{LIBRECHAT_USER_ID}}","Accept":"text/html"},
"oauth":{"client_id":"c","client_secret":"fake-client-secret"},"args":["--token","fake-token","--port","80"],"apiKey":{"source":"admin","key":"fake-key"}}`
	tests := map[string]struct{ edit, want string }{
		"nothing":             {`{}`, old},
		"a member":            {`{"title":"T"}`, `{"title":"T",` + old[1:]},
		"null removes":        {`{"oauth":null,"args":null,"apiKey":null,"headers":null,"timeout":null}`, `{"name":"n","url":"https://a.test/mcp?key=abcdefgh12345678"}`},
		"objects merge":       {`{"headers":{"X-New":"v","X-User":null}}`, strings.Replace(old, `"X-User":"{{LIBRECHAT_USER_ID}}"`, `"X-New":"v"`, 1)},
		"set is unchanged":    {`{"headers":{"X-Key":"set"},"oauth":{"client_secret":"set"},"apiKey":{"key":"set"}}`, old},
		"as shown":            {`{"url":"https://a.test/mcp?key=set","args":["--token","set","--port","81"]}`, strings.Replace(old, `"80"`, `"81"`, 1)},
		"a new secret":        {`{"headers":{"X-Key":"fake-other"}}`, strings.Replace(old, "fake-secret", "fake-other", 1)},
		"set where none was":  {`{"headers":{"X-More":"set"}}`, strings.Replace(old, `"Accept"`, `"X-More":"set","Accept"`, 1)},
		"an object of a text": {`{"title":{"a":"b"}}`, `{"title":{"a":"b"},` + old[1:]},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := read(t, old)
			got := merge(before, read(t, test.edit))
			if diff := cmp.Diff(read(t, test.want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(read(t, old), before); diff != "" {
				t.Errorf("what was edited was changed:\n%s", diff)
			}
		})
	}
}

func TestDropSecrets(t *testing.T) {
	old := read(t, `{"url":"https://a.test","headers":{"X-Key":"fake-secret","X-User":"{{LIBRECHAT_USER_ID}}","Accept":"text/html"},"oauth":{"client_id":"c","client_secret":"fake-client-secret"}}`)
	next := merge(old, read(t, `{"url":"https://b.test","headers":{"X-New":"fake-given-now"}}`))
	got := dropSecrets(old, next)
	if diff := cmp.Diff([]string{"headers.X-Key", "oauth.client_secret"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := `{"url":"https://b.test","headers":{"X-User":"{{LIBRECHAT_USER_ID}}","Accept":"text/html","X-New":"fake-given-now"},"oauth":{"client_id":"c"}}`
	if diff := cmp.Diff(read(t, want), next); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMoved(t *testing.T) {
	base := patchbay.Server{
		Transport: patchbay.TransportHTTP, URL: "https://a.test", Headers: map[string]string{"X-Key": "1"},
		OAuth: &patchbay.OAuthConfig{TokenURL: "https://a.test/token"}, APIKey: &patchbay.APIKey{AuthorizationType: "bearer"},
	}
	tests := map[string]struct {
		change func(*patchbay.Server)
		want   bool
	}{
		"nothing":         {func(*patchbay.Server) {}, false},
		"the title":       {func(s *patchbay.Server) { s.Title = "T" }, false},
		"a header's text": {func(s *patchbay.Server) { s.Headers = map[string]string{"X-Key": "2"} }, false},
		"the address":     {func(s *patchbay.Server) { s.URL = "https://b.test" }, true},
		"a header's name": {func(s *patchbay.Server) { s.Headers = map[string]string{"X-Other": "1"} }, true},
		"a header moves":  {func(s *patchbay.Server) { s.RequestHeaders, s.Headers = s.Headers, nil }, true},
		"the token's end": {func(s *patchbay.Server) { s.OAuth = &patchbay.OAuthConfig{TokenURL: "https://b.test/token"} }, true},
		"the key's place": {func(s *patchbay.Server) { s.APIKey = &patchbay.APIKey{AuthorizationType: "custom", CustomHeader: "X"} }, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			after := base
			test.change(&after)
			if got := moved(&base, &after); got != test.want {
				t.Errorf("moved is %v", got)
			}
		})
	}
}

func TestMayGive(t *testing.T) {
	bob := patchbay.Grantee{Kind: patchbay.GranteeUser, Name: "bob"}
	everyone := patchbay.Grantee{Kind: patchbay.GranteeEveryone}
	grant := func(g patchbay.Grantee, p patchbay.Permission) []patchbay.Grant {
		return []patchbay.Grant{{Grantee: g, Permissions: p}}
	}
	const v, u, e, d, sh = patchbay.PermView, patchbay.PermUse, patchbay.PermEdit, patchbay.PermDelete, patchbay.PermShare
	all := v | u | e | d | sh
	tests := map[string]struct {
		policy        Policy
		admin         bool
		held          patchbay.Permission
		before, after []patchbay.Grant
		want          bool
	}{
		"the owner gives":            {Policy{Share: true}, false, all, nil, grant(bob, u), true},
		"more than held":             {Policy{Share: true}, false, v | sh, nil, grant(bob, u), false},
		"kept as it was":             {Policy{Share: true}, false, v | sh, grant(bob, u), grant(bob, u), true},
		"taken, not held":            {Policy{Share: true}, false, v | sh, grant(bob, u), nil, false},
		"taken, held":                {Policy{Share: true}, false, all, grant(bob, u), nil, true},
		"a role that may not share":  {Policy{}, false, all, nil, grant(bob, u), false},
		"it may take all the same":   {Policy{}, false, all, grant(bob, u), nil, true},
		"an ADMIN of such":           {Policy{}, true, all, nil, grant(everyone, u), true},
		"everyone":                   {Policy{Share: true}, false, all, nil, grant(everyone, v), false},
		"everyone where it is meant": {Policy{Share: true, Public: true}, false, all, nil, grant(everyone, v), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if wrong := mayGive(test.policy, test.admin, test.held, test.before, test.after); (len(wrong) == 0) != test.want {
				t.Errorf("wrong: %v", wrong)
			}
		})
	}
}

// FuzzMerge: an edit never makes a definition that cannot be read, and what it does not
// name stays.
func FuzzMerge(f *testing.F) {
	f.Add(`{"headers":{"A":"b"}}`, `{"headers":{"A":null},"x":[1,{"y":2}]}`)
	f.Add(`{"args":["--token","x"]}`, `{"args":["--token","set"]}`)
	f.Fuzz(func(t *testing.T, old, edit string) {
		before, err := decode([]byte(old))
		if err != nil {
			return
		}
		change, err := decode([]byte(edit))
		if err != nil {
			return
		}
		next := merge(before, change)
		dropSecrets(before, next)
		data, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(data); err != nil {
			t.Fatal(err)
		}
	})
}

func read(t *testing.T, body string) object {
	t.Helper()
	o, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return o
}
