package anthropic

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// apiVersion is the version of the format that is spoken here.
const apiVersion = "2023-06-01"

// interleaved lets models of the 4 series think between the calls of a turn; others
// ignore it.
const interleaved = "interleaved-thinking-2025-05-14"

// Options describe one endpoint. Endpoint.Key is not used: a key comes with each Model.
type Options struct {
	Endpoint provider.Endpoint // URL with or without /v1: https://api.anthropic.com
}

// Client is one endpoint.
type Client struct {
	endpoint provider.Endpoint
	schemas  *provider.Schemas
}

// New checks the options.
func New(o Options) (*Client, error) {
	if o.Endpoint.URL == nil || o.Endpoint.Client == nil {
		return nil, errors.New("anthropic: an endpoint needs a URL and an HTTP client")
	}
	e := o.Endpoint
	u := *e.URL
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/v1")
	e.URL = &u
	return &Client{e, provider.NewSchemas(provider.SchemaRules{Name: propertyName})}, nil
}

// Model is the endpoint with a key.
type Model struct {
	endpoint provider.Endpoint
	schemas  *provider.Schemas
	header   http.Header
}

// Model returns the endpoint with a person's or the operator's key.
func (c *Client) Model(key provider.Key) *Model {
	m := &Model{endpoint: c.endpoint, schemas: c.schemas, header: http.Header{}}
	m.endpoint.Key = key
	m.header.Set("Anthropic-Version", apiVersion)
	if !key.Empty() {
		m.header.Set("X-Api-Key", key.Reveal())
	}
	return m
}

// Stream asks the model; see agent.Model.
func (m *Model) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	body, err := m.requestBody(req)
	if err != nil {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the conversation cannot be put into the vendor's format", Err: err}
	}
	body, err = provider.Edit(body, req.Params.Add, req.Params.Drop)
	if err != nil {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the parameters to add do not fit into the request", Err: err}
	}
	header := m.header
	if req.Params.ThinkingBudget > 0 || req.Params.Effort != "" {
		header = header.Clone()
		header.Set("Anthropic-Beta", interleaved)
	}
	return m.endpoint.Stream(ctx, provider.Exchange{
		Path: "/v1/messages", Header: header, Body: body,
		Decoder: func(yield func(patchbay.Delta)) provider.Decoder { return newDecoder(yield) },
	}, yield)
}

// maxPages bounds the pages of a list of models.
const maxPages = 10

// List returns the models of the endpoint, the newest first as the vendor lists them.
func (m *Model) List(ctx context.Context) ([]patchbay.ModelInfo, error) {
	var list []patchbay.ModelInfo
	query := "?limit=1000"
	for range maxPages {
		data, err := m.endpoint.Get(ctx, "/v1/models"+query, m.header)
		if err != nil {
			return nil, err
		}
		var page struct {
			Data []struct {
				ID          string `json:"id"`
				DisplayName string `json:"display_name"`
			} `json:"data"`
			HasMore bool   `json:"has_more"`
			LastID  string `json:"last_id"`
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return nil, &patchbay.ModelError{Kind: patchbay.ModelProtocol, Message: "the list of models cannot be read: check the base URL", Err: err}
		}
		for _, d := range page.Data {
			if d.ID != "" {
				list = append(list, patchbay.ModelInfo{ID: d.ID, Name: d.DisplayName})
			}
		}
		if !page.HasMore || page.LastID == "" {
			break
		}
		query = "?limit=1000&after_id=" + url.QueryEscape(page.LastID)
	}
	return list, nil
}
