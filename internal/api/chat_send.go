package api

import (
	"context"

	"patchbay"
	"patchbay/internal/chat"
)

type sendInput struct {
	Caller caller
	Body   struct {
		Conversation string        `json:"conversationId,omitempty" maxLength:"100" doc:"Without it, a new one begins"`
		Parent       string        `json:"parentId,omitempty" maxLength:"100" doc:"The message that this one follows; without it, it is a root. Editing a message is sending another one below its parent"`
		Text         string        `json:"text" maxLength:"1000000"`
		Attachments  []string      `json:"attachments,omitempty" maxItems:"20" doc:"Ids"`
		Settings     *chatSettings `json:"settings,omitempty" doc:"Without them, the conversation's"`
	}
}

type sentOutput struct {
	Body struct {
		Conversation conversationView `json:"conversation"`
		Message      messageView      `json:"message"`
		Answer       messageView      `json:"answer"`
		Run          runView          `json:"run"`
	}
}

func (s *Server) sendMessage(ctx context.Context, in *sendInput) (*sentOutput, error) {
	b := &in.Body
	sent, err := s.o.Chat.Send(ctx, in.Caller.actor, chat.Send{
		Conversation: patchbay.ConversationID(b.Conversation), Parent: patchbay.MessageID(b.Parent),
		Text: b.Text, Attachments: b.Attachments, Settings: b.Settings.settings(),
	})
	if err != nil {
		return nil, err
	}
	return viewSent(&sent), nil
}

type regenerateInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   struct {
		Settings *chatSettings `json:"settings,omitempty" doc:"Without them, the conversation's"`
	}
}

func (s *Server) regenerate(ctx context.Context, in *regenerateInput) (*sentOutput, error) {
	sent, err := s.o.Chat.Regenerate(ctx, in.Caller.actor, patchbay.MessageID(in.ID), in.Body.Settings.settings())
	if err != nil {
		return nil, err
	}
	return viewSent(&sent), nil
}

func viewSent(sent *chat.Sent) *sentOutput {
	parts := &chat.RunParts{Run: sent.Run}
	out := &sentOutput{}
	out.Body.Conversation = viewConversation(sent.Conversation)
	out.Body.Message = viewMessage(sent.Question, nil)
	out.Body.Answer = viewMessage(sent.Answer, parts)
	out.Body.Run = viewRun(parts)
	return out
}
