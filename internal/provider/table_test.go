package provider_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

var update = flag.Bool("update", false, "write the table of docs/models.md anew")

const modelsPage = "../../docs/models.md"

// Words of the table.
const (
	native  = "native"
	inWords = "in words"
	after   = "after it"
	none    = "–"
)

// columns of the table, by the names of adapters.
var columns = []struct{ adapter, title string }{
	{"chat", "OpenAI: Chat Completions"},
	{"responses", "OpenAI: Responses"},
	{"azure", "Azure, with a version"},
	{"compatible", "compatible endpoints"},
	{"anthropic", "Anthropic"},
	{"google", "Gemini 3"},
	{"google 2.5", "Gemini 2.5"},
	{"bedrock", "Bedrock: Claude"},
	{"bedrock nova", "Bedrock: Nova"},
	{"bedrock llama", "Bedrock: others"},
}

// evidence is what one adapter did with the conversation of the table.
type evidence struct {
	first   patchbay.Message // what it made of the vendor's answer
	asked   string           // the first request
	back    string           // the request after the results
	settled string           // a request with every setting
	paths   map[string]string
	lists   bool
}

const (
	soundData = "c291bmQtZGF0YQ=="
	pageData  = "JVBERi1yZXN1bHQ="
	bookData  = "JVBERi11c2Vy"
	photoURL  = "https://pictures.example/photo.png"
)

// rows of the table: what is carried, and how one finds out from the bytes.
var rows = []struct {
	what string
	mark func(e *evidence) string
}{
	{"several calls at once", func(e *evidence) string { return yes(len(e.first.Calls()) == 4) }},
	{"arguments to the last digit", func(e *evidence) string { return yes(strings.Contains(e.back, "9007199254740993")) }},
	{"reasoning shown", func(e *evidence) string { return yes(e.first.Parts[0].Kind == patchbay.PartReasoning) }},
	{"reasoning given back", func(e *evidence) string {
		switch {
		case strings.Contains(e.back, "c2lnbmF0dXJl"):
			return native
		case strings.Contains(e.back, "I need four things"):
			return "as text"
		}
		return none
	}},
	{"an effort", func(e *evidence) string {
		switch {
		case has(e.asked, `effort":"high"`, `"thinkingLevel":"high"`):
			return native
		case has(e.asked, `"budget_tokens"`, `"thinkingBudget"`):
			return "as a budget"
		}
		return none
	}},
	{"an image in a result", func(e *evidence) string { return e.within(pixel) }},
	{"a PDF in a result", func(e *evidence) string { return e.within(pageData) }},
	{"a result that is an error", func(e *evidence) string {
		switch {
		case has(e.back, `"is_error":true`, `"status":"error"`, `"response":{"error":`):
			return native
		case has(e.back, `Error: no such thing`, `"text":"Error:"`):
			return inWords
		}
		return none
	}},
	{"an image of the person's", func(e *evidence) string { return given(e.asked, pixel) }},
	{"an image by its address", func(e *evidence) string {
		if strings.Contains(e.asked, `"`+photoURL+`"`) {
			return native
		}
		return given(e.asked, `"`+photoURL+`"`)
	}},
	{"a PDF of the person's", func(e *evidence) string { return given(e.asked, bookData) }},
	{"a sound of the person's", func(e *evidence) string { return given(e.asked, soundData) }},
	{"names of arguments in any alphabet", func(e *evidence) string { return given(e.asked, `"größe":{`) }},
	{"no calls now", func(e *evidence) string {
		switch {
		case has(e.settled, `"tool_choice":"none"`, `"tool_choice":{"type":"none"}`, `"mode":"NONE"`):
			return native
		case has(e.settled, "Do not call a tool now"):
			return inWords
		}
		return none
	}},
	{"one call at a time", func(e *evidence) string {
		switch {
		case has(e.asked, `"parallel_tool_calls":false`, `"disable_parallel_tool_use":true`):
			return native
		case has(e.asked, "at most one tool"):
			return inWords
		}
		return none
	}},
	{"stop sequences", func(e *evidence) string { return yes(strings.Contains(e.settled, "HALT")) }},
	{"places to cache at", func(e *evidence) string { return yes(has(e.asked, `"cache_control"`, `"cachePoint"`)) }},
	{"tokens from a cache counted", func(e *evidence) string { return yes(e.first.Usage != nil && e.first.Usage.CacheRead == 60) }},
	{"a list of models", func(e *evidence) string {
		if e.lists {
			return native
		}
		return "configured"
	}},
}

func yes(ok bool) string {
	if ok {
		return native
	}
	return none
}

func has(s string, list ...string) bool {
	for _, x := range list {
		if strings.Contains(s, x) {
			return true
		}
	}
	return false
}

// given reports whether a piece is in a request as it is; what is not was told in words.
func given(request, piece string) string {
	if strings.Contains(request, piece) {
		return native
	}
	return inWords
}

// within says where the data of a result went: into the result, or after it.
func (e *evidence) within(data string) string {
	path, ok := e.paths[data]
	switch {
	case !ok:
		return inWords
	case has(path, "/tool_result", "/function_call_output", "/functionResponse", "/toolResult"):
		return native
	}
	return after
}

