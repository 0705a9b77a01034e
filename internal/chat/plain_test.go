package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/bus"
	"patchbay/internal/chat"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/tools"
)

var when = time.UnixMilli(1_800_000_000_000).UTC()

// shelf is a catalogue: which tools of which server a person has.
type shelf map[patchbay.UserID]map[string][]string

func (s shelf) List(_ context.Context, a patchbay.Actor, f tools.Filter) (list []tools.Entry, err error) {
	names, ok := s[a.ID()][f.Server]
	if !ok {
		return nil, patchbay.NotFound(f.Server)
	}
	for _, name := range names {
		list = append(list, tools.Entry{Tool: patchbay.Tool{Name: name}, Server: f.Server})
	}
	return list, nil
}

// desk is the plain part of chats: what needs no model.
type desk struct {
	*chat.Service
	store    *store.Store
	shelf    shelf
	bus      *bus.Bus
	ada, bob patchbay.Actor
}

// eachDesk runs fn once per engine.
func eachDesk(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		d := &desk{store: s, shelf: shelf{}, bus: bus.New(), ada: actor(t, s, "ada"), bob: actor(t, s, "bob")}
		d.Service = chat.Plain(t.Context(), chat.Options{
			Store: s, Tools: catalogue{d.shelf}, Bus: d.bus, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return when },
		})
		t.Cleanup(d.Crash)
		fn(t, d)
	})
}

// catalogue lists and calls nothing.
type catalogue struct{ shelf }

func (catalogue) EndRun(patchbay.UserID, string, patchbay.ServerID) {}

func (catalogue) Call(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
	return patchbay.Outcome{}, patchbay.Errorf(patchbay.CodeNotImplemented, "Nothing is called here.")
}

func actor(t *testing.T, s *store.Store, name string) patchbay.Actor {
	t.Helper()
	u := &patchbay.User{Email: name + "@example.org", Username: name, Name: strings.ToUpper(name), Role: patchbay.RoleUser, CreatedAt: when}
	require.NoError(t, s.CreateUser(t.Context(), u, ""))
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorAPI}
}

// ask starts a run in a new conversation, as the engine does.
func (d *desk) ask(t *testing.T, a patchbay.Actor, text string) store.RunStart {
	t.Helper()
	n := store.RunStart{
		Conversation: &patchbay.Conversation{Title: text, CreatedAt: when},
		Question:     &patchbay.Entry{Message: patchbay.TextMessage(patchbay.FromUser, text), CreatedAt: when},
		Answer:       &patchbay.Entry{CreatedAt: when},
		Run:          &patchbay.Run{User: a.ID(), Owner: "here/1", CreatedAt: when},
		Lease:        time.Minute,
	}
	require.NoError(t, d.store.StartRun(t.Context(), n))
	return n
}

func code(t *testing.T, want patchbay.Code, err error) *patchbay.Error {
	t.Helper()
	require.Equal(t, want, patchbay.CodeOf(err), "error: %v", err)
	var e *patchbay.Error
	require.ErrorAs(t, err, &e)
	return e
}

// paths are the fields that an error names.
func paths(t *testing.T, err error) (out []string) {
	t.Helper()
	for _, f := range code(t, patchbay.CodeInvalid, err).Fields {
		out = append(out, f.Path)
	}
	return out
}

func ptr[T any](v T) *T { return &v }

