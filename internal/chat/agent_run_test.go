package chat_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
)

// TestAgentRunsAsItsActor: an agent's tools are those that who runs it may use; the
// author's permissions lend nothing, and an agent that is gone ends the run in words.
func TestAgentRunsAsItsActor(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t,
		server("open", e.URL(), func(s *patchbay.Server) { s.ChatMenu = false }),
		server("anns", e.URL(), func(s *patchbay.Server) {
			s.Access.Use = []patchbay.Grantee{{Kind: patchbay.GranteeUser, Name: "ann@example.com"}}
		}),
	)
	ann, bob := w.person("ann"), w.person("bob")
	s := w.service(nil)
	parts, err := s.CreateAgent(t.Context(), ann, &patchbay.Agent{
		Name: "helper", Instructions: "Help.", Provider: "fake", Model: "m",
		Tools: []patchbay.AgentTools{{Server: "open", Tools: []string{"echo", "gone"}}, {Server: "anns", All: true}},
	})
	require.NoError(t, err)
	agent := parts.Agent
	settings := &patchbay.ChatSettings{Agent: agent.ID}
	m := &script{answers: answers{say("hello")}}
	w.models["m"] = m
	_, err = s.Send(t.Context(), bob, sendOf("hi", settings))
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err), "it is not shared")
	require.NoError(t, w.store.PutGrants(t.Context(), store.GrantAgent, string(agent.ID), []patchbay.Grant{
		{Grantee: patchbay.Grantee{Kind: patchbay.GranteeEveryone}, Permissions: patchbay.PermUse},
	}))
	sent := send(t, s, bob, "hi", settings)
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	first := m.requests()[0]
	require.Equal(t, "Help.", first.Instructions)
	require.Len(t, first.Tools, 1)
	require.Equal(t, "echo", first.Tools[0].Ref.Tool)
	offers, err := s.Offered(t.Context(), bob, sent.Run.ID)
	require.NoError(t, err)
	require.Len(t, offers[0].Notes, 2, "the missing tool, and the server that bob may not use")

	w.mu.Lock()
	m = &script{answers: answers{
		func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
			if err := s.DeleteAgent(t.Context(), ann, agent.ID); err != nil {
				t.Error(err)
			}
			return call([3]string{"a", "echo_mcp_open", `{"text":"x"}`})(ctx, req, yield)
		},
	}}
	w.models["m"] = m
	w.mu.Unlock()
	sent = send(t, s, bob, "hi", settings)
	run := w.untilStatus(sent.Run.ID, patchbay.RunFailed)
	require.Equal(t, "There is no such agent.", run.End.Error.Message)
	require.Equal(t, patchbay.RunCallDone, w.calls(run.ID)["a"].State)
}

// TestRunLevelServer: a server that wants to know the conversation has one connection for
// each run, which ends with it.
func TestRunLevelServer(t *testing.T) {
	e := echo(t, testkit.EchoOptions{})
	w := sqlite(t, server("one", e.URL(), func(s *patchbay.Server) {
		s.ForcedLevel = ""
		s.Headers = map[string]string{"X-Message": "{{LIBRECHAT_BODY_MESSAGEID}}", "X-Parent": "{{LIBRECHAT_BODY_PARENTMESSAGEID}}"}
	}))
	w.models["m"] = &script{answers: answers{
		call([3]string{"a", "whoami_mcp_one", `{}`}, [3]string{"b", "whoami_mcp_one", `{}`}), say("done"),
	}}
	s, ann := w.service(nil), w.person("ann")
	sent := send(t, s, ann, "who", with("one"))
	w.untilStatus(sent.Run.ID, patchbay.RunDone)
	for id, c := range w.calls(sent.Run.ID) {
		require.Equal(t, patchbay.RunCallDone, c.State, "%s: %s", id, c.Problem)
		var r struct{ Content []struct{ Text string } }
		require.NoError(t, json.Unmarshal(c.Result, &r))
		require.Contains(t, r.Content[0].Text, string(sent.Answer.ID))
		require.Contains(t, r.Content[0].Text, string(sent.Question.ID))
	}
	require.Len(t, e.Sessions(), 1)
	w.eventually("the connection is closed", func() bool { return w.pool.Counts()[patchbay.LevelRun] == 0 })
}
