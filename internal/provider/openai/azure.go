package openai

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

// Deployment is one model of Azure's, under the name that people choose.
type Deployment struct {
	Model   string   // as people choose it
	Name    string   // of the deployment; empty: Model
	URL     *url.URL // what /chat/completions comes after, see AzureURL
	Version string   // api-version; empty: none is sent
	Header  http.Header
	Key     provider.Key // of its group; empty: the one of Model
	// Serverless is a model of another vendor's: it gets the older names of parameters
	// and the key in both places that such models look for it.
	Serverless bool
}

// AzureOptions describe the deployments of Azure OpenAI. Endpoint.URL and Endpoint.Key are
// not used.
type AzureOptions struct {
	Endpoint    provider.Endpoint
	Deployments []Deployment
}

// Azure is a set of deployments.
type Azure struct {
	o       AzureOptions
	schemas *provider.Schemas
}

// NewAzure checks the options.
func NewAzure(o AzureOptions) (*Azure, error) {
	if o.Endpoint.Client == nil || len(o.Deployments) == 0 {
		return nil, errors.New("openai: Azure needs deployments and an HTTP client")
	}
	for i := range o.Deployments {
		if o.Deployments[i].URL == nil || o.Deployments[i].Model == "" {
			return nil, errors.New("openai: a deployment needs a model and a URL")
		}
	}
	return &Azure{o, provider.NewSchemas(provider.SchemaRules{})}, nil
}

// AzureURL is where the deployment of an instance is asked: below the deployment when
// there is a version, else at the address that has v1 in its path and no versions.
// instance is a name or a whole host.
func AzureURL(instance, deployment, version string) string {
	host := instance
	if !strings.Contains(instance, ".") {
		host += ".openai.azure.com"
	}
	if version == "" {
		return "https://" + host + "/openai/v1"
	}
	return "https://" + host + "/openai/deployments/" + url.PathEscape(deployment)
}

// AzureModel is the deployments with a key.
type AzureModel struct {
	azure *Azure
	key   provider.Key
}

// Model returns the deployments with a person's or the operator's key.
func (a *Azure) Model(key provider.Key) *AzureModel { return &AzureModel{a, key} }

// List returns the models that have a deployment.
func (m *AzureModel) List(context.Context) ([]patchbay.ModelInfo, error) {
	var list []patchbay.ModelInfo
	for i := range m.azure.o.Deployments {
		list = append(list, patchbay.ModelInfo{ID: m.azure.o.Deployments[i].Model})
	}
	return list, nil
}

// Stream asks the deployment of the model; see agent.Model.
func (m *AzureModel) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	i := slices.IndexFunc(m.azure.o.Deployments, func(d Deployment) bool { return d.Model == req.Model })
	if i < 0 {
		return &patchbay.ModelError{Kind: patchbay.ModelNotFound, Message: "no deployment is configured for the model " + req.Model}
	}
	d := &m.azure.o.Deployments[i]
	to := *req
	if d.Name != "" {
		to.Model = d.Name
	}
	if d.before("2024-09") { // knew no counts in streams
		to.Params.Drop = append(slices.Clone(to.Params.Drop), "stream_options")
	}
	if d.before("2024-08") {
		to.Params.Drop = append(slices.Clone(to.Params.Drop), "parallel_tool_calls")
	}
	return m.deployment(d).Stream(ctx, &to, yield)
}

// deployment is one deployment as an endpoint in OpenAI's format.
func (m *AzureModel) deployment(d *Deployment) *Model {
	key := m.key
	if !d.Key.Empty() {
		key = d.Key
	}
	o := Options{Endpoint: m.azure.o.Endpoint, API: Chat, Compatible: d.Serverless || d.before("2024-09")}
	o.Endpoint.URL, o.Endpoint.Key = d.URL, key
	o.Endpoint.Header = o.Endpoint.Header.Clone()
	for name, values := range d.Header {
		if o.Endpoint.Header == nil {
			o.Endpoint.Header = http.Header{}
		}
		o.Endpoint.Header[http.CanonicalHeaderKey(name)] = values
	}
	// Responses are at the address without versions. The deployment may be called
	// anything; what people choose mostly is the model's own name.
	if strings.HasSuffix(strings.TrimRight(d.URL.Path, "/"), "/v1") && !d.Serverless && (reasons(d.Model) || reasons(d.Name)) {
		o.API = Responses
	}
	out := &Model{o: o, schemas: m.azure.schemas, endpoint: o.Endpoint, header: http.Header{}}
	if d.Version != "" {
		out.query = "?api-version=" + url.QueryEscape(d.Version)
	}
	if !key.Empty() {
		out.header.Set("Api-Key", key.Reveal())
		if d.Serverless {
			out.header.Set("Authorization", "Bearer "+key.Reveal())
		}
	}
	return out
}

// before reports whether the deployment is asked in a version older than a month.
func (d *Deployment) before(month string) bool {
	return len(d.Version) >= len(month) && d.Version[0] == '2' && d.Version[:len(month)] < month
}
