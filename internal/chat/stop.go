package chat

import (
	"context"

	"patchbay"
	"patchbay/internal/agent"
)

// Stop ends a run, wherever it is executed. What there is of it is kept. Stopping one that
// has ended is no error.
func (s *Service) Stop(ctx context.Context, a patchbay.Actor, id patchbay.RunID) error {
	if err := person(a); err != nil {
		return err
	}
	run, err := s.o.Store.RequestStop(ctx, a.ID(), id)
	if err != nil || !run.Status.Active() {
		return err
	}
	if r := s.local(id); r != nil {
		r.cancel(agent.ErrStopped)
		r.poke()
		return nil
	}
	s.pickUp(id)
	return nil
}

// CancelCall ends one tool call of a run; the model is told, and the run goes on. A call
// that waits for a person is refused.
func (s *Service) CancelCall(ctx context.Context, a patchbay.Actor, id patchbay.RunID, call string) error {
	if err := person(a); err != nil {
		return err
	}
	c, err := s.o.Store.RunCall(ctx, a.ID(), id, call)
	if err != nil {
		return err
	}
	if r := s.local(id); r != nil {
		r.mu.Lock()
		f := r.inflight[call]
		r.mu.Unlock()
		if f != nil {
			f.cancel(errCancelled)
			return nil
		}
	}
	switch c.State {
	case patchbay.RunCallWaiting:
		waits, _, err := s.o.Store.Waits(ctx, a.ID(), waitsOf(id))
		if err != nil {
			return err
		}
		for _, w := range waits {
			if w.Call == call {
				_, err = s.Answer(ctx, a, w.ID, patchbay.WaitAnswer{Refused: true, Reason: "the person cancelled the call."})
			}
		}
		return err
	case patchbay.RunCallQueued, patchbay.RunCallStarted:
		return patchbay.Errorf(patchbay.CodeConflict, "This call is under way in another process of the host. Stop the answer instead.")
	}
	return patchbay.Errorf(patchbay.CodeConflict, "This call has ended already.")
}
