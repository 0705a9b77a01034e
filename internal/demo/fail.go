package demo

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func addFail(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "fail", Title: "Fail", Description: "Always fails, to show what a failed tool looks like.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"message":{"type":"string","maxLength":1000,"description":"What to say about it."}},` +
			`"additionalProperties":false}`),
		Annotations: readOnly("Fail", true),
	}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			Message string `json:"message"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		if args.Message == "" {
			args.Message = "This tool always fails."
		}
		return errorResult(args.Message), nil
	})
}
