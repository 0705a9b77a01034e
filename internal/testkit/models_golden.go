package testkit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"patchbay"
)

// ModelGolden checks an adapter against recorded answers. Each file holds the question
// (request.json), the vendor's bytes (stream), what the calls in it answered
// (results.json), the message that must come of it (message.json) and the request that
// must follow (next.json).
type ModelGolden struct {
	Files  string // glob
	Update bool   // write message.json and next.json instead of comparing them
	// Encode makes the vendor's bytes of the text of a recorded stream; nil: it is them.
	Encode func(t testing.TB, text []byte) []byte
	// Ask sends a request to a model of the adapter over client.
	Ask func(t testing.TB, client *ModelClient, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error
}

// recordedModel is the question of a recorded answer.
type recordedModel struct {
	Model        string `json:"model"`
	Instructions string `json:"instructions"`
	Question     string `json:"question"`
	Effort       string `json:"effort"`
}

func (r *recordedModel) request() *patchbay.ModelRequest {
	return &patchbay.ModelRequest{
		Model: r.Model, Instructions: r.Instructions, Params: patchbay.ModelParams{Effort: r.Effort},
		Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, r.Question)},
		Tools: []patchbay.ToolOffer{
			{Name: "get_mcp_weather", Description: "Reads <the> weather", Schema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"},"n":{"type":"integer"}},"required":["city"]}`)},
			{Name: "map_mcp_maps", Schema: json.RawMessage(`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"city":{"type":"string"}}}`)},
		},
	}
}

type goldenFile struct {
	path    string
	archive *txtar.Archive
	parts   map[string]*txtar.File
	asked   recordedModel
	stream  []byte
}

func (g *ModelGolden) read(t testing.TB) []goldenFile {
	t.Helper()
	paths, err := filepath.Glob(g.Files)
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var list []goldenFile
	for _, path := range paths {
		f := goldenFile{path: path, parts: map[string]*txtar.File{}}
		f.archive, err = txtar.ParseFile(path)
		require.NoError(t, err)
		for i := range f.archive.Files {
			f.parts[f.archive.Files[i].Name] = &f.archive.Files[i]
		}
		require.NoError(t, json.Unmarshal(f.parts["request.json"].Data, &f.asked))
		f.stream = f.parts["stream"].Data
		if g.Encode != nil {
			f.stream = g.Encode(t, f.stream)
		}
		list = append(list, f)
	}
	return list
}

func (g *ModelGolden) play(t testing.TB, c *ModelClient, req *patchbay.ModelRequest) (patchbay.Message, error) {
	t.Helper()
	var b patchbay.MessageBuilder
	err := g.Ask(t, c, req, b.Add)
	return b.Message(), err
}

// Run compares: the vendor's bytes, however cut into reads → our message → a stay in the
// store → the bytes of the next request.
func (g *ModelGolden) Run(t *testing.T) {
	for _, f := range g.read(t) {
		t.Run(filepath.Base(f.path), func(t *testing.T) { g.run(t, f) })
	}
}

func (g *ModelGolden) run(t *testing.T, f goldenFile) {
	var results []json.RawMessage
	require.NoError(t, json.Unmarshal(f.parts["results.json"].Data, &results))
	c := NewModelClient(f.stream, 0)
	req := f.asked.request()
	message, err := g.play(t, c, req)
	require.NoError(t, err)
	for chunk := 1; chunk < 40; chunk++ {
		again, err := g.play(t, NewModelClient(f.stream, chunk), req)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(message, again), "in reads of %d bytes", chunk)
	}

	raw, err := json.MarshalIndent(message, "", " ")
	require.NoError(t, err)
	var kept patchbay.Message
	require.NoError(t, json.Unmarshal(raw, &kept))
	req.Messages = append(req.Messages, kept)
	answers := patchbay.Message{Role: patchbay.FromTools}
	for i, call := range kept.Calls() {
		var view struct {
			IsError bool `json:"isError"`
		}
		require.NoError(t, json.Unmarshal(results[i], &view))
		answers.Parts = append(answers.Parts, patchbay.Part{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: call.ID, Raw: results[i], IsError: view.IsError}})
	}
	if len(answers.Parts) > 0 {
		req.Messages = append(req.Messages, answers)
	} else {
		req.Messages = append(req.Messages, patchbay.TextMessage(patchbay.FromUser, "Why?"))
	}
	_, err = g.play(t, c, req)
	require.NoError(t, err)
	next := c.Last()

	if g.Update {
		f.parts["message.json"].Data = append(raw, '\n')
		f.parts["next.json"].Data = append(append([]byte(nil), next...), '\n')
		require.NoError(t, os.WriteFile(f.path, txtar.Format(f.archive), 0o600))
		return
	}
	require.Equal(t, string(f.parts["message.json"].Data), string(raw)+"\n")
	require.Equal(t, string(f.parts["next.json"].Data), string(next)+"\n")
}

// Fuzz holds that no stream, however broken or cut into reads, does harm: the same bytes
// make the same message, and an answer without an error says how it ended.
func (g *ModelGolden) Fuzz(f *testing.F) {
	files := g.read(f)
	for _, file := range files {
		f.Add(file.stream, 7)
		f.Add(file.stream[:len(file.stream)/2], 1)
	}
	f.Fuzz(func(t *testing.T, stream []byte, chunk int) { g.try(t, files[0].asked.request(), stream, chunk) })
}

// FuzzText is Fuzz on the text that Encode makes streams of, for formats whose checksums
// let few other streams in.
func (g *ModelGolden) FuzzText(f *testing.F) {
	files := g.read(f)
	for _, file := range files {
		f.Add(file.parts["stream"].Data, 7)
	}
	f.Fuzz(func(t *testing.T, text []byte, chunk int) {
		g.try(t, files[0].asked.request(), g.Encode(t, text), chunk)
	})
}

func (g *ModelGolden) try(t *testing.T, req *patchbay.ModelRequest, stream []byte, chunk int) {
	whole, wholeErr := g.play(t, NewModelClient(stream, 0), req)
	cut, cutErr := g.play(t, NewModelClient(stream, max(chunk, 1)), req)
	if (wholeErr == nil) != (cutErr == nil) {
		t.Fatalf("%v in one read, %v in reads of %d", wholeErr, cutErr, chunk)
	}
	if wholeErr == nil && whole.Stop == "" {
		t.Fatal("the answer does not say how it ended")
	}
	if diff := cmp.Diff(whole, cut); diff != "" {
		t.Fatal(diff)
	}
}
