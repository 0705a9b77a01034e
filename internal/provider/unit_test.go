package provider

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
)

var wireName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)

func TestNames(t *testing.T) {
	odd := "größe.x"
	clash := encode(odd, 0) // a stranger who knows the digest
	keys := []string{"search_mcp_github", odd, clash, "3d_mcp_x", "-", "", strings.Repeat("long_", 30), "a b", "a.b", "a-b"}
	n := NewNames(keys)
	seen := map[string]bool{}
	for _, key := range keys {
		name, ok := n.Wire(key)
		require.True(t, ok)
		require.Regexp(t, wireName, name)
		require.False(t, seen[name], name)
		seen[name] = true
		back, ok := n.Key(name)
		require.True(t, ok)
		require.Equal(t, key, back)
	}
	name, _ := n.Wire("search_mcp_github")
	require.Equal(t, "search_mcp_github", name)
	alone, _ := NewNames([]string{"a b"}).Wire("a b")
	name, _ = n.Wire("a b")
	require.Equal(t, alone, name, "a name does not hang on the other tools")
	_, ok := n.Key("made_up")
	require.False(t, ok)
}

func FuzzNames(f *testing.F) {
	f.Add("a", "b")
	f.Add("größe", "gr_e_0123456789")
	f.Add("", "_")
	f.Fuzz(func(t *testing.T, a, b string) {
		n := NewNames([]string{a, b})
		for _, key := range []string{a, b} {
			name, ok := n.Wire(key)
			if !ok || !wireName.MatchString(name) {
				t.Fatalf("%q is named %q", key, name)
			}
			if back, _ := n.Key(name); back != key {
				t.Fatalf("%q came back as %q", key, back)
			}
		}
	})
}

func TestLowerSchema(t *testing.T) {
	ascii := func(s string) bool { return regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`).MatchString(s) }
	tests := []struct {
		name, in, want, note string
		rules                SchemaRules
	}{
		{"as it is", `{"type": "object", "properties": {"b": {"maximum": 9007199254740993}, "a": {}}, "required": ["b"]}`, `{"type":"object","properties":{"b":{"maximum":9007199254740993},"a":{}},"required":["b"]}`, "", SchemaRules{}},
		{"empty", `{}`, `{"type":"object","properties":{}}`, "", SchemaRules{}},
		{"no schema", `7`, `{"type":"object","properties":{}}`, "", SchemaRules{}},
		{"booleans", `{"type":"object","properties":{"a":true,"b":{"type":"array","items":false}}}`, `{"type":"object","properties":{"a":{},"b":{"type":"array","items":{"not":{}}}}}`, "", SchemaRules{}},
		{"array without items", `{"type":"object","properties":{"a":{"type":"array"}}}`, `{"type":"object","properties":{"a":{"type":"array","items":{}}}}`, "", SchemaRules{}},
		{
			"allOf keeps every required field", `{"type":"object","required":["c"],"properties":{"c":{}},"allOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}`,
			`{"type":"object","required":["c","a","b"],"properties":{"c":{},"a":{},"b":{}}}`, "",
			SchemaRules{},
		},
		{
			"anyOf keeps what all require and says the rest", `{"anyOf":[{"properties":{"x":{},"a":{"type":"string"}},"required":["x","a"]},{"properties":{"x":{},"b":{}},"required":["x","b"]}]}`,
			`{"properties":{"x":{},"a":{"type":"string"},"b":{}},"required":["x"],"type":"object"}`, "At least one of these must be given: a; or b.",
			SchemaRules{},
		},
		{
			"oneOf with two kinds of one property", `{"type":"object","oneOf":[{"properties":{"k":{"const":1},"a":{}},"required":["k","a"]},{"properties":{"k":{"const":2}},"required":["k"]}]}`,
			`{"type":"object","properties":{"k":{"anyOf":[{"const":1},{"const":2}]},"a":{}},"required":["k"]}`, "One of these may be given: a.",
			SchemaRules{},
		},
		{
			"a reference at the top", `{"$ref":"#/$defs/A","$defs":{"A":{"type":"object","properties":{"n":{"$ref":"#/$defs/B"}},"required":["n"]},"B":{"type":"string"}}}`,
			`{"$defs":{"A":{"type":"object","properties":{"n":{"$ref":"#/$defs/B"}},"required":["n"]},"B":{"type":"string"}},"type":"object","properties":{"n":{"$ref":"#/$defs/B"}},"required":["n"]}`, "",
			SchemaRules{},
		},
		{"a reference in a circle", `{"$ref":"#"}`, `{"type":"object","properties":{}}`, "", SchemaRules{}},
		{"a reference to elsewhere", `{"type":"object","properties":{"a":{"$ref":"https://example.com/s","title":"A"}}}`, `{"type":"object","properties":{"a":{"title":"A"}}}`, "", SchemaRules{}},
		{
			"a name that is refused", `{"type":"object","properties":{"größe":{"type": "number"},"ok":{}},"required":["größe","ok"]}`,
			`{"type":"object","properties":{"ok":{}},"additionalProperties":true,"required":["ok"]}`,
			`One more argument, required, is called "größe"; its JSON Schema is {"type":"number"}.`,
			SchemaRules{Name: ascii},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := LowerSchema(json.RawMessage(tt.in), tt.rules)
			require.Equal(t, tt.want, string(got.Schema))
			require.Equal(t, tt.note, got.Note)
		})
	}
}

