package oauth_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay/internal/oauth"
)

func TestParseChallenges(t *testing.T) {
	type p = map[string]string
	type c = oauth.AuthChallenge
	tests := []struct {
		name string
		in   []string
		want []c
	}{
		{"by the book", []string{`Bearer realm="x", error="invalid_token", scope="a b"`}, []c{{Scheme: "bearer", Params: p{"realm": "x", "error": "invalid_token", "scope": "a b"}}}},
		{"scheme alone", []string{"Bearer"}, []c{{Scheme: "bearer", Params: p{}}}},
		{"two in one", []string{`Basic realm="a, b", Bearer scope=x`}, []c{{Scheme: "basic", Params: p{"realm": "a, b"}}, {Scheme: "bearer", Params: p{"scope": "x"}}}},
		{"two values", []string{`Basic realm=a`, `Bearer scope=x`}, []c{{Scheme: "basic", Params: p{"realm": "a"}}, {Scheme: "bearer", Params: p{"scope": "x"}}}},
		{"two bare schemes", []string{`Negotiate, Bearer`}, []c{{Scheme: "negotiate", Params: p{}}, {Scheme: "bearer", Params: p{}}}},
		{"token68", []string{`Negotiate YWJj+/==, Bearer realm="x"`}, []c{{Scheme: "negotiate", Token68: "YWJj+/", Params: p{}}, {Scheme: "bearer", Params: p{"realm": "x"}}}},
		{"token68 without padding", []string{`NTLM TlRMTVNT`}, []c{{Scheme: "ntlm", Token68: "TlRMTVNT", Params: p{}}}},
		{"capitals", []string{`BEARER Realm="X"`}, []c{{Scheme: "bearer", Params: p{"realm": "X"}}}},
		{"escapes", []string{`Bearer realm="a \"b\" \\ c"`}, []c{{Scheme: "bearer", Params: p{"realm": `a "b" \ c`}}}},
		{"no commas", []string{`Bearer realm="x" scope="a b" error=e`}, []c{{Scheme: "bearer", Params: p{"realm": "x", "scope": "a b", "error": "e"}}}},
		{"semicolons", []string{`Bearer realm=x; scope="a"; error=e`}, []c{{Scheme: "bearer", Params: p{"realm": "x", "scope": "a", "error": "e"}}}},
		{"spaces around =", []string{`Bearer realm = "x" , scope	=	a`}, []c{{Scheme: "bearer", Params: p{"realm": "x", "scope": "a"}}}},
		{"unquoted URL", []string{`Bearer resource_metadata=https://h/a?b=c&d=e, scope=x`}, []c{{Scheme: "bearer", Params: p{"resource_metadata": "https://h/a?b=c&d=e", "scope": "x"}}}},
		{"single quotes", []string{`Bearer scope='a b'`}, []c{{Scheme: "bearer", Params: p{"scope": "a b"}}}},
		{"comma behind the scheme", []string{`Bearer, realm="x"`}, []c{{Scheme: "bearer", Params: p{"realm": "x"}}}},
		{"empty elements", []string{`,, Bearer realm="x",, ,scope=y,`}, []c{{Scheme: "bearer", Params: p{"realm": "x", "scope": "y"}}}},
		{"without scheme", []string{`resource_metadata="https://h/"`}, []c{{Params: p{"resource_metadata": "https://h/"}}}},
		{"unclosed quote", []string{`Bearer scope="a b`}, []c{{Scheme: "bearer", Params: p{"scope": "a b"}}}},
		{"doubled", []string{`Bearer scope=a, scope=b`}, []c{{Scheme: "bearer", Params: p{"scope": "a"}}}},
		{"empty value", []string{`Bearer scope="", error=`}, []c{{Scheme: "bearer", Params: p{"scope": ""}}}},
		{"nothing", []string{"", "  ", ",;", "\x00\xff"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, oauth.ParseChallenges(tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadChallenge(t *testing.T) {
	tests := []struct {
		name string
		in   []string
		want oauth.Challenge
	}{
		{"nothing", nil, oauth.Challenge{}},
		{"another scheme", []string{`Basic realm="resource_metadata"`}, oauth.Challenge{}},
		{"all of it", []string{`Basic realm=x, Bearer resource_metadata="https://h/", scope="b a b", error="insufficient_scope"`},
			oauth.Challenge{Bearer: true, ResourceMetadata: "https://h/", Scopes: []string{"b", "a"}, Error: "insufficient_scope"}},
		{"spread over two", []string{`Bearer`, `Bearer resource_metadata="https://h/"`}, oauth.Challenge{Bearer: true, ResourceMetadata: "https://h/"}},
		{"the first counts", []string{`Bearer resource_metadata="https://a/"`, `Bearer resource_metadata="https://b/", scope=b`}, oauth.Challenge{Bearer: true, ResourceMetadata: "https://a/"}},
		{"strange error", []string{"Bearer error=\"in\x01valid <b>\""}, oauth.Challenge{Bearer: true, Error: "invalidb"}},
		{"strange scope", []string{`Bearer scope="a \"b\" ä c"`}, oauth.Challenge{Bearer: true, Scopes: []string{"a", "c"}}},
		{"endless URL", []string{`Bearer resource_metadata="https://h/` + strings.Repeat("x", 3000) + `"`}, oauth.Challenge{Bearer: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, oauth.ReadChallenge(tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
	require.True(t, oauth.Challenge{Error: "insufficient_scope"}.InsufficientScope())
}

// FuzzParseChallenges holds that nothing makes the parser stand still, grow without bound
// or invent text, and that what is written by the book is read back.
func FuzzParseChallenges(f *testing.F) {
	for _, s := range []string{
		`Bearer realm="x", error="invalid_token"`, `Negotiate YWJj==, Bearer`, `resource_metadata=https://h/?a=b`, `Bearer a='b`, `,=,"`, `Bearer "x"=y`,
		strings.Repeat("Bearer ", 40), strings.Repeat(`a=b,`, 100), "Bearer x=\\", `Bearer x="\`,
	} {
		f.Add(s, "value")
	}
	f.Fuzz(func(t *testing.T, header, value string) {
		got := oauth.ParseChallenges([]string{header, header})
		if len(got) > 32 {
			t.Fatalf("%d challenges", len(got))
		}
		for _, c := range got {
			if len(c.Params) > 32 {
				t.Fatalf("%d parameters", len(c.Params))
			}
			for name, v := range c.Params {
				if len(v) > len(header) || name != strings.ToLower(name) {
					t.Errorf("%q gives %q=%q", header, name, v)
				}
			}
		}
		oauth.ReadChallenge([]string{header})

		if len(value) < 4096 && !strings.ContainsRune(value, 0) {
			quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
			back := oauth.ParseChallenges([]string{`Basic realm="a, b", Bearer x="` + quoted + `", y=z`})
			if len(back) != 2 || back[1].Params["x"] != value || back[1].Params["y"] != "z" {
				t.Errorf("%q came back as %+v", value, back)
			}
		}
	})
}
