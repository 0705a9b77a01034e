package google

import (
	"context"
	"flag"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

func golden() *testkit.ModelGolden {
	return &testkit.ModelGolden{
		Files: "testdata/*.txtar", Update: *update,
		Ask: func(t testing.TB, c *testkit.ModelClient, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			u, err := url.Parse("https://vendor.example")
			require.NoError(t, err)
			client, err := New(Options{Endpoint: provider.Endpoint{URL: u, Client: c.Client(), Retry: provider.Retry{Attempts: 1}}})
			require.NoError(t, err)
			return client.Model(provider.NewKey("fake-key")).Stream(context.Background(), req, yield)
		},
	}
}

// TestGolden: recorded vendor bytes → our types → the next request's bytes, with a stay
// in the store between. -update writes the files.
func TestGolden(t *testing.T) { golden().Run(t) }

// FuzzStream holds that no stream, however broken or cut into reads, does harm.
func FuzzStream(f *testing.F) { golden().Fuzz(f) }
