package chat

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// keep writes checkpoints of what the model writes, until the returned function is
// called. After that none is under way: the whole message is stored next.
func (r *runner) keep() (stop func()) {
	ctx, cancel := context.WithCancel(r.life)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(keepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-r.view.full:
			}
			r.checkpoint()
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// checkpoint keeps what has been written since the last one.
func (r *runner) checkpoint() {
	v := r.view
	v.mu.Lock()
	if v.offset == v.kept {
		v.mu.Unlock()
		return
	}
	shot := v.snapshot()
	v.mu.Unlock()
	partial, err := encode(shot.Message)
	if err == nil {
		ctx, cancel := r.saving() // what is on its way when the run is stopped may arrive
		err = r.s.o.Store.Checkpoint(ctx, r.id, r.s.owner, r.run.Epoch, partial)
		cancel()
	}
	switch {
	case errors.Is(err, store.ErrRunLost):
		r.cancel(errLost)
	case err != nil:
		r.s.o.Logger.Warn("What a model has written could not be kept; trying again", "run", string(r.id), "error", err)
	default:
		v.mu.Lock()
		if v.step == shot.Step {
			v.kept = shot.Offset
		}
		v.mu.Unlock()
	}
}

// partialOf reads a checkpoint. Calls are left out: they were not written to their end.
func partialOf(raw json.RawMessage) patchbay.Message {
	m := patchbay.Message{Role: patchbay.FromModel}
	var whole patchbay.Message
	if json.Unmarshal(raw, &whole) != nil {
		return m // it was ours; there is nothing better to do than to go without
	}
	m.Model, m.Usage = whole.Model, whole.Usage
	for _, p := range whole.Parts {
		if p.Kind != patchbay.PartCall && (p.Text != "" || p.Media != nil || p.Vendor != nil || p.Signature != "") {
			m.Parts = append(m.Parts, p)
		}
	}
	return m
}