func TestConversations(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		sub := d.bus.Subscribe(100, nil)
		defer sub.Close()
		events := sub.Events()
		n := d.ask(t, d.ada, "Rain")
		id := n.Run.Conversation
		c, err := d.ChangeConversation(ctx, d.ada, id, chat.ConversationChange{Title: ptr("  Sun  "), Archived: ptr(true), Head: &n.Question.ID})
		require.NoError(t, err)
		require.Equal(t, "Sun", c.Title)
		require.True(t, c.Titled)
		require.True(t, c.Archived)
		require.Equal(t, n.Question.ID, c.Head)
		require.Equal(t, when, c.UpdatedAt, "it keeps its place")
		ev := <-events
		require.Equal(t, d.ada.ID(), ev.User)
		require.Equal(t, patchbay.ConversationEvent{Conversation: id, Title: "Sun"}, ev.Data)

		_, err = d.ChangeConversation(ctx, d.ada, id, chat.ConversationChange{Title: ptr(" \t"), Settings: &patchbay.ChatSettings{
			Servers: []string{"a", ""}, Instructions: "\x00", Params: patchbay.ModelParams{Temperature: ptr(3.0), MaxTokens: -1},
		}})
		require.Equal(t, []string{"title", "settings.instructions", "settings.mcpServers[1]", "settings.params.maxTokens", "settings.params.temperature"}, paths(t, err))
		_, err = d.ChangeConversation(ctx, d.ada, id, chat.ConversationChange{Title: ptr(strings.Repeat("ä", 201))})
		require.Equal(t, []string{"title"}, paths(t, err))
		other := d.ask(t, d.ada, "other")
		_, err = d.ChangeConversation(ctx, d.ada, id, chat.ConversationChange{Head: &other.Question.ID})
		code(t, patchbay.CodeNotFound, err)

		_, err = d.Conversation(ctx, d.bob, id)
		code(t, patchbay.CodeNotFound, err)
		_, err = d.ChangeConversation(ctx, d.bob, id, chat.ConversationChange{Title: ptr("bob's")})
		code(t, patchbay.CodeNotFound, err)
		code(t, patchbay.CodeNotFound, d.DeleteConversation(ctx, d.bob, id))
		_, _, err = d.Messages(ctx, d.bob, id, "", 0)
		code(t, patchbay.CodeNotFound, err)
		_, _, err = d.Conversations(ctx, patchbay.Actor{Kind: patchbay.ActorOperator}, chat.ConversationFilter{})
		code(t, patchbay.CodeForbidden, err)
		list, _, err := d.Conversations(ctx, d.ada, chat.ConversationFilter{Archived: true, Search: "sun"})
		require.NoError(t, err)
		require.Len(t, list, 1)

		require.NoError(t, d.DeleteConversation(ctx, d.ada, id))
		for ev := range events {
			if ev.Data == (patchbay.ConversationEvent{Conversation: id, Deleted: true}) {
				break
			}
		}
		_, err = d.Conversation(ctx, d.ada, id)
		code(t, patchbay.CodeNotFound, err)
	})
}

func TestMessagesWithTheirRuns(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		n := d.ask(t, d.ada, "Rain?")
		partial, err := json.Marshal(patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{
			{Kind: patchbay.PartReasoning, Text: "hm"}, {Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "c", Name: "n", Args: `{"a`}},
		}})
		require.NoError(t, err)
		require.NoError(t, d.store.SaveRun(ctx, store.RunSave{
			ID: n.Run.ID, Owner: "here/1", Epoch: 1, Step: 1,
			Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromModel, "Let me see")},
			Calls:    []*patchbay.RunCall{{ID: "c1", Step: 1, State: patchbay.RunCallDone, Result: json.RawMessage(`{"content":[]}`)}},
			Waits:    []*patchbay.RunWait{{Kind: patchbay.WaitSignin, ServerName: "a", CreatedAt: when}},
		}))
		require.NoError(t, d.store.Checkpoint(ctx, n.Run.ID, "here/1", 1, partial))
		list, next, err := d.Messages(ctx, d.ada, n.Run.Conversation, "", 0)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, list, 2)
		require.Equal(t, "Rain?", list[0].Entry.Message.Text())
		require.Nil(t, list[0].Run)
		run := list[1].Run
		require.Equal(t, n.Run.ID, run.Run.ID)
		require.Equal(t, "Let me see", run.Messages[0].Text())
		require.Nil(t, run.Calls[0].Result)
		require.Len(t, run.Waits, 1)
		require.Equal(t, 2, run.Partial.Step)
		require.Equal(t, len("hm")+len(`{"a`), run.Partial.Offset)
		one, err := d.RunParts(ctx, d.ada, n.Run.ID)
		require.NoError(t, err)
		require.Equal(t, run.Partial, one.Partial)
		_, err = d.RunParts(ctx, d.bob, n.Run.ID)
		code(t, patchbay.CodeNotFound, err)
		page, next, err := d.Messages(ctx, d.ada, n.Run.Conversation, "", 1)
		require.NoError(t, err)
		require.Len(t, page, 1)
		page, next, err = d.Messages(ctx, d.ada, n.Run.Conversation, next, 1)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Equal(t, n.Run.ID, page[0].Run.Run.ID)
		runs, _, err := d.Runs(ctx, d.bob, chat.RunFilter{Active: true})
		require.NoError(t, err)
		require.Empty(t, runs)
	})
}

