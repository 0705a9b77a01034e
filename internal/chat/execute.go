package chat

import (
	"context"
	"errors"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/store"
)

// execute advances the run until it ends, waits for persons alone, or its life is over.
func (r *runner) execute() error {
	if r.state.Phase == agent.PhaseDone {
		return nil // it could not begin
	}
	if len(r.run.Partial) > 0 {
		return r.interrupted()
	}
	r.mu.Lock()
	r.look = true
	r.mu.Unlock()
	in, _, err := r.gather()
	in.Stop = in.Stop || r.run.Stop
	for err == nil {
		if r.state.Phase == agent.PhaseAsk && !in.Stop && !r.stopped() {
			if r.handingBack() {
				return errClosing
			}
			if ready, err := r.ready(); err != nil || !ready {
				return err
			}
		}
		var out agent.Output
		var parked bool
		if out, err = r.advance(in); errors.Is(err, errClosing) {
			return err
		}
		if parked, err = r.commit(&out, err); err != nil {
			return err
		}
		switch {
		case r.state.Phase == agent.PhaseDone:
			r.s.ended(r)
			return nil
		case parked:
			return nil
		case out.Again():
			in = agent.Input{}
			continue
		}
		r.launch(out.Calls)
		in, err = r.await()
	}
	return err
}

// stopped reports whether a person has stopped the run.
func (r *runner) stopped() bool { return errors.Is(context.Cause(r.life), agent.ErrStopped) }

// handingBack reports whether the host stops.
func (r *runner) handingBack() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing
}

// ready prepares the next question to the model. false means that the run waits for a
// person first, or has ended.
func (r *runner) ready() (bool, error) {
	for _, w := range r.open {
		if w.Call == "" && !w.Live {
			return false, r.park() // another one was answered
		}
	}
	actor, err := r.actor(r.life)
	if err == nil {
		err = r.s.stillThere(r.life, actor, &r.settings)
	}
	began := r.s.o.Now()
	if err == nil {
		r.offering = r.offer(r.life, actor, r.settings.tools, &r.model)
	}
	switch {
	case r.stopped():
		return true, nil // the loop says so
	case r.life.Err() != nil:
		return false, context.Cause(r.life)
	case err != nil:
		return false, r.failed(err)
	}
	for _, id := range r.offering.servers {
		r.uses(id)
	}
	opened := false
	for _, srv := range r.offering.signIn {
		if !r.signins[srv.ID] {
			opened, r.signins[srv.ID] = true, true
			r.openWait(&patchbay.RunWait{Kind: patchbay.WaitSignin, Server: srv.ID, ServerName: srv.Name, Detail: signInDetail(srv), CreatedAt: began})
		}
	}
	if opened {
		return false, r.park()
	}
	if r.run.Status != patchbay.RunRunning {
		return true, r.save(store.RunSave{Status: patchbay.RunRunning})
	}
	return true, nil
}

// advance lets the loop go one step. Only with PhaseAsk does it ask the model.
func (r *runner) advance(in agent.Input) (agent.Output, error) {
	in.Hold = true
	if r.state.Phase != agent.PhaseAsk {
		return r.loop.Advance(r.life, r.state, in)
	}
	in.Model, in.Params = r.model.Model, r.model.With(r.settings.params)
	in.Instructions, in.History = r.settings.instructions, r.history
	if r.offering != nil {
		in.Catalogue = r.offering.catalogue
	}
	in.Observe = r.view.observe
	r.mu.Lock()
	closing := r.closing && !in.Stop && !r.stopped()
	r.asking = !closing
	r.mu.Unlock()
	if closing {
		return agent.Output{}, errClosing
	}
	r.view.begin(r.state.Step + 1)
	kept := r.keep()
	out, err := r.loop.Advance(r.life, r.state, in)
	kept()
	r.mu.Lock()
	r.asking = false
	r.mu.Unlock()
	return out, err
}

// park saves a run that waits for persons alone: nobody has it then.
func (r *runner) park() error {
	return r.save(store.RunSave{Status: patchbay.RunWaiting, Release: true})
}

// failed ends a run that cannot be executed, in words.
func (r *runner) failed(err error) error {
	end := &patchbay.RunEnd{Stop: patchbay.StopError, Error: modelError(err)}
	if patchbay.CodeOf(err) == patchbay.CodeInternal {
		r.s.o.Logger.Error("A run cannot be executed", "run", string(r.id), "error", err)
	}
	for i := range r.state.Calls {
		if c := &r.state.Calls[i]; c.State != agent.CallDone {
			r.endCall(c, patchbay.RunCallFailed, "failed", "The run ended before the call did.")
		}
	}
	r.state.Phase = agent.PhaseDone
	r.state.End = &agent.End{Stop: end.Stop, Error: end.Error}
	if err := r.save(store.RunSave{Status: patchbay.RunFailed, End: end}); err != nil {
		return err
	}
	r.s.ended(r)
	return nil
}

// interrupted ends a run whose model was writing when its process ended. What it had
// written stays.
func (r *runner) interrupted() error {
	m := partialOf(r.run.Partial)
	const why = "The host ended while the answer was being written. What there was of it is kept."
	m.Stop, m.Error = patchbay.StopError, &patchbay.ModelError{Kind: patchbay.ModelCut, Message: why}
	save := store.RunSave{Status: patchbay.RunInterrupted, End: &patchbay.RunEnd{Stop: patchbay.StopError, Message: why}, ClearPartial: true}
	if r.run.Stop { // they had wanted it to end anyway
		m.Stop, m.Error = patchbay.StopCanceled, nil
		save.Status, save.End = patchbay.RunStopped, &patchbay.RunEnd{Stop: patchbay.StopCanceled}
	}
	if len(m.Parts) > 0 {
		r.facts.message(r.state.Step+1, r.index, m)
	}
	if err := r.save(save); err != nil {
		return err
	}
	r.s.ended(r)
	return nil
}

// handBack gives the run to whoever starts next.
func (r *runner) handBack() {
	if partial, ok := r.view.partial(); ok {
		ctx, cancel := r.saving()
		defer cancel()
		if err := r.s.o.Store.Checkpoint(ctx, r.id, r.s.owner, r.run.Epoch, partial); err != nil {
			r.s.o.Logger.Error("What a model has written could not be kept", "run", string(r.id), "error", err)
		}
	}
	if err := r.save(store.RunSave{Release: true}); err != nil && !errors.Is(err, store.ErrRunLost) {
		r.s.o.Logger.Error("A run could not be handed back; it is taken up again when its lease is over", "run", string(r.id), "error", err)
	}
}
