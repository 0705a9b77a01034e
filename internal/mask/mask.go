// Package mask shows definitions of servers without the secrets in them: placeholders
// stand as they were written, a literal secret is replaced by "set". It owns what counts
// as a secret; it does not own definitions. Pure, so safe for concurrent use.
package mask

import (
	"net/url"
	"regexp"
	"strings"
)

// Set stands for a secret that is there. An edit that holds it leaves the secret as it is.
const Set = "set"

var (
	placeholder = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}|\{\{\s*[A-Za-z_][A-Za-z0-9_]*\s*\}\}`)
	// scheme is what may stand before a placeholder without being a secret.
	scheme     = regexp.MustCompile(`(?i)^\s*(bearer|basic|token|apikey|api-key)?[\s:]*$`)
	secretName = regexp.MustCompile(`(?i)auth|token|key|secret|passw|pwd|cookie|credential|cert|private|session|signature|bearer|dsn|(database|connection|redis|mongo)_?(url|uri|string)|\bsig\b|\bcode\b`)
	// secretValue is what looks like a credential under an innocent name: a known prefix,
	// a scheme, something in a URL's userinfo, or a long run of letters with digits.
	secretValue = regexp.MustCompile(`(?i)^(sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abp]|eyJ|AKIA|AIza)[-_A-Za-z0-9]|^(bearer|basic|token)\s|://[^/@\s]*:[^/@\s]*@`)
	longWord    = regexp.MustCompile(`[A-Za-z0-9_\-+=]{16,}`)
	harmless    = regexp.MustCompile(`(?i)^(accept|accept-language|user-agent|content-type|mcp-protocol-version)$`)
)

// Value shows a value that is a secret whenever it is literal: only placeholders, with at
// most the name of a scheme before them, are shown.
func Value(value string) string {
	if value == "" || placeholder.MatchString(value) && scheme.MatchString(placeholder.ReplaceAllString(value, "")) {
		return value
	}
	return Set
}

// Literal reports whether a part of a value stands for itself: it is no placeholder and
// not just the name of a scheme.
func Literal(part string) bool { return !placeholder.MatchString(part) && !scheme.MatchString(part) }

// Header shows a header: harmless ones as they are.
func Header(name, value string) string {
	if harmless.MatchString(name) {
		return value
	}
	return Value(value)
}

// Env shows a variable of a child by its name and by what it looks like.
func Env(name, value string) string {
	if secretName.MatchString(name) || looksSecret(value) {
		return Value(value)
	}
	return value
}

func looksSecret(value string) bool {
	literal := placeholder.ReplaceAllString(value, " ")
	if secretValue.MatchString(literal) {
		return true
	}
	for _, word := range longWord.FindAllString(literal, -1) {
		if strings.ContainsAny(word, "0123456789") && strings.ContainsAny(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz") {
			return true
		}
	}
	return false
}

// Args hides the values of options whose name says that it is a secret, in both forms
// in which options are written, and what looks like one anywhere.
func Args(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		option := strings.HasPrefix(arg, "-")
		switch {
		case joined && (secretName.MatchString(name) || looksSecret(value)):
			out[i] = name + "=" + Value(value)
		case !option && i > 0 && strings.HasPrefix(args[i-1], "-") && !strings.Contains(args[i-1], "=") && secretName.MatchString(args[i-1]):
			out[i] = Value(arg)
		case !option && looksSecret(arg):
			out[i] = Value(arg)
		default:
			out[i] = arg
		}
	}
	return out
}

// Map shows each value of a map by hide.
func Map(in map[string]string, hide func(name, value string) string) map[string]string {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[name] = hide(name, value)
	}
	return out
}

// URL hides a literal password before the host and literal values of query parameters
// that are called like secrets or look like one.
func URL(raw string) string {
	head, query, found := strings.Cut(raw, "?")
	if i := strings.Index(head, "://"); i >= 0 {
		rest := head[i+3:]
		end := len(rest)
		if j := strings.IndexByte(rest, '/'); j >= 0 {
			end = j
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			head = head[:i+3] + Set + rest[at:]
		}
	}
	if !found {
		return head
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if ok && (err != nil || secretName.MatchString(plain) || looksSecret(value)) {
			parts[i] = name + "=" + Value(value)
		}
	}
	return head + "?" + strings.Join(parts, "&")
}
