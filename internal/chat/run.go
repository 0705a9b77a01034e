package chat

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/store"
)

// How often rows are looked at, beside the hints of other processes.
const (
	inputEvery  = time.Second     // stops and answers that came in elsewhere
	signInEvery = 2 * time.Second // sign-ins that nobody told of
	expireEvery = 5 * time.Second
	hintPause   = 20 * time.Millisecond // hints gather for that long
)

// Run takes up runs that nobody executes, looks after leases, stops, answers, sign-ins and
// waits whose time is over, until ctx ends. Runs go on after that, until Close.
func (s *Service) Run(ctx context.Context) error {
	var g errgroup.Group
	hints := make(chan struct{}, 1)
	g.Go(func() error { return s.every(ctx, s.o.Lease/3, nil, s.renew) })
	g.Go(func() error { return s.every(ctx, s.o.Lease/2, nil, s.claim) })
	g.Go(func() error { return s.every(ctx, inputEvery, hints, s.takeInput) })
	g.Go(func() error { return s.every(ctx, signInEvery, nil, s.checkSignIns) })
	g.Go(func() error { return s.every(ctx, expireEvery, nil, s.expire) })
	g.Go(func() error { return s.hear(ctx) })
	g.Go(func() error {
		err := s.o.Store.Listen(ctx, func(topic, id string, _ int64) {
			if topic != store.TopicRun {
				return
			}
			s.hint(patchbay.RunID(id))
			select {
			case hints <- struct{}{}:
			default:
			}
		})
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
	return g.Wait()
}

// every calls fn at once, then again and again, and soon after a hint.
func (s *Service) every(ctx context.Context, pause time.Duration, hints <-chan struct{}, fn func(context.Context) error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			s.o.Logger.ErrorContext(ctx, "Runs could not be looked after; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-hints:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(hintPause):
			}
		}
	}
}

// renew keeps the leases of what is executed here, and lets go of what is another's.
func (s *Service) renew(ctx context.Context) error {
	s.mu.Lock()
	ids := make([]patchbay.RunID, 0, len(s.runners))
	for id := range s.runners {
		ids = append(ids, id)
	}
	s.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	lost, err := s.o.Store.RenewRuns(ctx, s.owner, ids, s.o.Lease)
	if err != nil {
		return err
	}
	for _, id := range lost {
		s.renewed(ctx, id)
	}
	return nil
}

// renewed lets go of a run that is not ours any more. One that has just ended, or was
// given away, is gone by itself.
func (s *Service) renewed(ctx context.Context, id patchbay.RunID) {
	r := s.local(id)
	if r == nil {
		return
	}
	run, err := s.o.Store.RunByID(ctx, id)
	switch {
	case patchbay.CodeOf(err) == patchbay.CodeNotFound, err == nil && run.Status.Active() && run.Owner != "" && run.Owner != s.owner:
		r.cancel(errLost)
	}
}

// claim takes up runs whose owner is gone.
func (s *Service) claim(ctx context.Context) error {
	if err := s.adopt(ctx); err != nil {
		return err
	}
	for {
		s.mu.Lock()
		free := min(s.o.Runs-s.places, 64)
		if s.closing {
			free = 0
		}
		s.mu.Unlock()
		if free <= 0 {
			return nil
		}
		runs, err := s.o.Store.ClaimRuns(ctx, s.owner, s.o.Lease, free)
		if err != nil {
			return err
		}
		for _, run := range runs {
			if !s.room(run.User) {
				s.handOver(ctx, run)
				continue
			}
			if !s.start(run) {
				s.giveUp(ctx, run)
			}
		}
		if len(runs) < free {
			return nil
		}
	}
}

// abandon notes a run whose execution failed for want of the database, say. On SQLite
// nobody else would take it up while this process lives.
func (s *Service) abandon(run *patchbay.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orphans = append(s.orphans, run)
}

// adopt hands back what was abandoned, so that it can be claimed.
func (s *Service) adopt(ctx context.Context) error {
	s.mu.Lock()
	orphans := s.orphans
	s.orphans = nil
	s.mu.Unlock()
	for i, run := range orphans {
		err := s.o.Store.SaveRun(ctx, store.RunSave{ID: run.ID, Owner: s.owner, Epoch: run.Epoch, Status: patchbay.RunRunning, Release: true})
		if err != nil && !errors.Is(err, store.ErrRunLost) {
			s.mu.Lock()
			s.orphans = append(s.orphans, orphans[i:]...)
			s.mu.Unlock()
			return err
		}
	}
	return nil
}

// handOver gives a run back for which there is no room.
func (s *Service) handOver(ctx context.Context, run *patchbay.Run) {
	err := s.o.Store.SaveRun(ctx, store.RunSave{ID: run.ID, Owner: s.owner, Epoch: run.Epoch, Release: true})
	if err != nil && !errors.Is(err, store.ErrRunLost) {
		s.o.Logger.Error("A run could not be handed back; it is taken up again when its lease is over", "run", string(run.ID), "error", err)
	}
}

// takeInput lets runs take in what came in for them elsewhere.
func (s *Service) takeInput(ctx context.Context) error {
	ids, err := s.o.Store.RunInput(ctx, s.owner)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r := s.local(id)
		if r == nil {
			s.pickUp(id)
			continue
		}
		run, err := s.o.Store.RunByID(ctx, id)
		if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
			return err
		}
		if err == nil && run.Stop { // it may be in the middle of the model's words
			r.cancel(agent.ErrStopped)
		}
		r.poke()
	}
	return nil
}

// expire ends the waits whose time is over.
func (s *Service) expire(ctx context.Context) error {
	ended, err := s.o.Store.EndWaits(ctx, store.EndWaits{Status: patchbay.WaitExpired, Now: s.o.Now(), Expired: true})
	for _, w := range ended {
		s.poke(w.Run)
	}
	return err
}

// hear follows statuses: who has become connected has signed in.
func (s *Service) hear(ctx context.Context) error {
	connected := func(ev patchbay.Event) bool {
		st, ok := ev.Data.(patchbay.StatusEvent)
		return ok && ev.Kind == patchbay.EventStatus && ev.User != "" && st.Status.Status == patchbay.StatusConnected
	}
	for ctx.Err() == nil {
		sub := s.o.Bus.Subscribe(256, connected)
		s.heed(ctx, sub.Events())
		sub.Close()
	}
	return nil
}

func (s *Service) heed(ctx context.Context, events <-chan patchbay.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case ev, ok := <-events:
			if !ok {
				return // it fell behind: checkSignIns sees what was missed
			}
			if err := s.signedIn(ctx, ev.User, ev.Server); err != nil && ctx.Err() == nil {
				s.o.Logger.ErrorContext(ctx, "Runs that wait for a sign-in could not be woken; trying again", "error", err)
			}
		}
	}
}

// Close lets tool calls in flight end until ctx does, keeps what models have written, and
// hands the runs back, so that the next start goes on with them.
func (s *Service) Close(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	runners := make([]*runner, 0, len(s.runners))
	for _, r := range s.runners {
		runners = append(runners, r)
	}
	s.mu.Unlock()
	for _, r := range runners {
		r.close()
	}
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	s.end(errClosing)
	<-done
}

// close hands the run back as soon as no tool call is under way.
func (r *runner) close() {
	r.mu.Lock()
	r.closing = true
	asking := r.asking
	r.mu.Unlock()
	if asking {
		r.cancel(errClosing)
	}
	r.nudge()
}