func TestRememberedApprovals(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		p := &patchbay.Approval{User: d.ada.ID(), Server: "yaml/a", ServerName: "a", Tool: "t", CreatedAt: when}
		require.NoError(t, d.store.PutApproval(ctx, p))
		list, _, err := d.ListApprovals(ctx, d.bob, "", 0)
		require.NoError(t, err)
		require.Empty(t, list)
		code(t, patchbay.CodeNotFound, d.DeleteApproval(ctx, d.bob, p.ID))
		list, _, err = d.ListApprovals(ctx, d.ada, "", 0)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.NoError(t, d.DeleteApproval(ctx, d.ada, p.ID))
	})
}

func TestAgentLife(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.shelf[d.ada.ID()] = map[string][]string{"mail": {"read", "send"}, "cold": nil}
		d.shelf[d.bob.ID()] = map[string][]string{"mail": {"read"}}
		made, err := d.CreateAgent(ctx, d.ada, &patchbay.Agent{
			ID: "chosen by the client", Owner: d.bob.ID(), Name: "Post", Instructions: "Be brief.", Provider: "p", Model: "m",
			Tools: []patchbay.AgentTools{
				{Server: "mail", Tools: []string{"read", "send", "read"}},
				{Server: "cold", Tools: []string{"x"}},
				{Server: "gone", All: true},
				{Server: "mail", Tools: []string{"lost"}},
			},
		})
		require.NoError(t, err)
		a := made.Agent
		require.NotEqual(t, patchbay.AgentID("chosen by the client"), a.ID)
		require.Equal(t, d.ada.ID(), a.Owner)
		require.Equal(t, "ADA", made.Author)
		require.Equal(t, []patchbay.AgentTools{{Server: "mail", Tools: []string{"read", "send", "lost"}}, {Server: "cold", Tools: []string{"x"}}, {Server: "gone", All: true}}, a.Tools)
		require.Equal(t, []patchbay.AgentTools{{Server: "mail", Tools: []string{"lost"}}, {Server: "gone", All: true}}, made.Missing,
			"a server whose list is not known yet is given the benefit of the doubt")
		require.Equal(t, "VIEW,USE,EDIT,DELETE,SHARE", made.Permissions.String())

		// Nobody else sees it before it is shared.
		_, err = d.Agent(ctx, d.bob, a.ID)
		hidden := code(t, patchbay.CodeNotFound, err)
		_, err = d.Agent(ctx, d.bob, "none")
		require.Equal(t, hidden.Message, code(t, patchbay.CodeNotFound, err).Message, "one wording")
		code(t, patchbay.CodeNotFound, d.DeleteAgent(ctx, d.bob, a.ID))
		_, _, err = d.AgentVersions(ctx, d.bob, a.ID, "", 0)
		code(t, patchbay.CodeNotFound, err)
		list, _, err := d.Agents(ctx, d.bob, chat.AgentFilter{})
		require.NoError(t, err)
		require.Empty(t, list)

		toBob := patchbay.Grantee{Kind: patchbay.GranteeUser, Name: string(d.bob.ID())}
		share := func(p patchbay.Permission) {
			require.NoError(t, d.store.PutGrants(ctx, store.GrantAgent, string(a.ID), []patchbay.Grant{{Grantee: toBob, Permissions: p}}))
		}
		share(patchbay.PermView)
		seen, err := d.Agent(ctx, d.bob, a.ID)
		require.NoError(t, err)
		require.Equal(t, []patchbay.AgentTools{{Server: "mail", Tools: []string{"send", "lost"}}, {Server: "cold", Tools: []string{"x"}}, {Server: "gone", All: true}}, seen.Missing,
			"what is missing is so for who looks")
		_, err = d.DuplicateAgent(ctx, d.bob, a.ID)
		require.Contains(t, code(t, patchbay.CodeForbidden, err).Message, "USE")
		share(patchbay.PermUse)
		list, _, err = d.Agents(ctx, d.bob, chat.AgentFilter{Search: "post"})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "VIEW,USE", list[0].Permissions.String())
		copied, err := d.DuplicateAgent(ctx, d.bob, a.ID)
		require.NoError(t, err)
		require.Equal(t, "Post (copy)", copied.Agent.Name)
		require.Equal(t, d.bob.ID(), copied.Agent.Owner)
		require.Equal(t, 1, copied.Agent.Version)
		rename := func(a *patchbay.Agent) error { a.Name, a.Owner = "New", d.bob.ID(); return nil }
		_, err = d.ChangeAgent(ctx, d.bob, a.ID, 1, rename)
		code(t, patchbay.CodeForbidden, err)

		changed, err := d.ChangeAgent(ctx, d.ada, a.ID, 1, rename)
		require.NoError(t, err)
		require.Equal(t, 2, changed.Agent.Version)
		require.Equal(t, d.ada.ID(), changed.Agent.Owner)
		_, err = d.ChangeAgent(ctx, d.ada, a.ID, 1, rename)
		code(t, patchbay.CodeStale, err)
		versions, next, err := d.AgentVersions(ctx, d.ada, a.ID, "", 1)
		require.NoError(t, err)
		require.Equal(t, "New", versions[0].Name)
		versions, _, err = d.AgentVersions(ctx, d.ada, a.ID, next, 1)
		require.NoError(t, err)
		require.Equal(t, "Post", versions[0].Name)
		_, _, err = d.AgentVersions(ctx, d.ada, a.ID, "x", 1)
		code(t, patchbay.CodeBadRequest, err)
		back, err := d.RevertAgent(ctx, d.ada, a.ID, 1)
		require.NoError(t, err)
		require.Equal(t, "Post", back.Agent.Name)
		require.Equal(t, 3, back.Agent.Version)
		_, err = d.RevertAgent(ctx, d.ada, a.ID, 99)
		code(t, patchbay.CodeNotFound, err)
		require.NoError(t, d.DeleteAgent(ctx, d.ada, a.ID))
		_, err = d.Agent(ctx, d.bob, a.ID)
		code(t, patchbay.CodeNotFound, err)
	})
}

