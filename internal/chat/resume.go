package chat

import (
	"context"

	"patchbay"
)

// Resume goes on with a run that was interrupted, or that failed because of its model,
// from its last fact. It repeats no call.
func (s *Service) Resume(ctx context.Context, a patchbay.Actor, id patchbay.RunID) (*patchbay.Run, error) {
	if err := person(a); err != nil {
		return nil, err
	}
	run, err := s.o.Store.Run(ctx, a.ID(), id)
	if err != nil {
		return nil, err
	}
	if run.Status != patchbay.RunInterrupted && run.Status != patchbay.RunFailed {
		return nil, patchbay.Errorf(patchbay.CodeConflict, "Only an answer that was interrupted, or that failed, can be resumed. Ask for a new one instead.")
	}
	if err := s.reserve(a.ID()); err != nil {
		return nil, err
	}
	run, ok, err := s.o.Store.ClaimRun(ctx, s.owner, id, s.o.Lease)
	if err == nil && !ok {
		err = patchbay.Errorf(patchbay.CodeConflict, "This answer has gone on already.")
	}
	if err != nil {
		s.mu.Lock()
		s.release(a.ID())
		s.mu.Unlock()
		return nil, err
	}
	out := *run
	run.Status = "" // so that going on is told
	if !s.start(run) {
		s.giveUp(ctx, run)
	}
	return &out, nil
}

// pickUp goes on with a waiting run that has something to take in, if nobody else does.
func (s *Service) pickUp(id patchbay.RunID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return // another process, or the next start, sees it
	}
	s.work.Go(func() {
		run, err := s.o.Store.RunByID(s.life, id)
		if err != nil || run.Status != patchbay.RunWaiting || run.Owner != "" || !s.room(run.User) {
			return // there is nothing to do, or it is seen again when there is room
		}
		user := run.User
		run, ok, err := s.o.Store.ClaimRun(s.life, s.owner, id, s.o.Lease)
		if err == nil && ok {
			if !s.start(run) {
				s.giveUp(s.life, run)
			}
			return
		}
		s.mu.Lock()
		s.release(user)
		s.mu.Unlock()
		if err != nil && s.life.Err() == nil {
			s.o.Logger.Error("A run could not be taken up; trying again", "run", string(id), "error", err)
		}
	})
}
