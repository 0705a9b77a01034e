package chat_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// own says, of a route of chats, which of Ann's things its path names, and what is sent.
type own struct {
	thing string // empty: it names none; what Bob gets must not hold anything of Ann's
	body  any
}

// TestNothingOfAnotherPerson walks every route of chats in the API's own description: what
// is Ann's is not there for Bob, in the very words of what was never there, and no list,
// search or stream of his tells of it.
func TestNothingOfAnotherPerson(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-of-ann"
	api := testkit.NewModels(t, asks("call_", "echo_mcp_careful", `{"text":"`+secret+`"}`))
	careful := testkit.NewEcho(t, testkit.EchoOptions{})
	place := hostkit.NewPlace(t, custom(api)+fmt.Sprintf("mcpServers:\n  careful: {type: http, url: %q, approval: {'*': always}}\n", careful.URL()))
	tokens := people(t, place, 3)
	in := place.Serve(t, program.Path(t))
	ann, bob, root := person{in.URL, tokens[1]}, person{in.URL, tokens[2]}, person{in.URL, tokens[0]}

	s := ann.send(t, map[string]any{"text": secret, "settings": map[string]any{"provider": "box", "model": "fake-large", "mcpServers": []string{"careful"}}})
	r := ann.until(t, s.Run.ID, "waiting", func(r *run) bool { return r.Status == patchbay.RunWaiting && len(open(r)) == 1 })
	var agent struct{ ID string }
	ann.want(t, http.StatusCreated, http.MethodPost, "/api/agents", map[string]any{"name": secret, "provider": "box", "model": "fake-large"}, &agent)
	file := ann.upload(t, secret)
	things := map[string]string{
		"conversation": s.Conversation.ID, "message": s.Answer.ID, "run": s.Run.ID, "wait": open(&r)[patchbay.WaitApproval],
		"agent": agent.ID, "file": file,
	}
	deny, text := map[string]any{"decision": "deny"}, map[string]any{"text": "x"}
	table := map[string]own{
		"sendMessage": {body: text}, "regenerate": {"message", map[string]any{}},
		"listConversations": {}, "getConversation": {thing: "conversation"}, "changeConversation": {"conversation", map[string]any{"title": "Bob's"}},
		"deleteConversation": {thing: "conversation"}, "listMessages": {thing: "conversation"},
		"listRuns": {}, "getRun": {thing: "run"}, "stopRun": {thing: "run"}, "resumeRun": {thing: "run"}, "runEvents": {thing: "run"},
		"getOffered": {thing: "run"}, "getCall": {thing: "run"}, "cancelCall": {thing: "run"},
		"listWaits": {}, "skipWait": {"wait", map[string]any{}}, "answerQuestion": {"wait", map[string]any{"action": "cancel"}}, "answerApproval": {"wait", deny},
		"listApprovals": {}, "deleteApproval": {thing: "wait"},
		"listAgents": {}, "createAgent": {body: map[string]any{"name": "Bob's"}}, "getAgent": {thing: "agent"}, "changeAgent": {"agent", map[string]any{"name": "Bob's"}},
		"deleteAgent": {thing: "agent"}, "duplicateAgent": {thing: "agent"}, "listAgentVersions": {thing: "agent"}, "revertAgent": {"agent", map[string]any{"version": 1}},
		"getAgentAccess": {thing: "agent"}, "putAgentAccess": {"agent", map[string]any{"grants": []any{}}},
		"listProviders": {}, "listModels": {}, "listModelSpecs": {}, "listKeys": {}, "putKey": {body: map[string]any{"name": "box", "value": "x"}}, "deleteKey": {},
		"upload": {}, "getAttachment": {thing: "file"}, "deleteAttachment": {thing: "file"},
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Tags        []string
		}
	}
	bob.get(t, "/api/openapi.json", &doc)
	walked := 0
	for pattern, methods := range doc.Paths {
		for method, op := range methods {
			if !regexp.MustCompile(`^(chat|agents|models)$`).MatchString(strings.Join(op.Tags, " ")) {
				continue
			}
			row, ok := table[op.OperationID]
			if !ok {
				t.Errorf("%s is not in the table of this test", op.OperationID)
				continue
			}
			walked++
			method = strings.ToUpper(method)
			fill := func(id string) string {
				return strings.NewReplacer("{id}", id, "{callId}", "call_a", "{name}", "box").Replace(pattern)
			}
			for name, who := range map[string]person{"bob": bob, "an admin": root} {
				status, answer := who.ask(t, method, fill(things[row.thing]), row.body)
				if bytes.Contains(answer, []byte(secret)) {
					t.Errorf("%s: %s saw it: %s", op.OperationID, name, answer)
				}
				if row.thing == "" {
					continue
				}
				if status != http.StatusNotFound {
					t.Errorf("%s: %s got %d %s", op.OperationID, name, status, answer)
				}
				never, unknown := who.ask(t, method, fill("01a1fa16-db21-7261-bffc-b7ed5888b6bb"), row.body)
				if never != status || !bytes.Equal(unknown, answer) {
					t.Errorf("%s: what is Ann's is answered by %d %s, and what is not there by %d %s", op.OperationID, status, answer, never, unknown)
				}
			}
		}
	}
	if walked != len(table) {
		t.Errorf("%d routes of %d were walked", walked, len(table))
	}
	for _, path := range []string{"/api/conversations?search=hunter2", "/api/agents?search=hunter2", "/api/runs?conversationId=" + s.Conversation.ID, "/api/waits?runId=" + s.Run.ID} {
		if _, answer := bob.ask(t, http.MethodGet, path, nil); !bytes.Contains(answer, []byte(`"data":[]`)) && !bytes.Contains(answer, []byte(`"not_found"`)) {
			t.Errorf("%s: %s", path, answer)
		}
	}
	// Bob's things cannot be hung on Ann's.
	status, answer := bob.ask(t, http.MethodPost, "/api/messages", map[string]any{"conversationId": s.Conversation.ID, "parentId": s.Answer.ID, "text": "x"})
	require.Equal(t, http.StatusNotFound, status, "%s", answer)
	status, answer = bob.ask(t, http.MethodPost, "/api/messages", map[string]any{"text": "x", "attachments": []string{file}, "settings": map[string]any{"provider": "box"}})
	require.NotEqual(t, http.StatusCreated, status, "%s", answer)
	status, answer = bob.ask(t, http.MethodPost, "/api/messages", map[string]any{"text": "x", "settings": map[string]any{"agentId": agent.ID}})
	require.NotEqual(t, http.StatusCreated, status, "%s", answer)
	// All of it is there for Ann still.
	after := ann.run(t, s.Run.ID)
	require.Equal(t, patchbay.RunWaiting, after.Status)
	require.Zero(t, careful.Calls("echo"))
	for _, path := range []string{"/api/agents/" + agent.ID, "/api/attachments/" + file, "/api/conversations/" + s.Conversation.ID} {
		status, _ := ann.ask(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, status, path)
	}
}

// upload gives a file with that text.
func (p person) upload(t testing.TB, text string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/attachments?name=notes.txt", strings.NewReader(text))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "text/plain")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, resp.StatusCode, "%s", raw)
	found := regexp.MustCompile(`"id":"([^"]+)"`).FindSubmatch(raw)
	require.NotNil(t, found)
	return string(found[1])
}
