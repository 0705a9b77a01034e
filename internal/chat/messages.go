package chat

import (
	"context"

	"patchbay"
	"patchbay/internal/store"
)

// maxMessages bounds a page of messages; it is that of the store.
const maxMessages = 200

// defaultMessages is a page when nobody says how long it is to be.
const defaultMessages = 50

// RunParts is a run with what it has done.
type RunParts struct {
	Run      *patchbay.Run
	Messages []patchbay.Message    // of the model and of its tools, in order
	Calls    []*patchbay.RunCall   // without results
	Waits    []*patchbay.RunWait   // oldest first
	Partial  *patchbay.RunSnapshot // what the model is writing; nil: nothing
}

// ConversationEntry is one node of a conversation; with an answer, its run.
type ConversationEntry struct {
	Entry *patchbay.Entry
	Run   *RunParts // nil with a question
}

// RunFilter narrows a list of runs.
type RunFilter struct {
	Conversation patchbay.ConversationID
	Active       bool
	After        string
	Limit        int
}

// Messages lists the messages of a conversation of the actor's in the order in which they
// were made, answers with their runs; next is where the list goes on.
func (s *Service) Messages(ctx context.Context, a patchbay.Actor, conversation patchbay.ConversationID, after string, limit int) (list []ConversationEntry, next string, err error) {
	user, err := personOf(a)
	if err != nil {
		return nil, "", err
	}
	if _, err := s.o.Store.Conversation(ctx, user, conversation); err != nil {
		return nil, "", err
	}
	if limit < 1 || limit > maxMessages {
		limit = defaultMessages
	}
	entries, next, err := s.o.Store.Entries(ctx, user, conversation, patchbay.MessageID(after), limit)
	if err != nil {
		return nil, "", err
	}
	var ids []patchbay.RunID
	for _, e := range entries {
		if e.Run != "" {
			ids = append(ids, e.Run)
		}
	}
	runs, _, err := s.o.Store.Runs(ctx, user, store.RunFilter{IDs: ids, Limit: max(len(ids), 1)})
	if err != nil {
		return nil, "", err
	}
	parts, err := s.parts(ctx, user, runs)
	if err != nil {
		return nil, "", err
	}
	list = make([]ConversationEntry, len(entries))
	for i, e := range entries {
		list[i] = ConversationEntry{Entry: e, Run: parts[e.Run]}
	}
	return list, next, nil
}

// Runs lists the actor's runs, oldest first; next is where the list goes on.
func (s *Service) Runs(ctx context.Context, a patchbay.Actor, f RunFilter) (list []*patchbay.Run, next string, err error) {
	user, err := personOf(a)
	if err != nil {
		return nil, "", err
	}
	return s.o.Store.Runs(ctx, user, store.RunFilter{Conversation: f.Conversation, Active: f.Active, After: patchbay.RunID(f.After), Limit: f.Limit})
}

// RunParts returns a run of the actor's with what it has done.
func (s *Service) RunParts(ctx context.Context, a patchbay.Actor, id patchbay.RunID) (*RunParts, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, err
	}
	run, err := s.o.Store.Run(ctx, user, id)
	if err != nil {
		return nil, err
	}
	parts, err := s.parts(ctx, user, []*patchbay.Run{run})
	if err != nil {
		return nil, err
	}
	return parts[id], nil
}

// parts reads what runs of a user have done, with one query for each kind of part.
func (s *Service) parts(ctx context.Context, user patchbay.UserID, runs []*patchbay.Run) (map[patchbay.RunID]*RunParts, error) {
	parts := make(map[patchbay.RunID]*RunParts, len(runs))
	ids := make([]patchbay.RunID, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
		parts[r.ID] = &RunParts{Run: r, Partial: s.partial(r)}
	}
	if len(ids) == 0 {
		return parts, nil
	}
	messages, err := s.o.Store.RunsMessages(ctx, ids)
	if err != nil {
		return nil, err
	}
	for id, list := range messages {
		p := parts[id]
		p.Messages = list
		if p.Partial != nil && p.Partial.Step <= answers(list) {
			p.Partial = nil // it was finished meanwhile
		}
	}
	calls, err := s.o.Store.RunCalls(ctx, ids, false)
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		parts[c.Run].Calls = append(parts[c.Run].Calls, c)
	}
	for after := ""; ; {
		waits, next, err := s.o.Store.Waits(ctx, user, store.WaitFilter{Runs: ids, After: after, Limit: maxMessages})
		if err != nil {
			return nil, err
		}
		for _, w := range waits {
			parts[w.Run].Waits = append(parts[w.Run].Waits, w)
		}
		if next == "" {
			return parts, nil
		}
		after = next
	}
}
