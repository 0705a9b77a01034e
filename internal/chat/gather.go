package chat

import (
	"context"
	"fmt"
	"time"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/store"
)

// gather collects what there is for the loop to take in: outcomes of calls, answers of
// persons, a stop. any is false when there is nothing.
func (r *runner) gather() (in agent.Input, any bool, err error) {
	r.mu.Lock()
	delivered, look, asked, withdrawn := r.delivered, r.look, r.asked, r.withdrawn
	r.delivered, r.look, r.asked, r.withdrawn = nil, false, nil, nil
	r.mu.Unlock()
	for _, l := range delivered {
		r.landed[l.call] = l
		in.Outcomes = append(in.Outcomes, l.outcome())
		r.endLive(l.call)
	}
	if len(delivered) > 0 && !r.busy() {
		r.endLive("") // what it asks for now is nobody's
	}
	for _, q := range asked {
		r.openWait(q.wait)
	}
	for _, id := range withdrawn {
		r.endWait(id, patchbay.WaitVoid)
	}
	free := false // a wait before the model is asked has ended
	if look {
		if free, err = r.read(&in); err != nil {
			return in, false, err
		}
	}
	if len(in.Outcomes)+len(in.Answers) == 0 && !in.Stop && len(r.facts.list) > 0 {
		if err := r.save(store.RunSave{Status: r.activeStatus(0)}); err != nil {
			return in, false, err
		}
	}
	return in, len(in.Outcomes)+len(in.Answers) > 0 || in.Stop || free, nil
}

