package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// looksJSON reports whether a body begins as an object does.
func looksJSON(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && b[0] == '{'
}

// decode reads one JSON object that is nested no deeper than maxDepth. The error is a
// clause and holds nothing of the text.
func decode(b []byte, into any) error {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !looksJSON(b) {
		return errors.New("it is not a JSON object")
	}
	if tooDeep(b) {
		return errors.New("it is nested too deep")
	}
	err := json.Unmarshal(b, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return errors.New("its member " + clip(wrong.Field, 60) + " has the wrong type")
	case err != nil:
		return errors.New("it is not valid JSON")
	}
	return nil
}

// tooDeep reports whether arrays and objects are nested deeper than maxDepth.
func tooDeep(b []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return false
}

// list is an array of strings; a plain string counts as its words, anything else in it
// is left out. Bounded, because it is kept.
type list []string

const (
	maxList = 200
	maxItem = 500
)

// UnmarshalJSON implements json.Unmarshaler.
func (l *list) UnmarshalJSON(b []byte) error {
	var items []any
	var one string
	switch {
	case json.Unmarshal(b, &items) == nil:
	case json.Unmarshal(b, &one) == nil:
		for _, w := range strings.Fields(one) {
			items = append(items, w)
		}
	}
	*l = nil
	for _, it := range items {
		if s, ok := it.(string); ok && s != "" && len(s) <= maxItem && len(*l) < maxList {
			*l = append(*l, s)
		}
	}
	return nil
}

// lenient is a boolean that nobody is refused for misspelling.
type lenient bool

// UnmarshalJSON implements json.Unmarshaler.
func (l *lenient) UnmarshalJSON(b []byte) error {
	*l = string(b) == "true" || string(b) == `"true"`
	return nil
}
