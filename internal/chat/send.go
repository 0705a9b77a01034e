package chat

import (
	"context"
	"slices"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// Bounds of a message.
const (
	maxText        = 1 << 20
	maxAttachments = 20
)

// Send stores a message and starts the run that answers it. It returns as soon as both are
// on disk.
func (s *Service) Send(ctx context.Context, a patchbay.Actor, in Send) (Sent, error) {
	if err := person(a); err != nil {
		return Sent{}, err
	}
	message, err := s.message(ctx, a, &in)
	if err != nil {
		return Sent{}, err
	}
	now := s.o.Now()
	sent := Sent{Question: &patchbay.Entry{Parent: in.Parent, Message: message, CreatedAt: now}}
	settings := patchbay.ChatSettings{}
	if in.Conversation == "" {
		if in.Parent != "" {
			return Sent{}, patchbay.Errorf(patchbay.CodeInvalid, "A new conversation has no message to follow. Leave parentId out.")
		}
		sent.Conversation = &patchbay.Conversation{User: a.ID(), CreatedAt: now, UpdatedAt: now}
	} else {
		c, err := s.o.Store.Conversation(ctx, a.ID(), in.Conversation)
		if err != nil {
			return Sent{}, err
		}
		sent.Conversation, settings = c, c.Settings
		if err := s.follows(ctx, a, c.ID, in.Parent); err != nil {
			return Sent{}, err
		}
	}
	if in.Settings != nil {
		settings = *in.Settings
	}
	return s.begin(ctx, a, sent, settings, in.Settings != nil, in.Attachments)
}

// person is nil for an actor who has conversations.
func person(a patchbay.Actor) error {
	switch {
	case a.User == nil:
		return patchbay.Errorf(patchbay.CodeForbidden, "Conversations are a person's own. Say whose: --as EMAIL.")
	case !a.Has(patchbay.ScopeChat):
		return patchbay.Errorf(patchbay.CodeForbidden, "This token may not chat: it lacks the scope %s. Use another token.", patchbay.ScopeChat)
	}
	return nil
}

// follows fails for a parent that a message cannot follow.
func (s *Service) follows(ctx context.Context, a patchbay.Actor, conversation patchbay.ConversationID, parent patchbay.MessageID) error {
	if parent == "" {
		return nil
	}
	e, err := s.o.Store.Entry(ctx, a.ID(), parent)
	if err != nil {
		return err
	}
	if e.Conversation != conversation || e.Role != patchbay.FromModel {
		return &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "A message follows an answer of the same conversation.",
			Fields: []patchbay.FieldError{{Path: "body.parentId", Message: "must be an answer of this conversation"}},
		}
	}
	return nil
}

// message is what a person wrote, with references to their attachments.
func (s *Service) message(ctx context.Context, a patchbay.Actor, in *Send) (patchbay.Message, error) {
	m := patchbay.Message{Role: patchbay.FromUser}
	switch {
	case len(in.Text) > maxText:
		return m, patchbay.Errorf(patchbay.CodeTooLarge, "The message is larger than 1 MiB. Attach the text as a file.")
	case len(in.Attachments) > maxAttachments:
		return m, patchbay.Errorf(patchbay.CodeInvalid, "A message takes at most %d attachments.", maxAttachments)
	case strings.TrimSpace(in.Text) == "" && len(in.Attachments) == 0:
		return m, &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "The message is empty.",
			Fields: []patchbay.FieldError{{Path: "body.text", Message: "must not be empty"}},
		}
	}
	for _, id := range in.Attachments {
		at, err := s.o.Store.Attachment(ctx, a.ID(), id)
		if err != nil {
			return m, err
		}
		kind := patchbay.PartFile
		if strings.HasPrefix(at.MIMEType, "image/") {
			kind = patchbay.PartImage
		}
		m.Parts = append(m.Parts, patchbay.Part{Kind: kind, Media: &patchbay.Media{MIMEType: at.MIMEType, Name: at.Name, Ref: at.ID}})
	}
	if in.Text != "" {
		m.Parts = append(m.Parts, patchbay.Part{Kind: patchbay.PartText, Text: strings.ToValidUTF8(in.Text, "\ufffd")})
	}
	return m, nil
}

// Regenerate answers a question once more, beside the answers that it has. message is the
// question or one of its answers; settings nil means those of the conversation.
func (s *Service) Regenerate(ctx context.Context, a patchbay.Actor, message patchbay.MessageID, settings *patchbay.ChatSettings) (Sent, error) {
	if err := person(a); err != nil {
		return Sent{}, err
	}
	question, err := s.o.Store.Entry(ctx, a.ID(), message)
	if err == nil && question.Role == patchbay.FromModel {
		question, err = s.o.Store.Entry(ctx, a.ID(), question.Parent)
	}
	if err != nil {
		return Sent{}, err
	}
	c, err := s.o.Store.Conversation(ctx, a.ID(), question.Conversation)
	if err != nil {
		return Sent{}, err
	}
	with := c.Settings
	if settings != nil {
		with = *settings
	}
	return s.begin(ctx, a, Sent{Conversation: c, Question: question}, with, settings != nil, nil)
}