// read reads the rows that others write: waits that ended, and the wish to stop.
func (r *runner) read(in *agent.Input) (free bool, err error) {
	ctx := r.s.life
	row, err := r.s.o.Store.Run(ctx, r.user, r.id)
	if err != nil {
		if patchbay.CodeOf(err) == patchbay.CodeNotFound {
			return false, errLost
		}
		return false, err
	}
	in.Stop = row.Stop
	if len(r.open) == 0 {
		return false, nil
	}
	waits, err := r.waits(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range waits {
		if r.open[w.ID] != nil && w.Status != patchbay.WaitOpen {
			free = r.takeAnswer(ctx, w, in) || free
		}
	}
	return free, nil
}

// waits reads all waits of the run, oldest first.
func (r *runner) waits(ctx context.Context) (all []*patchbay.RunWait, err error) {
	f := store.WaitFilter{Run: r.id, Limit: 200}
	for {
		list, next, err := r.s.o.Store.Waits(ctx, r.user, f)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if next == "" {
			return all, nil
		}
		f.After = next
	}
}

// takeAnswer takes in a wait that has ended. free says that it kept the model from being
// asked.
func (r *runner) takeAnswer(ctx context.Context, w *patchbay.RunWait, in *agent.Input) (free bool) {
	delete(r.open, w.ID)
	r.facts.wait(w)
	switch {
	case w.Live:
		r.s.questions.answered(w)
		return false
	case w.Call == "":
		return true
	case w.Kind == patchbay.WaitApproval && w.Status == patchbay.WaitAnswered && r.redefined(ctx, w):
		return false
	}
	a := agent.Answer{CallID: w.Call}
	if w.Answer != nil {
		a.Answers, a.Reason = w.Answer.Answers, w.Answer.Reason
	}
	if w.Kind == patchbay.WaitApproval {
		r.shown[w.Call] = w.Detail.Hash
	}
	if w.Status != patchbay.WaitAnswered {
		a.Refused = true
		l := landed{call: w.Call}
		l.reason, l.problem, a.Reason = refusal(w, a.Reason)
		r.landed[w.Call] = l
	}
	in.Answers = append(in.Answers, a)
	return false
}

// redefined asks once more when the tool that was approved is not the one that was shown.
func (r *runner) redefined(ctx context.Context, w *patchbay.RunWait) bool {
	actor, err := r.actor(ctx)
	if err != nil {
		return false // the call says so
	}
	tool, ok := r.tool(ctx, actor, w.ServerName, w.Tool)
	hash := hashOf(&tool)
	if !ok || hash == w.Detail.Hash {
		return false
	}
	r.openWait(&patchbay.RunWait{
		Kind: patchbay.WaitApproval, Call: w.Call, Server: w.Server, ServerName: w.ServerName, Tool: w.Tool,
		Detail: patchbay.WaitDetail{Args: w.Detail.Args, Why: whyChanged, Hash: hash},
	})
	return true
}

// refusal says why a wait ended without a yes: the stable word, a sentence for the person,
// and the reason that the model is given.
func refusal(w *patchbay.RunWait, given string) (reason, problem, told string) {
	switch w.Status {
	case patchbay.WaitExpired:
		return "expired", "Nobody answered in time.", "nobody answered in time."
	case patchbay.WaitVoid:
		return "void", "What was asked is no longer so.", "what was asked is no longer so."
	case patchbay.WaitInterrupted:
		return "interrupted", "The question was lost with the connection that it came on.", "the question was lost with its connection."
	}
	switch w.Kind {
	case patchbay.WaitApproval:
		reason, problem = "denied", "Denied by the person."
	case patchbay.WaitSignin:
		reason, problem = "skipped", "The sign-in was skipped by the person."
	default:
		reason, problem = "declined", "The question was declined by the person."
	}
	if given != "" {
		problem += " Reason: " + given
	}
	return reason, problem, given
}

// How long waits stay open.
const (
	answerTime = 24 * time.Hour // approvals and questions
	signInTime = time.Hour
)

// openWait opens a wait with what is saved next.
func (r *runner) openWait(w *patchbay.RunWait) {
	now := r.s.o.Now()
	if w.ID == "" {
		w.ID = store.NewID()
	}
	w.Run, w.Conversation, w.User, w.Status = r.id, r.conversation, r.user, patchbay.WaitOpen
	if w.CreatedAt.IsZero() {
		w.CreatedAt = now
	}
	w.ExpiresAt = now.Add(answerTime)
	if w.Kind == patchbay.WaitSignin {
		w.ExpiresAt = now.Add(signInTime)
	}
	r.open[w.ID] = w
	r.facts.wait(w)
}

// endWait ends an open wait of the run's own accord.
func (r *runner) endWait(id string, status patchbay.RunWaitStatus) {
	w := r.open[id]
	if w == nil {
		return
	}
	delete(r.open, id)
	w.Status, w.EndedAt = status, r.s.o.Now()
	r.facts.wait(w)
}

// endLive ends the questions that a server asked in a call that is over.
func (r *runner) endLive(call string) {
	for id, w := range r.open {
		if w.Live && w.Call == call {
			r.endWait(id, patchbay.WaitVoid)
			r.s.questions.answered(w)
		}
	}
}

// awaitPerson opens the wait of a call, if it has none.
func (r *runner) awaitPerson(c *agent.Call) {
	for _, w := range r.open {
		if w.Call == c.ID && !w.Live {
			return
		}
	}
	w := &patchbay.RunWait{Kind: c.Wait.Kind, Call: c.ID, Server: c.ServerID, ServerName: c.Server, Tool: c.Tool}
	if l, ok := r.landed[c.ID]; ok && l.wait != nil {
		w = l.wait
	} else {
		switch w.Kind {
		case patchbay.WaitApproval:
			w.Detail = r.offering.approval(c)
		case patchbay.WaitQuestion:
			w.Resume, w.Detail.Questions = c.Wait.Resume, c.Wait.Questions
		case patchbay.WaitSignin:
			if srv, ok := r.s.o.Servers.ByID(c.ServerID); ok {
				w.Detail = signInDetail(srv)
			}
		}
	}
	r.openWait(w)
}

// loadWaits reads what the run waits for, and what it has waited for.
func (r *runner) loadWaits(ctx context.Context) error {
	waiting := map[string]bool{}
	for i := range r.state.Calls {
		waiting[r.state.Calls[i].ID] = r.state.Calls[i].State == agent.CallWaiting
	}
	waits, err := r.waits(ctx)
	if err != nil {
		return fmt.Errorf("chat: waits of run %s: %w", r.id, err)
	}
	last := map[string]string{}
	for _, w := range waits {
		switch {
		case w.Live:
			if w.Status == patchbay.WaitOpen { // its connection is gone
				r.open[w.ID] = w
				r.endWait(w.ID, patchbay.WaitInterrupted)
			}
		case w.Call == "":
			r.signins[w.Server] = true
			if w.Status == patchbay.WaitOpen || r.run.Status == patchbay.RunWaiting {
				r.open[w.ID] = w
			}
		case waiting[w.Call]:
			delete(r.open, last[w.Call]) // a later wait of the call takes its place
			last[w.Call] = w.ID
			r.open[w.ID] = w
		}
	}
	return nil
}
