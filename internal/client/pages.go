package client

import (
	"context"
	"net/http"
	"net/url"
)

// pages reads a paged list to its end, at most maxPages of it.
func pages[T any](ctx context.Context, c *Client, path, search string) ([]T, error) {
	var all []T
	query := url.Values{"limit": {"100"}}
	if search != "" {
		query.Set("search", search)
	}
	for range maxPages {
		var page struct {
			Data    []T    `json:"data"`
			HasMore bool   `json:"has_more"`
			After   string `json:"after"`
		}
		if err := c.do(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if !page.HasMore || page.After == "" {
			break
		}
		query.Set("after", page.After)
	}
	return all, nil
}
