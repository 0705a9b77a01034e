package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

// agentFields are what a person writes of an agent; members that are not sent stay.
type agentFields struct {
	Name         *string      `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Description  *string      `json:"description,omitempty" maxLength:"2000"`
	Instructions *string      `json:"instructions,omitempty" maxLength:"200000"`
	Provider     *string      `json:"provider,omitempty" maxLength:"256"`
	Model        *string      `json:"model,omitempty" maxLength:"256"`
	Params       *modelParams `json:"params,omitempty"`
	Tools        *toolChoices `json:"tools,omitempty"`
	Starters     []string     `json:"starters,omitempty" maxItems:"20" doc:"First messages to offer"`
	Icon         *string      `json:"icon,omitempty" maxLength:"100" doc:"An attachment's id"`
}

// write puts what was sent into an agent.
func (f *agentFields) write(a *patchbay.Agent, known []string) error {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&a.Name, f.Name)
	set(&a.Description, f.Description)
	set(&a.Instructions, f.Instructions)
	set(&a.Provider, f.Provider)
	set(&a.Model, f.Model)
	set(&a.Icon, f.Icon)
	if f.Params != nil {
		a.Params = f.Params.params()
	}
	if f.Starters != nil {
		a.Starters = f.Starters
	}
	if f.Tools != nil {
		tools, err := f.Tools.tools(known)
		if err != nil {
			return err
		}
		a.Tools = tools
	}
	return nil
}

type agentView struct {
	ID           patchbay.AgentID `json:"id"`
	Name         string           `json:"name"`
	Description  string           `json:"description"`
	Instructions string           `json:"instructions"`
	Provider     string           `json:"provider"`
	Model        string           `json:"model"`
	Params       *modelParams     `json:"params,omitempty"`
	Tools        []toolChoice     `json:"tools"`
	Missing      []toolChoice     `json:"missing" doc:"What it names and you have not got"`
	Starters     []string         `json:"starters"`
	Icon         string           `json:"icon,omitempty" doc:"An attachment's id"`
	Author       string           `json:"author,omitempty" doc:"Who made it"`
	Permissions  []string         `json:"permissions" doc:"Yours: VIEW, USE, EDIT, DELETE, SHARE"`
	Version      int              `json:"version" doc:"For If-Match"`
	CreatedAt    *time.Time       `json:"createdAt"`
	UpdatedAt    *time.Time       `json:"updatedAt"`
}

func viewAgent(p chat.AgentParts) agentView {
	a := p.Agent
	return agentView{
		ID: a.ID, Name: a.Name, Description: a.Description, Instructions: a.Instructions, Provider: a.Provider, Model: a.Model,
		Params: viewParams(a.Params), Tools: viewChoices(a.Tools), Missing: viewChoices(p.Missing), Starters: append([]string{}, a.Starters...),
		Icon: a.Icon, Author: p.Author, Permissions: p.Permissions.Names(), Version: a.Version,
		CreatedAt: utc(a.CreatedAt), UpdatedAt: utc(a.UpdatedAt),
	}
}

type listAgentsInput struct {
	Caller caller
	PageInput
	Search string `query:"search" maxLength:"256" doc:"In names and descriptions"`
}

type agentsOutput struct{ Body page[agentView] }

func (s *Server) listAgents(ctx context.Context, in *listAgentsInput) (*agentsOutput, error) {
	list, next, err := s.o.Agents.Agents(ctx, in.Caller.actor, chat.AgentFilter{Search: in.Search, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &agentsOutput{pageFrom(list, next, viewAgent)}, nil
}

type agentOutput struct {
	ETag string `header:"ETag"`
	Body agentView
}

// shown is the answer of every action that ends with one agent.
func shown(p *chat.AgentParts, err error) (*agentOutput, error) {
	if err != nil {
		return nil, err
	}
	return &agentOutput{ETag: `"` + strconv.Itoa(p.Agent.Version) + `"`, Body: viewAgent(*p)}, nil
}

func (s *Server) getAgent(ctx context.Context, in *idInput) (*agentOutput, error) {
	return shown(s.o.Agents.Agent(ctx, in.Caller.actor, patchbay.AgentID(in.ID)))
}

type createAgentInput struct {
	Caller caller
	Body   agentFields
}

func (s *Server) createAgent(ctx context.Context, in *createAgentInput) (*agentOutput, error) {
	if in.Body.Name == nil {
		return nil, httpkit.Invalid("name", "is missing")
	}
	a := &patchbay.Agent{}
	if err := in.Body.write(a, s.serverNames(in.Caller.actor)); err != nil {
		return nil, err
	}
	return shown(s.o.Agents.CreateAgent(ctx, in.Caller.actor, a))
}

type changeAgentInput struct {
	Caller  caller
	ID      string `path:"id" maxLength:"100"`
	IfMatch string `header:"If-Match" maxLength:"40" doc:"The version that was edited; 412 when it is not the last one any more"`
	Body    agentFields
}

func (s *Server) changeAgent(ctx context.Context, in *changeAgentInput) (*agentOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	known := s.serverNames(in.Caller.actor)
	return shown(s.o.Agents.ChangeAgent(ctx, in.Caller.actor, patchbay.AgentID(in.ID), version, func(a *patchbay.Agent) error {
		return in.Body.write(a, known)
	}))
}

// versionOf reads If-Match: a version in quotes or without; 0 when any will do.
func versionOf(header string) (int, error) {
	text := strings.Trim(strings.TrimPrefix(strings.TrimSpace(header), "W/"), `"`)
	if text == "" || text == "*" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "header.If-Match must be the version that was read",
			Fields: []patchbay.FieldError{{Path: "header.If-Match", Message: "must be the version that was read"}},
		}
	}
	return n, nil
}

func (s *Server) deleteAgent(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Agents.DeleteAgent(ctx, in.Caller.actor, patchbay.AgentID(in.ID)); err != nil {
		return nil, err
	}
	return done(), nil
}

func (s *Server) duplicateAgent(ctx context.Context, in *idInput) (*agentOutput, error) {
	return shown(s.o.Agents.DuplicateAgent(ctx, in.Caller.actor, patchbay.AgentID(in.ID)))
}

type agentVersionsInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	PageInput
}

// listAgentVersions lists what an agent was before, newest first.
func (s *Server) listAgentVersions(ctx context.Context, in *agentVersionsInput) (*agentsOutput, error) {
	list, next, err := s.o.Agents.AgentVersions(ctx, in.Caller.actor, patchbay.AgentID(in.ID), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return &agentsOutput{pageFrom(list, next, func(a *patchbay.Agent) agentView { return viewAgent(chat.AgentParts{Agent: a}) })}, nil
}

type revertAgentInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   struct {
		Version int `json:"version" minimum:"1"`
	}
}

// revertAgent makes an earlier version the newest one.
func (s *Server) revertAgent(ctx context.Context, in *revertAgentInput) (*agentOutput, error) {
	return shown(s.o.Agents.RevertAgent(ctx, in.Caller.actor, patchbay.AgentID(in.ID), in.Body.Version))
}

// serverNames are the names that a tool key may end with.
func (s *Server) serverNames(a patchbay.Actor) []string {
	defs := s.o.Servers.Visible(a, patchbay.PermView)
	names := make([]string, len(defs))
	for i, d := range defs {
		names[i] = d.Name
	}
	return names
}
