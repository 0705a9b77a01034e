package transport

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzScanEnvelope holds the scanner against encoding/json: what json reads, the scanner
// reads the same or refuses for one of its own reasons; what a result is taken for is
// what json takes it for.
func FuzzScanEnvelope(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","id":1099511627777,"result":{"content":[],"isError":true}}`,
		` {"id" : "a\"b\\", "error":{"code":-1,"message":"}"} , "jsonrpc":"2.0"} `,
		`{"method":"notifications/progress","params":{"progressToken":1}}`,
		`{"\u0069d":1,"id":2}`, `{"id":1,"id":2}`, `{"a":[{},[],{"b":"]"}]}`, `{}`, `[]`, `{"a":1,}`, `{"a"}`, `{"a":"\\"}`, `{"result":nul}`,
		`{"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := scanEnvelope(data)
		var want map[string]json.RawMessage
		valid := json.Valid(data) && json.Unmarshal(data, &want) == nil && want != nil
		if !valid {
			return // structural only: values are checked where they leave
		}
		if err != nil {
			if strings.Contains(err.Error(), "two members") || strings.Contains(err.Error(), "deeper") || strings.Contains(err.Error(), "not a string") {
				return
			}
			t.Fatalf("%q: %v", data, err)
		}
		for name, got := range map[string][]byte{"id": e.id, "method": e.method, "params": e.params, "result": e.result, "error": e.err} {
			if w := want[name]; got != nil && !bytes.Equal(got, w) && !escapedTwin(data, name) {
				t.Errorf("%s: %q, want %q", name, got, w)
			}
			if w, ok := want[name]; ok && got == nil && !escapedTwin(data, name) && !(name == "error" && string(w) == "null") {
				t.Errorf("%s was not found in %q", name, data)
			}
		}
		if e.result != nil {
			if isError, _, err := scanResult(e.result); err == nil && isError && !bytes.Contains(e.result, []byte(`"isError"`)) {
				t.Errorf("%q is taken for an error", e.result)
			}
		}
	})
}

// escapedTwin reports whether a member could be spelt with escapes, which json sees as
// the same name and the scanner, on purpose, does not.
func escapedTwin(data []byte, _ string) bool {
	return bytes.IndexByte(data, '\\') >= 0 || bytes.IndexFunc(data, func(r rune) bool { return r == 0xfffd }) >= 0
}

// FuzzEvents holds that events come out the same however the bytes arrive, and the same
// as from a plain reading of the specification.
func FuzzEvents(f *testing.F) {
	for _, s := range []string{
		"data: {}\n\n", "event: endpoint\ndata: /x\n\n", "id: 1\nretry: 20\ndata:\n\n", "data: a\ndata: b\r\n\r\n", ": comment\n\ndata:x\r\r",
		"\xef\xbb\xbfdata: bom\n\n", "data", "data\n\ndata: y\n\n", "id: a\x00b\ndata: z\n\n", "\r\n\r\n\n", "data: " + strings.Repeat("x", 5000) + "\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole := allEvents(bytes.NewReader(data))
		if one := allEvents(iotest.OneByteReader(bytes.NewReader(data))); one != whole {
			t.Errorf("byte by byte %q, at once %q", one, whole)
		}
		if plain := plainEvents(string(data)); plain != whole {
			t.Errorf("%q: got %q, want %q", data, whole, plain)
		}
	})
}

func allEvents(r io.Reader) string {
	e := newEventReader(r, 1<<20)
	defer e.release()
	var b strings.Builder
	for {
		ev, err := e.next()
		if err != nil {
			return b.String()
		}
		b.WriteString(string(ev.name) + "|" + string(ev.id) + "|" + string(ev.data) + "|" + ev.retry.String() + "\n")
	}
}

// plainEvents is the specification's algorithm, written for the eye.
func plainEvents(s string) string {
	s = strings.TrimPrefix(s, "\xef\xbb\xbf")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	end := strings.LastIndex(s, "\n")
	var b strings.Builder
	var ev event
	var data []string
	hasID := false
	if end < 0 {
		return ""
	}
	for _, line := range strings.Split(s[:end], "\n") { // each line has its end
		if line == "" {
			if len(data) > 0 || hasID || ev.retry > 0 {
				b.WriteString(string(ev.name) + "|" + string(ev.id) + "|" + strings.Join(data, "\n") + "|" + ev.retry.String() + "\n")
			}
			ev, data, hasID = event{}, nil, false
			continue
		}
		name, value := field([]byte(line))
		switch string(name) {
		case "data":
			data = append(data, string(value))
		case "event":
			ev.name = value
		case "id":
			if bytes.IndexByte(value, 0) < 0 {
				ev.id, hasID = value, true
			}
		case "retry":
			ev.retry = retryOf(value, ev.retry)
		}
	}
	return b.String()
}

// FuzzAppendCall holds that whatever a caller hands in, the request is one line of JSON
// with exactly the members it should have.
func FuzzAppendCall(f *testing.F) {
	f.Add("add", []byte(`{"a":1}`), []byte(`{"k":"v"}`), []byte(`"state"`))
	f.Add("a\nb\xff", []byte("{\n\"a\":\"},\\\"id\\\":1\"}"), []byte(`{"progressToken":1,"progressToken":2}`), []byte(`1}`))
	f.Fuzz(func(t *testing.T, name string, args, meta, state []byte) {
		b, err := appendCall(nil, laneBase+1, &Call{Name: name, Args: args, Meta: meta, RequestState: state}, []byte(`"`+metaVersion+`":"2026-07-28"`))
		if err != nil {
			return
		}
		if bytes.ContainsAny(b, "\n\r") {
			t.Errorf("not one line: %q", b)
		}
		e, err := scanEnvelope(b)
		if err != nil || !json.Valid(b) || !e.is(methodCall) {
			t.Fatalf("%q: %v", b, err)
		}
		var p struct {
			Arguments json.RawMessage            `json:"arguments"`
			Meta      map[string]json.RawMessage `json:"_meta"`
		}
		if err := json.Unmarshal(e.params, &p); err != nil || string(p.Meta[metaVersion]) != `"2026-07-28"` {
			t.Errorf("%q: %v", e.params, err)
		}
	})
}
