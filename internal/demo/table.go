package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type row struct {
	N      int `json:"n"`
	Square int `json:"square"`
	Cube   int `json:"cube"`
}

func addTable(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "table", Title: "Table", Description: "Returns numbers with their squares and cubes, as structured content and as text.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"rows":{"type":"integer","minimum":1,"maximum":1000,"default":5,"description":"How many rows."}},` +
			`"additionalProperties":false}`),
		OutputSchema: schema(`{"type":"object","properties":{"rows":{"type":"array","items":{"type":"object","properties":{` +
			`"n":{"type":"integer"},"square":{"type":"integer"},"cube":{"type":"integer"}},` +
			`"required":["n","square","cube"],"additionalProperties":false}}},"required":["rows"],"additionalProperties":false}`),
		Annotations: readOnly("Table", true),
	}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			Rows *int `json:"rows"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		n, err := within("rows", args.Rows, 5, 1, 1000)
		if err != nil {
			return errorResult(err.Error()), nil
		}
		rows := make([]row, n)
		for i := range rows {
			k := i + 1
			rows[i] = row{N: k, Square: k * k, Cube: k * k * k}
		}
		r := textResult(markdown(rows))
		r.StructuredContent = map[string]any{"rows": rows}
		return r, nil
	})
}

// markdown is the text for clients that do not read structured content.
func markdown(rows []row) string {
	var b strings.Builder
	b.WriteString("| n | square | cube |\n|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %d | %d | %d |\n", r.N, r.Square, r.Cube)
	}
	return b.String()
}
