package agent

import (
	"time"

	"patchbay"
)

// settle takes in what became of calls and what persons answered. It returns the calls
// whose state changed.
func settle(s *State, in *Input, limits Limits, now time.Time) (changed []*Call) {
	if s.Phase != PhaseCalls {
		return nil
	}
	if !s.Since.IsZero() {
		s.Spent += max(now.Sub(s.Since), 0)
		s.Since = time.Time{}
	}
	for i := range in.Outcomes {
		o := &in.Outcomes[i]
		c := s.call(o.CallID)
		if c == nil || c.State != CallStarted {
			continue // answered already, or nobody's: a call has one answer
		}
		switch {
		case o.Result != nil:
			c.finish(shown(c.ID, o.Result, limits))
		case o.Wait != nil:
			c.State, c.Wait = CallWaiting, &Wait{o.Wait.Kind, o.Wait.Questions, o.Wait.Resume}
		case o.Unknown:
			c.finish(failure(c, unknownFate))
		default:
			c.finish(failure(c, o.Failure))
		}
		changed = append(changed, c)
	}
	for i := range in.Answers {
		a := &in.Answers[i]
		c := s.call(a.CallID)
		if c == nil || c.State != CallWaiting {
			continue
		}
		if a.Refused {
			c.finish(failure(c, refusal(c.Wait, a.Reason)))
		} else {
			switch c.Wait.Kind {
			case patchbay.WaitApproval:
				c.Approved = true
			case patchbay.WaitQuestion:
				c.Resume, c.Answers = c.Wait.Resume, a.Answers
			}
			c.State, c.Wait = CallQueued, nil
		}
		changed = append(changed, c)
	}
	return changed
}

// refusal says why a person's answer ended a call.
func refusal(w *Wait, reason string) string {
	what := "the person did not answer the server's question."
	switch w.Kind {
	case patchbay.WaitApproval:
		what = "the person did not allow it."
	case patchbay.WaitSignin:
		what = "the person did not sign in to the server."
	}
	if reason != "" {
		what += " Reason: " + reason
	}
	return what
}

// handOut marks the queued calls as started and returns them.
func handOut(s *State, now time.Time) (calls, waits []Call) {
	working := false
	for i := range s.Calls {
		c := &s.Calls[i]
		if c.State == CallQueued {
			c.State = CallStarted
			calls = append(calls, *c)
		}
		working = working || c.State == CallStarted
		if c.State == CallWaiting {
			waits = append(waits, *c)
		}
	}
	if working {
		s.Since = now
	}
	return calls, waits
}

// results is the message that answers the calls of a step.
func results(s *State) patchbay.Message {
	m := patchbay.Message{Role: patchbay.FromTools, Parts: make([]patchbay.Part, len(s.Calls))}
	for i := range s.Calls {
		m.Parts[i] = patchbay.Part{Kind: patchbay.PartResult, Result: s.Calls[i].Result}
	}
	return m
}
