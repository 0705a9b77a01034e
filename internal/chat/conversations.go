package chat

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/store"
)

// maxTitle bounds a title, in characters.
const maxTitle = 200

// ConversationFilter narrows a list of conversations.
type ConversationFilter struct {
	Search   string // part of the title, or of what was written
	Archived bool   // those that are archived, instead of those that are not
	Active   bool   // those with an active run only
	After    string
	Limit    int
}

// ConversationChange is what is to change of a conversation; nil members stay.
type ConversationChange struct {
	Title    *string
	Archived *bool
	Settings *patchbay.ChatSettings
	Head     *patchbay.MessageID // the last message of the branch that is shown
}

// personOf is whose conversations an actor works on.
func personOf(a patchbay.Actor) (patchbay.UserID, error) {
	if a.ID() == "" {
		return "", patchbay.Errorf(patchbay.CodeForbidden, "Conversations are a person's own. Say whose: --as EMAIL.")
	}
	return a.ID(), nil
}

// Conversations lists the actor's conversations, last updated first; next is where the
// list goes on.
func (s *Service) Conversations(ctx context.Context, a patchbay.Actor, f ConversationFilter) (list []*patchbay.Conversation, next string, err error) {
	user, err := personOf(a)
	if err != nil {
		return nil, "", err
	}
	return s.o.Store.Conversations(ctx, user, store.ConversationFilter(f))
}

// Conversation returns a conversation of the actor's.
func (s *Service) Conversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID) (*patchbay.Conversation, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, err
	}
	return s.o.Store.Conversation(ctx, user, id)
}

// ChangeConversation renames, archives or sets up a conversation of the actor's, or moves
// its head. Its place in the list stays. A title that a person gave is not changed by a
// model.
func (s *Service) ChangeConversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID, change ConversationChange) (*patchbay.Conversation, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, err
	}
	var wrong fields
	title := wrong.title(change.Title)
	if change.Settings != nil {
		wrong.settings("settings", change.Settings)
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	if change.Head != nil {
		e, err := s.o.Store.Entry(ctx, user, *change.Head)
		if err != nil {
			return nil, err
		}
		if e.Conversation != id {
			return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such message in this conversation.")
		}
	}
	c, err := s.o.Store.ChangeConversation(ctx, user, id, func(c *patchbay.Conversation) error {
		if change.Title != nil {
			c.Title, c.Titled = title, true
		}
		if change.Archived != nil {
			c.Archived = *change.Archived
		}
		if change.Settings != nil {
			c.Settings = *change.Settings
		}
		if change.Head != nil {
			c.Head = *change.Head
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.conversationEvent(user, patchbay.ConversationEvent{Conversation: id, Title: c.Title})
	return c, nil
}

// DeleteConversation stops what goes on in a conversation of the actor's and erases all
// that is in it: messages, results, files, approvals.
func (s *Service) DeleteConversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID) error {
	user, err := personOf(a)
	if err != nil {
		return err
	}
	c, err := s.o.Store.Conversation(ctx, user, id)
	if err != nil {
		return err
	}
	if c.Run != "" {
		// Only to end it at once: deleting it takes it from who executes it anyway.
		_ = s.Stop(ctx, a, c.Run)
	}
	if err := s.o.Store.DeleteConversation(ctx, user, id); err != nil {
		return err
	}
	s.conversationEvent(user, patchbay.ConversationEvent{Conversation: id, Deleted: true})
	return nil
}

func (s *Service) conversationEvent(user patchbay.UserID, data patchbay.ConversationEvent) {
	s.o.Bus.Publish(patchbay.Event{Kind: patchbay.EventConversation, User: user, Data: data})
}

// title checks a title that a person gives.
func (f *fields) title(title *string) string {
	if title == nil {
		return ""
	}
	t := strings.TrimSpace(*title)
	switch {
	case t == "":
		f.add("title", "must not be empty")
	case utf8.RuneCountInString(t) > maxTitle:
		f.addf("title", "must have at most %d characters", maxTitle)
	case !plainLine(t):
		f.add("title", "must be one line of text")
	}
	return t
}

// plainLine reports whether a text is valid and one line, without control characters.
func plainLine(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// plainText reports whether a text is valid and can be stored as it is.
func plainText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
