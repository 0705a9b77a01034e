package mcpconv

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
)

func TestToolsFromList(t *testing.T) {
	schema := `{"type":"object","properties":{"n":{"type":"integer","maximum":9007199254740993,"default":1.0}},  "x-own":[1e2]}`
	got, err := ToolsFromList(json.RawMessage(`{"tools":[` +
		`{"name":"a","title":"A","description":"does a","inputSchema":` + schema + `,"outputSchema":{"type":"object"},` +
		`"annotations":{"readOnlyHint":true,"title":"not this one"},"_meta":{"k":9007199254740993},"icons":[]},` +
		`{"name":"b","annotations":{"title":"B of the annotations"}},` +
		`{"name":"c","inputSchema":{"properties":{}},"outputSchema":7,"annotations":[],"_meta":"x","description":5}` +
		`],"nextCursor":"p2","ttlMs":1500,"cacheScope":"private"}`))
	require.NoError(t, err)
	want := Page{
		Tools: []patchbay.Tool{
			{
				Name: "a", Title: "A", Description: "does a", InputSchema: json.RawMessage(schema), OutputSchema: json.RawMessage(`{"type":"object"}`),
				Annotations: json.RawMessage(`{"readOnlyHint":true,"title":"not this one"}`), Meta: json.RawMessage(`{"k":9007199254740993}`),
			},
			{Name: "b", Title: "B of the annotations", InputSchema: json.RawMessage(`{"type":"object"}`), Annotations: json.RawMessage(`{"title":"B of the annotations"}`)},
			{Name: "c", InputSchema: json.RawMessage(`{"properties":{}}`)},
		},
		Next: "p2", TTL: 1500 * time.Millisecond, Scope: "private",
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestToolsFromListRefuses(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"no object", `[]`, "not a JSON object"},
		{"nothing", ``, "not a JSON object"},
		{"broken", `{"tools":[`, "not a JSON object"},
		{"no tools", `{}`, `no array "tools"`},
		{"tools null", `{"tools":null}`, `no array "tools"`},
		{"tools of another name", `{"Tools":[]}`, `no array "tools"`},
		{"tools as object", `{"tools":{"a":{}}}`, `no array "tools"`},
		{"cursor as number", `{"tools":[],"nextCursor":7}`, `"nextCursor" of the tool list is not a string`},
		{"cursor too long", `{"tools":[],"nextCursor":"` + strings.Repeat("c", MaxCursor+1) + `"}`, "over 8192 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ToolsFromList(json.RawMessage(tt.raw))
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// A wrong tool is dropped with its reason; the one beside it stays.
func TestDroppedTools(t *testing.T) {
	header := func(kind, value string) string {
		return `{"name":"x","inputSchema":{"type":"object","properties":{"p":{"type":` + kind + `,"x-mcp-header":` + value + `}}}}`
	}
	tests := []struct{ name, tool, dropped, reason string }{
		{"no object", `7`, "", "it is not a JSON object"},
		{"no name", `{"inputSchema":{}}`, "", "it has no name"},
		{"name in capitals", `{"Name":"x"}`, "", "it has no name"},
		{"name as number", `{"name":7}`, "", "it has no name"},
		{"long name", `{"name":"` + strings.Repeat("x", 129) + `"}`, strings.Repeat("x", 128), "its name has more than 128 characters"},
		{"control character", `{"name":"a\u0000b"}`, "a\x00b", "its name has characters that are not text"},
		{"half a character", "{\"name\":\"a\xff\"}", "a\ufffd", "its name has characters that are not text"},
		{"long description", `{"name":"x","description":"` + strings.Repeat("d", MaxDescription+1) + `"}`, "x", "its description is over 65536 bytes"},
		{"schema as list", `{"name":"x","inputSchema":[]}`, "x", "its inputSchema is not an object"},
		{"schema as text", `{"name":"x","inputSchema":"object"}`, "x", "its inputSchema is not an object"},
		{"schema of a string", `{"name":"x","inputSchema":{"type":"string"}}`, "x", `its inputSchema is not of type "object"`},
		{"schema of two types", `{"name":"x","inputSchema":{"type":["object","null"]}}`, "x", `its inputSchema is not of type "object"`},
		{"large schema", `{"name":"x","inputSchema":{"type":"object","d":"` + strings.Repeat("d", MaxSchema) + `"}}`, "x", "its inputSchema is over 262144 bytes"},
		{"deep schema", `{"name":"x","inputSchema":` + nest(65) + `}`, "x", "its inputSchema is nested over 64 deep"},
		{"deep output schema", `{"name":"x","outputSchema":` + nest(65) + `}`, "x", "its outputSchema is nested over 64 deep"},
		{"schema that is not UTF-8", "{\"name\":\"x\",\"inputSchema\":{\"d\":\"\xff\"}}", "x", "its inputSchema is not UTF-8"},
		{"header of an object", header(`"object"`, `"Region"`), "x", `its property "p" has an x-mcp-header and is no string, integer or boolean`},
		{"header of a number", header(`"number"`, `"Region"`), "x", `its property "p" has an x-mcp-header and is no string, integer or boolean`},
		{"header with a space", header(`"string"`, `"Re gion"`), "x", `the x-mcp-header of its property "p" is not the name of a header`},
		{"header with a line break", header(`"string"`, `"a\r\nb: c"`), "x", `the x-mcp-header of its property "p" is not the name of a header`},
		{"empty header", header(`"string"`, `""`), "x", `the x-mcp-header of its property "p" is not the name of a header`},
		{"header as number", header(`"string"`, `1`), "x", `the x-mcp-header of its property "p" is not the name of a header`},
		{
			"header twice", `{"name":"x","inputSchema":{"properties":{"o":{"type":"object","properties":{"q":{"type":"string","x-mcp-header":"A"}}},"o2":{"type":"object","properties":{"q":{"type":"string","x-mcp-header":"a"}}}}}}`,
			"x", `the x-mcp-header of its property "q" is there twice`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ToolsFromList(json.RawMessage(`{"tools":[` + tt.tool + `,{"name":"good"}]}`))
			require.NoError(t, err)
			require.Equal(t, []Dropped{{Name: tt.dropped, Reason: tt.reason}}, got.Dropped)
			require.Len(t, got.Tools, 1)
			require.Equal(t, "good", got.Tools[0].Name)
		})
	}
}

func TestGoodParamHeaders(t *testing.T) {
	got, err := ToolsFromList(json.RawMessage(`{"tools":[{"name":"x","inputSchema":{"type":"object","properties":{` +
		`"a":{"type":"string","x-mcp-header":"Region"},"b":{"type":"object","properties":{"c":{"type":"integer","x-mcp-header":"Size"}}},"x-mcp-header":{"type":"number"}}}}]}`))
	require.NoError(t, err)
	require.Empty(t, got.Dropped)
	require.Len(t, got.Tools, 1)
}

func TestTooManyTools(t *testing.T) {
	var b strings.Builder
	for n := range MaxPage + 2 {
		fmt.Fprintf(&b, `,{"name":"t%d"}`, n)
	}
	got, err := ToolsFromList(json.RawMessage(`{"tools":[` + b.String()[1:] + `]}`))
	require.NoError(t, err)
	require.Len(t, got.Tools, MaxPage)
	require.Equal(t, []Dropped{{Reason: "2 tools more than the 10000 that one page may have"}}, got.Dropped)
}

func TestTTL(t *testing.T) {
	tests := []struct {
		name, raw string
		want      time.Duration
	}{
		{"absent", ``, 0},
		{"stale at once", `0`, 0},
		{"negative", `-5`, 0},
		{"text", `"5"`, 0},
		{"fraction", `0.5`, 500 * time.Microsecond},
		{"for ever", `1e300`, maxTTL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, ttl(json.RawMessage(tt.raw))) })
	}
}

