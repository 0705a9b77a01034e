package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/roster"
	"patchbay/internal/store"
)

// Why the execution of a run ends, beside agent.ErrStopped.
var (
	errClosing   = errors.New("chat: the host is stopping")
	errLost      = errors.New("chat: the run is another's, or gone")
	errCancelled = errors.New("chat: the person cancelled the call")
)

// runner is one run that this process executes. One goroutine advances it and owns what
// is above the blank line; the rest is guarded by mu, but for what never changes.
type runner struct {
	run      *patchbay.Run // as of the last save
	settings resolved
	model    roster.Chosen
	loop     *agent.Loop
	state    agent.State
	index    int // of the next message
	history  []patchbay.Message
	before   []patchbay.RunID // that the history is of
	offering *offering
	calls    map[string]*patchbay.RunCall // by id, of the step under way
	open     map[string]*patchbay.RunWait // by id
	facts    facts                        // to be saved with what comes next
	signins  map[patchbay.ServerID]bool   // for which the run has waited before it asked
	landed   map[string]landed            // what became of calls, until it is stored
	shown    map[string]string            // definitions that were approved, by call
	own      map[patchbay.ServerID]bool   // servers at run level that it has used

	seat
	view    *view
	life    context.Context //nolint:containedctx // the run's, which outlives who started it
	cancel  context.CancelCauseFunc
	flights sync.WaitGroup
	wake    chan struct{} // holds one token when there is something to take in

	mu        sync.Mutex
	asking    bool
	closing   bool // hand the run back before the model is asked again
	look      bool // rows have changed: read them
	delivered []landed
	inflight  map[string]*flight
	asked     []*question // new questions of servers
	withdrawn []string    // waits whose server takes its question back
}

// flight is a call that was sent.
type flight struct {
	server patchbay.ServerID
	cancel context.CancelCauseFunc
}

// start executes a run that this process has. The place is the caller's.
func (s *Service) start(run *patchbay.Run) bool {
	r := &runner{
		run: run, seat: seat{s: s, id: run.ID, user: run.User, conversation: run.Conversation, body: bodyOf(run)},
		calls: map[string]*patchbay.RunCall{}, open: map[string]*patchbay.RunWait{}, signins: map[patchbay.ServerID]bool{},
		landed: map[string]landed{}, shown: map[string]string{}, own: map[patchbay.ServerID]bool{},
		wake: make(chan struct{}, 1), inflight: map[string]*flight{},
	}
	r.life, r.cancel = context.WithCancelCause(s.life)
	r.view = newView(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.runners[run.ID] != nil {
		r.cancel(errClosing)
		return false
	}
	s.runners[run.ID] = r
	close(s.news)
	s.news = make(chan struct{})
	s.work.Go(r.main)
	return true
}

// local returns the runner of a run that is executed here, or nil.
func (s *Service) local(id patchbay.RunID) *runner {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runners[id]
}

// main executes the run until it ends, waits, or is handed back.
func (r *runner) main() {
	err := r.load()
	if err == nil {
		err = r.execute()
	}
	if err != nil && r.s.life.Err() != nil {
		err = context.Cause(r.s.life)
	}
	switch {
	case err == nil:
	case errors.Is(err, errClosing):
		r.handBack()
	case errors.Is(err, errLost), errors.Is(err, store.ErrRunLost):
		r.s.o.Logger.Info("A run is not ours any more", "run", string(r.id))
	default:
		r.s.o.Logger.Error("A run could not go on; it is taken up again", "run", string(r.id), "error", err)
		r.s.abandon(r.run)
	}
	r.cancel(errLost)
	r.flights.Wait()
	for id := range r.own {
		r.s.o.Tools.EndRun(r.user, string(r.id), id)
	}
	r.leave()
}

// leave takes the run out of memory. What came in for it meanwhile is seen to.
func (r *runner) leave() {
	s := r.s
	s.mu.Lock()
	delete(s.runners, r.id)
	s.release(r.user)
	again := false
	select {
	case <-r.wake:
		again = !s.closing
	default:
	}
	s.mu.Unlock()
	r.view.close()
	if again {
		s.pickUp(r.id)
	}
}

// poke makes the runner read its rows.
func (r *runner) poke() {
	r.mu.Lock()
	r.look = true
	r.mu.Unlock()
	r.nudge()
}

func (r *runner) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// load reads what the run goes on from.
func (r *runner) load() error {
	ctx := r.s.life // a stop does not end it: the run has to be read to be ended
	if r.run.State != nil {
		if err := json.Unmarshal(r.run.State, &r.state); err != nil {
			return fmt.Errorf("chat: state of run %s: %w", r.id, err)
		}
	}
	messages, err := r.s.o.Store.RunMessages(ctx, r.id)
	if err != nil {
		return err
	}
	r.index = len(messages)
	r.state.Added = resumable(messages)
	if err := r.loadCalls(ctx); err != nil {
		return err
	}
	if err := r.loadWaits(ctx); err != nil {
		return err
	}
	r.loop, err = agent.New(agent.Options{
		Model: asker{r}, Results: results{r}, Limits: r.s.o.Config().Limits, Now: r.s.o.Now,
	})
	if err != nil {
		return err
	}
	if len(r.run.Partial) > 0 || r.run.Stop {
		return nil // nothing will be asked
	}
	if r.state.Phase == agent.PhaseDone { // it failed, and is tried once more
		r.state.Phase, r.state.End = agent.PhaseAsk, nil
	}
	if err := r.equip(r.life); err != nil && !r.stopped() {
		if r.life.Err() != nil {
			return context.Cause(r.life)
		}
		return r.failed(err)
	}
	return nil
}

// asker asks the model that the run has now.
type asker struct{ r *runner }

// Stream asks it.
func (a asker) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	return a.r.model.Stream.Stream(ctx, req, yield)
}

