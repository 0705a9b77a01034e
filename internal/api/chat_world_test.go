package api

import (
	"context"
	"encoding/json"
	"testing"

	"patchbay"
	"patchbay/internal/chat"
)

// fakeChat has one conversation, Ann's. What a test has no use for is not there.
type fakeChat struct {
	Chat
	sent     []chat.Send
	answered []patchbay.WaitAnswer
	kinds    []patchbay.WaitKind
	files    map[string][]byte
	updates  chan chat.Update
	after    int64
	closed   bool
}

func newChatWorld(t testing.TB) (*world, *fakeChat) {
	f := &fakeChat{files: map[string][]byte{}, updates: make(chan chat.Update, 16)}
	return newWorld(t, func(o *Options) { o.Chat = f }), f
}

func (f *fakeChat) conversation() *patchbay.Conversation {
	return &patchbay.Conversation{ID: "c1", User: ann.ID, Title: "Sums", Head: "m2", Run: "r1", RunStatus: patchbay.RunRunning, CreatedAt: jan(1), UpdatedAt: jan(2)}
}

func (f *fakeChat) run() *chat.RunParts {
	return &chat.RunParts{
		Run: &patchbay.Run{ID: "r1", Conversation: "c1", User: ann.ID, Question: "m1", Answer: "m2", Status: patchbay.RunWaiting, Step: 1, Seq: 5, CreatedAt: jan(1)},
		Messages: []patchbay.Message{
			{Role: patchbay.FromModel, Stop: patchbay.StopCalls, Parts: []patchbay.Part{{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "k1", Name: "add", Args: `{"a":1}`}}}},
			{Role: patchbay.FromTools, Parts: []patchbay.Part{{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: "k1", Raw: json.RawMessage(`{"content":[{"type":"text","text":"two"}]}`)}}}},
		},
		Calls: []*patchbay.RunCall{{Run: "r1", ID: "k1", Step: 1, Name: "add", Title: "demo", Tool: "add", Args: `{"a":1}`, State: patchbay.RunCallDone, StartedAt: jan(1), EndedAt: jan(1)}},
		Waits: []*patchbay.RunWait{{ID: "w1", Run: "r1", Conversation: "c1", Kind: patchbay.WaitQuestion, ServerName: "demo", Status: patchbay.WaitOpen, CreatedAt: jan(1), ExpiresAt: jan(2)}},
	}
}

func (f *fakeChat) Send(_ context.Context, a patchbay.Actor, m chat.Send) (chat.Sent, error) {
	f.sent = append(f.sent, m)
	return chat.Sent{
		Conversation: f.conversation(),
		Question: &patchbay.Entry{ID: "m1", Conversation: "c1", User: a.ID(), Role: patchbay.FromUser, CreatedAt: jan(1), Message: patchbay.Message{Parts: []patchbay.Part{
			{Kind: patchbay.PartText, Text: m.Text}, {Kind: patchbay.PartImage, Media: &patchbay.Media{Ref: "f1", Name: "a.png", MIMEType: "image/png"}},
		}}},
		Answer: &patchbay.Entry{ID: "m2", Conversation: "c1", User: a.ID(), Parent: "m1", Role: patchbay.FromModel, Run: "r1", CreatedAt: jan(1)},
		Run:    &patchbay.Run{ID: "r1", Conversation: "c1", Status: patchbay.RunRunning},
	}, nil
}

func (f *fakeChat) Conversations(_ context.Context, a patchbay.Actor, _ chat.ConversationFilter) ([]*patchbay.Conversation, string, error) {
	if a.ID() != ann.ID {
		return nil, "", nil
	}
	return []*patchbay.Conversation{f.conversation()}, "next", nil
}

func (f *fakeChat) RunParts(_ context.Context, a patchbay.Actor, id patchbay.RunID) (*chat.RunParts, error) {
	if a.ID() != ann.ID || id != "r1" {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such run")
	}
	return f.run(), nil
}

func (f *fakeChat) Attach(_ context.Context, a patchbay.Actor, id patchbay.RunID, after int64) (*RunFeed, error) {
	if a.ID() != ann.ID || id != "r1" {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such run")
	}
	f.after = after
	return &RunFeed{Updates: f.updates, Close: func() { f.closed = true }}, nil
}

func (f *fakeChat) Wait(_ context.Context, a patchbay.Actor, id string) (*patchbay.RunWait, error) {
	if a.ID() != ann.ID || id != "w1" {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "Nothing waits for this")
	}
	w := f.run().Waits[0]
	w.Detail.Questions = json.RawMessage(`{"q":{"method":"elicitation/create"},"p":{"method":"elicitation/create"}}`)
	return w, nil
}

func (f *fakeChat) Answer(ctx context.Context, a patchbay.Actor, id string, kind patchbay.WaitKind, answer patchbay.WaitAnswer) (*patchbay.RunWait, error) {
	w, err := f.Wait(ctx, a, id)
	if err != nil {
		return nil, err
	}
	f.answered, f.kinds = append(f.answered, answer), append(f.kinds, kind)
	return w, nil
}

func (f *fakeChat) Upload(_ context.Context, a patchbay.Actor, name string, data []byte) (*patchbay.Attachment, error) {
	f.files[string(a.ID())+" f1"] = data
	return &patchbay.Attachment{ID: "f1", User: a.ID(), Name: name, Size: int64(len(data)), CreatedAt: jan(1)}, nil
}

func (f *fakeChat) AttachmentData(_ context.Context, a patchbay.Actor, id string) (*patchbay.Attachment, []byte, error) {
	data, ok := f.files[string(a.ID())+" "+id]
	if !ok {
		return nil, nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such file")
	}
	return &patchbay.Attachment{ID: id, Name: "naïve \"name\".svg", MIMEType: "image/svg+xml"}, data, nil
}

// fakeAgents keeps Ann's agents in the order in which they were made.
type fakeAgents struct {
	agentService
	made []*patchbay.Agent
}

func (f *fakeAgents) CreateAgent(_ context.Context, a patchbay.Actor, agent *patchbay.Agent) (*chat.AgentParts, error) {
	agent.ID, agent.Owner, agent.Version = "a1", a.ID(), 1
	f.made = append(f.made, agent)
	return &chat.AgentParts{Agent: agent, Permissions: patchbay.PermView | patchbay.PermEdit, Author: a.User.Name}, nil
}

func (f *fakeAgents) ChangeAgent(_ context.Context, _ patchbay.Actor, _ patchbay.AgentID, version int, change func(*patchbay.Agent) error) (*chat.AgentParts, error) {
	agent := f.made[0]
	if version != 0 && version != agent.Version {
		return nil, patchbay.Errorf(patchbay.CodeStale, "Somebody changed the agent meanwhile")
	}
	if err := change(agent); err != nil {
		return nil, err
	}
	agent.Version++
	return &chat.AgentParts{Agent: agent}, nil
}

// agentService is Agents under a name that is not that of one of its methods.
type agentService interface{ Agents }
