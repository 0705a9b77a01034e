package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"patchbay"
	"patchbay/internal/store"
)

// Scopes of approvals.
const (
	scopeOnce   = "once"
	scopeChat   = "chat"
	scopeAlways = "always"
)

// Bounds of answers.
const (
	maxReason  = 2 << 10
	maxAnswers = 256 << 10
)

func waitsOf(run patchbay.RunID) store.WaitFilter {
	return store.WaitFilter{Run: run, Open: true, Limit: 200}
}

// Waits lists waits of the actor's, oldest first; next is where the list goes on. What
// servers ask outside of runs comes first, on the first page.
func (s *Service) Waits(ctx context.Context, a patchbay.Actor, f WaitFilter) (list []*patchbay.RunWait, next string, err error) {
	if err := person(a); err != nil {
		return nil, "", err
	}
	list, next, err = s.o.Store.Waits(ctx, a.ID(), store.WaitFilter{
		Run: f.Run, Conversation: f.Conversation, Open: f.Open, Kind: f.Kind, After: f.After, Limit: f.Limit,
	})
	if err != nil {
		return nil, "", err
	}
	if f.After == "" && f.Run == "" && f.Conversation == "" && (f.Kind == "" || f.Kind == patchbay.WaitQuestion) {
		list = append(s.questions.of(a.ID()), list...)
	}
	return list, next, nil
}

// Answer takes a person's answer to a wait. Of two answers one counts; the other one, and
// one that comes too late, is a conflict.
func (s *Service) Answer(ctx context.Context, a patchbay.Actor, id string, answer patchbay.WaitAnswer) (*patchbay.RunWait, error) {
	if err := person(a); err != nil {
		return nil, err
	}
	if w := s.questions.find(a.ID(), id); w != nil {
		if err := check(w, &answer); err != nil {
			return nil, err
		}
		return s.questions.answer(a.ID(), id, answer, s.o.Now())
	}
	w, err := s.o.Store.Wait(ctx, a.ID(), id)
	if err != nil {
		return nil, err
	}
	if err := check(w, &answer); err != nil {
		return nil, err
	}
	status := patchbay.WaitAnswered
	if answer.Refused {
		status = patchbay.WaitRefused
	}
	if w, err = s.o.Store.AnswerWait(ctx, a.ID(), id, status, &answer, s.o.Now()); err != nil {
		return nil, err
	}
	if w.Kind == patchbay.WaitApproval && status == patchbay.WaitAnswered && answer.Scope != scopeOnce {
		if err := s.remember(ctx, w, answer.Scope); err != nil {
			s.poke(w.Run)
			return w, err
		}
	}
	s.poke(w.Run)
	return w, nil
}

// remember keeps a yes for the definition that was shown.
func (s *Service) remember(ctx context.Context, w *patchbay.RunWait, scope string) error {
	x := &patchbay.Approval{User: w.User, Server: w.Server, ServerName: w.ServerName, Tool: w.Tool, Hash: w.Detail.Hash, CreatedAt: s.o.Now()}
	if scope == scopeChat {
		x.Conversation = w.Conversation
	}
	return s.o.Store.PutApproval(ctx, x)
}

// check holds an answer against what was asked.
func check(w *patchbay.RunWait, answer *patchbay.WaitAnswer) error {
	invalid := func(path, message string) error {
		return &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "The answer does not fit what was asked: " + path + " " + message + ".",
			Fields: []patchbay.FieldError{{Path: "body." + path, Message: message}},
		}
	}
	if len(answer.Reason) > maxReason {
		return invalid("reason", "must have at most 2 KiB")
	}
	answer.Reason = strings.TrimSpace(answer.Reason)
	if answer.Refused {
		answer.Scope, answer.Answers = "", nil
		return nil
	}
	switch w.Kind {
	case patchbay.WaitApproval:
		switch answer.Scope {
		case "":
			answer.Scope = scopeOnce
		case scopeOnce, scopeChat, scopeAlways:
		default:
			return invalid("scope", "must be once, chat or always")
		}
	case patchbay.WaitQuestion:
		return checkAnswers(w, answer, invalid)
	case patchbay.WaitSignin:
		return patchbay.Errorf(patchbay.CodeConflict, "A sign-in goes on by itself when you have signed in. It can be skipped.")
	}
	return nil
}

// checkAnswers holds answers against the questions: a JSON object with an answer to each.
func checkAnswers(w *patchbay.RunWait, answer *patchbay.WaitAnswer, invalid func(path, message string) error) error {
	if len(answer.Answers) > maxAnswers {
		return invalid("answers", "must have at most 256 KiB")
	}
	var given, asked map[string]json.RawMessage
	if json.Unmarshal(answer.Answers, &given) != nil || given == nil {
		return invalid("answers", "must be an object with an answer for each question")
	}
	if len(w.Detail.Questions) > 0 && json.Unmarshal(w.Detail.Questions, &asked) != nil {
		return nil // the server says what it wants of it
	}
	for key := range asked {
		if !bytes.HasPrefix(bytes.TrimSpace(given[key]), []byte("{")) {
			return invalid("answers", "must hold an object for every question")
		}
	}
	return nil
}

// poke lets a run take in what has changed, here or by taking it up.
func (s *Service) poke(id patchbay.RunID) {
	if r := s.local(id); r != nil {
		r.poke()
		return
	}
	s.pickUp(id)
}
