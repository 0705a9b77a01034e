package config

import (
	"encoding/json"

	"patchbay"
)

// Schema returns the JSON Schema (draft 2020-12) of librechat.yaml for editors, made of
// the table of keys. Unknown keys are allowed, as they are when the file is read, where
// they only draw a warning.
func Schema() ([]byte, error) {
	root := object(rootKeys())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "librechat.yaml as patchbay reads it"
	data, err := json.MarshalIndent(root, "", "  ") // maps are sorted: stable text
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

type schema map[string]any

func object(keys []key) schema {
	properties := schema{}
	for i := range keys {
		properties[keys[i].name] = keys[i].schema()
	}
	return schema{"type": "object", "properties": properties}
}

const arithmeticPattern = `^\s*\d+(\s*[*+-]\s*\d+)*\s*$`

// schema returns the schema of a key with all its forms.
func (k *key) schema() schema {
	s := k.schemaOne()
	if len(k.alts) > 0 {
		forms := []any{s}
		for i := range k.alts {
			forms = append(forms, k.alts[i].schemaOne())
		}
		s = schema{"anyOf": forms}
	}
	if k.doc != "" {
		s["description"] = k.doc
	}
	return s
}

func (k *key) schemaOne() schema {
	scalar := []string{"string", "number", "boolean"}
	switch k.typ {
	case tBool:
		return schema{"type": "boolean"}
	case tInt, tMillis:
		number := schema{"type": "integer", "minimum": k.min}
		if k.typ == tMillis {
			number["minimum"], number["maximum"] = 1, dayMillis
		} else if k.max > 0 {
			number["maximum"] = k.max
		}
		return schema{"anyOf": []any{number, schema{"type": "string", "pattern": arithmeticPattern}}}
	case tNumber:
		return schema{"type": "number"}
	case tListOf:
		return schema{"type": "array", "items": k.of.schema()}
	case tStrings:
		return schema{"type": "array", "items": schema{"type": scalar}}
	case tMap:
		return schema{"type": "object", "additionalProperties": schema{"type": scalar}}
	case tEnum:
		return schema{"enum": enumValues(k.enum)}
	case tObject:
		return object(k.keys)
	case tMapOf:
		return schema{"type": "object", "additionalProperties": k.of.schema()}
	case tAny:
		return schema{}
	}
	return schema{"type": scalar}
}

// enumValues offers "1" and "2" of stderr as the numbers they are written as.
func enumValues(words []string) []any {
	var values []any
	for _, w := range words {
		if w == "1" || w == "2" {
			values = append(values, json.Number(w))
			continue
		}
		values = append(values, w)
	}
	return values
}

func (k *key) where() string {
	if len(k.only) == 0 {
		return ""
	}
	if len(k.only) == 1 && k.only[0] == patchbay.TransportStdio {
		return "stdio"
	}
	return transports(k.only)
}

// KeyPaths lists every key of the table by its path, * standing for any name and [] for
// an entry of a list: "mcpServers.*.oauth.client_id", "endpoints.custom.[].name".
func KeyPaths() []string { return keyPaths(rootKeys(), "") }

func keyPaths(keys []key, prefix string) []string {
	var paths []string
	for i := range keys {
		k := &keys[i]
		p := prefix + k.name
		paths = append(paths, p)
		paths = append(paths, keyPaths(k.keys, p+".")...)
		switch {
		case k.typ == tListOf:
			paths = append(paths, keyPaths(k.of.keys, p+".[].")...)
		case k.of != nil:
			paths = append(paths, keyPaths(k.of.keys, p+".*.")...)
		}
	}
	return paths
}
