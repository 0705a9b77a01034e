package google

import (
	"encoding/json"

	"patchbay/internal/provider"
)

// keyword is what becomes of a keyword within a schema. parametersJsonSchema takes JSON
// Schema, but knows no const, and refuses or passes over the names of dialects.
func keyword(name string, value json.RawMessage) (string, json.RawMessage) {
	switch name {
	case "const":
		if len(value) > 0 && value[0] == '"' {
			return "enum", provider.Encode([]json.RawMessage{value})
		}
	case "$schema", "$comment":
		return "", nil
	}
	return name, value
}
