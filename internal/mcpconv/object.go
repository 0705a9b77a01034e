package mcpconv

import (
	"bytes"
	"encoding/json"
)

// fields are the members of an object by their exact names. Decoding into a struct
// would also take "Name" for "name", and two readers would read two things.
type fields map[string]json.RawMessage

// object decodes an object one level deep; ok is false for anything else.
func object(raw json.RawMessage) (f fields, ok bool) {
	if !isObject(raw) || json.Unmarshal(raw, &f) != nil {
		return nil, false
	}
	return f, true
}

// text is a member that is a string; "" for anything else.
func (f fields) text(name string) string {
	s, _ := f.str(name)
	return s
}

// str is a member that is a string, and whether it is one.
func (f fields) str(name string) (s string, ok bool) {
	raw := f[name]
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}

// object is a member that is an object, as it stands; nil for anything else.
func (f fields) object(name string) json.RawMessage {
	if raw := f[name]; isObject(raw) {
		return raw
	}
	return nil
}

func isObject(raw json.RawMessage) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

func isArray(raw json.RawMessage) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '['
}

// isNull reports whether a member is absent or null.
func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null"
}

// depth is how deep a valid JSON text is nested.
func depth(raw json.RawMessage) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}
