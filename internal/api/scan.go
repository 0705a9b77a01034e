package api

import "encoding/json"

// members walks the members of one JSON object without decoding their values. It works
// on valid JSON only: json.Valid comes first.
type members struct {
	rest  []byte
	key   []byte // decoded
	value []byte // the member's bytes
}

// scanObject starts at an object; ok is false when b is another kind of value.
func scanObject(b []byte) (members, bool) {
	b = skipSpace(b)
	if len(b) == 0 || b[0] != '{' {
		return members{}, false
	}
	return members{rest: b[1:]}, true
}

// next moves to the next member and reports whether there is one.
func (m *members) next() bool {
	b := skipSpace(m.rest)
	if len(b) > 0 && b[0] == ',' {
		b = skipSpace(b[1:])
	}
	if len(b) == 0 || b[0] != '"' {
		return false
	}
	n := stringLen(b)
	m.key = unquote(b[:n])
	b = skipSpace(b[n:])
	b = skipSpace(b[1:]) // the colon
	n = valueLen(b)
	m.value, m.rest = b[:n:n], b[n:]
	return true
}

func unquote(quoted []byte) []byte {
	plain := quoted[1 : len(quoted)-1]
	for _, c := range plain {
		if c == '\\' {
			var s string
			if json.Unmarshal(quoted, &s) != nil {
				return plain
			}
			return []byte(s)
		}
	}
	return plain
}

func skipSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// stringLen returns the length of the string at the start of b, quotes included.
func stringLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// valueLen returns the length of the value at the start of b.
func valueLen(b []byte) int {
	if b[0] == '"' {
		return stringLen(b)
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringLen(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}
