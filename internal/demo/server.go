package demo

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const instructions = `This server is for trying things out. Use "add" to add numbers, "now" for the time, ` +
	`"countdown" to watch progress, "picture" for an image, "table" for structured rows, ` +
	`"ask" to be asked something back, and "fail" to see a tool fail. Nothing here changes anything.`

// newServer returns a server with everything the demo offers. A server handles any
// number of sessions at once.
func newServer(version string) *mcp.Server {
	if version == "" {
		version = "dev"
	}
	s := mcp.NewServer(
		&mcp.Implementation{Name: "patchbay-demo", Title: "Demo", Version: version},
		&mcp.ServerOptions{
			Instructions: instructions,
			Logger:       slog.New(slog.DiscardHandler),
			// The tools never change, but a newer release may have others.
			SetCacheable: func(_ context.Context, _ mcp.Request, c *mcp.Cacheable) {
				c.TTLMs, c.CacheScope = hourMillis, "public"
			},
			Capabilities: &mcp.ServerCapabilities{
				Tools:     &mcp.ToolCapabilities{},
				Resources: &mcp.ResourceCapabilities{},
				Prompts:   &mcp.PromptCapabilities{},
			},
		})
	addAdd(s)
	addNow(s)
	addCountdown(s)
	addPicture(s)
	addTable(s)
	addAsk(s)
	addFail(s)
	addAbout(s)
	addGreet(s)
	return s
}

const hourMillis = 60 * 60 * 1000

// readOnly are the annotations of every tool here: none changes anything, none
// reaches out. Idempotent tools say so besides.
func readOnly(title string, idempotent bool) *mcp.ToolAnnotations {
	no := false
	return &mcp.ToolAnnotations{
		Title: title, ReadOnlyHint: true, IdempotentHint: idempotent,
		DestructiveHint: &no, OpenWorldHint: &no,
	}
}

// schema marks a literal as a JSON schema. The literals are checked when the server
// is built, which every test does.
func schema(s string) json.RawMessage { return json.RawMessage(s) }

func textResult(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}

// errorResult says that the tool ran and failed: data for the model, not a protocol
// error. Wrong arguments are answered like this too, so that a model can correct itself.
func errorResult(s string) *mcp.CallToolResult {
	r := textResult(s)
	r.IsError = true
	return r
}
