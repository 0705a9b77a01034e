package chat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

const transcriptFile = "../../docs/api-chat.md"

// transcript writes down what a person types and is answered.
type transcript struct {
	t    *testing.T
	p    person
	text strings.Builder
	ids  map[string]string // what stands for an id
}

func (d *transcript) say(text string) { d.text.WriteString(strings.TrimSpace(text) + "\n\n") }

// curl runs a command as it is written down, and returns the answer.
func (d *transcript) curl(args string) []byte {
	d.t.Helper()
	line := args
	for id, name := range d.ids {
		line = strings.ReplaceAll(line, id, "$"+name)
	}
	fmt.Fprintf(&d.text, "```console\n$ curl -s -H \"Authorization: Bearer $TOKEN\" %s\n", line)
	cmd := exec.CommandContext(d.t.Context(), "sh", "-c", `curl -s --max-time 30 -H "Authorization: Bearer $TOKEN" `+args)
	cmd.Env = append(os.Environ(), "TOKEN="+d.p.token, "PATCHBAY="+d.p.url, "NO_PROXY=127.0.0.1")
	out, err := cmd.Output()
	require.NoError(d.t, err, "%s", args)
	d.text.WriteString(d.tidy(out) + "```\n\n")
	return out
}

var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// tidy is an answer as it is printed: pretty, with names for ids and one time for all.
func (d *transcript) tidy(raw []byte) string {
	var pretty bytes.Buffer
	if json.Indent(&pretty, bytes.TrimSpace(raw), "", "  ") == nil {
		raw = append(pretty.Bytes(), '\n')
	}
	text := string(raw)
	for id, name := range d.ids {
		text = strings.ReplaceAll(text, id, "<"+strings.ToLower(name)+">")
	}
	text = ids.ReplaceAllString(text, "<id>")
	return times.ReplaceAllString(text, "2026-01-31T12:00:00Z")
}

// name lets a word stand for an id from here on.
func (d *transcript) name(id, name string) { d.ids[id] = name }

