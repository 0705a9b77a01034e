package conn

import (
	"context"
	"errors"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/transport"
)

// maxExtension is how many times its timeout a call that reports progress may take.
const maxExtension = 10

var errCallTimeout = errors.New("no answer in time")

// outing is one call on its way: what goes to the wire, and the timer that ends it when
// it is silent for too long. Those that end well are used again, because each is several
// allocations; those with an observer never are, so that no note of one person's call can
// reach another's, whatever the wire does.
type outing struct {
	ctx      context.Context //nolint:containedctx // an outing is a call's life
	cancel   context.CancelCauseFunc
	call     transport.Call
	timer    *time.Timer
	observer func(patchbay.Note)
	observe  func(patchbay.Note) // o.note, made once
	timeout  time.Duration
	last     time.Time // not after this, whatever progress says
}

var outings = sync.Pool{New: func() any {
	o := &outing{}
	o.observe = o.note
	return o
}}

func startOuting(ctx context.Context, timeout time.Duration, r *Request) *outing {
	var o *outing
	if r.Observer == nil {
		o = outings.Get().(*outing)
	} else {
		o = &outing{}
		o.observe = o.note
	}
	o.ctx, o.cancel = context.WithCancelCause(ctx)
	o.call = transport.Call{
		Name: r.Tool, Args: r.Args, Meta: r.Meta,
		InputResponses: r.Answers, RequestState: r.State, Observer: o.observe,
	}
	o.observer, o.timeout = r.Observer, timeout
	o.last = time.Now().Add(maxExtension * timeout)
	if o.timer == nil {
		o.timer = time.AfterFunc(timeout, o.late)
	} else {
		o.timer.Reset(timeout)
	}
	return o
}

// finish ends the outing. ok tells that the wire is done with it.
func (o *outing) finish(ok bool) {
	o.cancel(nil)
	if !o.timer.Stop() || !ok || o.observer != nil {
		return // the timer, or the wire, may still look at it
	}
	o.ctx, o.cancel, o.call = nil, nil, transport.Call{}
	outings.Put(o)
}

func (o *outing) late() { o.cancel(errCallTimeout) }

// note passes a note on, and starts the timeout anew at progress.
func (o *outing) note(n patchbay.Note) {
	if n.Kind == patchbay.NoteProgress {
		o.extend()
	}
	if o.observer != nil {
		o.observer(n)
	}
}

// extend starts the timeout anew.
func (o *outing) extend() {
	if left := time.Until(o.last); left > 0 && o.timer.Stop() {
		o.timer.Reset(min(o.timeout, left))
	}
}
