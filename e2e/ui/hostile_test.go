package ui

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// markup would show that it ran by setting window.owned.
const (
	markup = `<img src=x onerror="window.owned=1"><script>window.owned=1</script>`
	svg    = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.owned=1" width="40" height="40"><script>window.owned=1</script><rect width="40" height="40"/></svg>`
)

// startHostile serves tools whose names, texts and results try to be more than text.
func startHostile(t *testing.T) string {
	s := mcp.NewServer(&mcp.Implementation{Name: "hostile", Version: "1"}, nil)
	add := func(name, description string, content func() []mcp.Content) {
		s.AddTool(&mcp.Tool{
			Name: name, Title: markup + " \u202egnp.evil", Description: description,
			InputSchema: json.RawMessage(`{"type":"object","properties":{"` + strings.Repeat("x", 300) + `":{"type":"string","title":"<b>bold</b>","pattern":"^(a+)+$","description":` + quote(markup) + `}}}`),
		}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: content()}, nil
		})
	}
	add("markup", markup, func() []mcp.Content {
		return []mcp.Content{
			&mcp.TextContent{Text: markup + "\u202eabc\u200b"},
			&mcp.ResourceLink{URI: "javascript:window.owned=1", Name: markup},
			&mcp.ResourceLink{URI: "https://example.com/page", Name: "a link"},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "ui://x", MIMEType: "text/html", Text: markup}},
			&mcp.ImageContent{MIMEType: "image/svg+xml", Data: []byte(svg)},
			&mcp.ImageContent{MIMEType: "image/png", Data: []byte("this is no image")},
			&mcp.ImageContent{MIMEType: "text/html", Data: []byte(markup)},
		}
	})
	add("large", strings.Repeat("A long description. ", 300), func() []mcp.Content {
		return []mcp.Content{&mcp.TextContent{Text: strings.Repeat("0123456789abcde\n", 10<<20/16)}}
	})
	add("many", "Many parts.", func() []mcp.Content {
		parts := make([]mcp.Content, 100_000)
		for i := range parts {
			parts[i] = &mcp.TextContent{Text: "part"}
		}
		return parts
	})
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func quote(s string) string {
	text, _ := json.Marshal(s) // a string always has a form
	return string(text)
}

// hostileIcon is an SVG that brings a script.
func hostileIcon() string {
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg))
}
