package flow

import (
	"context"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// How often rows are looked at: for what ran out, and for what another process did.
const (
	sweepAlone  = 5 * time.Second
	sweepShared = 2 * time.Second
	keepEnded   = 24 * time.Hour // rows that ended, for who asks what became of one
)

// Run ends sign-ins whose time is up and follows those of other processes, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	every := sweepAlone
	if s.o.Rows.Shared() {
		every = sweepShared
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.o.Logger.ErrorContext(ctx, "Sign-ins could not be looked through; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// sweep makes memory agree with the rows.
func (s *Service) sweep(ctx context.Context) error {
	now := s.o.Now()
	before := s.index.ids() // a row that appears after this is no concern of this sweep
	expired, err := s.o.Rows.ExpireFlows(ctx, now, keepEnded)
	if err != nil {
		return err
	}
	for _, row := range expired {
		if s.index.finish(placeOf(row), row.ID, ErrExpired, row.Error, now) {
			s.o.Changed(row.User, row.Server)
		}
		s.log(s.serverOf(row), row.User).InfoContext(ctx, "Sign-in was not finished in time", "flow", row.ID)
	}
	rows, err := s.o.Rows.ActiveFlows(ctx, now)
	if err != nil {
		return err
	}
	active := make(map[string]bool, len(rows))
	for _, row := range rows {
		active[row.ID] = true
		if _, ok := s.o.Servers.ByID(row.Server); !ok {
			s.settle(ctx, row, store.FlowCancelled, "", ErrCancelled, store.FlowPending)
			continue // its server is gone
		}
		if s.index.put(placeOf(row), row.ID, row.CreatedAt, row.ExpiresAt) {
			s.o.Changed(row.User, row.Server)
		}
	}
	for id, p := range before {
		if !active[id] {
			s.ended(ctx, p, id)
		}
	}
	return nil
}

// ended follows a row that another process has brought to its end.
func (s *Service) ended(ctx context.Context, p place, id string) {
	how, problem := ErrEnded, ""
	row, err := s.o.Rows.Flow(ctx, id)
	if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
		return // the next sweep asks again
	}
	if err == nil {
		switch row.Status {
		case store.FlowPending, store.FlowFinishing:
			return // it lives: it was made active again, or its end is not ours to see yet
		case store.FlowDone:
			how = nil
		case store.FlowCancelled:
			how = ErrCancelled
		case store.FlowFailed:
			how, problem = errFailed, row.Error
		}
	}
	if s.index.finish(p, id, how, problem, s.o.Now()) {
		s.o.Changed(p.user, p.server)
	}
}

// ids returns the rows that are known, and whose.
func (x *index) ids() map[string]place {
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := make(map[string]place, len(x.flows))
	for p, k := range x.flows {
		ids[k.id] = p
	}
	return ids
}