// TestTranscript keeps docs/api-chat.md to what the program answers: it is written by
// this test (-update), command by command.
func TestTranscript(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("curl is not here, and docs/api-chat.md is to be held against what it shows")
		}
		t.Skip("************ curl is not here: docs/api-chat.md is NOT tested ************")
	}
	t.Parallel()
	hello := says("Two and two is four.")
	hello.Pieces = 1000
	api := testkit.NewModels(t, hello, asks("call_", "echo_mcp_demo", `{"text":"hi"}`), says("The tool says hi."))
	demo := testkit.NewEcho(t, testkit.EchoOptions{})
	place := hostkit.NewPlace(t, custom(api)+fmt.Sprintf("mcpServers:\n  demo: {type: http, url: %q, tools: {allow: [echo]}, approval: {'*': always}}\n", demo.URL()))
	tokens := people(t, place, 1)
	in := place.Serve(t, program.Path(t))
	d := &transcript{t: t, p: person{in.URL, tokens[0]}, ids: map[string]string{}}
	d.story()
	in.Stop(t)
	got := d.text.String()
	if *update {
		require.NoError(t, os.WriteFile(transcriptFile, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(transcriptFile)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("docs/api-chat.md is not what the program answers; run: go test ./e2e/chat -run TestTranscript -update\n(-want +got):\n%s", diff)
	}
}

func (d *transcript) story() {
	d.say(`# Chats by REST

These commands were run against the program by ` + "`go test ./e2e/chat -run TestTranscript -update`" + `, with a model that always says the same. ` + "`$PATCHBAY`" + ` is the address of
your instance and ` + "`$TOKEN`" + ` an API token with the scope ` + "`chat`" + `; ` + "`$RUN`" + ` and the like stand for ids of earlier answers. Every route is described at ` + "`/api/docs`" + `.`)

	d.say("## Send a message")
	d.say("Without a `conversationId` a new conversation begins. The answer comes at once; the run that writes the reply goes on by itself.")
	var s sent
	require.NoError(d.t, json.Unmarshal(d.curl(`$PATCHBAY/api/messages -H 'Content-Type: application/json' -d '{"text": "What is two and two?", "settings": {"provider": "box", "model": "fake-large"}}'`), &s))
	d.name(s.Conversation.ID, "CONVERSATION")
	d.name(s.Run.ID, "RUN")
	d.name(s.Answer.ID, "ANSWER")
	d.p.ended(d.t, s.Run.ID)
	require.True(d.t, hostkit.Poll(hostkit.PollEvery, patience, func() bool { // the title comes after the answer
		var c struct{ Title string }
		d.p.get(d.t, "/api/conversations/"+s.Conversation.ID, &c)
		return c.Title != ""
	}))

	d.say("## Read the answer")
	d.curl("$PATCHBAY/api/runs/" + s.Run.ID)
	d.say("The same as it happened, fact by fact. While the run goes on, the stream stays open and tells each word as a `delta`; with `Last-Event-ID` it goes on where it broke off.")
	d.curl("$PATCHBAY/api/runs/" + s.Run.ID + "/events")

	d.say("## Let the model use tools")
	d.say("`mcpServers` are the servers whose tools are offered. This one is set up to ask before each call, so the run waits.")
	var second sent
	require.NoError(d.t, json.Unmarshal(d.curl(`$PATCHBAY/api/messages -H 'Content-Type: application/json' -d '{"conversationId": "`+s.Conversation.ID+`", "parentId": "`+s.Answer.ID+
		`", "text": "Ask the tool.", "settings": {"provider": "box", "model": "fake-large", "mcpServers": ["demo"]}}'`), &second))
	d.name(second.Run.ID, "RUN2")
	d.name(second.Answer.ID, "ANSWER2")
	r := d.p.until(d.t, second.Run.ID, "waiting", func(r *run) bool { return r.Status == patchbay.RunWaiting && len(open(r)) == 1 })
	d.name(open(&r)[patchbay.WaitApproval], "WAIT")
	d.curl(`"$PATCHBAY/api/waits?open=true"`)
	d.curl(`$PATCHBAY/api/approvals/` + open(&r)[patchbay.WaitApproval] + ` -H 'Content-Type: application/json' -d '{"decision": "allow", "scope": "chat"}'`)
	d.p.ended(d.t, second.Run.ID)
	d.curl("$PATCHBAY/api/runs/" + second.Run.ID + "/calls/call_a")

	d.say("## Find the conversation again")
	d.curl(`"$PATCHBAY/api/conversations?search=tool&limit=1"`)

	d.say("## Stop, and go on")
	d.say("A run that has ended is not stopped again, and only one that was interrupted can be resumed.")
	d.curl("-X POST $PATCHBAY/api/runs/" + second.Run.ID + "/stop")
	d.curl("-X POST $PATCHBAY/api/runs/" + second.Run.ID + "/resume")

	d.say("## Make an agent")
	var agent struct{ ID string }
	require.NoError(d.t, json.Unmarshal(d.curl(`$PATCHBAY/api/agents -H 'Content-Type: application/json' -d '{"name": "Echo", "instructions": "Repeat what you are told.", "provider": "box", "model": "fake-large", "tools": [{"serverName": "demo", "all": true}]}'`), &agent))
	d.name(agent.ID, "AGENT")
	d.curl(`-X PATCH $PATCHBAY/api/agents/` + agent.ID + ` -H 'If-Match: "1"' -H 'Content-Type: application/json' -d '{"tools": ["echo_mcp_demo"]}'`)
	d.say("Somebody who edits an older version is told so:")
	d.curl(`-X PATCH $PATCHBAY/api/agents/` + agent.ID + ` -H 'If-Match: "1"' -H 'Content-Type: application/json' -d '{"name": "Mine"}'`)

	d.say("## Delete it all")
	d.curl("-X DELETE $PATCHBAY/api/conversations/" + s.Conversation.ID)
	status, _ := d.p.ask(d.t, http.MethodGet, "/api/runs/"+s.Run.ID, nil)
	require.Equal(d.t, http.StatusNotFound, status)
	d.curl("$PATCHBAY/api/runs/" + s.Run.ID)
}