func TestDepth(t *testing.T) {
	tests := []struct {
		raw  string
		want int
	}{{`7`, 0}, {`{}`, 1}, {`{"a":[{}],"b":{}}`, 3}, {`{"a":"[[[\"[[\\"}`, 1}, {nest(64), 64}}
	for _, tt := range tests {
		require.Equal(t, tt.want, depth(json.RawMessage(tt.raw)), tt.raw)
	}
}

// nest is an object n deep.
func nest(n int) string {
	return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1)
}

func FuzzToolsFromList(f *testing.F) {
	for _, seed := range []string{
		`{"tools":[{"name":"a","inputSchema":{"type":"object"}}],"nextCursor":"x","ttlMs":5}`,
		`{"tools":[{"name":"a","inputSchema":{"properties":{"p":{"type":"string","x-mcp-header":"R"}}}},7,null]}`,
		`{"tools":[{"name":"\ud800","title":null,"annotations":{"title":"t"}}]}`,
		`{"tools":[{"name":"a"},{"name":"a"}],"tools":[]}`, `{`, ``, `null`, `{"tools":[{"name":"a","inputSchema":` + nest(70) + `}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		page, err := ToolsFromList(raw)
		if err != nil {
			return
		}
		for _, tool := range page.Tools {
			if checkName(tool.Name) != nil {
				t.Fatalf("tool %q passed", tool.Name)
			}
			if !isObject(tool.InputSchema) {
				t.Fatalf("input schema %q", tool.InputSchema)
			}
			for _, part := range []json.RawMessage{tool.InputSchema, tool.OutputSchema, tool.Annotations, tool.Meta} {
				if part != nil && (!json.Valid(part) || len(part) > MaxSchema || depth(part) > MaxDepth) {
					t.Fatalf("part %q passed", part)
				}
			}
		}
		for _, d := range page.Dropped {
			if d.Reason == "" || len(d.Name) > MaxName {
				t.Fatalf("dropped %+v", d)
			}
		}
	})
}
