package api

import (
	"patchbay"
)

// chatSettings are what a message is answered with. What only the operator may set of a
// request to a model (addParams, dropParams) is no member of it.
type chatSettings struct {
	Agent        string       `json:"agentId,omitempty" maxLength:"100" doc:"Instead of the rest"`
	Spec         string       `json:"spec,omitempty" maxLength:"256" doc:"Of modelSpecs, by name"`
	Provider     string       `json:"provider,omitempty" maxLength:"256"`
	Model        string       `json:"model,omitempty" maxLength:"256"`
	Servers      []string     `json:"mcpServers,omitempty" maxItems:"200" doc:"MCP servers, by name; all their allowed tools are offered"`
	ToolsOff     []string     `json:"toolsOff,omitempty" maxItems:"2000" doc:"Keys of tools that are not"`
	Instructions string       `json:"instructions,omitempty" maxLength:"65536"`
	Params       *modelParams `json:"params,omitempty"`
}

// modelParams are what a person may set of a model.
type modelParams struct {
	MaxTokens       int      `json:"maxTokens,omitempty" minimum:"0" maximum:"10000000"`
	Temperature     *float64 `json:"temperature,omitempty" minimum:"0" maximum:"2"`
	TopP            *float64 `json:"topP,omitempty" minimum:"0" maximum:"1"`
	StopAt          []string `json:"stopAt,omitempty" maxItems:"16"`
	Effort          string   `json:"effort,omitempty" maxLength:"32" doc:"How long to reason: none, minimal, low, medium, high, …"`
	ThinkingBudget  int      `json:"thinkingBudget,omitempty" minimum:"0" maximum:"10000000"`
	NoParallelCalls bool     `json:"noParallelCalls,omitempty" doc:"One tool call at a time"`
	NoCache         bool     `json:"noCache,omitempty" doc:"No prompt caching where it is ours to ask for"`
}

func (p *modelParams) params() patchbay.ModelParams {
	if p == nil {
		return patchbay.ModelParams{}
	}
	return patchbay.ModelParams{
		MaxTokens: p.MaxTokens, Temperature: p.Temperature, TopP: p.TopP, StopAt: p.StopAt, Effort: p.Effort,
		ThinkingBudget: p.ThinkingBudget, NoParallelCalls: p.NoParallelCalls, NoCache: p.NoCache,
	}
}

func viewParams(p patchbay.ModelParams) *modelParams {
	v := &modelParams{
		MaxTokens: p.MaxTokens, Temperature: p.Temperature, TopP: p.TopP, StopAt: p.StopAt, Effort: p.Effort,
		ThinkingBudget: p.ThinkingBudget, NoParallelCalls: p.NoParallelCalls, NoCache: p.NoCache,
	}
	if v.MaxTokens == 0 && v.Temperature == nil && v.TopP == nil && v.StopAt == nil && v.Effort == "" && v.ThinkingBudget == 0 && !v.NoParallelCalls && !v.NoCache {
		return nil
	}
	return v
}

// settings returns what was sent; nil when nothing was.
func (c *chatSettings) settings() *patchbay.ChatSettings {
	if c == nil {
		return nil
	}
	return &patchbay.ChatSettings{
		Agent: patchbay.AgentID(c.Agent), Spec: c.Spec, Provider: c.Provider, Model: c.Model,
		Servers: c.Servers, ToolsOff: c.ToolsOff, Instructions: c.Instructions, Params: c.Params.params(),
	}
}

func viewSettings(s patchbay.ChatSettings) chatSettings {
	return chatSettings{
		Agent: string(s.Agent), Spec: s.Spec, Provider: s.Provider, Model: s.Model,
		Servers: s.Servers, ToolsOff: s.ToolsOff, Instructions: s.Instructions, Params: viewParams(s.Params),
	}
}
