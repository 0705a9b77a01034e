package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/roster"
	"patchbay/internal/store"
)

// Once is a question that is answered without keeping anything: who asks brings the whole
// conversation along.
type Once struct {
	// Settings choose an agent, a spec, or a model and servers. To an agent's own
	// instructions and parameters, those given here are added.
	Settings patchbay.ChatSettings
	History  []patchbay.Message // the last is a person's, or results
	// Tools are offered beside those of servers. A call of one ends the answer: who asks
	// runs it, and asks again with its result.
	Tools []patchbay.ToolOffer
	// SignIn returns the address where the person signs in to a server.
	SignIn func(server string) string
	// Observe sees what the model writes in each step, from 1. It must not block.
	Observe func(step int, d patchbay.Delta)
}

// OnceAnswer is what came of a Once.
type OnceAnswer struct {
	Provider, Model string
	Messages        []patchbay.Message  // of the model, step by step
	Calls           []patchbay.ToolCall // for who asks to run
	End             agent.End           // zero with Calls
	Usage           patchbay.Usage
}

// once is one answer that is under way. It belongs to one goroutine.
type once struct {
	seat
	in         *Once
	settings   resolved
	model      roster.Chosen
	loop       *agent.Loop
	state      agent.State
	offering   *offering
	results    onceResults
	used       map[patchbay.ServerID]bool
	unattended bool
}

// AnswerOnce answers a question with the actor's own permissions, and keeps nothing. Nobody can
// be asked meanwhile: a call that would have to wait for a person is refused to the model
// with the reason, but for approvals when the actor's token has ScopeToolsUnattended by
// name. It takes a place among the person's runs. A failure of the model's is in the
// answer's End; the error is one of what was asked for, or ctx's.
func (s *Service) AnswerOnce(ctx context.Context, a patchbay.Actor, in Once) (OnceAnswer, error) {
	if err := person(a); err != nil {
		return OnceAnswer{}, err
	}
	f := fields{}
	f.settings("body.settings", &in.Settings)
	if err := f.err(); err != nil {
		return OnceAnswer{}, err
	}
	settings, err := s.resolve(ctx, a, in.Settings, 0)
	if err != nil {
		return OnceAnswer{}, err
	}
	if settings.agent != nil {
		settings.params = over(settings.params, in.Settings.Params)
		settings.instructions = joined(settings.instructions, in.Settings.Instructions)
	}
	settings.params.NoCalls = in.Settings.Params.NoCalls
	if err := s.mayChoose(a, in.Settings, &settings, true); err != nil {
		return OnceAnswer{}, err
	}
	model, err := s.o.Models.Choose(ctx, a, settings.provider, settings.model)
	if err != nil {
		return OnceAnswer{}, err
	}
	ctx, leave, err := s.enter(ctx, a.ID())
	if err != nil {
		return OnceAnswer{}, err
	}
	defer leave()
	id := store.NewID()
	o := &once{
		seat: seat{s: s, id: patchbay.RunID(id), user: a.ID(), body: patchbay.CallBody{ConversationID: id, MessageID: id}},
		in:   &in, settings: settings, model: model, results: onceResults{}, used: map[patchbay.ServerID]bool{},
		unattended: slices.Contains(a.Scopes, patchbay.ScopeToolsUnattended),
	}
	o.loop, err = agent.New(agent.Options{Model: model.Stream, Results: o.results, Limits: s.o.Config().Limits, Now: s.o.Now})
	if err != nil {
		return OnceAnswer{}, err
	}
	defer o.endRun()
	out, err := o.answer(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errClosing) {
		err = &patchbay.Error{Code: patchbay.CodeUnavailable, Message: "The host is stopping. Ask again in a moment.", Err: err}
	}
	return out, err
}

// enter takes a place for an answer. leave gives it back; ctx ends when the host does.
func (s *Service) enter(ctx context.Context, user patchbay.UserID) (_ context.Context, leave func(), err error) {
	if err := s.reserve(user); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	if s.closing {
		s.release(user)
		s.mu.Unlock()
		return nil, nil, patchbay.Errorf(patchbay.CodeUnavailable, "The host is stopping. Ask again in a moment.")
	}
	s.work.Add(1)
	s.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(s.life, func() { cancel(errClosing) })
	return ctx, func() {
		unhook()
		cancel(nil)
		s.mu.Lock()
		s.release(user)
		s.mu.Unlock()
		s.work.Done()
	}, nil
}

