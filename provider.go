package patchbay

import "encoding/json"

// ProviderKind says which format a provider speaks.
type ProviderKind string

// Kinds of providers.
const (
	ProviderOpenAI    ProviderKind = "openai"
	ProviderAnthropic ProviderKind = "anthropic"
	ProviderGoogle    ProviderKind = "google"
	ProviderAzure     ProviderKind = "azure"
	ProviderBedrock   ProviderKind = "bedrock"
	ProviderCustom    ProviderKind = "custom" // OpenAI's format at another address
)

// KeySource says whose key a provider is asked with.
type KeySource string

// Sources of keys.
const (
	KeyNone     KeySource = ""              // asked without a key
	KeyOperator KeySource = "operator"      // one of the operator's, for all
	KeyUser     KeySource = "user_provided" // each person gives their own
)

// Provider is a model API as the operator configured it. A *Provider in force is never
// mutated. Strings marked T may hold placeholders, as written.
type Provider struct {
	Name    string // unique; how requests and specs name it: "openAI", "ollama"
	Kind    ProviderKind
	Label   string // shown to people
	IconURL string

	BaseURL string // T, ${NAME} only; empty: the vendor's own
	UserURL bool   // each person gives the address with their key
	Key     Secret // T, ${NAME} only; with KeyOperator
	// KeySource says whose key is used.
	KeySource KeySource
	Headers   map[string]string // T; on every request
	Region    string            // of AWS, where requests are signed for one

	Models []ModelInfo // configured; the first is the default
	Fetch  bool        // ask the API for its models; Models are used when that fails

	TitleModel    string // the model that titles conversations; empty or "current_model": the conversation's own
	TitleProvider string // the provider of TitleModel; empty: this one
	NoTitles      bool   // conversations are not titled by a model
	Tools         *bool  // whether its models take tools; nil: they do
	AddParams     map[string]json.RawMessage
	DropParams    []string

	// Deployments are Azure's, one for each of Models.
	Deployments []Deployment

	// Problem, when set, says why the provider cannot be used as configured.
	Problem *Problem
}

// Deployment is one model of Azure's. Strings marked T may hold ${NAME}.
type Deployment struct {
	Model      string            // as people choose it
	Name       string            // of the deployment
	BaseURL    string            // T; what /chat/completions comes after
	Version    string            // api-version; empty: none is sent
	Key        Secret            // T; empty: the provider's
	Headers    map[string]string // T, and the fields of who asks
	Serverless bool              // a model of another vendor's, at an address of its own
	AddParams  map[string]json.RawMessage
	DropParams []string
}

// DisplayName returns the label, or the name when there is none.
func (p *Provider) DisplayName() string {
	if p.Label != "" {
		return p.Label
	}
	return p.Name
}

// ModelSpec is one entry of `modelSpecs`: a model with its settings, offered under a
// name of its own.
type ModelSpec struct {
	Name        string // unique
	Label       string
	Description string
	IconURL     string
	Group       string
	Default     bool // chosen for a new conversation

	Provider     string // the name of a provider; empty with Agent
	Model        string
	Params       ModelParams
	Instructions string
	Greeting     string
	Agent        string   // the id of an agent, instead of provider and model
	MCPServers   []string // chosen with it
}
