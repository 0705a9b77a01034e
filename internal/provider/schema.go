package provider

import (
	"bytes"
	"encoding/json"
	"slices"
	"sort"
	"strings"
)

// SchemaRules say what a vendor takes in the schema of a tool's arguments.
type SchemaRules struct {
	// Name reports whether a property may be called so; nil: any name. A property that
	// may not is told in words instead, see Lowered.Note.
	Name func(string) bool
	// Keyword says under which name, with which value, a keyword of a schema within the
	// arguments is known to the vendor; "": not at all. nil: all are.
	Keyword func(name string, value json.RawMessage) (string, json.RawMessage)
}

// Lowered is a schema as a vendor takes it.
type Lowered struct {
	Schema json.RawMessage // an object schema with properties
	// Note is what the schema could not say, for the tool's description.
	Note string
}

// maxSchemaDepth bounds the walk through a schema. mcpconv lets none through that is
// deeper, so nothing below it is met in practice; it would be passed on as it stands.
const maxSchemaDepth = 64

// LowerSchema turns a server's schema into one that vendors take at the top of a tool: of
// type object, with properties, without a combinator, a reference or a boolean in place of
// a schema. What a combinator or a name says that cannot be kept is said in the note, so
// no required field is lost. A schema that needs no change comes back as it is.
func LowerSchema(raw json.RawMessage, rules SchemaRules) Lowered {
	m, err := object(raw)
	if err != nil {
		return Lowered{Schema: json.RawMessage(`{"type":"object","properties":{}}`)}
	}
	l := lowering{rules: rules, root: slices.Clone(m)}
	m = l.top(m)
	if !l.changed {
		return Lowered{Schema: compact(raw)}
	}
	return Lowered{Schema: compact(m.json()), Note: strings.Join(l.notes, "\n")}
}

type lowering struct {
	rules   SchemaRules
	root    members // for references
	changed bool
	merged  int // branches so far
	notes   []string
}

// maxBranches bounds the branches that are merged into the top: references among them
// may lead in a circle.
const maxBranches = 64

// top lowers the schema of the arguments itself.
func (l *lowering) top(m members) members {
	m = l.resolveTop(m)
	for _, name := range []string{"allOf", "anyOf", "oneOf"} {
		m = l.merge(m, name)
	}
	for _, name := range []string{"$schema", "$id", "not", "if", "then", "else", "enum", "const"} {
		if m.get(name) != nil {
			m.drop(name)
			l.changed = true
		}
	}
	if string(m.get("type")) != `"object"` {
		m.set("type", json.RawMessage(`"object"`))
		l.changed = true
	}
	if !isObject(m.get("properties")) {
		m.set("properties", json.RawMessage(`{}`))
		l.changed = true
	}
	l.names(&m)
	return l.children(m, 0)
}

// resolveTop puts what a reference at the top points to in its place.
func (l *lowering) resolveTop(m members) members {
	for range 8 { // a chain of references that is longer leads in a circle
		var ref string
		if m.get("$ref") == nil || json.Unmarshal(m.get("$ref"), &ref) != nil {
			return m
		}
		l.changed = true
		m.drop("$ref")
		target := l.at(ref)
		for _, t := range target {
			if m.get(t.name) == nil {
				m.set(t.name, t.raw)
			}
		}
	}
	m.drop("$ref")
	return m
}

// at finds what a local reference points to; nil for a reference that leads elsewhere.
func (l *lowering) at(ref string) members {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	m := l.root
	for _, step := range strings.Split(path, "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		next, err := object(m.get(step))
		if err != nil {
			return nil
		}
		m = next
	}
	return slices.Clone(m)
}

// merge takes a combinator at the top into the schema. Of allOf every required field is
// required; of the others those that all branches require, and a note says the rest.
func (l *lowering) merge(m members, name string) members {
	raw := m.get(name)
	if raw == nil {
		return m
	}
	l.changed = true
	m.drop(name)
	var branches []json.RawMessage
	if json.Unmarshal(raw, &branches) != nil {
		return m
	}
	properties, err := object(m.get("properties"))
	if err != nil {
		properties = nil
	}
	var sets [][]string
	for _, branch := range branches {
		b, err := object(branch)
		if l.merged++; err != nil || l.merged > maxBranches {
			continue
		}
		b = l.resolveTop(b)
		// A combinator within a branch of the top is merged as its own.
		for _, inner := range []string{"allOf", "anyOf", "oneOf"} {
			b = l.merge(b, inner)
		}
		sets = append(sets, texts(b.get("required")))
		own, err := object(b.get("properties"))
		if err != nil {
			continue
		}
		for _, p := range own {
			properties.set(p.name, either(properties.get(p.name), p.raw, name == "allOf"))
		}
	}
	m.set("properties", properties.json())
	required := texts(m.get("required"))
	if name == "allOf" {
		for _, set := range sets {
			required = union(required, set)
		}
	} else {
		required = union(required, common(sets))
		l.noteSets(name, required, sets)
	}
	if len(required) > 0 {
		m.set("required", Encode(required))
	}
	return m
}

