package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"patchbay/internal/config"
)

// The reference and the schema are generated from the table of keys: a key that is added
// without them fails here.
func TestReferenceIsCurrent(t *testing.T) {
	golden(t, "../../docs/configuration.md", config.Reference())
}

func TestSchemaIsCurrent(t *testing.T) {
	got, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/librechat.schema.json", got)
}

func TestEveryKeyIsDocumented(t *testing.T) {
	schema, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(schema, &root); err != nil {
		t.Fatal(err)
	}
	reference := string(config.Reference())
	paths := config.KeyPaths()
	if len(paths) < 90 {
		t.Fatalf("only %d keys", len(paths))
	}
	for _, path := range paths {
		if !inSchema(root, strings.Split(path, ".")) {
			t.Errorf("%s is not in the schema", path)
		}
		name := path[strings.LastIndexByte(path, '.')+1:]
		if name != "*" && !strings.Contains(reference, "`"+name+"`") {
			t.Errorf("%s is not in the reference", path)
		}
	}
	for _, v := range config.Variables() {
		if !strings.Contains(reference, "| `"+v.Name+"` |") || v.Doc == "" {
			t.Errorf("%s is not documented", v.Name)
		}
	}
}

// inSchema follows a path; * is any name of a map, [] an entry of a list. A key with several forms is in it
// when one of them has it.
func inSchema(s map[string]any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	for _, form := range append([]any{s}, asList(s["anyOf"])...) {
		f, _ := form.(map[string]any)
		var next map[string]any
		if path[0] == "*" {
			next, _ = f["additionalProperties"].(map[string]any)
		} else if path[0] == "[]" {
			next, _ = f["items"].(map[string]any)
		} else if props, ok := f["properties"].(map[string]any); ok {
			next, _ = props[path[0]].(map[string]any)
		}
		if next != nil && inSchema(next, path[1:]) {
			return true
		}
	}
	return false
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

// What the schema calls required or forbids must not be stricter than reading: it has
// neither, so that a file that loads is never red in an editor for its shape.
func TestSchemaIsNotStricter(t *testing.T) {
	schema, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{`"required"`, `"additionalProperties": false`} {
		if strings.Contains(string(schema), word) {
			t.Errorf("the schema holds %s", word)
		}
	}
}
