package mcpconv

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestResultOf(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	tests := []struct {
		name, block string
		want        Block
	}{
		{
			"text", `{"type":"text","text":"hé","annotations":{"priority":1.0},"_meta":{"a":1}}`,
			Block{Kind: BlockText, Text: "hé", Annotations: raw(`{"priority":1.0}`), Meta: raw(`{"a":1}`)},
		},
		{"image", `{"type":"image","data":"AQI=","mimeType":"image/png"}`, Block{Kind: BlockImage, Data: "AQI=", MIMEType: "image/png"}},
		{"audio", `{"type":"audio","data":"AQI","mimeType":"audio/wav"}`, Block{Kind: BlockAudio, Data: "AQI", MIMEType: "audio/wav"}},
		{
			"resource of text", `{"type":"resource","resource":{"uri":"a://b","mimeType":"text/plain","text":""}}`,
			Block{Kind: BlockResource, URI: "a://b", MIMEType: "text/plain", Embedded: &Embedded{}},
		},
		{
			"resource of bytes", `{"type":"resource","resource":{"uri":"a://b","blob":"AQI="}}`,
			Block{Kind: BlockResource, URI: "a://b", Embedded: &Embedded{Blob: "AQI=", IsBlob: true}},
		},
		{
			"resource link", `{"type":"resource_link","uri":"a://b","name":"n","title":"t","description":"d","mimeType":"m/m","size":9007199254740993}`,
			Block{Kind: BlockResourceLink, URI: "a://b", Name: "n", Title: "t", Description: "d", MIMEType: "m/m", Size: "9007199254740993"},
		},
		{"a kind of later", `{"type":"hologram","depth":3}`, Block{Kind: "hologram"}},
		{"text without text", `{"type":"text","text":7}`, Block{Kind: BlockText, Problem: "the block has no text"}},
		{"image without data", `{"type":"image"}`, Block{Kind: BlockImage, Problem: "the block has no data"}},
		{"empty resource", `{"type":"resource","resource":{"uri":"a://b"}}`, Block{Kind: BlockResource, URI: "a://b", Problem: "the resource has neither text nor blob"}},
		{"no resource", `{"type":"resource","resource":"x"}`, Block{Kind: BlockResource, Problem: "the block has no resource"}},
		{"link to nowhere", `{"type":"resource_link"}`, Block{Kind: BlockResourceLink, Problem: "the block has no uri"}},
		{"no type", `{"text":"x"}`, Block{Problem: "the block has no type"}},
		{"no object", `"x"`, Block{Problem: "the block is not an object"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ResultOf(raw(`{"content":[` + tt.block + `]}`))
			require.NoError(t, err)
			require.Len(t, got.Content, 1)
			tt.want.Raw = raw(tt.block)
			require.Empty(t, cmp.Diff(tt.want, got.Content[0]))
		})
	}
}

func TestResultMembers(t *testing.T) {
	got, err := ResultOf(json.RawMessage(`{"content":[],"structuredContent":{"n":9007199254740993, "d":1.0},"isError":true,"_meta":{"m":1},` +
		`"resultType":"complete","x-unknown":[1e2,  2]}`))
	require.NoError(t, err)
	require.Equal(t, `{"n":9007199254740993, "d":1.0}`, string(got.Structured))
	require.True(t, got.IsError)
	require.Equal(t, `{"m":1}`, string(got.Meta))
	require.Empty(t, cmp.Diff(map[string]json.RawMessage{"x-unknown": json.RawMessage(`[1e2,  2]`)}, got.Extra))

	bare, err := ResultOf(json.RawMessage(`{"structuredContent":null,"content":null,"isError":"true"}`))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(Result{}, bare))
}

func TestResultRefused(t *testing.T) {
	for _, raw := range []string{``, `null`, `[]`, `"x"`, `{`, `{"content":{}}`, `{"content":"x"}`} {
		_, err := ResultOf(json.RawMessage(raw))
		require.Error(t, err, raw)
	}
}

func TestBytes(t *testing.T) {
	tests := []struct {
		name  string
		block Block
		limit int
		want  string
		err   string
	}{
		{"padded", Block{Kind: BlockImage, Data: "AQI="}, 10, "\x01\x02", ""},
		{"bare", Block{Kind: BlockAudio, Data: "AQI"}, 10, "\x01\x02", ""},
		{"blob", Block{Kind: BlockResource, Embedded: &Embedded{Blob: "AQI=", IsBlob: true}}, 10, "\x01\x02", ""},
		{"at the limit", Block{Kind: BlockImage, Data: "AQI="}, 2, "\x01\x02", ""},
		{"over the limit", Block{Kind: BlockImage, Data: "AQI="}, 1, "", "over 1 bytes"},
		{"not base64", Block{Kind: BlockImage, Data: "?!"}, 10, "", "is not base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.block.Bytes(tt.limit)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, string(got))
		})
	}
}

func FuzzResultOf(f *testing.F) {
	for _, seed := range []string{
		`{"content":[{"type":"text","text":"x"},{"type":"image","data":"AQI=","mimeType":"image/png"}],"isError":true}`,
		`{"content":[{"type":"resource","resource":{"uri":"a","blob":"AQI"}},{"type":"resource_link","uri":"a","size":1e5}],"structuredContent":[1]}`,
		`{"content":[null,7,"x",{}],"_meta":{}}`, `{"content":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ResultOf(raw)
		if err != nil {
			return
		}
		if !json.Valid(raw) {
			t.Fatalf("%q passed", raw)
		}
		for i := range r.Content {
			b := &r.Content[i]
			if !json.Valid(b.Raw) {
				t.Fatalf("block %q", b.Raw)
			}
			if data, err := b.Bytes(100); err == nil && len(data) > 100 {
				t.Fatalf("%d bytes", len(data))
			}
		}
	})
}
