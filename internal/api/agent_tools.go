package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/httpkit"
)

// Bounds of what an agent names.
const (
	maxAgentServers = 200
	maxAgentTools   = 5000 // of one server, and keys in all
	maxToolName     = 256
)

// Words of LibreChat in the place of a tool's name.
const (
	keyAll    = "sys__all__sys"    // all tools of the server
	keyServer = "sys__server__sys" // the server, whichever of its tools are chosen
)

// toolChoice is the tools of one server that an agent may use.
type toolChoice struct {
	Server string   `json:"serverName" minLength:"1" maxLength:"512"`
	All    bool     `json:"all,omitempty" doc:"Including future ones"`
	Tools  []string `json:"tools,omitempty" doc:"Own names; without all"`
}

// toolChoices take our form, one entry for each server, or LibreChat's: tool keys.
type toolChoices struct {
	choices []toolChoice
	keys    []string
}

// Schema describes both forms.
func (toolChoices) Schema(r huma.Registry) *huma.Schema {
	most, keys := maxAgentServers, maxAgentTools
	return &huma.Schema{
		Description: "One entry for each server, or LibreChat's tool keys (tool_mcp_server)",
		OneOf: []*huma.Schema{
			{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[toolChoice](), true, ""), MaxItems: &most},
			{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}, MaxItems: &keys, MinItems: ptr(1)},
		},
	}
}

func ptr[T any](v T) *T { return &v }

// UnmarshalJSON reads either form.
func (c *toolChoices) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &c.keys) == nil {
		return nil
	}
	c.keys = nil
	if err := json.Unmarshal(data, &c.choices); err != nil {
		return fmt.Errorf("api: tools of an agent: %w", err)
	}
	return nil
}

// tools returns what was chosen, a server once.
func (c *toolChoices) tools(known []string) ([]patchbay.AgentTools, error) {
	var out []patchbay.AgentTools
	entry := func(server string) *patchbay.AgentTools {
		i := slices.IndexFunc(out, func(t patchbay.AgentTools) bool { return t.Server == server })
		if i < 0 {
			out, i = append(out, patchbay.AgentTools{Server: server}), len(out)
		}
		return &out[i]
	}
	add := func(t *patchbay.AgentTools, tool string) error {
		if tool == "" || len(tool) > maxToolName || len(t.Tools) >= maxAgentTools {
			return httpkit.Invalid("tools", "names a tool without a name, or too many of them")
		}
		if !slices.Contains(t.Tools, tool) {
			t.Tools = append(t.Tools, tool)
		}
		return nil
	}
	for _, choice := range c.choices {
		t := entry(choice.Server)
		t.All = t.All || choice.All
		for _, tool := range choice.Tools {
			if err := add(t, tool); err != nil {
				return nil, err
			}
		}
	}
	for i, key := range c.keys {
		tool, server, ok := patchbay.ParseToolKey(key, known)
		if !ok {
			return nil, httpkit.Invalid(fmt.Sprintf("tools[%d]", i), "must be a tool key like tool_mcp_server")
		}
		t := entry(server)
		switch tool {
		case keyAll:
			t.All = true
		case keyServer:
		default:
			if err := add(t, tool); err != nil {
				return nil, err
			}
		}
	}
	for i := range out {
		if out[i].All {
			out[i].Tools = nil
		}
	}
	return out, nil
}

func viewChoices(tools []patchbay.AgentTools) []toolChoice {
	out := make([]toolChoice, len(tools))
	for i, t := range tools {
		out[i] = toolChoice(t)
	}
	return out
}