// loadCalls reads the calls of the step under way. Of those that were sent before nobody
// knows what became of them (design, decision 7).
func (r *runner) loadCalls(ctx context.Context) error {
	if len(r.state.Calls) == 0 {
		return nil
	}
	rows, err := r.s.o.Store.RunCalls(ctx, []patchbay.RunID{r.id}, false)
	if err != nil {
		return err
	}
	for _, c := range rows {
		if c.Step == r.state.Step {
			r.calls[c.ID] = c
		}
	}
	before := r.state.Calls
	r.state = r.state.Recovered(func(id string) bool { return r.calls[id] != nil && r.calls[id].State == patchbay.RunCallStarted })
	for i := range before {
		if before[i].State == agent.CallStarted && r.state.Calls[i].State == agent.CallDone {
			r.endCall(&r.state.Calls[i], patchbay.RunCallUnknown, "interrupted", "The host ended while the call was under way, so nobody knows whether it was carried out.")
		}
	}
	return nil
}

// endCall notes how a call ended without a result.
func (r *runner) endCall(c *agent.Call, state patchbay.RunCallState, reason, problem string) {
	row := r.call(c)
	row.State, row.Reason, row.Problem, row.EndedAt = state, reason, problem, r.s.o.Now()
	r.facts.call(row)
}

// call is the row of a call, made when there is none.
func (r *runner) call(c *agent.Call) *patchbay.RunCall {
	row := r.calls[c.ID]
	if row == nil {
		row = &patchbay.RunCall{
			Run: r.id, ID: c.ID, Step: r.state.Step, Index: len(r.calls), Name: c.Name, Server: c.ServerID, Title: c.Server, Tool: c.Tool, Args: c.Args,
			State: patchbay.RunCallQueued, CreatedAt: r.s.o.Now(),
		}
		r.calls[c.ID] = row
	}
	return row
}

// equip finds what the run is executed with: settings, model, history.
func (r *runner) equip(ctx context.Context) error {
	actor, err := r.actor(ctx)
	if err != nil {
		return err
	}
	if r.settings, err = r.s.resolve(ctx, actor, r.run.Settings, r.run.AgentVersion); err != nil {
		return err
	}
	if r.model, err = r.s.o.Models.Choose(ctx, actor, r.settings.provider, r.settings.model); err != nil {
		return err
	}
	r.history, r.before, err = r.s.history(ctx, r.user, r.conversation, r.run.Question)
	return err
}

// actor is the person as they are now: one who was disabled may nothing any more.
func (r *seat) actor(ctx context.Context) (patchbay.Actor, error) {
	u, err := r.s.o.Store.User(ctx, r.user)
	if err != nil {
		return patchbay.Actor{}, err
	}
	if u.Disabled {
		return patchbay.Actor{}, patchbay.Errorf(patchbay.CodeForbidden, "This account is disabled.")
	}
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorChat}, nil
}

// results reads what calls of the branch answered. Another branch may have the same ids.
type results struct{ r *runner }

var _ agent.Results = results{}

// Result returns a call's result.
func (x results) Result(ctx context.Context, call string) (*patchbay.ToolResult, error) {
	r := x.r
	c, err := r.s.o.Store.CallByID(ctx, r.user, append(r.before[:len(r.before):len(r.before)], r.id), call)
	if err != nil {
		return nil, err
	}
	if len(c.Result) == 0 {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "The call has no result.")
	}
	return &patchbay.ToolResult{Raw: c.Result, IsError: c.IsError}, nil
}
