package openai

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sort"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// API is one of the two formats.
type API string

// The formats. Auto asks OpenAI's own reasoning models by Responses, all else by Chat
// Completions.
const (
	Auto      API = ""
	Chat      API = "chat"
	Responses API = "responses"
)

// Options describe one endpoint. Endpoint.Key is not used: a key comes with each Model.
type Options struct {
	Endpoint provider.Endpoint // URL with the version: https://api.openai.com/v1
	API      API
	// Compatible says that the endpoint is not OpenAI's own: it gets the older names of
	// parameters and no files.
	Compatible bool
}

// Client is one endpoint.
type Client struct {
	o       Options
	schemas *provider.Schemas
}

// New checks the options.
func New(o Options) (*Client, error) {
	if o.Endpoint.URL == nil || o.Endpoint.Client == nil {
		return nil, errors.New("openai: an endpoint needs a URL and an HTTP client")
	}
	return &Client{o, provider.NewSchemas(provider.SchemaRules{})}, nil
}

// Model is the endpoint with a key.
type Model struct {
	o        Options
	schemas  *provider.Schemas
	endpoint provider.Endpoint
	header   http.Header
	query    string // of every path
}

// Model returns the endpoint with a person's or the operator's key. Local endpoints may
// have none.
func (c *Client) Model(key provider.Key) *Model {
	m := &Model{o: c.o, schemas: c.schemas, endpoint: c.o.Endpoint, header: http.Header{}}
	m.endpoint.Key = key
	if !key.Empty() {
		m.header.Set("Authorization", "Bearer "+key.Reveal())
	}
	return m
}

// Stream asks the model; see agent.Model.
func (m *Model) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	x, err := m.exchange(req)
	if err != nil {
		return err
	}
	return m.endpoint.Stream(ctx, x, yield)
}

func (m *Model) exchange(req *patchbay.ModelRequest) (provider.Exchange, error) {
	x := provider.Exchange{Header: m.header}
	var body json.RawMessage
	if m.api(req.Model) == Responses {
		x.Path, body = "/responses", m.responsesBody(req)
		x.Decoder = func(yield func(patchbay.Delta)) provider.Decoder { return newResponsesDecoder(req.Model, yield) }
	} else {
		x.Path, body = "/chat/completions", m.chatBody(req)
		x.Decoder = func(yield func(patchbay.Delta)) provider.Decoder { return newChatDecoder(yield) }
	}
	body, err := provider.Edit(body, req.Params.Add, req.Params.Drop)
	if err != nil {
		return x, &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the parameters to add do not fit into the request", Err: err}
	}
	x.Body = body
	x.Path += m.query
	return x, nil
}

func (m *Model) api(model string) API {
	switch {
	case m.o.API != Auto:
		return m.o.API
	case !m.o.Compatible && reasons(model):
		return Responses
	}
	return Chat
}

// reasons reports whether a name is that of a reasoning model of OpenAI's: o1, o3-mini,
// gpt-5 and what came after, but for their chat variants.
func reasons(model string) bool {
	if strings.Contains(model, "-chat") {
		return false
	}
	if rest, ok := strings.CutPrefix(model, "gpt-"); ok {
		return rest != "" && (rest[0] >= '5' && rest[0] <= '9' || len(rest) > 1 && rest[0] == '1' && rest[1] >= '0' && rest[1] <= '9')
	}
	return len(model) > 1 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9'
}

// List returns the models of the endpoint by name.
func (m *Model) List(ctx context.Context) ([]patchbay.ModelInfo, error) {
	data, err := m.endpoint.Get(ctx, "/models"+m.query, m.header)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Data []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, &patchbay.ModelError{Kind: patchbay.ModelProtocol, Message: "the list of models cannot be read: check the base URL", Err: err}
	}
	list := make([]patchbay.ModelInfo, 0, len(doc.Data))
	for _, d := range doc.Data {
		if d.ID != "" {
			list = append(list, patchbay.ModelInfo{ID: d.ID, Name: d.Name})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list, nil
}

// tool is the description and the schema of a tool; any name of a property will do.
func (m *Model) tool(offer *patchbay.ToolOffer) (description string, schema json.RawMessage) {
	l := m.schemas.Lower(offer.Schema)
	return provider.Describe(offer, l.Note), l.Schema
}
