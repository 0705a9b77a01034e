package chat_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// TestLive has the conversation of TestFormats with models of the vendors: with
// PATCHBAY_LIVE=1, for each vendor whose key is in the environment. It costs money.
func TestLive(t *testing.T) {
	if os.Getenv("PATCHBAY_LIVE") == "" {
		t.Skip("PATCHBAY_LIVE is not set: vendors are not asked")
	}
	for name, v := range map[string]struct{ provider, model, key string }{
		"chat":      {"openAI", "gpt-4.1-mini", "OPENAI_API_KEY"},
		"responses": {"openAI", "gpt-5-mini", "OPENAI_API_KEY"},
		"anthropic": {"anthropic", "claude-haiku-4-5", "ANTHROPIC_API_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(v.key) == "" {
				t.Skipf("%s is not set", v.key)
			}
			one, two := testkit.NewEcho(t, testkit.EchoOptions{}), testkit.NewEcho(t, testkit.EchoOptions{})
			place := hostkit.NewPlace(t, fmt.Sprintf(limits+"mcpServers:\n  one: {type: http, url: %q, tools: {allow: [echo, fail]}}\n  two: {type: http, url: %q, tools: {allow: [exact, slow]}}\n", one.URL(), two.URL()),
				v.key+"="+os.Getenv(v.key))
			tokens := people(t, place, 1)
			in := place.Serve(t, program.Path(t))
			ann := person{in.URL, tokens[0]}
			s := ann.send(t, map[string]any{
				"text":     `Call these four tools at the same time, in one turn: echo with text "hi"; fail; slow with ms 10; exact with result {"content":[{"type":"image","mimeType":"image/png","data":"` + pixel + `"}]}. Then say which one failed.`,
				"settings": map[string]any{"provider": v.provider, "model": v.model, "mcpServers": []string{"one", "two"}},
			})
			r := ann.ended(t, s.Run.ID)
			require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
			require.GreaterOrEqual(t, len(r.Calls), 4)
			again := ann.send(t, map[string]any{"conversationId": s.Conversation.ID, "parentId": s.Answer.ID, "text": "How many tools were there?"})
			r = ann.ended(t, again.Run.ID)
			require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
			in.Stop(t)
		})
	}
}
