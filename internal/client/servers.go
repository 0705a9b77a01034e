package client

import (
	"context"
	"encoding/json"
	"net/http"

	"patchbay"
)

// Server is a server as the API shows it. Raw has every member; which there are depends
// on the caller's permissions.
type Server struct {
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Type        string          `json:"type"`
	Source      string          `json:"source"`
	Permissions []string        `json:"permissions"`
	ToolCount   int             `json:"toolCount"`
	Raw         json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the bytes in Raw.
func (s *Server) UnmarshalJSON(data []byte) error {
	type plain Server
	if err := json.Unmarshal(data, (*plain)(s)); err != nil {
		return err
	}
	s.Raw = append(json.RawMessage(nil), data...)
	return nil
}

// MarshalJSON returns the API's own bytes.
func (s Server) MarshalJSON() ([]byte, error) { return s.Raw, nil }

// Servers returns all servers the caller may see whose name, title or description
// contains search; every one for "".
func (c *Client) Servers(ctx context.Context, search string) ([]Server, error) {
	return pages[Server](ctx, c, "/api/mcp/servers", search)
}

// Server returns one server.
func (c *Client) Server(ctx context.Context, name string) (*Server, error) {
	var s Server
	if err := c.do(ctx, http.MethodGet, "/api/mcp/servers/"+segment(name), nil, &s); err != nil {
		return nil, err
	}
	return &s, nil
}

// ServerStatus is the status of one server for the caller.
type ServerStatus struct {
	patchbay.Status
	ConnectionState string  `json:"connectionState"`
	RequiresOAuth   bool    `json:"requiresOAuth"`
	Error           *string `json:"error"`
}

// Status returns the status of every server the caller may see, by name.
func (c *Client) Status(ctx context.Context) (map[string]ServerStatus, error) {
	var answer struct {
		ConnectionStatus map[string]ServerStatus `json:"connectionStatus"`
	}
	err := c.do(ctx, http.MethodGet, "/api/mcp/connection/status", nil, &answer)
	return answer.ConnectionStatus, err
}

// Reinitialized is the answer to a reconnect. Success false is not an error: the person
// has something to do first.
type Reinitialized struct {
	Success         bool            `json:"success"`
	Message         string          `json:"message"`
	ServerName      string          `json:"serverName"`
	OAuthRequired   bool            `json:"oauthRequired"`
	OAuthURL        string          `json:"oauthUrl"`
	Reason          patchbay.Reason `json:"reason"`
	MissingUserVars []string        `json:"missingUserVars"`
}

// Reinitialize closes the caller's connection to a server and opens it anew.
func (c *Client) Reinitialize(ctx context.Context, server string) (*Reinitialized, error) {
	var answer Reinitialized
	if err := c.do(ctx, http.MethodPost, "/api/mcp/"+segment(server)+"/reinitialize", struct{}{}, &answer); err != nil {
		return nil, err
	}
	return &answer, nil
}

// Config returns the state of the configuration, for an admin: which file, and what is
// wrong with it.
func (c *Client) Config(ctx context.Context) (json.RawMessage, error) {
	var raw json.RawMessage
	err := c.do(ctx, http.MethodGet, "/api/mcp/config", nil, &raw)
	return raw, err
}

// Ready returns nil when the instance says that it is ready to serve.
func (c *Client) Ready(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "/readyz", nil, nil)
}
