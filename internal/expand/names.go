package expand

import (
	"slices"
	"strconv"
	"strings"

	"patchbay"
)

// kind says where the value of a placeholder comes from.
type kind uint8

const (
	kindUnknown kind = iota // nobody knows the name
	kindEnv                 // ${NAME}: the operator's environment
	kindUser                // {{LIBRECHAT_USER_FIELD}}
	kindVar                 // {{NAME}} of customUserVars
	kindBody                // {{LIBRECHAT_BODY_FIELD}}
	kindOIDC                // {{LIBRECHAT_OPENID_…}}, {{LIBRECHAT_GRAPH_…}}: not without OIDC login
	kindSecret              // ${NAME} of a secret of patchbay's own
	kindBadName             // ${…} that no environment variable can be called
)

const (
	userPrefix  = "LIBRECHAT_USER_"
	bodyPrefix  = "LIBRECHAT_BODY_"
	oidcPrefix  = "LIBRECHAT_OPENID_"
	graphPrefix = "LIBRECHAT_GRAPH_"
)

// reserved reports whether a name belongs to LibreChat's own placeholders, so that no
// user variable may be called it.
func reserved(name string) bool { return strings.HasPrefix(strings.ToUpper(name), "LIBRECHAT_") }

// ReservedVar reports whether a user variable may not be called name, because the
// placeholder would mean something else.
func ReservedVar(name string) bool { return reserved(name) }

// ValidVar reports whether name can be written as {{name}} (and as ${name}).
func ValidVar(name string) bool {
	if name == "" || len(name) > 128 {
		return false
	}
	for i, r := range name {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case '0' <= r && r <= '9', r == '-', r == '.':
			if i == 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func validEnv(name string) bool { return ValidVar(name) && !strings.ContainsAny(name, "-.") }

// classify says what a placeholder of def is.
func classify(def *patchbay.Server, p part) kind {
	if !p.brace {
		switch {
		case def.Source == patchbay.SourceUser && ValidVar(p.name):
			return kindVar // a person's ${NAME} never reads our environment
		case !validEnv(p.name):
			return kindBadName
		case IsSecretEnv(p.name):
			return kindSecret
		}
		return kindEnv
	}
	if field, ok := strings.CutPrefix(p.name, userPrefix); ok {
		if _, known := userFields[field]; known {
			return kindUser
		}
		return kindUnknown
	}
	if field, ok := strings.CutPrefix(p.name, bodyPrefix); ok {
		if _, known := bodyFields[field]; known {
			return kindBody
		}
		return kindUnknown
	}
	if strings.HasPrefix(p.name, oidcPrefix) || strings.HasPrefix(p.name, graphPrefix) {
		return kindOIDC
	}
	if declares(def, p.name) {
		return kindVar
	}
	return kindUnknown
}

func declares(def *patchbay.Server, name string) bool {
	return slices.ContainsFunc(def.UserVars, func(v patchbay.UserVar) bool { return v.Name == name })
}

// userFields are the fields of {{LIBRECHAT_USER_FIELD}}: the sixteen of LibreChat's
// page, and ID and TERMSACCEPTEDAT. Nothing else of an account can be named.
var userFields = map[string]func(*patchbay.User) string{
	"ID":               func(u *patchbay.User) string { return string(u.ID) },
	"NAME":             func(u *patchbay.User) string { return u.Name },
	"USERNAME":         func(u *patchbay.User) string { return u.Username },
	"EMAIL":            func(u *patchbay.User) string { return u.Email },
	"PROVIDER":         func(u *patchbay.User) string { return u.Provider },
	"ROLE":             func(u *patchbay.User) string { return strings.ToLower(string(u.Role)) },
	"GOOGLEID":         func(u *patchbay.User) string { return u.GoogleID },
	"FACEBOOKID":       func(u *patchbay.User) string { return u.FacebookID },
	"OPENIDID":         func(u *patchbay.User) string { return u.OpenIDID },
	"SAMLID":           func(u *patchbay.User) string { return u.SAMLID },
	"LDAPID":           func(u *patchbay.User) string { return u.LDAPID },
	"GITHUBID":         func(u *patchbay.User) string { return u.GitHubID },
	"DISCORDID":        func(u *patchbay.User) string { return u.DiscordID },
	"APPLEID":          func(u *patchbay.User) string { return u.AppleID },
	"EMAILVERIFIED":    func(u *patchbay.User) string { return strconv.FormatBool(u.EmailVerified) },
	"TWOFACTORENABLED": func(u *patchbay.User) string { return strconv.FormatBool(u.TwoFactorEnabled) },
	"TERMSACCEPTED":    func(u *patchbay.User) string { return strconv.FormatBool(u.TermsAccepted) },
	"TERMSACCEPTEDAT":  termsAcceptedAt,
}

func termsAcceptedAt(u *patchbay.User) string {
	if u.TermsAcceptedAt.IsZero() {
		return ""
	}
	return u.TermsAcceptedAt.UTC().Format("2006-01-02T15:04:05.000Z")
}

// UserFields lists the fields of {{LIBRECHAT_USER_FIELD}}, sorted, for documentation.
func UserFields() []string { return sortedKeys(userFields) }

// bodyFields maps {{LIBRECHAT_BODY_FIELD}} to the field's name in a request.
var bodyFields = map[string]bodyField{
	"CONVERSATIONID":  {"conversationId", func(b patchbay.CallBody) string { return b.ConversationID }},
	"PARENTMESSAGEID": {"parentMessageId", func(b patchbay.CallBody) string { return b.ParentMessageID }},
	"MESSAGEID":       {"messageId", func(b patchbay.CallBody) string { return b.MessageID }},
}

type bodyField struct {
	name string
	get  func(patchbay.CallBody) string
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
