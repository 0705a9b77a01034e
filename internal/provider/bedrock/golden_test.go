package bedrock

import (
	"bytes"
	"context"
	"flag"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// fakeKey has the form of a key that signs.
const fakeKey = "AKIAFAKEFAKEFAKEFAKE:fake-secret/with+signs:fake-token"

func golden() *testkit.ModelGolden {
	return &testkit.ModelGolden{
		Files: "testdata/*.txtar", Update: *update, Encode: encode,
		Ask: func(t testing.TB, c *testkit.ModelClient, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			u, err := url.Parse(URLOf("eu-central-1"))
			require.NoError(t, err)
			c.Type = streamType
			client, err := New(Options{Endpoint: provider.Endpoint{URL: u, Client: c.Client(), Retry: provider.Retry{Attempts: 1}}})
			require.NoError(t, err)
			return client.Model(provider.NewKey(fakeKey)).Stream(context.Background(), req, yield)
		},
	}
}

// encode makes frames of lines of an event's name and its payload, by AWS's encoder. A
// name with a ! is that of an exception.
func encode(t testing.TB, lines []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	e := eventstream.NewEncoder()
	for line := range strings.Lines(string(lines)) {
		name, payload, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" {
			continue
		}
		var m eventstream.Message
		kind := "event"
		if exception, bad := strings.CutPrefix(name, "!"); bad {
			kind, name = "exception", exception
		}
		m.Headers.Set(":"+kind+"-type", eventstream.StringValue(name))
		m.Headers.Set(":content-type", eventstream.StringValue("application/json"))
		m.Headers.Set(":message-type", eventstream.StringValue(kind))
		m.Payload = []byte(payload)
		if len(name) < 1<<15 { // the length of a header's value
			require.NoError(t, e.Encode(&out, m))
		}
	}
	return out.Bytes()
}

// TestGolden: recorded vendor bytes → our types → the next request's bytes, with a stay
// in the store between. -update writes the files.
func TestGolden(t *testing.T) { golden().Run(t) }

// FuzzStream holds that no stream, however broken or cut into reads, does harm.
func FuzzStream(f *testing.F) { golden().Fuzz(f) }

// FuzzEvents does the same behind the checksums, which keep most changed bytes out.
func FuzzEvents(f *testing.F) { golden().FuzzText(f) }
