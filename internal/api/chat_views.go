package api

import (
	"time"

	"patchbay"
	"patchbay/internal/chat"
)

type conversationView struct {
	ID        patchbay.ConversationID `json:"id"`
	Title     string                  `json:"title" doc:"Empty: none yet"`
	Settings  chatSettings            `json:"settings"`
	Archived  bool                    `json:"archived"`
	Head      patchbay.MessageID      `json:"head" doc:"The last message of the branch that was shown last"`
	Run       orNull[runRef]          `json:"run" doc:"The run that is under way; null: none"`
	Usage     patchbay.Usage          `json:"usage" doc:"Of all its runs"`
	CreatedAt *time.Time              `json:"createdAt"`
	UpdatedAt *time.Time              `json:"updatedAt"`
}

type runRef struct {
	ID     patchbay.RunID     `json:"id"`
	Status patchbay.RunStatus `json:"status" enum:"running,waiting,done,failed,stopped,interrupted"`
}

func viewConversation(c *patchbay.Conversation) conversationView {
	v := conversationView{
		ID: c.ID, Title: c.Title, Settings: viewSettings(c.Settings), Archived: c.Archived, Head: c.Head,
		Usage: c.Usage, CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
	}
	if c.Run != "" {
		v.Run.value = &runRef{c.Run, c.RunStatus}
	}
	return v
}

// messageView is one node of a conversation: what a person wrote, or the place of an
// answer, whose content is its run.
type messageView struct {
	ID           patchbay.MessageID      `json:"id"`
	Conversation patchbay.ConversationID `json:"conversationId"`
	Parent       *patchbay.MessageID     `json:"parentId" doc:"null: a root"`
	Role         string                  `json:"role" enum:"user,assistant"`
	CreatedAt    *time.Time              `json:"createdAt"`
	Parts        []partView              `json:"parts" doc:"Of a person's message; an answer's are in its run"`
	Run          orNull[runView]         `json:"run" doc:"Of an answer"`
}

type partView struct {
	Kind  patchbay.PartKind `json:"kind" enum:"text,image,audio,file"`
	Text  string            `json:"text,omitempty"`
	Media *mediaView        `json:"media,omitempty"`
}

type mediaView struct {
	Ref      string `json:"ref" doc:"An attachment's id"`
	Name     string `json:"name,omitempty"`
	MIMEType string `json:"mimeType,omitempty"`
}

func viewMessage(e *patchbay.Entry, run *chat.RunParts) messageView {
	v := messageView{ID: e.ID, Conversation: e.Conversation, Role: "user", CreatedAt: utc(e.CreatedAt), Parts: []partView{}}
	if e.Parent != "" {
		v.Parent = &e.Parent
	}
	if e.Role == patchbay.FromModel {
		v.Role = "assistant"
		if run != nil {
			r := viewRun(run)
			v.Run.value = &r
		}
		return v
	}
	for _, p := range e.Message.Parts {
		part := partView{Kind: p.Kind, Text: p.Text}
		if p.Media != nil {
			part.Media = &mediaView{Ref: p.Media.Ref, Name: p.Media.Name, MIMEType: p.Media.MIMEType}
		}
		v.Parts = append(v.Parts, part)
	}
	return v
}
