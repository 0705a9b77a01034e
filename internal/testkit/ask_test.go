package testkit

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"patchbay"
)

// A question reaches the client in the form of its era, and the answer the tool.
func TestEchoAsks(t *testing.T) {
	for _, version := range []string{Legacy, ""} {
		t.Run("version "+version, func(t *testing.T) {
			e := NewEcho(t, EchoOptions{Versions: append(LegacyVersions(), Modern)})
			cs := sdkWith(t, e.URL(), version, nil, &mcp.ClientOptions{
				ElicitationHandler: func(_ context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": req.Params.Message}}, nil
				},
			})
			r, err := cs.CallTool(t.Context(), &mcp.CallToolParams{Name: "ask"})
			require.NoError(t, err)
			var got struct {
				Action  string
				Content map[string]string
			}
			require.NoError(t, json.Unmarshal([]byte(r.Content[0].(*mcp.TextContent).Text), &got))
			require.Equal(t, "accept", got.Action)
			require.Equal(t, map[string]string{"name": "Who are you?"}, got.Content)
		})
	}
}

func TestWorksAsks(t *testing.T) {
	for _, tr := range Works.Transports() {
		t.Run(string(tr), func(t *testing.T) {
			f := dial(t, Works, tr, Settings{})
			f.open(t)
			f.send(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"ask"}}`)
			require.Contains(t, f.next(t), `"id":"server-1","method":"elicitation/create"`)
			f.send(`{"jsonrpc":"2.0","id":"server-1","error":{"code":-32601,"message":"no"}}`)
			msg := f.next(t)
			if tr == patchbay.TransportHTTP && msg == "status 202, , 0 bytes" {
				msg = f.next(t)
			}
			require.Contains(t, msg, `"id":3,"result":{"content":[{"type":"text","text":"{\"error\":{\"code\":-32601`)
		})
	}
}
