package bedrock

import (
	"context"
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
	Endpoint provider.Endpoint // URL as URLOf makes it, or a proxy's
	Region   string            // that requests are signed for; empty: what the URL says
	// Models are what List returns: the API that names them is another service, with
	// rights of its own.
	Models []patchbay.ModelInfo
}

// Client is one endpoint.
type Client struct {
	o       Options
	schemas *provider.Schemas
}

// New checks the options.
func New(o Options) (*Client, error) {
	if o.Endpoint.URL == nil || o.Endpoint.Client == nil {
		return nil, errors.New("bedrock: an endpoint needs a URL and an HTTP client")
	}
	if o.Region == "" {
		o.Region = regionOf(o.Endpoint.URL)
	}
	o.Endpoint.Explain = explain
	return &Client{o, provider.NewSchemas(provider.SchemaRules{Name: propertyName})}, nil
}

// URLOf is the address of Bedrock in a region: us-east-1.
func URLOf(region string) string {
	host := "https://bedrock-runtime." + region + ".amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		host += ".cn"
	}
	return host
}

// regionOf is the region that an address of AWS's own names; empty for another one.
func regionOf(u *url.URL) string {
	steps := strings.Split(u.Hostname(), ".")
	if len(steps) > 3 && strings.HasPrefix(steps[0], "bedrock-runtime") && steps[2] == "amazonaws" {
		return steps[1]
	}
	return ""
}

// propertyName reports whether every family of models takes a property of this name.
func propertyName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Model is the endpoint with a key.
type Model struct {
	o        Options
	schemas  *provider.Schemas
	endpoint provider.Endpoint
	header   http.Header
	err      error // why the key is none
}

// Model returns the endpoint with a person's or the operator's key, in one of the forms
// of ParseKey.
func (c *Client) Model(key provider.Key) *Model {
	m := &Model{o: c.o, schemas: c.schemas, endpoint: c.o.Endpoint, header: http.Header{"Accept": {streamType}}}
	m.endpoint.Key = key
	creds, err := ParseKey(key)
	if err == nil && creds.Bearer == "" && c.o.Region == "" {
		err = &patchbay.ModelError{Kind: patchbay.ModelAuth, Message: "the region of Bedrock is not known: set BEDROCK_AWS_DEFAULT_REGION"}
	}
	m.err = err
	for _, secret := range []string{creds.SecretAccessKey, creds.SessionToken, creds.Bearer} {
		m.endpoint.Secrets = append(m.endpoint.Secrets, provider.NewKey(secret))
	}
	if creds.Bearer != "" {
		m.header.Set("Authorization", "Bearer "+creds.Bearer)
	} else {
		m.endpoint.Sign = creds.signer(c.o.Region)
	}
	return m
}

// Stream asks the model; see agent.Model.
func (m *Model) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	if m.err != nil {
		return m.err
	}
	if req.Model == "" || req.Model == "." || req.Model == ".." {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the model's name cannot be part of an address"}
	}
	body, err := m.requestBody(req)
	if err != nil {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the parameters to add do not fit into the request", Err: err}
	}
	// An ARN holds / and :, which would be steps of the path.
	id := strings.ReplaceAll(url.PathEscape(req.Model), ":", "%3A")
	return m.endpoint.Stream(ctx, provider.Exchange{
		Path: "/model/" + id + "/converse-stream", Header: m.header, Body: body, Frames: newFrames,
		Decoder: func(yield func(patchbay.Delta)) provider.Decoder { return newDecoder(req, yield) },
	}, yield)
}

// List returns the models that were configured.
func (m *Model) List(context.Context) ([]patchbay.ModelInfo, error) {
	return slices.Clone(m.o.Models), m.err
}
