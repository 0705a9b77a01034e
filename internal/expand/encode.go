package expand

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"
)

// valueError says why a value cannot stand in its place. It never holds the value.
type valueError struct{ why string }

func (e *valueError) Error() string { return e.why }

func refuse(format string, args ...any) error { return &valueError{fmt.Sprintf(format, args...)} }

// encodeRaw is for arguments and environment of a child, which end at a NUL.
func encodeRaw(v string) (string, error) {
	if strings.ContainsRune(v, 0) {
		return "", refuse("holds a NUL byte")
	}
	return v, nil
}

// encodeHeader encodes one value for a header: Latin-1 as Latin-1 bytes, as the far end
// of LibreChat gets them; anything beyond as "b64:" and base64 of the UTF-8.
func encodeHeader(v string) (string, error) {
	if !utf8.ValidString(v) {
		return "", refuse("is not text (bad UTF-8)")
	}
	wide := false
	for _, r := range v {
		if r < 0x20 || 0x7f <= r && r < 0xa0 {
			return "", refuse("holds a control character or line break, which no header may carry")
		}
		wide = wide || r > 0xff
	}
	if wide {
		return "b64:" + base64.StdEncoding.EncodeToString([]byte(v)), nil
	}
	return latin1(v), nil
}

func latin1(v string) string {
	b := make([]byte, 0, len(v))
	for _, r := range v {
		b = append(b, byte(r))
	}
	return string(b)
}

const upperHex = "0123456789ABCDEF"

// encodeURL percent-encodes everything but RFC 3986's unreserved characters, so a value
// can neither end the path segment or query parameter it stands in nor begin another.
func encodeURL(v string) string {
	var b strings.Builder
	for i := range len(v) {
		c := v[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

// encodeHost lets through one label of a host name.
func encodeHost(v string) (string, error) {
	if v == "" || len(v) > 63 || v[0] == '-' || v[len(v)-1] == '-' {
		return "", refuse("is not one label of a host name (a-z, 0-9 and - inside, 1 to 63 characters)")
	}
	for i := range len(v) {
		c := v[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return "", refuse("is not one label of a host name (a-z, 0-9 and - inside, 1 to 63 characters)")
		}
	}
	return v, nil
}