// FuzzLowerSchema holds that what comes out is an object schema with properties, that
// lowering it again changes nothing, and that no required field of the top is lost.
func FuzzLowerSchema(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"type":"object","properties":{"a":true},"required":["a","b"]}`, `{"allOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"allOf":[{"$ref":"#/$defs/x"}]}}}`,
		`{"anyOf":[{"required":["a"]},true,7],"required":["z"]}`, `{"$ref":"#/properties/~1~0"}`, `{"properties":[],"type":["object","null"]}`, `[`, `{"oneOf":[{"anyOf":[{"allOf":[{}]}]}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		got := LowerSchema(raw, SchemaRules{})
		m, err := object(got.Schema)
		if err != nil || string(m.get("type")) != `"object"` || !isObject(m.get("properties")) || !json.Valid(got.Schema) {
			t.Fatalf("%s became %s", raw, got.Schema)
		}
		if again := LowerSchema(got.Schema, SchemaRules{}); string(again.Schema) != string(got.Schema) {
			t.Fatalf("%s became %s and then %s", raw, got.Schema, again.Schema)
		}
		in, err := object(raw)
		if err != nil {
			return
		}
		out := texts(m.get("required"))
		for _, name := range texts(in.get("required")) {
			if len(union(out, []string{name})) != len(out) {
				t.Fatalf("%q is not required in %s", name, got.Schema)
			}
		}
	})
}

func TestContentOf(t *testing.T) {
	tests := []struct{ name, raw, text string }{
		{"none", `{"content":[]}`, "(No response)"},
		{"no result", `[]`, "The tool's answer is not a tool result and cannot be shown."},
		{"texts", `{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, "a\n\nb"},
		{"structured only", `{"content":[],"structuredContent":{"n": 9007199254740993}}`, `{"n":9007199254740993}`},
		{"structured beside text", `{"content":[{"type":"text","text":"a"}],"structuredContent":{}}`, "a"},
		{"audio", `{"content":[{"type":"audio","data":"AQID","mimeType":"audio/wav"}]}`, "[audio, audio/wav, 3 bytes: models cannot be shown this]"},
		{"an image no model takes", `{"content":[{"type":"image","data":"AQID","mimeType":"image/tiff"}]}`, "[an image, image/tiff, 3 bytes: models cannot be shown this]"},
		{"an image that is none", `{"content":[{"type":"image","data":"?","mimeType":"image/png"}]}`, "[an image whose data cannot be read]"},
		{"resource", `{"content":[{"type":"resource","resource":{"uri":"a://b","mimeType":"text/plain","text":"t"}}]}`, "Resource Text: t\nResource URI: a://b\nResource MIME Type: text/plain"},
		{"text in a blob", `{"content":[{"type":"resource","resource":{"uri":"a://b","mimeType":"application/json","blob":"e30="}}]}`, "Resource Text: {}\nResource URI: a://b\nResource MIME Type: application/json"},
		{"blob", `{"content":[{"type":"resource","resource":{"uri":"a://b","mimeType":"application/zip","blob":"AQID"}}]}`, "Resource URI: a://b\nResource MIME Type: application/zip\n[a file, application/zip, 3 bytes: models cannot be shown this]"},
		{"link", `{"content":[{"type":"resource_link","uri":"a://b","name":"n","size":5}]}`, "Resource Link: n\nResource URI: a://b\nResource Size: 5"},
		{"of later", `{"content":[{"type":"hologram", "depth":1}]}`, `{"type":"hologram","depth":1}`},
		{"broken", `{"content":[{"type":"text"}]}`, "[a part of the answer cannot be read: the block has no text]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.text, TextOf(ContentOf(json.RawMessage(tt.raw))))
		})
	}
	c := ContentOf(json.RawMessage(`{"content":[{"type":"image","data":"AQI","mimeType":"image/JPG"},{"type":"resource","resource":{"uri":"a://b.pdf","mimeType":"application/pdf","blob":"AQID"}}]}`))
	require.Equal(t, Content{MIMEType: "image/jpeg", Data: "AQI="}, c[0])
	require.Equal(t, Content{MIMEType: "application/pdf", Data: "AQID", Name: "a://b.pdf"}, c[1])
}

type sse struct{ name, data string }

func readEvents(r io.Reader, limit int) (list []sse, err error) {
	e := newEventReader(r, limit)
	for {
		name, data, err := e.Next()
		if err != nil {
			return list, err
		}
		list = append(list, sse{name, string(data)})
	}
}

