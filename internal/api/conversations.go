package api

import (
	"context"

	"patchbay"
	"patchbay/internal/chat"
)

// pageFrom makes a page of what a service has paged already.
func pageFrom[T, V any](items []T, next string, view func(T) V) page[V] {
	p := page[V]{Data: make([]V, len(items))}
	for i, item := range items {
		p.Data[i] = view(item)
	}
	if next != "" {
		p.HasMore, p.After = true, &next
	}
	return p
}

type listConversationsInput struct {
	Caller caller
	PageInput
	Search   string `query:"search" maxLength:"256" doc:"In titles and in what was said"`
	Archived bool   `query:"archived" doc:"The archived ones, instead of the others"`
}

type conversationsOutput struct{ Body page[conversationView] }

func (s *Server) listConversations(ctx context.Context, in *listConversationsInput) (*conversationsOutput, error) {
	list, next, err := s.o.Chat.Conversations(ctx, in.Caller.actor, chat.ConversationFilter{
		Search: in.Search, Archived: in.Archived, After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &conversationsOutput{pageFrom(list, next, viewConversation)}, nil
}

type conversationOutput struct{ Body conversationView }

func (s *Server) getConversation(ctx context.Context, in *idInput) (*conversationOutput, error) {
	c, err := s.o.Chat.Conversation(ctx, in.Caller.actor, patchbay.ConversationID(in.ID))
	if err != nil {
		return nil, err
	}
	return &conversationOutput{viewConversation(c)}, nil
}

type changeConversationInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   struct {
		Title    *string       `json:"title,omitempty" maxLength:"200"`
		Archived *bool         `json:"archived,omitempty"`
		Settings *chatSettings `json:"settings,omitempty" doc:"For the next message"`
		Head     *string       `json:"head,omitempty" maxLength:"100" doc:"The last message of the branch that is shown"`
	}
}

func (s *Server) changeConversation(ctx context.Context, in *changeConversationInput) (*conversationOutput, error) {
	b := &in.Body
	c, err := s.o.Chat.ChangeConversation(ctx, in.Caller.actor, patchbay.ConversationID(in.ID), chat.ConversationChange{
		Title: b.Title, Archived: b.Archived, Settings: b.Settings.settings(), Head: (*patchbay.MessageID)(b.Head),
	})
	if err != nil {
		return nil, err
	}
	return &conversationOutput{viewConversation(c)}, nil
}

func (s *Server) deleteConversation(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Chat.DeleteConversation(ctx, in.Caller.actor, patchbay.ConversationID(in.ID)); err != nil {
		return nil, err
	}
	return done(), nil
}

type listMessagesInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	PageInput
}

type messagesOutput struct{ Body page[messageView] }

func (s *Server) listMessages(ctx context.Context, in *listMessagesInput) (*messagesOutput, error) {
	list, next, err := s.o.Chat.Messages(ctx, in.Caller.actor, patchbay.ConversationID(in.ID), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return &messagesOutput{pageFrom(list, next, func(e chat.ConversationEntry) messageView { return viewMessage(e.Entry, e.Run) })}, nil
}
