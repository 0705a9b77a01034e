package chat

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/tools"
)

// landed is what became of a call that was sent, or that a person ended.
type landed struct {
	call    string
	result  *patchbay.ToolResult
	wait    *patchbay.RunWait // to be opened
	seal    string            // continues the call after a question
	unknown bool
	failure string // for the model
	problem string // for the person
	reason  string
}

// outcome is what the loop is told.
func (l *landed) outcome() agent.Outcome {
	o := agent.Outcome{CallID: l.call, Result: l.result, Unknown: l.unknown, Failure: l.failure}
	if l.wait != nil {
		o.Wait = &patchbay.Wait{Kind: l.wait.Kind, Questions: l.wait.Detail.Questions, Resume: l.seal}
	}
	return o
}

// launch sends calls, all at the same time. They are stored as started.
func (r *runner) launch(calls []agent.Call) {
	if len(calls) == 0 {
		return
	}
	actor, err := r.actor(r.life)
	for _, c := range calls {
		r.uses(c.ServerID)
		seen, known := r.shown[c.ID]
		if !known && r.offering != nil {
			seen = r.offering.tools[c.Ref()].hash
		}
		ctx, cancel := context.WithCancelCause(r.life)
		r.mu.Lock()
		r.inflight[c.ID] = &flight{c.ServerID, cancel}
		r.mu.Unlock()
		r.flights.Go(func() {
			l := landed{call: c.ID}
			if err == nil {
				l = r.send(ctx, actor, &c, seen)
			} else {
				r.explain(ctx, &l, &c, err)
			}
			cancel(nil)
			r.mu.Lock()
			delete(r.inflight, c.ID)
			r.delivered = append(r.delivered, l)
			r.mu.Unlock()
			r.nudge()
		})
	}
}

// send makes one call. seen is the digest of the definition that the model, or the person,
// has seen.
func (r *runner) send(ctx context.Context, actor patchbay.Actor, c *agent.Call, seen string) landed {
	l, began := landed{call: c.ID}, r.s.o.Now()
	if l.wait = r.changed(ctx, actor, c, seen); l.wait != nil {
		return l
	}
	out, err := r.s.o.Tools.Call(ctx, actor, patchbay.CallRequest{
		Ref: c.Ref(), Args: c.RawArgs(), Resume: c.Resume, Answers: c.Answers, Observer: r.observer(c.ID),
		Run: string(r.id), Body: r.body,
	})
	if err == nil {
		l.result = out.Result
		if w := out.Wait; w != nil {
			l.seal = w.Resume
			l.wait = &patchbay.RunWait{
				Kind: w.Kind, Call: c.ID, Server: c.ServerID, ServerName: c.Server, Tool: c.Tool, Resume: w.Resume,
				Detail: patchbay.WaitDetail{Questions: w.Questions},
			}
		}
		return l
	}
	r.explain(ctx, &l, c, err)
	if l.wait != nil {
		l.wait.CreatedAt = began // a sign-in that came about meanwhile counts
	}
	return l
}

// uses notes a server whose connection ends with the run.
func (r *runner) uses(id patchbay.ServerID) {
	if srv, ok := r.s.o.Servers.ByID(id); ok && srv.Level == patchbay.LevelRun {
		r.own[id] = true
	}
}

// list asks for the tools of one server, as the run sees it.
func (r *seat) list(ctx context.Context, actor patchbay.Actor, server string, connect bool) ([]tools.Entry, error) {
	return r.s.o.Tools.List(ctx, actor, tools.Filter{Server: server, Connect: connect, Run: string(r.id), Body: r.body})
}

// explain puts the reason why a call has no result in words.
func (r *seat) explain(ctx context.Context, l *landed, c *agent.Call, err error) {
	var ce *patchbay.ConnectError
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errCancelled):
		l.reason, l.problem = "cancelled", "Cancelled by the person."
		l.failure = "the person cancelled this call. It may have been carried out in part."
	case errors.Is(cause, agent.ErrStopped):
		l.reason, l.problem, l.failure = "stopped", "The run was stopped.", "the person stopped it."
	case cause != nil:
		l.unknown, l.reason, l.problem = true, "interrupted", "The host ended while the call was under way, so nobody knows whether it was carried out."
	case errors.As(err, &ce) && (ce.Reason == patchbay.ReasonSigninRequired || ce.Reason == patchbay.ReasonSigninExpired):
		l.wait = &patchbay.RunWait{Kind: patchbay.WaitSignin, Call: c.ID, Server: c.ServerID, ServerName: c.Server, Tool: c.Tool}
		if srv, ok := r.s.o.Servers.ByID(c.ServerID); ok {
			l.wait.Detail = signInDetail(srv)
		}
	default:
		l.unknown, l.reason, l.problem, l.failure = words(err)
		if l.reason == string(patchbay.CodeInternal) {
			r.s.o.Logger.Error("A tool call of a run failed", "run", string(r.id), "server", c.Server, "tool", c.Tool, "error", err)
		}
	}
}

// progressPause is how often the progress of one call is told of.
const progressPause = 100 * time.Millisecond

// observer tells of a call's progress.
func (r *runner) observer(call string) func(patchbay.Note) {
	var mu sync.Mutex
	var last time.Time
	return func(n patchbay.Note) {
		if n.Kind != patchbay.NoteProgress {
			return
		}
		p := patchbay.RunProgressData{Call: call}
		if json.Unmarshal(n.Params, &p) != nil {
			return // a server's progress that cannot be read is none
		}
		p.Call, p.Message = call, clip(p.Message, 1<<10)
		now := time.Now()
		mu.Lock()
		tell := now.Sub(last) >= progressPause || p.Total > 0 && p.Progress >= p.Total
		if tell {
			last = now
		}
		mu.Unlock()
		if tell {
			r.view.progress(p)
		}
	}
}

// await waits until there is something for the loop to take in.
func (r *runner) await() (agent.Input, error) {
	for {
		in, any, err := r.gather()
		if any || err != nil {
			return in, err
		}
		select {
		case <-r.wake:
		case <-r.life.Done():
			if r.stopped() {
				return agent.Input{Stop: true}, nil
			}
			r.flights.Wait() // they end with the run's life
			in, _, err := r.gather()
			return in, err
		}
	}
}