func TestEvents(t *testing.T) {
	tests := []struct {
		name, in string
		want     []sse
	}{
		{"plain", "event: a\ndata: 1\n\ndata: 2\n\n", []sse{{"a", "1"}, {"", "2"}}},
		{"CRLF", "event: a\r\ndata: 1\r\n\r\ndata:2\r\n\r\n", []sse{{"a", "1"}, {"", "2"}}},
		{"CR", "data: 1\r\rdata: 2\r\r", []sse{{"", "1"}, {"", "2"}}},
		{"byte order mark, comments, unknown fields", "\ufeff: hi\nid: 7\nretry: 1\ndata: 1\n:\n\n: keep-alive\n\n", []sse{{"", "1"}}},
		{"several lines", "data: {\ndata: }\n\n", []sse{{"", "{\n}"}}},
		{"no blank line at the end", "data: 1\n\ndata: {\"a\":1}\n", []sse{{"", "1"}, {"", `{"a":1}`}}},
		{"no end of line at the end", "data: {\"a\":1}\n\ndata: [DONE]", []sse{{"", `{"a":1}`}, {"", "[DONE]"}}},
		{"a broken last line", "data: 1\n\ndata: {\"a\":", []sse{{"", "1"}}},
		{"a name without data", "event: a\n\ndata: 1\n\n", []sse{{"", "1"}}},
		{"empty", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for what, r := range map[string]io.Reader{"at once": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in)), "half": iotest.HalfReader(strings.NewReader(tt.in)), "end with data": iotest.DataErrReader(strings.NewReader(tt.in))} {
				got, err := readEvents(r, 1<<20)
				require.ErrorIs(t, err, io.EOF)
				require.Equal(t, tt.want, got, what)
			}
		})
	}
	_, err := readEvents(strings.NewReader("data: "+strings.Repeat("x", 9000)+"\n\n"), 8000)
	require.ErrorIs(t, err, ErrEventTooLong)
	_, err = readEvents(strings.NewReader(strings.Repeat("data: x\n", 9000)+"\n"), 8000)
	require.ErrorIs(t, err, ErrEventTooLong)
}

// FuzzEvents holds that events do not depend on how their bytes are cut into reads.
func FuzzEvents(f *testing.F) {
	f.Add("event: a\r\ndata: 1\r\n\r\ndata: {}", 3)
	f.Add("\ufeffdata: 1\n\n", 1)
	f.Add("data: 1\r\r\n\ndata\n\n", 2)
	f.Fuzz(func(t *testing.T, in string, n int) {
		want, wantErr := readEvents(strings.NewReader(in), 64)
		for _, r := range []io.Reader{iotest.OneByteReader(strings.NewReader(in)), &chunks{in, max(n, 1)}} {
			got, err := readEvents(r, 64)
			if errors.Is(err, ErrEventTooLong) != errors.Is(wantErr, ErrEventTooLong) {
				return // where it is noticed may differ by a read
			}
			if len(got) != len(want) {
				t.Fatalf("%q: %d events, want %d", in, len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%q: %v, want %v", in, got[i], want[i])
				}
			}
		}
	})
}

type chunks struct {
	left string
	n    int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.left == "" {
		return 0, io.EOF
	}
	n := copy(p, c.left[:min(c.n, len(c.left))])
	c.left = c.left[n:]
	return n, nil
}

func TestErrorOf(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   patchbay.ModelErrorKind
		text   string
	}{
		{"openai", 401, `{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}`, patchbay.ModelAuth, "Incorrect API key"},
		{"anthropic", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 200001 tokens > 200000 maximum"}}`, patchbay.ModelTooLong, "prompt is too long: 200001 tokens > 200000 maximum"},
		{"a string", 400, `{"error":"no such parameter"}`, patchbay.ModelBadRequest, "no such parameter"},
		{"detail", 422, `{"detail":"bad"}`, patchbay.ModelBadRequest, "bad"},
		{"page", 503, `<html>`, patchbay.ModelOverloaded, "the model API has no room now and answered with HTTP status 503"},
		{"nothing", 500, ``, patchbay.ModelVendor, "the model API answered with HTTP status 500"},
		{"a router's number", 0, `{"error":{"message":"upstream","code":429}}`, patchbay.ModelRateLimited, "upstream"},
		{"in a stream", 0, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, patchbay.ModelOverloaded, "Overloaded"},
		{"a failed response", 0, `{"code":"server_error","message":"sorry"}`, patchbay.ModelVendor, "sorry"},
		{"filter", 400, `{"error":{"message":"no","code":"content_filter"}}`, patchbay.ModelFiltered, "no"},
		{"no model", 404, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`, patchbay.ModelNotFound, "The model does not exist"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := ErrorOf(tt.status, []byte(tt.body))
			require.Equal(t, tt.kind, err.Kind)
			require.Equal(t, tt.text, err.Message)
		})
	}
}

func TestRetryAfterHeader(t *testing.T) {
	for value, want := range map[string]time.Duration{"2": 2 * time.Second, "0.5": 500 * time.Millisecond, "-1": 0, "x": 0, "": 0, "Mon, 02 Jan 2006 15:04:05 GMT": 0} {
		require.Equal(t, want, retryAfterHeader(http.Header{"Retry-After": {value}}), value)
	}
	require.Equal(t, 20*time.Millisecond, retryAfterHeader(http.Header{"Retry-After-Ms": {"20"}, "Retry-After": {"9"}}))
}
