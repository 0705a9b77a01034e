package chat

import (
	"context"
	"errors"
	"sync"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/conn"
)

var errAsked = errors.New("chat: the server asks a question that nobody can answer here")

// run makes calls, all at the same time.
func (o *once) run(ctx context.Context, actor patchbay.Actor, calls []agent.Call) []agent.Outcome {
	landed := make([]landed, len(calls))
	var flights sync.WaitGroup
	for i := range calls {
		o.used[calls[i].ServerID] = true
		flights.Go(func() { landed[i] = o.send(ctx, actor, &calls[i]) })
	}
	flights.Wait()
	outcomes := make([]agent.Outcome, len(calls))
	for i := range landed {
		outcomes[i] = landed[i].outcome()
		if r := landed[i].result; r != nil {
			o.results[calls[i].ID] = r
		}
	}
	return outcomes
}

// send makes one call. What would wait for a person is a failure that says so.
func (o *once) send(ctx context.Context, actor patchbay.Actor, c *agent.Call) landed {
	l := landed{call: c.ID}
	if o.changed(ctx, actor, c, o.offering.tools[c.Ref()].hash) != nil {
		l.failure = "the server has changed this tool since it was offered, and nobody can be asked here. Look at it anew before calling it."
		return l
	}
	ctx, land := o.s.onces.fly(ctx, onceKey{o.user, c.ServerID})
	defer land()
	out, err := o.s.o.Tools.Call(ctx, actor, patchbay.CallRequest{Ref: c.Ref(), Args: c.RawArgs(), Run: string(o.id), Body: o.body})
	switch {
	case errors.Is(context.Cause(ctx), errAsked), err == nil && out.Wait != nil:
		l.failure = "the server asks the person a question first, and nobody can be asked here. Tell the person that the tool can be called in a chat of this host."
		return l
	case err == nil:
		l.result = out.Result
		return l
	}
	o.explain(ctx, &l, c, err)
	if l.wait != nil { // the one kind that explain opens
		l.wait = nil
		l.failure = "the person has to sign in to the server first. Tell them that they can do so at " + o.in.SignIn(c.Server)
	}
	return l
}

// onceKey is whose call it is, and at which server.
type onceKey struct {
	user   patchbay.UserID
	server patchbay.ServerID
}

// onces are the calls of answers that are not kept, while they are under way.
type onces struct {
	mu      sync.Mutex
	flights map[onceKey]map[*context.CancelCauseFunc]bool
}

// fly notes a call. land ends it.
func (x *onces) fly(ctx context.Context, k onceKey) (_ context.Context, land func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.flights == nil {
		x.flights = map[onceKey]map[*context.CancelCauseFunc]bool{}
	}
	if x.flights[k] == nil {
		x.flights[k] = map[*context.CancelCauseFunc]bool{}
	}
	x.flights[k][&cancel] = true
	return ctx, func() {
		cancel(nil)
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.flights[k], &cancel)
		if len(x.flights[k]) == 0 {
			delete(x.flights, k)
		}
	}
}

// ask ends the calls that a server's question may belong to, and reports whether there was
// one: which of several it is, an older server does not say.
func (x *onces) ask(k conn.Key) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	flights := x.flights[onceKey{k.User(), k.Server()}]
	for cancel := range flights {
		(*cancel)(errAsked)
	}
	return len(flights) > 0
}
