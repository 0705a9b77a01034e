package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patchbay"
)

// Options make a Loop.
type Options struct {
	Model   Model
	Results Results // nil: what is cut of a result cannot be read
	Limits  Limits
	Now     func() time.Time
}

// Loop advances runs.
type Loop struct{ o Options }

// New checks the options.
func New(o Options) (*Loop, error) {
	if o.Model == nil || o.Now == nil {
		return nil, errors.New("agent: a loop needs a model and a clock")
	}
	o.Limits = o.Limits.withDefaults()
	return &Loop{o}, nil
}

// Advance takes a run as far as it goes without anybody else: it takes in outcomes and
// answers, and when no call is open, asks the model once. Then it says what is to be done:
// calls to run, waits for persons, Advance again, or nothing because the run is done.
//
// The State it was given stays valid. The error is the context's, when it ended for
// another reason than a person's stop; the Output then holds the State to go on from,
// and what its events say still holds.
func (l *Loop) Advance(ctx context.Context, s State, in Input) (Output, error) {
	s = s.clone()
	var out Output
	if s.Phase == PhaseDone {
		out.State = s
		return out, nil
	}
	for _, c := range settle(&s, &in, l.o.Limits, l.o.Now()) {
		call := *c
		out.Events = append(out.Events, Event{Kind: EventCall, Step: s.Step, Call: &call})
	}
	if in.Stop || errors.Is(context.Cause(ctx), ErrStopped) {
		l.closeCalls(&s, &out, stoppedCall)
		l.end(&s, &out, End{Stop: patchbay.StopCanceled})
		return out, nil
	}
	if s.Phase == PhaseCalls {
		if s.open() {
			out.Calls, out.Waits = handOut(&s, l.o.Now())
			out.State = s
			return out, nil
		}
		l.closeCalls(&s, &out, "")
		s.Phase = PhaseAsk
		if in.Hold {
			out.State = s
			return out, nil
		}
	}
	if limit := l.o.Limits.over(&s); limit != "" {
		l.end(&s, &out, End{Stop: patchbay.StopLimit, Limit: limit})
		return out, nil
	}
	err := l.ask(ctx, &s, &in, &out)
	out.State = s
	return out, err
}

// closeCalls answers the calls that are still open and adds the message of results.
func (l *Loop) closeCalls(s *State, out *Output, why string) {
	if len(s.Calls) == 0 {
		return
	}
	for i := range s.Calls {
		c := &s.Calls[i]
		if c.State == CallDone {
			continue
		}
		c.finish(failure(c, why))
		call := *c
		out.Events = append(out.Events, Event{Kind: EventCall, Step: s.Step, Call: &call})
	}
	l.add(s, out, results(s))
	s.Calls = nil
}

func (l *Loop) add(s *State, out *Output, m patchbay.Message) {
	s.Added = append(s.Added, m)
	out.Events = append(out.Events, Event{Kind: EventMessage, Step: s.Step, Message: &m})
}

func (l *Loop) end(s *State, out *Output, end End) {
	s.Phase, s.End, s.Calls = PhaseDone, &end, nil
	out.Events = append(out.Events, Event{Kind: EventEnd, Step: s.Step, End: &end})
	out.State = *s
}

// ask asks the model once and takes in its answer.
func (l *Loop) ask(ctx context.Context, s *State, in *Input, out *Output) error {
	req, forced := l.request(s, in), l.o.Limits.forced(s)
	out.Events = append(out.Events, Event{Kind: EventOffered, Step: s.Step, Offered: l.offered(&req, in), Instructions: req.Instructions})
	m, err := l.stream(ctx, s, in, &req)
	if err != nil && m.Stop == "" { // the process stops; the answer is asked for again
		out.Events = out.Events[:len(out.Events)-1]
		return err
	}
	s.Step++
	if m.Usage != nil {
		s.Usage = s.Usage.Add(*m.Usage)
	}
	if m.Stop == patchbay.StopCanceled || m.Stop == patchbay.StopLimit || m.Stop == patchbay.StopError {
		l.broken(s, out, m)
		return nil
	}
	l.accept(ctx, s, in, &m)
	l.add(s, out, m)
	switch {
	case len(s.Calls) > 0:
		s.Phase, s.Pauses = PhaseCalls, 0
		for i := range s.Calls {
			call := s.Calls[i]
			out.Events = append(out.Events, Event{Kind: EventCall, Step: s.Step, Call: &call})
		}
		if s.open() {
			out.Calls, out.Waits = handOut(s, l.o.Now())
		} else {
			l.closeCalls(s, out, "")
			s.Phase = PhaseAsk
		}
	case m.Stop == patchbay.StopPause && s.Pauses < maxPauses:
		s.Pauses++
		s.Phase = PhaseAsk
	default:
		stop := m.Stop
		if stop == patchbay.StopCalls || stop == patchbay.StopPause {
			stop = patchbay.StopEnd
		}
		end := End{Stop: stop}
		if forced && stop == patchbay.StopEnd {
			end = End{Stop: patchbay.StopLimit, Limit: "steps"} // it may have wanted to go on
		}
		l.end(s, out, end)
	}
	return nil
}

