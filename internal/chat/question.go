package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/store"
)

// maxQuestions bounds what servers ask one person at the same time.
const maxQuestions = 50

// questionKey is the key of an older server's one question.
const questionKey = "question"

// question is what a server of an older version asks on an open connection.
type question struct {
	wait   *patchbay.RunWait
	answer chan *patchbay.RunWait // of capacity one
}

// questions are those that are open in this process. Those of runs have rows too.
type questions struct {
	mu   sync.Mutex
	open map[string]*question
}

// Question puts what a server of an older version asks to the person whose connection it
// came on, and returns their answer: params and result are MCP's own JSON. It belongs to
// the person's one call that is under way at that server; else it is the server that asks
// (design, decision 8). It is lost with the connection. conn calls it.
func (s *Service) Question(ctx context.Context, k conn.Key, params json.RawMessage) (json.RawMessage, error) {
	decline := json.RawMessage(`{"action":"decline"}`)
	srv, ok := s.o.Servers.ByID(k.Server())
	if k.Level() == patchbay.LevelApp || k.User() == "" || !ok {
		return decline, nil // nobody knows whom to ask
	}
	asked, err := encode(map[string]any{questionKey: map[string]any{"method": "elicitation/create", "params": params}})
	if err != nil {
		return nil, fmt.Errorf("chat: question: %w", err)
	}
	now := s.o.Now()
	q := &question{answer: make(chan *patchbay.RunWait, 1), wait: &patchbay.RunWait{
		ID: store.NewID(), User: k.User(), Kind: patchbay.WaitQuestion, Server: srv.ID, ServerName: srv.Name, Live: true,
		Status: patchbay.WaitOpen, CreatedAt: now, ExpiresAt: now.Add(answerTime), Detail: patchbay.WaitDetail{Questions: asked},
	}}
	r, call := s.asker(k)
	if r == nil && s.onces.ask(k) {
		return decline, nil
	}
	if r != nil {
		q.wait.Run, q.wait.Conversation, q.wait.Call = r.id, r.conversation, call
	}
	if !s.questions.put(q) {
		return decline, nil
	}
	defer s.questions.drop(q.wait.ID)
	if r != nil {
		shown := *q.wait // the runner's own from here on
		r.mu.Lock()
		r.asked = append(r.asked, &question{wait: &shown})
		r.mu.Unlock()
		r.nudge()
	} else {
		s.tellQuestion(q.wait)
	}
	select {
	case w := <-q.answer:
		return answerOf(w), nil
	case <-ctx.Done():
		if r != nil {
			r.mu.Lock()
			r.withdrawn = append(r.withdrawn, q.wait.ID)
			r.mu.Unlock()
			r.nudge()
		}
		return nil, context.Cause(ctx)
	case <-s.life.Done():
		return decline, nil
	}
}

// asker finds the run, and the call, that a question belongs to: the person's one call at
// that server, or else the last run that has calls there.
func (s *Service) asker(k conn.Key) (found *runner, call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.runners {
		if r.user != k.User() {
			continue
		}
		r.mu.Lock()
		for id, f := range r.inflight {
			if f.server == k.Server() {
				n++
				call = id
				if found == nil || r.id > found.id {
					found = r
				}
			}
		}
		r.mu.Unlock()
	}
	if n != 1 {
		call = ""
	}
	return found, call
}

// answerOf is a person's answer in MCP's form.
func answerOf(w *patchbay.RunWait) json.RawMessage {
	if w.Status != patchbay.WaitAnswered || w.Answer == nil {
		return json.RawMessage(`{"action":"decline"}`)
	}
	var answers map[string]json.RawMessage
	if json.Unmarshal(w.Answer.Answers, &answers) != nil || answers[questionKey] == nil {
		return json.RawMessage(`{"action":"decline"}`)
	}
	return answers[questionKey]
}

// tellQuestion announces a question that belongs to no run.
func (s *Service) tellQuestion(w *patchbay.RunWait) {
	data, err := encode(FactOfWait(w))
	if err != nil {
		return // it is listed all the same
	}
	s.o.Bus.Publish(patchbay.Event{Kind: patchbay.EventRun, User: w.User, Data: patchbay.RunFact{
		RunEvent: patchbay.RunEvent{Kind: patchbay.RunEventWait, At: s.o.Now(), Data: data},
	}})
}

func (x *questions) put(q *question) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for _, other := range x.open {
		if other.wait.User == q.wait.User {
			n++
		}
	}
	if n >= maxQuestions {
		return false
	}
	if x.open == nil {
		x.open = map[string]*question{}
	}
	x.open[q.wait.ID] = q
	return true
}

func (x *questions) drop(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.open, id)
}

// of lists those of a person that belong to no run, oldest first.
func (x *questions) of(user patchbay.UserID) []*patchbay.RunWait {
	x.mu.Lock()
	defer x.mu.Unlock()
	var list []*patchbay.RunWait
	for _, q := range x.open {
		if q.wait.User == user && q.wait.Run == "" {
			w := *q.wait
			list = append(list, &w)
		}
	}
	slices.SortFunc(list, func(a, b *patchbay.RunWait) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// find returns a person's question that belongs to no run, or nil.
func (x *questions) find(user patchbay.UserID, id string) *patchbay.RunWait {
	x.mu.Lock()
	defer x.mu.Unlock()
	if q := x.open[id]; q != nil && q.wait.User == user && q.wait.Run == "" {
		w := *q.wait
		return &w
	}
	return nil
}

// answer takes a person's answer to a question that belongs to no run.
func (x *questions) answer(user patchbay.UserID, id string, a patchbay.WaitAnswer, now time.Time) (*patchbay.RunWait, error) {
	w := x.find(user, id)
	if w == nil {
		return nil, patchbay.Errorf(patchbay.CodeConflict, "The server does not wait for this answer any more.")
	}
	w.Status, w.Answer, w.EndedAt = patchbay.WaitAnswered, &a, now
	if a.Refused {
		w.Status = patchbay.WaitRefused
	}
	x.answered(w)
	return w, nil
}

// answered hands an answer to who waits for it.
func (x *questions) answered(w *patchbay.RunWait) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if q := x.open[w.ID]; q != nil {
		delete(x.open, w.ID)
		q.answer <- w // the first and only one
	}
}
