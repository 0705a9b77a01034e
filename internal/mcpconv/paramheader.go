package mcpconv

import (
	"encoding/json"
	"fmt"
	"strings"
)

// checkParamHeaders refuses a tool whose `x-mcp-header` annotations are wrong, as
// 2026-07-28 asks of clients (basic/transports/streamable-http): they name a header, each
// another one, and stand on a string, integer or boolean.
func checkParamHeaders(schema json.RawMessage) error {
	if !strings.Contains(string(schema), "x-mcp-header") {
		return nil
	}
	return paramHeadersIn(schema, map[string]bool{})
}

// paramHeadersIn walks the properties of a schema, whose depth is capped already.
func paramHeadersIn(schema json.RawMessage, seen map[string]bool) error {
	f, _ := object(schema)
	properties, _ := object(f["properties"])
	for name, raw := range properties {
		property, ok := object(raw)
		if !ok {
			continue
		}
		if header, has := property["x-mcp-header"]; has {
			if err := checkParamHeader(name, property.text("type"), header, seen); err != nil {
				return err
			}
		}
		if err := paramHeadersIn(raw, seen); err != nil {
			return err
		}
	}
	return nil
}

func checkParamHeader(property, kind string, raw json.RawMessage, seen map[string]bool) error {
	property = cut(property, MaxName)
	switch kind {
	case "string", "integer", "boolean":
	default:
		return fmt.Errorf("its property %q has an x-mcp-header and is no string, integer or boolean", property)
	}
	header, ok := fields{"h": raw}.str("h")
	if !ok || header == "" || strings.IndexFunc(header, notToken) >= 0 {
		return fmt.Errorf("the x-mcp-header of its property %q is not the name of a header", property)
	}
	header = strings.ToLower(header)
	if seen[header] {
		return fmt.Errorf("the x-mcp-header of its property %q is there twice", property)
	}
	seen[header] = true
	return nil
}

// notToken reports whether r may not stand in a header's name (RFC 9110, 5.6.2).
func notToken(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		return false
	}
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
