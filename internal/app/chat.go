package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/api"
	"patchbay/internal/chat"
	"patchbay/internal/config"
	"patchbay/internal/conn"
)

// buildChat builds what keeps conversations and executes runs. ctx bounds the life of runs.
func (a *App) buildChat(ctx context.Context) error {
	var err error
	a.chat, err = chat.New(ctx, chat.Options{
		Store: a.store, Tools: a.tools, Servers: a.registry, Models: a.roster, SignIns: signIns{a}, Bus: a.bus,
		Instructions: a.instructions, Config: func() *chat.Config { return a.now.Load().chats }, Logger: a.log,
		ACL: a.registry.Options, Grants: a.servers,
		// Rows hold milliseconds: what is told at once is to be what is read later.
		Now: func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) },
	})
	return err
}

// chatsAre is what a configuration says of chats.
func chatsAre(cfg *config.Config) *chat.Config {
	return &chat.Config{
		Specs: cfg.ModelSpecs.List, Enforce: cfg.ModelSpecs.Enforce,
		Limits: agent.Limits{Steps: cfg.Agents.RecursionLimit}, Approval: chat.Approval(cfg.ToolApproval),
	}
}

// instructions are what a live connection of the person's says that models should know.
func (a *App) instructions(user patchbay.UserID, server *patchbay.Server) string {
	switch server.Level {
	case patchbay.LevelApp:
		return a.conns.Facts(conn.AppKey(server.ID)).Instructions
	case patchbay.LevelUser:
		return a.conns.Facts(conn.UserKey(user, server.ID)).Instructions
	}
	return "" // at run level there is no connection before the run's
}

// question puts what an older server asks to a person. Connections are built before chats.
func (a *App) question(ctx context.Context, k conn.Key, params json.RawMessage) (json.RawMessage, error) {
	return a.chat.Question(ctx, k, params)
}

// chats serves the API's view of conversations and runs.
type chats struct{ *chat.Service }

var (
	_ api.Chat   = chats{}
	_ api.Agents = chats{}
)

// Attach follows a run.
func (c chats) Attach(ctx context.Context, a patchbay.Actor, id patchbay.RunID, after int64) (*api.RunFeed, error) {
	at, err := c.Service.Attach(ctx, a, id, after)
	if err != nil {
		return nil, err
	}
	return &api.RunFeed{Updates: at.Updates(), Close: at.Close}, nil
}

// maxOpen is how many open waits of one person are looked through for one.
const maxOpen = 200

// Wait returns a wait of the actor's, one that lives in memory only included.
func (c chats) Wait(ctx context.Context, a patchbay.Actor, id string) (*patchbay.RunWait, error) {
	f := chat.WaitFilter{Limit: maxOpen}
	for {
		list, next, err := c.Waits(ctx, a, f)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(list, func(w *patchbay.RunWait) bool { return w.ID == id }); i >= 0 {
			return list[i], nil
		}
		if next == "" {
			return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such wait.")
		}
		f.After = next
	}
}

// Answer ends a wait of that kind.
func (c chats) Answer(ctx context.Context, a patchbay.Actor, id string, kind patchbay.WaitKind, answer patchbay.WaitAnswer) (*patchbay.RunWait, error) {
	w, err := c.Wait(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if w.Kind != kind {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such wait.")
	}
	return c.Service.Answer(ctx, a, id, answer)
}
