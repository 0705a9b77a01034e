package store

import (
	"encoding/json"
	"fmt"
	"strings"
)

// jsonText is v as it is stored: JSON text that SQL never looks into. Markup characters
// are kept as they are.
func jsonText(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// fromJSON fills v from a column; an empty one leaves v as it is.
func fromJSON(text string, v any, what string) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("%s cannot be read: %w", what, err)
	}
	return nil
}

// raw is a column of JSON text as a value; an empty one is nil.
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}
