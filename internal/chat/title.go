package chat

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"patchbay"
)

// Bounds of titles.
const (
	titleLimit  = 30 * time.Second
	titleLength = 80   // characters
	titleInput  = 2000 // bytes of question and answer that its model reads
)

// ended announces that a run has ended, and titles a conversation that has no title.
func (s *Service) ended(r *runner) {
	s.conversationEvent(r.user, patchbay.ConversationEvent{Conversation: r.conversation})
	if r.run.Status != patchbay.RunDone || len(r.history) == 0 || r.model.Stream == nil {
		return
	}
	answer := ""
	for i := range r.state.Added {
		if r.state.Added[i].Role == patchbay.FromModel {
			answer += r.state.Added[i].Text()
		}
	}
	user, conversation, id, provider, model := r.user, r.conversation, r.run.Question, r.model.TitleProvider, r.model.TitleModel
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return // the next answer brings a title
	}
	s.work.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, titleLimit)
		defer cancel()
		c, err := s.o.Store.Conversation(ctx, user, conversation)
		if err != nil || c.Title != "" || c.Titled {
			return // it has one, or is gone
		}
		asked, err := s.o.Store.Entry(ctx, user, id)
		if err != nil {
			return // it is gone
		}
		question := wordsOf(&asked.Message)
		title := s.writeTitle(ctx, user, provider, model, question, answer)
		if title == "" {
			title = firstWords(question)
		}
		if title == "" {
			return
		}
		err = s.setTitle(context.WithoutCancel(ctx), user, conversation, title)
		if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
			s.o.Logger.Error("A conversation could not be titled", "error", err)
		}
	})
}

// wordsOf is what a person wrote, without what is in their files: the files' names when
// they wrote nothing.
func wordsOf(m *patchbay.Message) string {
	if text := m.Text(); strings.TrimSpace(text) != "" {
		return text
	}
	var names []string
	for i := range m.Parts {
		if media := m.Parts[i].Media; media != nil {
			names = append(names, media.Name)
		}
	}
	return strings.Join(names, ", ")
}

// setTitle titles a conversation, unless the person has done so meanwhile.
func (s *Service) setTitle(ctx context.Context, user patchbay.UserID, id patchbay.ConversationID, title string) error {
	ctx, cancel := context.WithTimeout(ctx, saveLimit)
	defer cancel()
	set := false
	_, err := s.o.Store.ChangeConversation(ctx, user, id, func(c *patchbay.Conversation) error {
		if set = c.Title == "" && !c.Titled; set {
			c.Title = title
		}
		return nil
	})
	if err == nil && set {
		s.conversationEvent(user, patchbay.ConversationEvent{Conversation: id, Title: title})
	}
	return err
}

// writeTitle asks a model for a title; "" when it gives none.
func (s *Service) writeTitle(ctx context.Context, user patchbay.UserID, provider, model, question, answer string) string {
	if model == "" {
		return ""
	}
	u, err := s.o.Store.User(ctx, user)
	if err != nil {
		return ""
	}
	chosen, err := s.o.Models.Choose(ctx, patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorChat}, provider, model)
	if err != nil {
		return ""
	}
	req := &patchbay.ModelRequest{
		Model:        chosen.Model,
		Instructions: "You title conversations. Answer with a title of at most six words in the language of the conversation, and with nothing else: no quotes, no full stop.",
		Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser,
			"A person asked:\n\n"+clip(question, titleInput)+"\n\nThey were answered:\n\n"+clip(answer, titleInput)+"\n\nThe title:")},
		Params: chosen.With(patchbay.ModelParams{}),
	}
	var b patchbay.MessageBuilder
	if err := chosen.Stream.Stream(ctx, req, b.Add); err != nil {
		return ""
	}
	m := b.Message()
	return titleOf(m.Text())
}

// titleOf is what a model wrote as a title: one line, without quotes.
func titleOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(strings.TrimPrefix(strings.Trim(strings.TrimSpace(line), "\"'“”«»*#` "), "Title:"))
	return cutTo(strings.Join(strings.Fields(line), " "), titleLength)
}

// firstWords is the beginning of a question as a title.
func firstWords(question string) string {
	return cutTo(strings.Join(strings.Fields(clip(question, 4*titleLength)), " "), titleLength/2)
}

// cutTo cuts a text to at most n characters, between two words where it can.
func cutTo(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	s = string([]rune(s)[:n])
	if i := strings.LastIndexByte(s, ' '); i > n/2 {
		s = s[:i]
	}
	return s + "…"
}
