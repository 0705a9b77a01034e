package anthropic

import (
	"context"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// recorded is one recorded answer: the question, the vendor's bytes, what the calls in
// it answered, the message that must come of it, and the request that must follow.
type recorded struct {
	Model        string `json:"model"`
	Instructions string `json:"instructions"`
	Question     string `json:"question"`
	Effort       string `json:"effort"`
	Compatible   bool   `json:"compatible"`
}

func (r *recorded) request() *patchbay.ModelRequest {
	return &patchbay.ModelRequest{
		Model: r.Model, Instructions: r.Instructions, Params: patchbay.ModelParams{Effort: r.Effort},
		Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, r.Question)},
		Tools: []patchbay.ToolOffer{
			{Name: "get_mcp_weather", Description: "Reads <the> weather", Schema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"},"n":{"type":"integer"}},"required":["city"]}`)},
			{Name: "map_mcp_maps", Schema: json.RawMessage(`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"city":{"type":"string"}}}`)},
		},
	}
}

func play(t testing.TB, r *recorded, c *testkit.ModelClient, req *patchbay.ModelRequest) (patchbay.Message, error) {
	t.Helper()
	u, err := url.Parse("https://vendor.example/v1")
	require.NoError(t, err)
	client, err := New(Options{Endpoint: provider.Endpoint{URL: u, Client: c.Client(), Retry: provider.Retry{Attempts: 1}}})
	require.NoError(t, err)
	var b patchbay.MessageBuilder
	err = client.Model(provider.NewKey("sk-fake")).Stream(context.Background(), req, b.Add)
	return b.Message(), err
}

// TestGolden: recorded vendor bytes → our types → the next request's bytes, with a stay
// in the store between. -update writes the files.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			in := map[string]*txtar.File{}
			for i := range archive.Files {
				in[archive.Files[i].Name] = &archive.Files[i]
			}
			var r recorded
			require.NoError(t, json.Unmarshal(in["request.json"].Data, &r))
			var results []json.RawMessage
			require.NoError(t, json.Unmarshal(in["results.json"].Data, &results))
			stream := in["stream"].Data

			c := testkit.NewModelClient(stream, 0)
			req := r.request()
			message, err := play(t, &r, c, req)
			require.NoError(t, err)
			for chunk := 1; chunk < 40; chunk++ {
				again, err := play(t, &r, testkit.NewModelClient(stream, chunk), req)
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
			_, err = play(t, &r, c, req)
			require.NoError(t, err)
			next := c.Last()

			if *update {
				in["message.json"].Data = append(raw, '\n')
				in["next.json"].Data = append(append([]byte(nil), next...), '\n')
				require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o600))
				return
			}
			require.Equal(t, string(in["message.json"].Data), string(raw)+"\n")
			require.Equal(t, string(in["next.json"].Data), string(next)+"\n")
		})
	}
}

// FuzzStream holds that no stream, however broken or cut into reads, does harm: the same
// bytes make the same message, and an answer without an error says how it ended.
func FuzzStream(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(f, err)
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		require.NoError(f, err)
		for _, part := range archive.Files {
			if part.Name == "stream" {
				f.Add(part.Data, 7)
				f.Add(part.Data[:len(part.Data)/2], 1)
			}
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte, chunk int) {
		for _, r := range []*recorded{{Model: "claude-sonnet-4-6"}} {
			req := r.request()
			whole, wholeErr := play(t, r, testkit.NewModelClient(stream, 0), req)
			cut, cutErr := play(t, r, testkit.NewModelClient(stream, max(chunk, 1)), req)
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
	})
}
