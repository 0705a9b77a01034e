package transport

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"patchbay"
)

// Headers of streamable HTTP (2026-07-28, transports).
const (
	headerVersion     = "Mcp-Protocol-Version"
	headerSession     = "Mcp-Session-Id"
	headerMethod      = "Mcp-Method"
	headerName        = "Mcp-Name"
	headerParam       = "Mcp-Param-"
	headerLastEventID = "Last-Event-Id"
)

// maxParamHeaders bounds the headers that one tool may ask for.
const maxParamHeaders = 32

// toolSet is what a tool list means for headers: which names are known, and which
// arguments travel as headers too.
type toolSet struct {
	params map[string][]paramHeader // by tool; nil value: known, no such argument
}

// paramHeader binds an argument, by its path, to a header (`x-mcp-header`).
type paramHeader struct {
	path   []string
	header string // canonical
}

func newToolSet(tools []patchbay.Tool) *toolSet {
	s := &toolSet{params: make(map[string][]paramHeader, len(tools))}
	for i := range tools {
		s.params[tools[i].Name] = paramHeaders(tools[i].InputSchema)
	}
	return s
}

// schemaPart is what is read of a JSON Schema.
type schemaPart struct {
	Header     json.RawMessage            `json:"x-mcp-header"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// paramHeaders returns the bindings of an input schema, in the order of their headers.
// Annotations that are not header names are passed over: such a tool is not offered.
func paramHeaders(schema json.RawMessage) []paramHeader {
	if !strings.Contains(string(schema), "x-mcp-header") {
		return nil
	}
	var out []paramHeader
	collectParams(schema, nil, &out)
	slices.SortFunc(out, func(a, b paramHeader) int { return strings.Compare(a.header, b.header) })
	return out
}

func collectParams(schema json.RawMessage, path []string, out *[]paramHeader) {
	var part schemaPart
	if len(path) > 16 || len(*out) >= maxParamHeaders || json.Unmarshal(schema, &part) != nil {
		return
	}
	var header string
	if len(path) > 0 && json.Unmarshal(part.Header, &header) == nil && isToken(header) {
		*out = append(*out, paramHeader{path: path, header: http.CanonicalHeaderKey(headerParam + header)})
	}
	for name, sub := range part.Properties {
		collectParams(sub, append(slices.Clone(path), name), out)
	}
}

// set adds the headers of a call's arguments to h.
func (s *toolSet) set(h http.Header, tool string, args json.RawMessage) {
	for _, p := range s.params[tool] {
		if v, ok := paramValue(args, p.path); ok {
			h[p.header] = []string{v}
		}
	}
}

// paramValue returns the header form of the argument at path. Only strings, booleans and
// integers within a double's exact range have one.
func paramValue(args json.RawMessage, path []string) (string, bool) {
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(args, &object) != nil {
			return "", false
		}
		raw, ok := object[name]
		if !ok {
			return "", false
		}
		args = raw
	}
	switch raw := string(args); {
	case raw == "true" || raw == "false":
		return raw, true
	case raw != "" && raw[0] == '"':
		var s string
		if json.Unmarshal(args, &s) != nil {
			return "", false
		}
		return headerValue(s), true
	default:
		f, err := strconv.ParseFloat(raw, 64)
		if n := int64(f); err == nil && f == float64(n) && n <= 1<<53-1 && n >= -(1<<53-1) {
			return strconv.FormatInt(n, 10), true
		}
		return "", false
	}
}

// headerValue returns s as it stands when a header can carry it, else in the base64 form
// of SEP-2243.
func headerValue(s string) string {
	const prefix, suffix = "=?base64?", "?="
	plain := s == strings.Trim(s, " \t") && !(strings.HasPrefix(s, prefix) && strings.HasSuffix(s, suffix))
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] <= 0x7e
	}
	if plain {
		return s
	}
	return prefix + base64.StdEncoding.EncodeToString([]byte(s)) + suffix
}

// isToken reports whether s is an HTTP token.
func isToken(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return true
}
