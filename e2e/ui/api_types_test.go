package ui

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the TypeScript types of the API and the pictures of README.md anew")

const (
	typesFile  = "../../web/src/api/schema.ts"
	routesFile = "../../web/src/api/routes.ts"
)

// TestAPITypes derives the types that the UI compiles against from the API's own
// description. A route that changes without them would break the UI in the browser only.
func TestAPITypes(t *testing.T) {
	instance := startInstance(t, "")
	response, err := http.Get(instance.url + "/api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var doc document
	if err := json.NewDecoder(response.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	types, routes := typeScript(&doc)
	for file, want := range map[string]string{typesFile: types, routesFile: routes} {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != want {
			t.Errorf("%s is not what the API describes; run: go test ./e2e/ui -run TestAPITypes -update", filepath.Base(file))
		}
	}
}

// beforeSignIn are the operations of the pages for those who are not signed in: their
// addresses come with the first file, all others with what stands around every page.
var beforeSignIn = regexp.MustCompile(`^/api/(auth/|config$|user$)`)

// document is the part of OpenAPI 3.1 that our description uses.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	OperationID string
	Summary     string
	Parameters  []struct {
		Name, In string
		Required bool
		Schema   *schema
	}
	RequestBody *struct{ Content map[string]media }
	Responses   map[string]struct{ Content map[string]media }
}

type media struct{ Schema *schema }

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Enum                 []any
	OneOf                []*schema
	Items                *schema
	Properties           map[string]*schema
	Required             []string
	AdditionalProperties json.RawMessage
	Description          string
}

// typeScript writes the types: one interface per schema, and what each operation takes and
// gives; and where the operations are, in two parts.
func typeScript(doc *document) (types, rest string) {
	var b strings.Builder
	const derived = "// Derived from the API's description by e2e/ui/api_types_test.go; do not edit.\n"
	b.WriteString(derived)
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		fmt.Fprintf(&b, "\nexport interface %s %s\n", name, object(doc.Components.Schemas[name], ""))
	}
	var ops, first, others strings.Builder
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			if !strings.HasPrefix(path, "/api/") {
				continue
			}
			op := doc.Paths[path][method]
			fmt.Fprintf(&ops, "  /** %s */\n  %s: {\n    path: %s;\n    query: %s;\n    body: %s;\n    result: %s;\n  };\n",
				op.Summary, op.OperationID, parameters(&op, "path"), parameters(&op, "query"), body(&op), result(&op))
			routes := &others
			if beforeSignIn.MatchString(path) {
				routes = &first
			}
			fmt.Fprintf(routes, "  %s: [%q, %q],\n", op.OperationID, strings.ToUpper(method), path)
		}
	}
	fmt.Fprintf(&b, "\n/** What each operation takes and gives. */\nexport interface Operations {\n%s}\n", &ops)
	const form = "\n/** %s */\nexport const %s: { [N in keyof Operations]?: readonly [string, string] } = {\n%s};\n"
	fmt.Fprintf(&b, form, "Where the operations are that nobody has to be signed in for.", "openRoutes", &first)
	rest = derived + "import type { Operations } from \"./schema\";\n" + fmt.Sprintf(form, "Where all other operations are.", "routes", &others)
	return b.String(), rest
}

func parameters(op *operation, in string) string {
	var parts []string
	for _, p := range op.Parameters {
		if p.In != in {
			continue
		}
		mark := "?"
		if p.Required {
			mark = ""
		}
		parts = append(parts, fmt.Sprintf("%s%s: %s", p.Name, mark, typeOf(p.Schema, "")))
	}
	if len(parts) == 0 {
		return "undefined"
	}
	return "{ " + strings.Join(parts, "; ") + " }"
}

func body(op *operation) string {
	if op.RequestBody == nil {
		return "undefined"
	}
	return typeOf(op.RequestBody.Content["application/json"].Schema, "")
}

// result is unknown for operations that this build has not got yet.
func result(op *operation) string {
	for _, status := range []string{"200", "201", "202"} {
		if content, ok := op.Responses[status]; ok {
			if m, ok := content.Content["application/json"]; ok {
				return typeOf(m.Schema, "")
			}
		}
	}
	return "unknown"
}

var plainName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

func object(s *schema, indent string) string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p.Description != "" {
			fmt.Fprintf(&b, "%s  /** %s */\n", indent, strings.ReplaceAll(p.Description, "*/", "* /"))
		}
		mark := "?"
		if slices.Contains(s.Required, name) {
			mark = ""
		}
		if !plainName.MatchString(name) {
			name = fmt.Sprintf("%q", name)
		}
		fmt.Fprintf(&b, "%s  %s%s: %s;\n", indent, name, mark, typeOf(p, indent+"  "))
	}
	return b.String() + indent + "}"
}

func typeOf(s *schema, indent string) string {
	switch {
	case s == nil:
		return "unknown"
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case len(s.OneOf) > 0:
		parts := make([]string, len(s.OneOf))
		for i, one := range s.OneOf {
			parts[i] = typeOf(one, indent)
		}
		return strings.Join(parts, " | ")
	case len(s.Enum) > 0:
		parts := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			text, _ := json.Marshal(v) // it came from JSON
			parts[i] = string(text)
		}
		return strings.Join(parts, " | ")
	}
	var names []string
	switch t := s.Type.(type) {
	case string:
		names = []string{t}
	case []any:
		for _, n := range t {
			names = append(names, fmt.Sprint(n))
		}
	}
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = named(n, s, indent)
	}
	if len(parts) == 0 {
		return "unknown"
	}
	return strings.Join(parts, " | ")
}

func named(name string, s *schema, indent string) string {
	switch name {
	case "integer":
		return "number"
	case "array":
		if item := typeOf(s.Items, indent); !strings.Contains(item, "|") {
			return item + "[]"
		}
		return "Array<" + typeOf(s.Items, indent) + ">"
	case "object":
		if len(s.Properties) > 0 {
			return object(s, indent)
		}
		var more schema
		if json.Unmarshal(s.AdditionalProperties, &more) == nil {
			return "Record<string, " + typeOf(&more, indent) + ">"
		}
		return "Record<string, unknown>"
	}
	return name
}
