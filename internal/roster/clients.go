package roster

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"sync"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/netguard"
	"patchbay/internal/provider"
	"patchbay/internal/provider/anthropic"
	"patchbay/internal/provider/bedrock"
	"patchbay/internal/provider/google"
	"patchbay/internal/provider/openai"
)

// model is a model API with a key: what a run asks, and its list.
type model interface {
	agent.Model
	List(ctx context.Context) ([]patchbay.ModelInfo, error)
}

// client makes models of keys. It keeps what it has worked out about tools.
type client func(key provider.Key) model

// clients keeps the clients of one configuration.
type clients struct {
	guard *netguard.Guard

	mu sync.Mutex
	m  map[clientKey]client
}

// clientKey tells clients apart, by user first. It holds no key.
type clientKey struct {
	owner    patchbay.UserID
	provider string
	where    [sha256.Size]byte
}

// maxClients bounds the clients that are kept; one that was dropped is made anew.
const maxClients = 1024

func newClients(g *netguard.Guard) *clients {
	return &clients{guard: g, m: map[clientKey]client{}}
}

// model returns the API that x leads to.
func (c *clients) model(x *access) (model, error) {
	// Texts and maps of them always encode.
	where, _ := json.Marshal([]any{x.url.String(), x.header, x.trust, x.deploymentHeaders()})
	key := clientKey{x.owner, x.provider.Name, sha256.Sum256(where)}
	c.mu.Lock()
	defer c.mu.Unlock()
	made, ok := c.m[key]
	if !ok {
		var err error
		if made, err = c.open(x, provider.Retry{}); err != nil {
			return nil, err
		}
		for k := range c.m {
			if len(c.m) < maxClients {
				break
			}
			delete(c.m, k)
		}
		c.m[key] = made
	}
	return made(x.key), nil
}

// lister returns an API to be asked once for its models: nobody waits for a second try.
func (c *clients) lister(x *access) (model, error) {
	made, err := c.open(x, provider.Retry{Attempts: 1})
	if err != nil {
		return nil, err
	}
	return made(x.key), nil
}

func (c *clients) open(x *access, retry provider.Retry) (client, error) {
	e := provider.Endpoint{
		URL: x.url, Header: x.header, Retry: retry,
		// A model API does not redirect; what people write goes where the operator said.
		Client: c.guard.Client(netguard.ClientOptions{Trust: x.trust, NoRedirects: true}),
	}
	switch x.provider.Kind {
	case patchbay.ProviderAnthropic:
		made, err := anthropic.New(anthropic.Options{Endpoint: e})
		if err != nil {
			return nil, err
		}
		return func(key provider.Key) model { return made.Model(key) }, nil
	case patchbay.ProviderAzure:
		made, err := openai.NewAzure(openai.AzureOptions{Endpoint: e, Deployments: x.deployments})
		if err != nil {
			return nil, err
		}
		return func(key provider.Key) model { return made.Model(key) }, nil
	case patchbay.ProviderBedrock:
		made, err := bedrock.New(bedrock.Options{Endpoint: e, Region: x.provider.Region, Models: x.provider.Models})
		if err != nil {
			return nil, err
		}
		return func(key provider.Key) model { return made.Model(key) }, nil
	case patchbay.ProviderGoogle:
		made, err := google.New(google.Options{Endpoint: e})
		if err != nil {
			return nil, err
		}
		return func(key provider.Key) model { return made.Model(key) }, nil
	}
	made, err := openai.New(openai.Options{Endpoint: e, Compatible: x.provider.Kind != patchbay.ProviderOpenAI})
	if err != nil {
		return nil, err
	}
	return func(key provider.Key) model { return made.Model(key) }, nil
}