// broken ends a run whose answer broke off. What there is of it stays; its calls are
// answered, so that the conversation can go on from here.
func (l *Loop) broken(s *State, out *Output, m patchbay.Message) {
	end := End{Stop: m.Stop, Error: m.Error}
	why := stoppedCall
	switch m.Stop {
	case patchbay.StopLimit:
		end.Limit, why = "time", limitedCall
	case patchbay.StopError:
		why = "the model's answer broke off before the call was run."
	}
	s.Calls = nil
	for _, call := range m.Calls() {
		if call.ID != "" && s.call(call.ID) == nil {
			s.Calls = append(s.Calls, Call{ToolCall: *call, State: CallQueued})
		}
	}
	if len(m.Parts) > 0 || m.Error != nil {
		l.add(s, out, m)
	}
	l.closeCalls(s, out, why)
	l.end(s, out, end)
}

// request is what the model is asked.
func (l *Loop) request(s *State, in *Input) patchbay.ModelRequest {
	req := patchbay.ModelRequest{
		Model: in.Model, Instructions: in.Catalogue.instructions(in.Instructions), Params: in.Params, Tools: in.Catalogue.Offers(),
	}
	req.Messages = make([]patchbay.Message, 0, len(in.History)+len(s.Added))
	req.Messages = append(append(req.Messages, in.History...), s.Added...)
	if l.o.Results != nil && cutIn(req.Messages) {
		req.Tools = append(req.Tools[:len(req.Tools):len(req.Tools)], readOffer())
	}
	if l.o.Limits.forced(s) {
		req.Params.NoCalls = true
		req.Instructions = joinBlank(req.Instructions, fmt.Sprintf("You have used tools in %d turns, which is the limit. Answer now with what you have.", s.Step))
	}
	return req
}

func joinBlank(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n\n" + b
}

// cutIn reports whether a result that a model can still see was cut.
func cutIn(messages []patchbay.Message) bool {
	for i := range messages {
		for j := range messages[i].Parts {
			if r := messages[i].Parts[j].Result; r != nil && r.Cut {
				return true
			}
		}
	}
	return false
}

// offered are the names that went to the model.
func (l *Loop) offered(req *patchbay.ModelRequest, in *Input) []string {
	if in.Catalogue == nil {
		return nil
	}
	names := in.Catalogue.names
	if len(req.Tools) > len(names) {
		names = append(names[:len(names):len(names)], readTool)
	}
	return names
}

// stream asks the model and sums up what it writes. The message always says how it
// ended, except when ctx ended because the process stops.
func (l *Loop) stream(ctx context.Context, s *State, in *Input, req *patchbay.ModelRequest) (patchbay.Message, error) {
	began := l.o.Now()
	asked, cancel := ctx, context.CancelFunc(func() {})
	if l.o.Limits.Time > 0 {
		asked, cancel = context.WithTimeoutCause(ctx, l.o.Limits.Time-s.Spent, errTime)
	}
	defer cancel()
	var b patchbay.MessageBuilder
	err := l.o.Model.Stream(asked, req, func(d patchbay.Delta) {
		b.Add(d)
		if in.Observe != nil {
			in.Observe(d)
		}
	})
	s.Spent += max(l.o.Now().Sub(began), 0)
	m := b.Message()
	if err == nil {
		if m.Stop == "" {
			m.Stop = patchbay.StopEnd
		}
		return m, nil
	}
	var model *patchbay.ModelError
	switch cause := context.Cause(asked); {
	case errors.Is(cause, ErrStopped):
		m.Stop = patchbay.StopCanceled
	case ctx.Err() != nil:
		m.Stop = ""
		return m, ctx.Err()
	case errors.Is(cause, errTime):
		m.Stop = patchbay.StopLimit
	case errors.As(err, &model):
		m.Stop, m.Error = patchbay.StopError, model
	default:
		m.Stop, m.Error = patchbay.StopError, &patchbay.ModelError{Kind: patchbay.ModelVendor, Message: "the model could not be asked", Err: err}
	}
	return m, nil
}

var errTime = errors.New("agent: the run's time is over")
