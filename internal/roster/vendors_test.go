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

// TestBedrock: the parts of the operator's key sign; each person's own may have any of
// its forms.
func TestBedrock(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hello"))
	api.RequireKey("fake-secret")
	shared := &patchbay.Provider{
		Name: "bedrock", Kind: patchbay.ProviderBedrock, BaseURL: api.URL().String(), Region: "eu-central-1", KeySource: patchbay.KeyOperator,
		Key: patchbay.NewSecret("${ID}:${SECRET}"), Models: models("amazon.nova-pro-v1:0"),
	}
	w := newWorld(t, anywhere, shared)
	w.env["ID"], w.env["SECRET"] = "AKIAFAKEFAKEFAKEFAKE", "fake-secret"
	w.update(shared)
	ada, bob := w.user("ada"), w.user("bob")
	hello := func(who patchbay.Actor) error {
		c, err := w.s.Choose(t.Context(), who, "bedrock", "")
		require.NoError(t, err)
		text, err := ask(context.Background(), c)
		if err == nil {
			require.Equal(t, "hello", text)
		}
		return err
	}
	require.Equal(t, []string{"amazon.nova-pro-v1:0"}, ids(w.providers(ada)["bedrock"].Models))
	require.NoError(t, hello(ada))
	require.Contains(t, api.Requests()[0].Header.Get("Authorization"), "Credential=AKIAFAKEFAKEFAKEFAKE/")

	own := *shared
	own.Key, own.KeySource = patchbay.Secret{}, patchbay.KeyUser
	w.update(&own)
	require.NoError(t, w.s.SetKey(t.Context(), ada, "bedrock", key(`{"accessKeyId":"AKIAFAKEFAKEFAKEFAKE","secretAccessKey":"fake-secret"}`)))
	require.NoError(t, w.s.SetKey(t.Context(), bob, "bedrock", key("AKIAFAKEFAKEFAKEFAKE:fake-other")))
	require.NoError(t, hello(ada))
	half := w.s.SetKey(t.Context(), bob, "bedrock", key("AKIAFAKEFAKEFAKEFAKE"))
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(half), "the secret is missing")
	err := hello(bob)
	require.ErrorContains(t, err, "Incorrect API key")
	require.NotContains(t, err.Error(), "fake-other")
}

// TestAzure: each model is asked at its own deployment, with the key of its group or of
// who asks, and with headers that say who that is.
func TestAzure(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hello"))
	p := &patchbay.Provider{
		Name: "azureOpenAI", Kind: patchbay.ProviderAzure, KeySource: patchbay.KeyUser, Models: models("mine", "shared"),
		Deployments: []patchbay.Deployment{
			{Model: "mine", Name: "one", BaseURL: api.URL().String() + "/openai/deployments/one", Version: "2024-10-21", Headers: map[string]string{"X-Who": "{{LIBRECHAT_USER_USERNAME}}"}},
			{Model: "shared", Name: "two", BaseURL: "${BASE}/openai/deployments/two", Version: "2024-10-21", Key: patchbay.NewSecret("${GROUP}"), DropParams: []string{"stream_options"}},
		},
	}
	w := newWorld(t, anywhere, p)
	w.env["BASE"], w.env["GROUP"] = api.URL().String(), "fake-group"
	w.update(p)
	ada, bob := w.user("ada"), w.user("bob")
	require.NoError(t, w.s.SetKey(t.Context(), ada, "azureOpenAI", key("fake-ada")))
	require.NoError(t, w.s.SetKey(t.Context(), bob, "azureOpenAI", key("fake-bob")))
	require.Equal(t, []string{"mine", "shared"}, ids(w.providers(ada)["azureOpenAI"].Models))
	for _, tt := range []struct {
		who              patchbay.Actor
		model, path, key string
	}{
		{ada, "mine", "/openai/deployments/one/chat/completions", "fake-ada"},
		{bob, "mine", "/openai/deployments/one/chat/completions", "fake-bob"},
		{bob, "shared", "/openai/deployments/two/chat/completions", "fake-group"},
		{ada, "", "/openai/deployments/one/chat/completions", "fake-ada"},
	} {
		c, err := w.s.Choose(t.Context(), tt.who, "azureOpenAI", tt.model)
		require.NoError(t, err)
		text, err := ask(context.Background(), c)
		require.NoError(t, err)
		require.Equal(t, "hello", text)
		last := api.Requests()[len(api.Requests())-1]
		require.Equal(t, []string{tt.path, tt.key}, []string{last.Path, last.Header.Get("Api-Key")})
		if tt.model != "shared" {
			require.Equal(t, tt.who.User.Username, last.Header.Get("X-Who"))
		} else {
			require.NotContains(t, string(last.Body), "stream_options")
		}
	}
	_, err := w.s.Choose(t.Context(), ada, "azureOpenAI", "another")
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(err))
	delete(w.env, "GROUP")
	w.update(p)
	require.Contains(t, w.providers(ada)["azureOpenAI"].Unavailable, "deployment shared")
}
