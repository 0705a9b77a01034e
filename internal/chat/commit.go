package chat

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/provider"
	"patchbay/internal/store"
)

// Saves that fail are tried again: a fact must not be lost to a database that is busy.
const (
	saveLimit = 20 * time.Second // of one save with its retries
	saveFirst = 50 * time.Millisecond
	saveMost  = 2 * time.Second
)

// commit stores what a step has brought, and then tells of it. Calls that are handed out
// are stored as started: after that they may be sent. parked means that the run waits for
// persons alone and was given away. stepErr is what Advance said; it is returned when
// everything was stored.
func (r *runner) commit(out *agent.Output, stepErr error) (parked bool, err error) {
	r.state = out.State
	for i := range out.Events {
		r.take(&out.Events[i])
	}
	now := r.s.o.Now()
	for i := range out.Calls {
		row := r.call(&out.Calls[i])
		row.State, row.StartedAt = patchbay.RunCallStarted, now
		r.facts.call(row)
	}
	for i := range out.Waits {
		r.awaitPerson(&out.Waits[i])
	}
	clear(r.landed)
	save := store.RunSave{Step: r.state.Step, Usage: r.state.Usage, ClearPartial: stepErr == nil}
	switch {
	case r.state.Phase == agent.PhaseDone:
		save.Status, save.End = statusOf(r.state.End)
	case stepErr == nil && r.state.Phase == agent.PhaseCalls && len(out.Calls) == 0 && !r.busy():
		parked = true
		save.Status, save.Release = patchbay.RunWaiting, true
	default:
		save.Status = r.activeStatus(len(out.Calls))
	}
	if err := r.save(save); err != nil {
		return false, err
	}
	if stepErr != nil {
		if r.life.Err() != nil {
			return false, context.Cause(r.life)
		}
		return false, stepErr
	}
	return parked, nil
}

// busy reports whether calls are under way, or have just ended.
func (r *runner) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.inflight)+len(r.delivered)+len(r.asked) > 0
}

// activeStatus is waiting when all that is under way stands still for a person.
func (r *runner) activeStatus(starting int) patchbay.RunStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	questions := 0
	for _, w := range r.open {
		if w.Live {
			questions++
		}
	}
	if starting == 0 && questions > 0 && questions >= len(r.inflight) && r.state.Phase == agent.PhaseCalls {
		return patchbay.RunWaiting
	}
	return patchbay.RunRunning
}

// statusOf is how a run stands whose loop has ended.
func statusOf(e *agent.End) (patchbay.RunStatus, *patchbay.RunEnd) {
	end := &patchbay.RunEnd{Stop: e.Stop, Limit: e.Limit, Error: e.Error}
	switch e.Stop {
	case patchbay.StopCanceled:
		return patchbay.RunStopped, end
	case patchbay.StopError:
		return patchbay.RunFailed, end
	case patchbay.StopLimit:
		end.Message = "The run has reached its limit of " + e.Limit + "."
	}
	return patchbay.RunDone, end
}

// take turns an event of the loop into what is stored.
func (r *runner) take(e *agent.Event) {
	switch e.Kind {
	case agent.EventOffered:
		r.facts.offered(Offer{
			Step: e.Step + 1, Model: r.model.Model, Provider: r.model.Provider, Tools: e.Offered, Instructions: e.Instructions, Notes: r.notes(),
		})
	case agent.EventMessage:
		if e.Message.Role == patchbay.FromModel {
			clear(r.calls)
		}
		r.facts.message(e.Step, r.index, *e.Message)
		r.index++
	case agent.EventCall:
		r.takeCall(e.Call, e.Step)
	}
}

func (r *runner) notes() []string {
	if r.offering == nil {
		return nil
	}
	return r.offering.notes
}

// takeCall notes what became of a call.
func (r *runner) takeCall(c *agent.Call, step int) {
	row := r.call(c)
	row.Step = step
	switch c.State {
	case agent.CallQueued:
		row.State = patchbay.RunCallQueued
	case agent.CallWaiting:
		row.State = patchbay.RunCallWaiting
	case agent.CallDone:
		r.landCall(row, c)
	}
	r.facts.call(row)
}

func (r *runner) landCall(row *patchbay.RunCall, c *agent.Call) {
	row.EndedAt = r.s.o.Now()
	l, known := r.landed[c.ID]
	switch {
	case known && l.result != nil:
		row.State, row.Result, row.ResultSize, row.IsError = patchbay.RunCallDone, l.result.Raw, len(l.result.Raw), l.result.IsError
	case known && l.unknown:
		row.State, row.Reason, row.Problem = patchbay.RunCallUnknown, l.reason, l.problem
	case known:
		row.State, row.Reason, row.Problem = patchbay.RunCallFailed, l.reason, l.problem
	case c.Result != nil && !c.Result.IsError: // our own tool
		row.State, row.Result, row.ResultSize = patchbay.RunCallDone, c.Result.Raw, len(c.Result.Raw)
	default:
		row.State, row.Reason = patchbay.RunCallFailed, "refused"
		if r.stopped() || r.run.Stop {
			row.Reason = "stopped"
		}
		if c.Result != nil {
			row.Problem = provider.TextOf(provider.ContentOf(c.Result.Raw))
		}
	}
}

// save stores what has gathered, and tells of it. Without the loop's own end it is the
// State as it is now.
func (r *runner) save(save store.RunSave) error {
	now := r.s.o.Now()
	save.ID, save.Owner, save.Epoch, save.Lease, save.At = r.id, r.s.owner, r.run.Epoch, r.s.o.Lease, now
	f := &r.facts
	if save.Status != "" && save.Status != r.run.Status {
		f.status(save.Status, save.End)
	}
	var err error
	if save.State, err = encodeState(r.state); err != nil {
		return err
	}
	save.Messages, save.Calls, save.Waits, save.SearchText = f.messages, f.rows(), f.waitRows(), f.text()
	if save.Events, err = f.events(now); err != nil {
		return err
	}
	if err := r.store(&save); err != nil {
		return err
	}
	if save.Status != "" {
		r.run.Status = save.Status
	}
	for _, c := range save.Calls {
		c.Result = nil // the store has it
	}
	r.view.publish(save.Events, len(save.Messages) > 0)
	r.facts = facts{}
	return nil
}

// saving bounds what is written when the run's life is over.
func (r *runner) saving() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.life), saveLimit)
}

func (r *runner) store(save *store.RunSave) error {
	if errors.Is(context.Cause(r.life), errLost) {
		return errLost
	}
	ctx, cancel := r.saving()
	defer cancel()
	for pause := saveFirst; ; pause = min(2*pause, saveMost) {
		err := r.s.o.Store.SaveRun(ctx, *save)
		if err == nil || errors.Is(err, store.ErrRunLost) || ctx.Err() != nil {
			return err
		}
		r.s.o.Logger.Warn("Facts of a run could not be stored; trying again", "run", string(r.id), "error", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// encodeState is a State as it is stored: its messages are rows of their own.
func encodeState(s agent.State) (json.RawMessage, error) {
	s.Added = nil
	return json.Marshal(s)
}