// findPaths notes where in a document strings with the wanted data are: names of members,
// and the types of objects on the way.
func findPaths(v any, path string, wanted []string, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		if kind, ok := v["type"].(string); ok {
			path += "/" + kind
		}
		for name, inner := range v {
			findPaths(inner, path+"/"+name, wanted, into)
		}
	case []any:
		for _, inner := range v {
			findPaths(inner, path, wanted, into)
		}
	case string:
		for _, w := range wanted {
			if strings.Contains(v, w) {
				into[w] = path
			}
		}
	}
}

func gather(t *testing.T, i int) *evidence {
	t.Helper()
	a := adapters[i]
	done := &patchbay.Message{Parts: []patchbay.Part{text("All done.")}, Stop: patchbay.StopEnd}
	api := testkit.NewModels(t, testkit.ModelReply{Message: fourCalls()}, testkit.ModelReply{Message: done}, testkit.ModelReply{Message: done})
	m := a.make(t, endpoint(api))
	decode := func(s string) []byte {
		raw, err := base64.StdEncoding.DecodeString(s)
		require.NoError(t, err)
		return raw
	}
	media := func(kind patchbay.PartKind, mime, data, url string) patchbay.Part {
		return patchbay.Part{Kind: kind, Media: &patchbay.Media{MIMEType: mime, Data: decode(data), URL: url, Name: "a"}}
	}
	req := &patchbay.ModelRequest{
		Model: a.model, Instructions: "Be brief.",
		Messages: []patchbay.Message{{Role: patchbay.FromUser, Parts: []patchbay.Part{
			text("What is this?"), media(patchbay.PartImage, "image/png", pixel, ""), media(patchbay.PartImage, "image/png", "", photoURL),
			media(patchbay.PartFile, "application/pdf", bookData, ""), media(patchbay.PartAudio, "audio/wav", soundData, ""),
		}}},
		Tools: []patchbay.ToolOffer{
			{Name: "search_mcp_github", Schema: json.RawMessage(`{"type":"object","properties":{"größe":{"type":"string"}}}`)},
			{Name: "shot_mcp_browser", Schema: json.RawMessage(`{}`)},
			{Name: "click_mcp_browser", Schema: json.RawMessage(`{}`)},
		},
		Params: patchbay.ModelParams{Effort: "high", NoParallelCalls: true},
	}
	var e evidence
	var err error
	e.first, err = ask(m, req)
	require.NoError(t, err)
	e.asked = string(api.Last())

	req.Messages = append(
		req.Messages[:0:0], patchbay.TextMessage(patchbay.FromUser, "What is this?"), e.first,
		patchbay.Message{Role: patchbay.FromTools, Parts: []patchbay.Part{
			result("call_1", `{"content":[{"type":"resource","resource":{"uri":"a://b.pdf","mimeType":"application/pdf","blob":"`+pageData+`"}}]}`, false),
			result("call_2", `{"content":[{"type":"image","mimeType":"image/png","data":"`+pixel+`"}]}`, false),
			result("call_3", `{"content":[{"type":"text","text":"no such thing"}],"isError":true}`, true),
			result("call_4", `{"content":[]}`, false),
		}},
	)
	_, err = ask(m, req)
	require.NoError(t, err)
	e.back = string(api.Last())
	var doc any
	require.NoError(t, json.Unmarshal(api.Last(), &doc))
	e.paths = map[string]string{}
	findPaths(doc, "", []string{pixel, pageData}, e.paths)

	req.Params = patchbay.ModelParams{NoCalls: true, StopAt: []string{"HALT"}}
	_, err = ask(m, req)
	require.NoError(t, err)
	e.settled = string(api.Last())
	// A list that is asked for needs somebody who waits for it.
	gone, leave := context.WithCancel(context.Background())
	leave()
	list, err := m.List(gone)
	if e.lists = err != nil; !e.lists {
		require.NotEmpty(t, list)
	}
	return &e
}

// TestWhatIsCarried holds the table of docs/models.md to the bytes of each format.
func TestWhatIsCarried(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("| |")
	for _, c := range columns {
		b.WriteString(" " + c.title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	found := make([]*evidence, len(columns))
	for i, c := range columns {
		for j := range adapters {
			if adapters[j].name == c.adapter {
				found[i] = gather(t, j)
			}
		}
		require.NotNil(t, found[i], c.adapter)
	}
	for _, row := range rows {
		b.WriteString("| " + row.what + " |")
		for i := range columns {
			b.WriteString(" " + row.mark(found[i]) + " |")
		}
		b.WriteString("\n")
	}
	const begin, end = "<!-- table -->\n\n", "\n<!-- end of the table -->"
	page, err := os.ReadFile(modelsPage)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(page), begin)
	require.True(t, ok)
	table, tail, ok := strings.Cut(rest, end)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(modelsPage, []byte(head+begin+b.String()+end+tail), 0o600))
		return
	}
	require.Equal(t, b.String(), table, "docs/models.md is out of date: -update writes the table anew")
}
