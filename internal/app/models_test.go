package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/config"
	"patchbay/internal/roster"
	"patchbay/internal/testkit"
)

// A saved `.env` or librechat.yaml changes what models there are, without a restart;
// people's keys stay theirs across it and across a rotation.
func TestModelsChangeLive(t *testing.T) {
	api := testkit.NewModelsFunc(t, func(int) testkit.ModelReply {
		m := patchbay.TextMessage(patchbay.FromModel, "good day")
		m.Stop = patchbay.StopEnd
		return testkit.ModelReply{Message: &m}
	})
	dir := t.TempDir()
	i := start(t, dir, "", "  {}\n")
	ada, bob := i.person(t, "ada"), i.person(t, "bob")
	names := func(a patchbay.Actor) (list []string) {
		all, err := i.roster.Providers(t.Context(), a)
		require.NoError(t, err)
		for _, p := range all {
			list = append(list, p.Name)
		}
		return list
	}
	require.Empty(t, names(ada))

	updates := make(chan config.Update)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	w, err := config.NewWatcher(i.source, i.loaded, 10*time.Millisecond)
	require.NoError(t, err)
	go func() { done <- w.Run(ctx, func(u config.Update) { i.update(u); updates <- u }) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	save := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		u := <-updates
		require.NoError(t, u.Err)
		require.Empty(t, u.Restart)
	}
	key := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(key, []byte("fake-operator\n"), 0o600))
	save(".env", "OPENAI_API_KEY_FILE="+key+"\nOPENAI_REVERSE_PROXY="+api.URL().String()+"/v1\nBOX_KEY=user_provided\n")
	require.Equal(t, []string{"openAI"}, names(ada))
	c, err := i.roster.Choose(t.Context(), ada, "openAI", "")
	require.NoError(t, err)
	require.Equal(t, "fake-large", c.Model)
	require.NoError(t, c.Stream.Stream(t.Context(), &patchbay.ModelRequest{
		Model: c.Model, Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "hello")},
	}, func(patchbay.Delta) {}))
	require.Equal(t, "Bearer fake-operator", api.Requests()[0].Header.Get("Authorization"))

	// A key in a file of its own may be replaced as well.
	save("key", "fake-operator-2\n")
	c, err = i.roster.Choose(t.Context(), ada, "openAI", "")
	require.NoError(t, err)
	require.NoError(t, c.Stream.Stream(t.Context(), &patchbay.ModelRequest{
		Model: c.Model, Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "hello")},
	}, func(patchbay.Delta) {}))
	require.Equal(t, "Bearer fake-operator-2", api.Requests()[1].Header.Get("Authorization"))

	box := "endpoints:\n  allowedAddresses: ['" + api.URL().Host + "']\n  custom:\n" +
		"    - {name: box, baseURL: user_provided, apiKey: '${BOX_KEY}', models: {default: [m]}}\n"
	save("librechat.yaml", box+"modelSpecs: {enforce: true, list: [{name: s, preset: {endpoint: box}}]}\n")
	require.Equal(t, []string{"openAI", "box"}, names(ada))
	specs, enforce := i.roster.Specs(ada)
	require.True(t, enforce)
	require.Equal(t, "box", specs[0].Provider)
	require.NoError(t, i.roster.SetKey(t.Context(), ada, "box", roster.Key{Secret: patchbay.NewSecret("fake-ada"), BaseURL: api.URL().String() + "/v1"}))
	_, err = i.roster.Choose(t.Context(), ada, "box", "m")
	require.NoError(t, err)
	_, err = i.roster.Choose(t.Context(), bob, "box", "m")
	require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err))

	save(".env", "BOX_KEY=user_provided\n")
	require.Equal(t, []string{"box"}, names(ada))
	require.NotContains(t, i.log.String(), "fake-")
	require.NotContains(t, i.events.String(), "fake-")
}
