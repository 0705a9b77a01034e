package chat_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// TestStopped: a stop of the program keeps runs. One whose model writes is interrupted
// with what there is, and can be resumed; one that is calling a tool goes on at the next
// start, and its call is not sent again.
func TestStopped(t *testing.T) {
	t.Parallel()
	half := says(strings.Repeat("half of it ", 1000))
	half.Stall = 6000
	api := testkit.NewModels(t, half, asks("call_", "slow_mcp_one", `{"ms":1500}`), says("The rest."), says("After all."))
	one := testkit.NewEcho(t, testkit.EchoOptions{})
	place := hostkit.NewPlace(t, custom(api)+fmt.Sprintf("mcpServers:\n  one: {type: http, url: %q}\n", one.URL()))
	token := people(t, place, 1)[0]
	in := place.Serve(t, program.Path(t))
	ann := person{in.URL, token}
	message := map[string]any{"text": "Go.", "settings": map[string]any{"provider": "box", "model": "fake-large", "mcpServers": []string{"one"}}}
	writing := ann.send(t, message)
	_, err := ann.follow(t.Context(), writing.Run.ID, "", func(f fact) bool { return f.name == "delta" || f.name == "snapshot" })
	require.NoError(t, err)
	calling := ann.send(t, message)
	one.AwaitInFlight(t, 1)
	in.Stop(t)

	in = place.Serve(t, program.Path(t))
	ann = person{in.URL, token}
	r := ann.ended(t, writing.Run.ID)
	require.Equal(t, patchbay.RunInterrupted, r.Status, "%+v", r.End)
	require.Contains(t, r.Steps[0].Message.Parts[0].Text, "half of it half of it")
	r = ann.ended(t, calling.Run.ID)
	require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
	require.Equal(t, patchbay.RunCallDone, r.Calls[0].State, r.Calls[0].Problem)
	require.Equal(t, 1, one.Calls("slow"))

	ann.want(t, http.StatusOK, http.MethodPost, "/api/runs/"+writing.Run.ID+"/resume", nil, nil)
	r = ann.until(t, writing.Run.ID, "done", func(r *run) bool { return r.Status == patchbay.RunDone })
	require.Equal(t, "After all.", r.Steps[len(r.Steps)-1].Message.Parts[0].Text)
	in.Stop(t)
}

// TestWhatAnInstanceTells: what is public is public, what is counted is counted, and no
// key is in any of it.
func TestWhatAnInstanceTells(t *testing.T) {
	t.Parallel()
	api := testkit.NewModels(t, says("Hello."), says("Hello."))
	yaml := custom(api) + "interface: {customWelcome: Good day, parameters: false}\n"
	yaml = strings.Replace(yaml, "  custom:\n", "  custom:\n    - {name: mine, apiKey: user_provided, baseURL: \""+api.URL().String()+"/v1\", titleConvo: false, models: {default: [fake-small]}}\n", 1)
	place := hostkit.NewPlace(t, yaml, "ALLOW_REGISTRATION=true")
	tokens := people(t, place, 2)
	in := place.Serve(t, program.Path(t))
	nobody, root, ann := person{in.URL, ""}, person{in.URL, tokens[0]}, person{in.URL, tokens[1]}
	var site struct {
		RegistrationEnabled, SetupNeeded bool
		Version, CustomWelcome           string
		Interface                        struct{ ModelSelect, Parameters bool }
	}
	nobody.get(t, "/api/config", &site)
	require.True(t, site.RegistrationEnabled && !site.SetupNeeded && site.Version != "" && site.Interface.ModelSelect && !site.Interface.Parameters, "%+v", site)
	require.Equal(t, "Good day", site.CustomWelcome)

	status, answer := ann.ask(t, http.MethodPost, "/api/messages", map[string]any{"text": "x", "settings": map[string]any{"provider": "mine"}})
	require.NotEqual(t, http.StatusCreated, status, "without a key: %s", answer)
	ann.want(t, http.StatusOK, http.MethodPut, "/api/keys", map[string]any{"name": "mine", "value": "fake-key-of-ann"}, nil)
	for _, provider := range []string{"mine", "box"} {
		s := ann.send(t, map[string]any{"text": "x", "settings": map[string]any{"provider": provider}})
		require.Equal(t, patchbay.RunDone, ann.ended(t, s.Run.ID).Status)
	}
	require.Equal(t, "Bearer fake-key-of-ann", api.Requests()[0].Header.Get("Authorization"))
	_, endpoints := ann.ask(t, http.MethodGet, "/api/endpoints", nil)
	require.Contains(t, string(endpoints), `"keySet":true`)
	_, keys := ann.ask(t, http.MethodGet, "/api/keys", nil)
	_, metrics := root.ask(t, http.MethodGet, "/metrics", nil)
	require.Contains(t, string(metrics), `patchbay_runs_total{status="done"} 2`)
	require.Contains(t, string(metrics), `patchbay_model_tokens_total{direction="output"}`)
	_, others := root.ask(t, http.MethodGet, "/api/keys", nil)
	require.Contains(t, string(others), `"data":[]`)
	in.Stop(t)
	texts := []string{string(endpoints), string(keys), string(metrics), in.Log.String()}
	files, err := filepath.Glob(filepath.Join(place.Data, "*"))
	require.NoError(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		texts = append(texts, string(raw))
	}
	for _, text := range texts {
		require.NotContains(t, text, "fake-model-key")
		require.NotContains(t, text, "fake-key-of-ann")
	}
}
