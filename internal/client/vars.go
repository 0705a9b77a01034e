package client

import (
	"context"
	"net/http"
)

// AuthValues says which of a server's variables the caller has given. Values are never
// shown.
func (c *Client) AuthValues(ctx context.Context, server string) (map[string]bool, error) {
	var answer struct {
		Flags map[string]bool `json:"authValueFlags"`
	}
	err := c.do(ctx, http.MethodGet, authValuesPath(server), nil, &answer)
	return answer.Flags, err
}

// SetAuthValues keeps values of the caller's for a server.
func (c *Client) SetAuthValues(ctx context.Context, server string, values map[string]string) error {
	body := struct {
		Values map[string]string `json:"authValues"`
	}{values}
	return c.do(ctx, http.MethodPut, authValuesPath(server), body, nil)
}

// UnsetAuthValue forgets one variable.
func (c *Client) UnsetAuthValue(ctx context.Context, server, name string) error {
	return c.SetAuthValues(ctx, server, map[string]string{name: ""})
}

// DeleteAuthValues forgets every variable the caller gave for a server.
func (c *Client) DeleteAuthValues(ctx context.Context, server string) error {
	return c.do(ctx, http.MethodDelete, authValuesPath(server), nil, nil)
}

func authValuesPath(server string) string { return "/api/mcp/" + segment(server) + "/auth-values" }
