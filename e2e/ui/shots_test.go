package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestShots is shots.mjs: the pictures of README.md. With -update they are taken for the
// repository; without, it is seen that they can be.
func TestShots(t *testing.T) {
	chromium := needs(t)
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{Manual: true})
	protected := auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	config := shotsConfiguration(os.Getenv(binaryEnv), protected.URL(), silent(t), toolsThenWords(t))
	dir := t.TempDir()
	if *update {
		var err error
		if dir, err = filepath.Abs("../../docs/pictures"); err != nil {
			t.Fatal(err)
		}
	}
	drive(t, chromium, startInstance(t, config), "shots.mjs", "UI_PICTURES="+dir)
}

// shotsConfiguration has a server for each status.
func shotsConfiguration(bin, protected, silent, models string) string {
	return strings.NewReplacer("BIN", bin, "PROTECTED", protected, "SILENT", silent, "MODELS", models).Replace(`version: 1.2.8
endpoints:
  custom:
    - name: Scripted
      baseURL: MODELS/v1
      apiKey: fake-key
      models: { default: [fake-large], fetch: false }
      titleConvo: false
mcpServers:
  demo: { title: Demo tools, description: Small tools to try things with., command: BIN/patchbay, args: [demo-server] }
  notes: { title: Notes, description: Wants everybody to sign in., type: streamable-http, url: PROTECTED }
  archive: { title: Archive, description: Is not running now., type: streamable-http, url: "http://127.0.0.1:9/mcp" }
  maps: { title: Maps, description: Takes its time., type: streamable-http, url: SILENT, initTimeout: 600000 }
  mail: { title: Mail, type: streamable-http, url: "http://127.0.0.1:9/mcp", headers: { X-Key: "${MAIL_KEY_NOT_SET}" } }
  drafts: { title: Drafts, command: BIN/patchbay, args: [demo-server] }
  weather:
    title: Weather
    description: Forecasts for a place.
    command: BIN/patchbay
    args: [demo-server]
    env: { KEY: "{{WEATHER_KEY}}" }
    customUserVars:
      WEATHER_KEY: { title: Weather key, description: 'From <a href="https://example.com/keys">your account page</a>.' }
      REGION: { title: Region, description: Such as eu or us., sensitive: false }
`)
}

// toolsThenWords is a model that calls three tools and then sums up.
func toolsThenWords(t *testing.T) string {
	calls := patchbay.Message{Role: patchbay.FromModel, Stop: patchbay.StopCalls, Parts: []patchbay.Part{
		{Kind: patchbay.PartText, Text: "I ask three tools at once."},
		{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "call_1", Name: "add_mcp_demo", Args: `{"a":9007199254740993,"b":1}`}},
		{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "call_2", Name: "table_mcp_demo", Args: `{"rows":5}`}},
		{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "call_3", Name: "fail_mcp_demo", Args: `{}`}},
	}}
	words := patchbay.TextMessage(patchbay.FromModel, "The sum is **9007199254740994**, to the last digit.\n\nThe powers of five are in the table:\n\n| n | n² | n³ |\n|---|---|---|\n| 4 | 16 | 64 |\n| 5 | 25 | 125 |\n\n`fail` did what its name says: it reports an error each time.")
	words.Stop = patchbay.StopEnd
	return testkit.NewModelsFunc(t, func(turn int) testkit.ModelReply {
		if turn%2 == 0 {
			return testkit.ModelReply{Message: &calls}
		}
		return testkit.ModelReply{Message: &words}
	}).URL().String()
}
