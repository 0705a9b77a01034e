package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeArgs reads a tool's arguments into v, a pointer to a struct. No arguments
// read as an empty object. The error is a sentence for the caller of the tool.
func decodeArgs(raw json.RawMessage, v any) error {
	if len(bytes.TrimSpace(raw)) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		raw = json.RawMessage("{}")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field == "" {
			return fmt.Errorf("the arguments must be an object, not %s", wrong.Value)
		}
		if errors.As(err, &wrong) {
			return fmt.Errorf("argument %q must be %s, not %s", wrong.Field, kindName(wrong.Type.Kind().String()), wrong.Value)
		}
		return fmt.Errorf("these arguments cannot be used: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("these arguments cannot be used: there is more after the object")
	}
	return nil
}

// kindName turns the name of a Go kind into the word of a JSON schema.
func kindName(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "an integer"
	case kind == "string":
		return "a string"
	case kind == "struct", kind == "map":
		return "an object"
	}
	return "a " + kind
}

// within checks an optional integer argument: absent takes fallback.
func within(name string, v *int, fallback, least, most int) (int, error) {
	if v == nil {
		return fallback, nil
	}
	if *v < least || *v > most {
		return 0, fmt.Errorf("argument %q must be between %d and %d", name, least, most)
	}
	return *v, nil
}
