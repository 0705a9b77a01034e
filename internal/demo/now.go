package demo

import (
	"context"
	"fmt"
	"time"
	// The zones travel with the binary, because a container without a zone
	// database would otherwise know UTC alone.
	_ "time/tzdata"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func addNow(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "now", Title: "Now", Description: "Tells the time, in UTC or in a time zone.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"zone":{"type":"string","description":"An IANA time zone such as Europe/Paris. UTC when left out."}},` +
			`"additionalProperties":false}`),
		Annotations: readOnly("Now", false),
	}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			Zone string `json:"zone"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		zone, err := zoneOf(args.Zone)
		if err != nil {
			return errorResult(err.Error()), nil
		}
		return textResult(time.Now().In(zone).Format(time.RFC3339)), nil
	})
}

// zoneOf finds a time zone. "Local" is refused: it would tell where this server
// stands, and mean something else to the one who asks.
func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("there is no time zone %q; use a name such as Europe/Paris", name)
	}
	return zone, nil
}
