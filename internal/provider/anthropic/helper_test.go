package anthropic

import (
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

var key = provider.NewKey("sk-fake")

func endpointOf(api *testkit.Models) provider.Endpoint {
	return provider.Endpoint{URL: api.URL(), Client: api.Client(), Retry: provider.Retry{Attempts: 1}}
}