// begin stores a run and executes it. named says that the settings are new ones.
func (s *Service) begin(ctx context.Context, a patchbay.Actor, sent Sent, settings patchbay.ChatSettings, named bool, attachments []string) (Sent, error) {
	if named {
		f := fields{}
		f.settings("body.settings", &settings)
		if err := f.err(); err != nil {
			return Sent{}, err
		}
	}
	r, err := s.resolve(ctx, a, settings, 0)
	if err != nil {
		return Sent{}, err
	}
	if err := s.mayChoose(a, settings, &r, named); err != nil {
		return Sent{}, err
	}
	if _, err := s.o.Models.Choose(ctx, a, r.provider, r.model); err != nil {
		return Sent{}, err
	}
	if err := s.reserve(a.ID()); err != nil {
		return Sent{}, err
	}
	now := s.o.Now()
	sent.Answer = &patchbay.Entry{CreatedAt: now}
	sent.Run = &patchbay.Run{
		User: a.ID(), Conversation: sent.Conversation.ID, Question: sent.Question.ID, Settings: settings, Owner: s.owner,
		Status: patchbay.RunRunning, CreatedAt: now, UpdatedAt: now,
	}
	if r.agent != nil {
		sent.Run.AgentVersion = r.agent.Version
	}
	start := store.RunStart{Answer: sent.Answer, Run: sent.Run, Attachments: slices.Compact(slices.Sorted(slices.Values(attachments))), Lease: s.o.Lease}
	if sent.Conversation.ID == "" {
		start.Conversation = sent.Conversation
	}
	if sent.Question.ID == "" {
		start.Question = sent.Question
	}
	running, err := encode(StatusFact{Status: patchbay.RunRunning})
	if err == nil {
		start.Events = []patchbay.RunEvent{{Kind: patchbay.RunEventStatus, At: now, Data: running}}
		err = s.o.Store.StartRun(ctx, start)
	}
	if err != nil {
		s.mu.Lock()
		s.release(a.ID())
		s.mu.Unlock()
		return Sent{}, err
	}
	run := *sent.Run
	c := sent.Conversation
	c.Settings, c.Head, c.Run, c.RunStatus, c.UpdatedAt = settings, sent.Answer.ID, run.ID, run.Status, now
	s.conversationEvent(a.ID(), patchbay.ConversationEvent{Conversation: c.ID})
	s.o.Bus.Publish(patchbay.Event{Kind: patchbay.EventRun, User: a.ID(), Data: patchbay.RunFact{Conversation: c.ID, RunEvent: start.Events[0]}})
	if !s.start(&run) {
		s.giveUp(ctx, &run)
	}
	return sent, nil
}

// giveUp hands a run back that was stored while the host began to stop.
func (s *Service) giveUp(ctx context.Context, run *patchbay.Run) {
	s.mu.Lock()
	s.release(run.User)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.o.Store.SaveRun(ctx, store.RunSave{ID: run.ID, Owner: s.owner, Epoch: run.Epoch, Release: true}); err != nil {
		s.o.Logger.Error("A run could not be handed back; it is taken up again when its lease is over", "run", string(run.ID), "error", err)
	}
}

// mayChoose holds the chosen servers against what may be chosen in a chat.
func (s *Service) mayChoose(a patchbay.Actor, settings patchbay.ChatSettings, r *resolved, named bool) error {
	if len(r.tools) > 0 && !a.Has(patchbay.ScopeToolsCall) {
		return patchbay.Errorf(patchbay.CodeForbidden, "This token may not call tools: it lacks the scope %s. Choose no servers and no agent with tools, or use another token.", patchbay.ScopeToolsCall)
	}
	if r.agent != nil {
		return nil
	}
	for _, name := range settings.Servers {
		srv, err := s.o.Servers.Authorise(a, name, patchbay.PermUse)
		switch {
		case err != nil && named:
			return err
		case err != nil:
			continue // it is left out, and the run says so
		case !srv.ChatMenu && !s.inSpec(settings.Spec, name):
			return &patchbay.Error{
				Code: patchbay.CodeChatMenuOff, Message: "MCP server '" + name + "' cannot be chosen in a chat. Agents may use it.",
				Detail: map[string]any{"serverName": name},
			}
		}
	}
	return nil
}

// inSpec reports whether the operator has put a server into a model spec.
func (s *Service) inSpec(spec, server string) bool {
	for _, x := range s.o.Config().Specs {
		if x.Name == spec && spec != "" {
			return slices.Contains(x.MCPServers, server)
		}
	}
	return false
}

// reserve takes a place for a run of a person.
func (s *Service) reserve(user patchbay.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return patchbay.Errorf(patchbay.CodeUnavailable, "The host is stopping. Send the message again in a moment.")
	case s.places >= s.o.Runs:
		return &patchbay.Error{Code: patchbay.CodeCapacity, Message: "Too many conversations are being answered just now. Try again in a moment.", RetryAfter: 5 * time.Second}
	case s.taken[user] >= s.o.UserRuns:
		return &patchbay.Error{
			Code: patchbay.CodeRateLimited, Message: "Too many of your conversations are being answered at the same time. Wait for one of them, or stop it.", RetryAfter: 5 * time.Second,
		}
	}
	s.places++
	s.taken[user]++
	return nil
}

// room takes a place for a run that is taken up again, whoever's it is.
func (s *Service) room(user patchbay.UserID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.places >= s.o.Runs {
		return false
	}
	s.places++
	s.taken[user]++
	return true
}

// release gives a place back. The caller holds s.mu.
func (s *Service) release(user patchbay.UserID) {
	s.places--
	if s.taken[user]--; s.taken[user] <= 0 {
		delete(s.taken, user)
	}
}
