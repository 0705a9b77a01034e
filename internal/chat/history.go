package chat

import (
	"context"
	"fmt"

	"patchbay"
)

// maxMedia bounds the bytes of attachments that one question to a model carries.
const maxMedia = 64 << 20

// history is what a model reads before it answers: the messages from the root to the
// question, with what models and tools said in between; ids are the runs that it is of.
func (s *Service) history(ctx context.Context, user patchbay.UserID, conversation patchbay.ConversationID, question patchbay.MessageID) (list []patchbay.Message, ids []patchbay.RunID, err error) {
	branch, err := s.o.Store.Branch(ctx, user, conversation, question)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range branch {
		if e.Role == patchbay.FromModel && e.Run != "" {
			ids = append(ids, e.Run)
		}
	}
	answers := map[patchbay.RunID][]patchbay.Message{}
	if len(ids) > 0 {
		if answers, err = s.o.Store.RunsMessages(ctx, ids); err != nil {
			return nil, nil, err
		}
	}
	room := maxMedia
	for _, e := range branch {
		if e.Role == patchbay.FromModel {
			list = append(list, sendable(answers[e.Run])...)
			continue
		}
		m, err := s.withMedia(ctx, user, e.Message, &room)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, m)
	}
	return list, ids, nil
}

// sendable leaves out what a model should not see again of what one wrote: a message that
// broke off, in whose place another one was written.
func sendable(messages []patchbay.Message) []patchbay.Message {
	var list []patchbay.Message
	for i := range messages {
		m := &messages[i]
		brokeOff := m.Role == patchbay.FromModel && m.Error != nil
		if brokeOff && (len(m.Parts) == 0 || i+1 < len(messages) && messages[i+1].Role == patchbay.FromModel) {
			continue
		}
		list = append(list, *m)
	}
	return list
}

// resumable is sendable for who goes on: a message that broke off is written anew.
func resumable(messages []patchbay.Message) []patchbay.Message {
	list := sendable(messages)
	if n := len(list); n > 0 && list[n-1].Role == patchbay.FromModel && list[n-1].Error != nil {
		return list[:n-1]
	}
	return list
}

// withMedia fills in the attachments of a person's message: pictures as they are, the text
// of documents, and files that have none as they are. What is gone, or beyond the room, is
// said.
func (s *Service) withMedia(ctx context.Context, user patchbay.UserID, m patchbay.Message, room *int) (patchbay.Message, error) {
	parts := make([]patchbay.Part, 0, len(m.Parts))
	for _, p := range m.Parts {
		if p.Media == nil || p.Media.Ref == "" {
			parts = append(parts, p)
			continue
		}
		p, err := s.fill(ctx, user, p, room)
		if err != nil {
			return m, err
		}
		parts = append(parts, p)
	}
	m.Parts = parts
	return m, nil
}

func (s *Service) fill(ctx context.Context, user patchbay.UserID, p patchbay.Part, room *int) (patchbay.Part, error) {
	at, err := s.o.Store.Attachment(ctx, user, p.Media.Ref)
	switch {
	case patchbay.CodeOf(err) == patchbay.CodeNotFound:
		return said("The file %s was here and has been deleted.", p.Media.Name), nil
	case err != nil:
		return p, err
	case p.Kind != patchbay.PartImage && at.Text != "":
		return said("File %s:\n\n%s", at.Name, at.Text), nil
	case int(at.Size) > *room:
		return said("The file %s is left out: the files of this conversation are too large together.", at.Name), nil
	}
	data, err := s.o.Store.AttachmentData(ctx, user, p.Media.Ref)
	if err != nil {
		return p, err
	}
	*room -= len(data)
	p.Media = &patchbay.Media{MIMEType: at.MIMEType, Name: at.Name, Data: data}
	return p, nil
}

func said(format string, args ...any) patchbay.Part {
	return patchbay.Part{Kind: patchbay.PartText, Text: fmt.Sprintf(format, args...)}
}
