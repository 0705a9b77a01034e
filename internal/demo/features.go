package demo

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	aboutURI  = "demo://about"
	aboutText = "# Demo\n\nA server to try things with. It keeps nothing and changes nothing.\n"
)

// addAbout adds the one resource.
func addAbout(s *mcp.Server) {
	s.AddResource(&mcp.Resource{
		URI: aboutURI, Name: "about", Title: "About this server", MIMEType: "text/markdown",
		Description: "What this server is for.", Size: int64(len(aboutText)),
	}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{
			{URI: aboutURI, MIMEType: "text/markdown", Text: aboutText},
		}}, nil
	})
}

// addGreet adds the one prompt.
func addGreet(s *mcp.Server) {
	s.AddPrompt(&mcp.Prompt{
		Name: "greet", Title: "Greet", Description: "Asks the model to greet somebody.",
		Arguments: []*mcp.PromptArgument{{Name: "name", Title: "Name", Description: "Whom to greet."}},
	}, func(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		name := req.Params.Arguments["name"]
		if name == "" {
			name = "the world"
		}
		return &mcp.GetPromptResult{
			Description: "A greeting",
			Messages: []*mcp.PromptMessage{
				{Role: "user", Content: &mcp.TextContent{Text: "Greet " + name + " in one friendly sentence."}},
			},
		}, nil
	})
}
