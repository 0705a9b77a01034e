package google

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// Options describe one endpoint. Endpoint.Key is not used: a key comes with each Model.
type Options struct {
	// Endpoint.URL is with or without a version: https://generativelanguage.googleapis.com.
	Endpoint provider.Endpoint
}

// Client is one endpoint.
type Client struct {
	endpoint provider.Endpoint
	schemas  *provider.Schemas
}

// New checks the options.
func New(o Options) (*Client, error) {
	if o.Endpoint.URL == nil || o.Endpoint.Client == nil {
		return nil, errors.New("google: an endpoint needs a URL and an HTTP client")
	}
	e := o.Endpoint
	u := *e.URL
	u.Path = strings.TrimRight(u.Path, "/")
	if last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; !isVersion(last) {
		u.Path += "/v1beta"
	}
	u.RawPath = ""
	e.URL, e.Explain = &u, explain
	return &Client{e, provider.NewSchemas(provider.SchemaRules{Keyword: keyword})}, nil
}

// isVersion reports whether a segment of a path is that of a version: v1, v1beta, v1beta1.
func isVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && s[1] >= '0' && s[1] <= '9'
}

// Model is the endpoint with a key.
type Model struct {
	endpoint provider.Endpoint
	schemas  *provider.Schemas
	header   http.Header
}

// Model returns the endpoint with a person's or the operator's key. The key travels in a
// header: an address ends up in logs.
func (c *Client) Model(key provider.Key) *Model {
	m := &Model{endpoint: c.endpoint, schemas: c.schemas, header: http.Header{}}
	m.endpoint.Key = key
	if !key.Empty() {
		m.header.Set("X-Goog-Api-Key", key.Reveal())
	}
	return m
}

// Stream asks the model; see agent.Model.
func (m *Model) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	path, err := modelPath(req.Model)
	if err != nil {
		return err
	}
	body, err := m.requestBody(req)
	if err != nil {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the parameters to add do not fit into the request", Err: err}
	}
	return m.endpoint.Stream(ctx, provider.Exchange{
		Path: "/" + path + ":streamGenerateContent?alt=sse", Header: m.header, Body: body,
		Decoder: func(yield func(patchbay.Delta)) provider.Decoder { return newDecoder(req.Model, yield) },
	}, yield)
}

// modelPath is where a model is: a plain name is one of models/, one with a folder
// (tunedModels/mine) says itself.
func modelPath(model string) (string, error) {
	if !strings.Contains(model, "/") {
		model = "models/" + model
	}
	steps := strings.Split(model, "/")
	for i, s := range steps {
		if s == "" || s == "." || s == ".." {
			return "", &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the model's name cannot be part of an address"}
		}
		steps[i] = url.PathEscape(s)
	}
	return strings.Join(steps, "/"), nil
}

// maxPages bounds the pages of a list of models.
const maxPages = 10

// List returns the models of the endpoint that write text, as the vendor orders them.
func (m *Model) List(ctx context.Context) ([]patchbay.ModelInfo, error) {
	var list []patchbay.ModelInfo
	query := "?pageSize=1000"
	for range maxPages {
		data, err := m.endpoint.Get(ctx, "/models"+query, m.header)
		if err != nil {
			return nil, err
		}
		var page struct {
			Models []struct {
				Name        string   `json:"name"`
				DisplayName string   `json:"displayName"`
				Methods     []string `json:"supportedGenerationMethods"`
			} `json:"models"`
			NextPageToken string `json:"nextPageToken"`
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return nil, &patchbay.ModelError{Kind: patchbay.ModelProtocol, Message: "the list of models cannot be read: check the base URL", Err: err}
		}
		for _, d := range page.Models {
			id := strings.TrimPrefix(d.Name, "models/")
			if id != "" && (len(d.Methods) == 0 || slices.Contains(d.Methods, "generateContent")) {
				list = append(list, patchbay.ModelInfo{ID: id, Name: d.DisplayName})
			}
		}
		if page.NextPageToken == "" {
			break
		}
		query = "?pageSize=1000&pageToken=" + url.QueryEscape(page.NextPageToken)
	}
	return list, nil
}
