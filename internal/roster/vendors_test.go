package roster_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestGoogle: each person's key asks for their models and answers them, in the header.
func TestGoogle(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hello"))
	w := newWorld(t, anywhere, &patchbay.Provider{
		Name: "google", Kind: patchbay.ProviderGoogle, BaseURL: api.URL().String(), KeySource: patchbay.KeyUser, Fetch: true,
	})
	ada, bob := w.user("ada"), w.user("bob")
	require.NoError(t, w.s.SetKey(t.Context(), ada, "google", key("fake-ada")))
	require.NoError(t, w.s.SetKey(t.Context(), bob, "google", key("fake-bob")))
	for _, who := range []struct {
		actor patchbay.Actor
		key   string
	}{{ada, "fake-ada"}, {bob, "fake-bob"}} {
		require.Equal(t, testkit.ModelNames(), ids(w.providers(who.actor)["google"].Models))
		c, err := w.s.Choose(t.Context(), who.actor, "google", "fake-small")
		require.NoError(t, err)
		text, err := ask(context.Background(), c)
		require.NoError(t, err)
		require.Equal(t, "hello", text)
		last := api.Requests()[len(api.Requests())-1]
		require.Equal(t, "/v1beta/models/fake-small:streamGenerateContent", last.Path)
		require.Equal(t, who.key, last.Header.Get("X-Goog-Api-Key"))
		require.Equal(t, "alt=sse", last.Query.Encode())
	}
}
