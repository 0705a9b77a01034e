package chat

import (
	"context"
	"slices"

	"patchbay"
)

// resolved is what settings come to: one model, instructions, and tools by server.
type resolved struct {
	provider, model string
	params          patchbay.ModelParams
	instructions    string
	tools           []choice
	agent           *patchbay.Agent // nil: none
}

// resolve finds out what settings come to for an actor: an agent's own in the version that
// a run began with (0: the newest), a model spec's with what the person adds, or the
// person's.
func (s *Service) resolve(ctx context.Context, actor patchbay.Actor, in patchbay.ChatSettings, version int) (resolved, error) {
	cfg := s.o.Config()
	out := resolved{provider: in.Provider, model: in.Model, params: in.Params, instructions: in.Instructions}
	servers, agent := in.Servers, in.Agent
	spec, err := cfg.spec(in)
	if err != nil {
		return resolved{}, err
	}
	if spec != nil {
		out.provider, out.model = spec.Provider, spec.Model
		out.params = spec.Params
		if !cfg.Enforce {
			out.params = over(spec.Params, in.Params)
		}
		out.instructions = joined(spec.Instructions, in.Instructions)
		for _, name := range spec.MCPServers {
			if !slices.Contains(servers, name) {
				servers = append(servers[:len(servers):len(servers)], name)
			}
		}
		if spec.Agent != "" {
			agent = patchbay.AgentID(spec.Agent)
		}
	}
	if agent != "" {
		return s.withAgent(ctx, actor, agent, version)
	}
	if out.provider == "" {
		return resolved{}, &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "Choose a model, or an agent.",
			Fields: []patchbay.FieldError{{Path: "body.settings.provider", Message: "must name a provider"}},
		}
	}
	for _, name := range servers {
		if !slices.ContainsFunc(out.tools, func(c choice) bool { return c.server == name }) {
			out.tools = append(out.tools, choice{server: name, all: true, off: in.ToolsOff, person: true})
		}
	}
	return out, nil
}

// spec returns the model spec that settings name; nil for none. Where specs are enforced
// there must be one: the default, when none is named.
func (c *Config) spec(in patchbay.ChatSettings) (*patchbay.ModelSpec, error) {
	for i := range c.Specs {
		x := &c.Specs[i]
		if in.Spec != "" && x.Name == in.Spec {
			return x, nil
		}
		nothing := in.Spec == "" && in.Provider == "" && in.Agent == ""
		if nothing && x.Default {
			return x, nil
		}
	}
	switch {
	case in.Spec != "":
		return nil, patchbay.Errorf(patchbay.CodeInvalid, "This choice of a model is not there any more. Choose another one.")
	case c.Enforce && len(c.Specs) > 0:
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "Only the models of the list may be used here. Choose one of them.")
	}
	return nil, nil //nolint:nilnil // no spec is named, and none has to be
}

// over is base with what a person set beside it.
func over(base, own patchbay.ModelParams) patchbay.ModelParams {
	if own.MaxTokens != 0 {
		base.MaxTokens = own.MaxTokens
	}
	if own.Temperature != nil {
		base.Temperature = own.Temperature
	}
	if own.TopP != nil {
		base.TopP = own.TopP
	}
	if len(own.StopAt) > 0 {
		base.StopAt = own.StopAt
	}
	if own.Effort != "" {
		base.Effort = own.Effort
	}
	if own.ThinkingBudget != 0 {
		base.ThinkingBudget = own.ThinkingBudget
	}
	base.NoParallelCalls = base.NoParallelCalls || own.NoParallelCalls
	return base
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

// withAgent is what an agent comes to. Who runs it needs USE on it; its tools are those
// that they may use themselves.
func (s *Service) withAgent(ctx context.Context, actor patchbay.Actor, id patchbay.AgentID, version int) (resolved, error) {
	agent, err := s.usable(ctx, actor, id)
	if err != nil {
		return resolved{}, err
	}
	if version != 0 && version != agent.Version {
		old, err := s.o.Store.AgentVersion(ctx, id, version)
		if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
			return resolved{}, err
		}
		if err == nil {
			agent = old
		}
	}
	out := resolved{
		provider: agent.Provider, model: agent.Model, params: agent.Params, instructions: agent.Instructions, agent: agent,
	}
	for _, t := range agent.Tools {
		out.tools = append(out.tools, choice{server: t.Server, all: t.All, only: t.Tools})
	}
	return out, nil
}

// usable returns an agent that the actor may run.
func (s *Service) usable(ctx context.Context, actor patchbay.Actor, id patchbay.AgentID) (*patchbay.Agent, error) {
	actor.Scopes = nil // they are about servers here; the door has looked at them
	agent, _, err := s.AuthoriseAgent(ctx, actor, id, patchbay.PermUse)
	return agent, err
}

// stillThere looks before each question to the model whether the agent may still be run.
func (s *Service) stillThere(ctx context.Context, actor patchbay.Actor, r *resolved) error {
	if r.agent == nil {
		return nil
	}
	_, err := s.usable(ctx, actor, r.agent.ID)
	return err
}
