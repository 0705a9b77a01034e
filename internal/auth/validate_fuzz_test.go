package auth

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAccount pins what every accepted account is like, whatever was sent: its values
// go into headers, URLs and logs.
func FuzzAccount(f *testing.F) {
	for _, s := range [][4]string{
		{"ada@example.org", "Ada", "ada", "correct horse"},
		{" ADA+x@Example.org ", "", "", "correct horse"},
		{"\"a b\"@example.org", "a\x1b", "..", "short"},
		{"a@b@c", "\xff", "\u212a", strings.Repeat("x", 2000)},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, email, name, username, password string) {
		a, err := Account{Email: email, Name: name, Username: username, Password: password}.normal()
		if err != nil {
			return
		}
		again, err := a.normal()
		if err != nil || again != a {
			t.Fatalf("%+v is not stable: %+v, %v", a, again, err)
		}
		for _, s := range []string{a.Email, a.Name, a.Username, usernameOf(a.Email)} {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Fatalf("%q is let through", s)
			}
		}
		if strings.ContainsAny(a.Email, " <>,;\"\\") || strings.Count(a.Email, "@") != 1 || a.Name == "" {
			t.Fatalf("%+v is let through", a)
		}
		if made := usernameOf(a.Email); !validUsername(made) || (a.Username != "" && !validUsername(a.Username)) {
			t.Fatalf("username %q or %q is let through", made, a.Username)
		}
	})
}
