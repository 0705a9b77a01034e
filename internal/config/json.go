package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// readJSON reads one JSON value into the same shape as YAML, with places, so that both
// go through one table.
func readJSON(data []byte) (*value, error) {
	if len(data) > maxFile {
		return nil, errors.New("is larger than 1 MiB")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	j := &jsonReader{d: d, data: data}
	v, err := j.next(0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds something after its end")
	}
	return v, nil
}

type jsonReader struct {
	d     *json.Decoder
	data  []byte
	nodes int
}

func (j *jsonReader) place() (line, col int) {
	done := j.data[:min(int(j.d.InputOffset()), len(j.data))]
	return 1 + bytes.Count(done, []byte("\n")), len(done) - bytes.LastIndexByte(done, '\n')
}

func (j *jsonReader) next(depth int) (*value, error) {
	j.nodes++
	if depth > maxDepth || j.nodes > maxNodes {
		return nil, errors.New("is nested too deep or holds too much")
	}
	t, err := j.d.Token()
	if err != nil {
		line, col := j.place()
		return nil, fmt.Errorf("is not JSON at line %d, column %d", line, col)
	}
	v := &value{}
	v.line, v.col = j.place()
	switch t := t.(type) {
	case nil:
	case bool:
		v.kind, v.text = isBool, fmt.Sprint(t)
	case json.Number:
		v.kind, v.text = isNumber, t.String()
	case string:
		v.kind, v.text = isString, t
	case json.Delim:
		if t == '[' {
			return v, j.list(v, depth)
		}
		return v, j.object(v, depth)
	}
	return v, nil
}

func (j *jsonReader) list(v *value, depth int) error {
	v.kind = isList
	for j.d.More() {
		x, err := j.next(depth + 1)
		if err != nil {
			return err
		}
		v.items = append(v.items, x)
	}
	return j.end()
}

func (j *jsonReader) object(v *value, depth int) error {
	v.kind = isMap
	seen := map[string]bool{}
	for j.d.More() {
		t, err := j.d.Token()
		if err != nil {
			line, col := j.place()
			return fmt.Errorf("is not JSON at line %d, column %d", line, col)
		}
		key, _ := t.(string)
		if seen[key] {
			return fmt.Errorf("holds the key %q twice", key)
		}
		seen[key] = true
		line, col := j.place()
		x, err := j.next(depth + 1)
		if err != nil {
			return err
		}
		v.pairs = append(v.pairs, pair{key: key, line: line, col: col, value: x})
	}
	return j.end()
}

func (j *jsonReader) end() error {
	if _, err := j.d.Token(); err != nil {
		return errors.New("ends before its last bracket is closed")
	}
	return nil
}
