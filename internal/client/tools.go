package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Tool is one tool of a server.
type Tool struct {
	Name         string          `json:"name"`
	Title        string          `json:"title,omitempty"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"inputSchema"`
	OutputSchema json.RawMessage `json:"outputSchema,omitempty"`
	Annotations  json.RawMessage `json:"annotations,omitempty"`
	ServerName   string          `json:"serverName"`
	Key          string          `json:"key"`
	Stale        bool            `json:"stale"` // the last known list of a server that is not connected now
}

// Tools returns the tools the caller may use: those of one server, or of all for "".
// With connect, servers that need no person for it are connected first.
func (c *Client) Tools(ctx context.Context, server string, connect bool) ([]Tool, error) {
	query := url.Values{}
	if server != "" {
		query.Set("server", server)
	}
	if connect {
		query.Set("connect", "1")
	}
	path := "/api/mcp/tools"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var tools []Tool
	err := c.do(ctx, http.MethodGet, path, nil, &tools)
	return tools, err
}