// either is the schema of a property that two branches have.
func either(a, b json.RawMessage, both bool) json.RawMessage {
	switch {
	case a == nil, bytes.Equal(a, b), string(a) == "true":
		return b
	case string(b) == "true":
		return a
	case both:
		return Encode(map[string][]json.RawMessage{"allOf": {a, b}})
	}
	if m, err := object(a); err == nil && len(m) == 1 && m[0].name == "anyOf" {
		var list []json.RawMessage
		if json.Unmarshal(m[0].raw, &list) == nil {
			for _, have := range list {
				if bytes.Equal(have, b) {
					return a
				}
			}
			return Encode(map[string][]json.RawMessage{"anyOf": append(list, b)})
		}
	}
	return Encode(map[string][]json.RawMessage{"anyOf": {a, b}})
}

// noteSets says which fields belong together, where a branch requires more than all do.
func (l *lowering) noteSets(name string, required []string, sets [][]string) {
	var words []string
	for _, set := range sets {
		var more []string
		for _, f := range set {
			if !slices.Contains(required, f) {
				more = append(more, f)
			}
		}
		if len(more) > 0 {
			words = append(words, strings.Join(more, " and "))
		}
	}
	if len(words) == 0 {
		return
	}
	how := "At least one of these must be given: "
	if name == "oneOf" {
		how = "Exactly one of these must be given: "
	}
	if len(words) < len(sets) {
		how = "One of these may be given: "
	}
	l.notes = append(l.notes, how+strings.Join(words, "; or ")+".")
}

// names takes properties out that the vendor would refuse for their names, and says in
// words what they are.
func (l *lowering) names(m *members) {
	if l.rules.Name == nil {
		return
	}
	properties, err := object(m.get("properties"))
	if err != nil {
		return
	}
	required := texts(m.get("required"))
	var kept members
	for _, p := range properties {
		if l.rules.Name(p.name) {
			kept = append(kept, p)
			continue
		}
		l.changed = true
		word := "optional"
		if i := slices.Index(required, p.name); i >= 0 {
			word = "required"
			required = slices.Delete(required, i, i+1)
		}
		l.notes = append(l.notes, "One more argument, "+word+", is called "+string(quote(p.name))+"; its JSON Schema is "+string(compact(p.raw))+".")
	}
	if len(kept) == len(properties) {
		return
	}
	m.set("properties", kept.json())
	m.set("additionalProperties", json.RawMessage(`true`))
	m.drop("required")
	if len(required) > 0 {
		m.set("required", Encode(required))
	}
}

// children lowers what lies within a schema.
func (l *lowering) children(m members, depth int) members {
	if depth > maxSchemaDepth {
		return m
	}
	for i := range m {
		switch m[i].name {
		case "properties", "$defs", "definitions", "patternProperties", "dependentSchemas":
			inner, err := object(m[i].raw)
			if err != nil {
				continue
			}
			was := l.changed
			l.changed = false
			for j := range inner {
				inner[j].raw = l.schema(inner[j].raw, depth+1)
			}
			if l.changed {
				m[i].raw = inner.json()
			}
			l.changed = l.changed || was
		case "items", "contains", "propertyNames", "not":
			m[i].raw = l.list(m[i].raw, depth)
		case "additionalProperties":
			if isObject(m[i].raw) {
				m[i].raw = l.schema(m[i].raw, depth+1)
			}
		case "allOf", "anyOf", "oneOf", "prefixItems":
			m[i].raw = l.list(m[i].raw, depth)
		}
	}
	return m
}

// list lowers a schema, or each of an array of schemas.
func (l *lowering) list(raw json.RawMessage, depth int) json.RawMessage {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return l.schema(raw, depth+1)
	}
	was := l.changed
	l.changed = false
	for i := range items {
		items[i] = l.schema(items[i], depth+1)
	}
	if l.changed {
		raw = Encode(items)
	}
	l.changed = l.changed || was
	return raw
}

// schema lowers one schema within another.
func (l *lowering) schema(raw json.RawMessage, depth int) json.RawMessage {
	switch string(bytes.TrimSpace(raw)) {
	case "true":
		l.changed = true
		return json.RawMessage(`{}`)
	case "false":
		l.changed = true
		return json.RawMessage(`{"not":{}}`)
	}
	m, err := object(raw)
	if err != nil {
		return raw
	}
	was := l.changed
	l.changed = false
	var ref string
	if r := m.get("$ref"); r != nil && json.Unmarshal(r, &ref) == nil && !strings.HasPrefix(ref, "#") {
		m.drop("$ref") // nobody fetches it: any value, rather than a request that is refused
		l.changed = true
	}
	if string(m.get("type")) == `"array"` && m.get("items") == nil && m.get("prefixItems") == nil {
		m.set("items", json.RawMessage(`{}`))
		l.changed = true
	}
	m = l.keywords(m)
	m = l.children(m, depth)
	if l.changed {
		raw = m.json()
	}
	l.changed = l.changed || was
	return raw
}

// keywords renames and drops what the vendor does not know.
func (l *lowering) keywords(m members) members {
	if l.rules.Keyword == nil {
		return m
	}
	kept := make(members, 0, len(m))
	for _, k := range m {
		name, raw := l.rules.Keyword(k.name, k.raw)
		if name != k.name {
			l.changed = true
		}
		if name != "" && (name == k.name || m.get(name) == nil) {
			kept = append(kept, member{name, raw})
		}
	}
	return kept
}

func compact(raw json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// common is what all sets have.
func common(sets [][]string) []string {
	if len(sets) == 0 {
		return nil
	}
	var in []string
	for _, s := range sets[0] {
		if !slices.ContainsFunc(sets[1:], func(set []string) bool { return !slices.Contains(set, s) }) {
			in = append(in, s)
		}
	}
	return in
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