// answer advances the loop until it ends, or a tool of the asker's is called.
func (o *once) answer(ctx context.Context) (OnceAnswer, error) {
	var in agent.Input
	for {
		var actor patchbay.Actor
		var err error
		if actor, err = o.actor(ctx); err != nil {
			return OnceAnswer{}, err
		}
		if o.state.Phase == agent.PhaseAsk {
			if in, err = o.question(ctx, actor); err != nil {
				return OnceAnswer{}, err
			}
		}
		in.Hold = true
		out, err := o.loop.Advance(ctx, o.state, in)
		if err != nil {
			return OnceAnswer{}, err
		}
		o.state, in = out.State, agent.Input{}
		if o.state.Phase == agent.PhaseDone {
			return o.done(nil), nil
		}
		if theirs := o.theirs(); len(theirs) > 0 {
			return o.done(theirs), nil
		}
		if !out.Again() {
			in.Answers = o.decide(out.Waits)
			in.Outcomes = o.run(ctx, actor, out.Calls)
		}
	}
}

// question is what the model is asked now: with the permissions and tools of this moment.
func (o *once) question(ctx context.Context, actor patchbay.Actor) (agent.Input, error) {
	if err := o.s.stillThere(ctx, actor, &o.settings); err != nil {
		return agent.Input{}, err
	}
	o.offering = o.offer(ctx, actor, o.settings.tools, &o.model)
	for _, id := range o.offering.servers {
		o.used[id] = true
	}
	catalogue, clash := o.offering.catalogue.With(o.in.Tools)
	if clash != "" {
		return agent.Input{}, &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "The name of the tool " + clash + " is taken by a tool of a server. Give yours another name.",
			Fields: []patchbay.FieldError{{Path: "body.tools", Message: "must not have the name of a server's tool"}},
		}
	}
	step := o.state.Step + 1
	return agent.Input{
		Model: o.model.Model, Params: o.model.With(o.settings.params), Instructions: joined(o.settings.instructions, o.leftOut()),
		History: o.in.History, Catalogue: catalogue,
		Observe: func(d patchbay.Delta) {
			if o.in.Observe != nil {
				o.in.Observe(step, d)
			}
		},
	}, nil
}

// leftOut tells the model what there is not, since nobody else is told.
func (o *once) leftOut() string {
	notes := slices.Clone(o.offering.notes)
	for _, srv := range o.offering.signIn {
		notes = append(notes, fmt.Sprintf("The person has not signed in to the server %s yet: %s", srv.Name, o.in.SignIn(srv.Name)))
	}
	if len(notes) == 0 {
		return ""
	}
	return "Not everything that was chosen is there now. Tell the person where it matters:\n- " + strings.Join(notes, "\n- ")
}

// theirs are the open calls of the asker's own tools. Calls of servers' tools beside them
// are not run: their results could not be told.
func (o *once) theirs() (calls []patchbay.ToolCall) {
	for i := range o.state.Calls {
		c := &o.state.Calls[i]
		if c.State != agent.CallDone && c.ServerID == "" && slices.ContainsFunc(o.in.Tools, func(t patchbay.ToolOffer) bool { return t.Name == c.Name }) {
			call := c.ToolCall
			call.Args = string(c.RawArgs())
			calls = append(calls, call)
		}
	}
	return calls
}

// decide answers for the person who cannot be asked.
func (o *once) decide(waits []agent.Call) []agent.Answer {
	answers := make([]agent.Answer, len(waits))
	for i := range waits {
		c := &waits[i]
		answers[i] = agent.Answer{CallID: c.ID}
		switch {
		case o.unattended && !o.offering.tools[c.Ref()].always:
		case o.unattended:
			answers[i].Refused, answers[i].Reason = true, "a person looks at each call of this tool, and nobody can be asked here. It can be called in a chat of this host."
		default:
			answers[i].Refused, answers[i].Reason = true, "nobody can be asked here. It runs in a chat of this host, where it can also be allowed for always, or with an API token that has the scope "+string(patchbay.ScopeToolsUnattended)+"."
		}
	}
	return answers
}

func (o *once) done(calls []patchbay.ToolCall) OnceAnswer {
	out := OnceAnswer{Provider: o.settings.provider, Model: o.model.Model, Calls: calls, Usage: o.state.Usage}
	if o.state.End != nil && len(calls) == 0 {
		out.End = *o.state.End
	}
	for i := range o.state.Added {
		if o.state.Added[i].Role == patchbay.FromModel {
			out.Messages = append(out.Messages, o.state.Added[i])
		}
	}
	return out
}

// endRun closes the connections that were opened for this answer alone.
func (o *once) endRun() {
	for id := range o.used {
		if srv, ok := o.s.o.Servers.ByID(id); ok && srv.Level == patchbay.LevelRun {
			o.s.o.Tools.EndRun(o.user, string(o.id), id)
		}
	}
}

// onceResults are the results of an answer, for the model to read on where they were cut.
// The loop reads where it is advanced, which is where they are written.
type onceResults map[string]*patchbay.ToolResult

var _ agent.Results = onceResults{}

// Result returns a call's result.
func (x onceResults) Result(_ context.Context, call string) (*patchbay.ToolResult, error) {
	if r := x[call]; r != nil {
		return r, nil
	}
	return nil, patchbay.Errorf(patchbay.CodeNotFound, "The call has no result.")
}
