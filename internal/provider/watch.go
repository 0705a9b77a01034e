package provider

import (
	"context"
	"errors"
	"time"
)

var errSilence = errors.New("provider: no byte in time")

// watch ends an exchange in which nothing is heard for a time.
type watch struct {
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

func newWatch(ctx context.Context, limit time.Duration) (*watch, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &watch{timer: time.AfterFunc(limit, func() { cancel(errSilence) }), limit: limit, cancel: cancel}, ctx
}

// heard starts the time anew.
func (w *watch) heard() { w.timer.Reset(w.limit) }

// last gives what is left a last, short time.
func (w *watch) last(d time.Duration) { w.timer.Reset(d) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}
