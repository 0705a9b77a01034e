package auth

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"patchbay"
)

// Bounds of what people write.
const (
	minPassword  = 8
	maxPassword  = 1024
	maxEmail     = 254
	maxName      = 128
	minUsername  = 2
	maxUsername  = 64
	maxTokenName = 100
)

// Account is what a new account is made of.
type Account struct {
	Email    string
	Name     string // empty: made of the e-mail address
	Username string // empty: made of the e-mail address
	Password string
}

// invalid collects what is wrong with a request; messages never hold what was sent.
type invalid []patchbay.FieldError

func (v *invalid) add(field, message string) {
	*v = append(*v, patchbay.FieldError{Path: "body." + field, Message: message})
}

// err returns the collected mistakes, nil when there are none.
func (v invalid) err() error {
	if len(v) == 0 {
		return nil
	}
	names := make([]string, len(v))
	for i, f := range v {
		names[i] = strings.TrimPrefix(f.Path, "body.") + " " + f.Message
	}
	return &patchbay.Error{Code: patchbay.CodeInvalid, Message: "Not valid: " + strings.Join(names, "; ") + ".", Fields: v}
}

// normal returns a with e-mail and username in their stored form and the name filled,
// or what is wrong with it.
func (a Account) normal() (Account, error) {
	var v invalid
	a.Email = patchbay.NormalEmail(a.Email)
	a.Username = strings.ToLower(strings.TrimSpace(a.Username))
	a.Name = strings.TrimSpace(a.Name)
	if !validEmail(a.Email) {
		v.add("email", "must be an e-mail address")
	}
	if a.Username != "" && !validUsername(a.Username) {
		v.add("username", "must have 2 to 64 characters of a-z, 0-9, dot, dash and underscore, the first one a letter or digit")
	}
	if !validText(a.Name, maxName) {
		v.add("name", "must have at most 128 characters, and no control characters")
	}
	checkPassword(&v, "password", a.Password)
	if err := v.err(); err != nil {
		return a, err
	}
	if a.Name == "" {
		a.Name, _, _ = strings.Cut(a.Email, "@")
	}
	return a, nil
}

func checkPassword(v *invalid, field, password string) {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		v.add(field, "must have at least 8 characters")
	case len(password) > maxPassword:
		v.add(field, "must have at most 1024 bytes")
	}
}

// validEmail accepts plain addresses only: no quoting, no comments, no display name.
func validEmail(s string) bool {
	if len(s) > maxEmail || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsPrint(r) || unicode.IsSpace(r) || strings.ContainsRune(`"(),:;<>[\]`, r)
	}) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") &&
		!strings.Contains(domain, "..")
}

func validUsername(s string) bool {
	if len(s) < minUsername || len(s) > maxUsername {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '-' || c == '_'):
		default:
			return false
		}
	}
	return true
}

// validText accepts printable text of at most most characters.
func validText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == utf8.RuneError
	})
}

// usernameOf makes a username of an e-mail address.
func usernameOf(email string) string {
	local, _, _ := strings.Cut(email, "@")
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, local)
	name = strings.TrimLeft(name, ".-_")
	if len(name) > maxUsername-8 { // room for a suffix
		name = name[:maxUsername-8]
	}
	if !validUsername(name) {
		return "user"
	}
	return name
}