func TestWrongAgents(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		many := make([]patchbay.AgentTools, 201)
		for i := range many {
			many[i].Server = fmt.Sprint("s", i)
		}
		for name, tt := range map[string]struct {
			agent patchbay.Agent
			want  []string
		}{
			"no name":         {patchbay.Agent{}, []string{"name"}},
			"long name":       {patchbay.Agent{Name: strings.Repeat("n", 121)}, []string{"name"}},
			"two lines":       {patchbay.Agent{Name: "a\nb"}, []string{"name"}},
			"not text":        {patchbay.Agent{Name: "a", Description: "\xff", Instructions: "\x00"}, []string{"description", "instructions"}},
			"much":            {patchbay.Agent{Name: "a", Instructions: strings.Repeat("x", 64<<10+1), Starters: make([]string, 21)}, []string{"instructions", "starters"}},
			"params":          {patchbay.Agent{Name: "a", Params: patchbay.ModelParams{TopP: ptr(1.5), Add: map[string]json.RawMessage{"x": json.RawMessage("{")}}}, []string{"params.topP", "params.add"}},
			"nameless":        {patchbay.Agent{Name: "a", Tools: []patchbay.AgentTools{{Tools: []string{""}}}}, []string{"tools[0].serverName", "tools[0].tools[0]"}},
			"many servers":    {patchbay.Agent{Name: "a", Tools: many}, []string{"tools"}},
			"many tools":      {patchbay.Agent{Name: "a", Tools: []patchbay.AgentTools{{Server: "s", Tools: strings.Split(strings.Repeat("t,", 2000)+"t", ",")}}}, []string{"tools"}},
			"somebody's file": {patchbay.Agent{Name: "a", Icon: "none"}, []string{"icon"}},
		} {
			_, err := d.CreateAgent(t.Context(), d.ada, &tt.agent)
			require.Equal(t, tt.want, paths(t, err), name)
		}
		a := d.ada
		a.Scopes = []patchbay.Scope{patchbay.ScopeServersRead}
		_, err := d.CreateAgent(t.Context(), a, &patchbay.Agent{Name: "a"})
		code(t, patchbay.CodeForbidden, err)
	})
}
