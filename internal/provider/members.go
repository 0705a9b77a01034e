package provider

import (
	"bytes"
	"encoding/json"
	"errors"
)

// members is a JSON object with its members in order: the order of a schema's properties
// tells a model something, and an order that changes spoils prompt caches.
type members []member

type member struct {
	name string
	raw  json.RawMessage
}

// object reads an object one level deep. Of members with the same name the last counts.
func object(raw json.RawMessage) (members, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var m members
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		m.set(name, value)
	}
	_, err = d.Token()
	return m, err
}

func (m members) get(name string) json.RawMessage {
	for i := range m {
		if m[i].name == name {
			return m[i].raw
		}
	}
	return nil
}

func (m *members) set(name string, raw json.RawMessage) {
	for i := range *m {
		if (*m)[i].name == name {
			(*m)[i].raw = raw
			return
		}
	}
	*m = append(*m, member{name, raw})
}

func (m *members) drop(name string) {
	for i := range *m {
		if (*m)[i].name == name {
			*m = append((*m)[:i:i], (*m)[i+1:]...)
			return
		}
	}
}

// json writes the object. Values are taken as they stand.
func (m members) json() json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quote(m[i].name))
		b.WriteByte(':')
		b.Write(m[i].raw)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func isObject(raw json.RawMessage) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// texts reads an array of strings; anything else is none.
func texts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// quote writes a string without the escapes for HTML that json.Marshal puts in.
func quote(s string) json.RawMessage { return Encode(s) }

// Encode is json.Marshal without escapes for HTML: what a model wrote goes back the same,
// and a cached prompt stays the prompt that was cached. It panics on a value that cannot
// be JSON, which is a mistake in our own types.
func Encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("provider: encode: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Edit sets and drops members of a request's object last (addParams, dropParams). The
// order of the rest stays. Without edits, body comes back as it is.
func Edit(body json.RawMessage, add map[string]json.RawMessage, drop []string) (json.RawMessage, error) {
	if len(add) == 0 && len(drop) == 0 {
		return body, nil
	}
	m, err := object(body)
	if err != nil {
		return nil, err
	}
	for _, name := range drop {
		m.drop(name)
	}
	for _, name := range sortedNames(add) {
		m.set(name, add[name])
	}
	return m.json(), nil
}
