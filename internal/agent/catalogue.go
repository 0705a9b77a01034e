package agent

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// Tool is one tool that the actor may use now.
type Tool struct {
	Server patchbay.ServerID
	Name   string // the server's
	Tool   *patchbay.Tool
	Ask    bool // a person approves each call
}

// Instructions are a server's text for the model.
type Instructions struct {
	Server string // name
	Text   string
}

// Catalogue is what a model is offered: tools under names that every vendor takes, in an
// order that does not change from turn to turn, and the servers' instructions. It does
// not change and may be shared.
type Catalogue struct {
	offers []patchbay.ToolOffer
	names  []string
	byName map[string]int
	block  string
}

// NewCatalogue puts a catalogue together. Of two tools with one key, the first counts.
func NewCatalogue(tools []Tool, instructions []Instructions) *Catalogue {
	type entry struct {
		key  string
		tool *Tool
	}
	entries := make([]entry, len(tools))
	for i := range tools {
		entries[i] = entry{patchbay.ToolKey(tools[i].Tool.Name, tools[i].Name), &tools[i]}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	entries = slices.CompactFunc(entries, func(a, b entry) bool { return a.key == b.key })
	keys := make([]string, len(entries), len(entries)+1)
	for i := range entries {
		keys[i] = entries[i].key
	}
	names := provider.NewNames(append(keys, readTool))
	c := &Catalogue{
		offers: make([]patchbay.ToolOffer, len(entries)), names: make([]string, len(entries)), byName: make(map[string]int, len(entries)),
	}
	offered := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		name, _ := names.Wire(e.key)
		t := e.tool.Tool
		c.offers[i] = patchbay.ToolOffer{
			Name: name, Ref: patchbay.ToolRef{Server: e.tool.Server, Tool: t.Name}, Server: e.tool.Name,
			Title: t.Title, Description: t.Description, Schema: t.InputSchema, Ask: e.tool.Ask,
		}
		c.names[i], c.byName[name] = name, i
		offered[e.tool.Name] = true
	}
	c.block = instructionsBlock(instructions, offered)
	return c
}

// Offers are the tools as they are offered. The caller does not change them.
func (c *Catalogue) Offers() []patchbay.ToolOffer {
	if c == nil {
		return nil
	}
	return c.offers
}

// With returns a catalogue that also offers tools of somebody else: their names stand as
// they are, and their calls are handed out without a server. clash is the first name that
// is taken already; there is no catalogue then.
func (c *Catalogue) With(foreign []patchbay.ToolOffer) (with *Catalogue, clash string) {
	if len(foreign) == 0 {
		return c, ""
	}
	with = &Catalogue{byName: make(map[string]int, len(foreign))}
	if c != nil {
		with.offers, with.names, with.block = slices.Clone(c.offers), slices.Clone(c.names), c.block
		maps.Copy(with.byName, c.byName)
	}
	for _, o := range foreign {
		if _, taken := with.byName[o.Name]; taken || o.Name == readTool {
			return nil, o.Name
		}
		with.byName[o.Name] = len(with.offers)
		with.offers, with.names = append(with.offers, o), append(with.names, o.Name)
	}
	return with, ""
}

// Find returns the tool that a model means by a name; nil for a name it made up.
func (c *Catalogue) Find(name string) *patchbay.ToolOffer {
	if c == nil {
		return nil
	}
	i, ok := c.byName[name]
	if !ok {
		return nil
	}
	return &c.offers[i]
}

// instructionsBlock is LibreChat's heading and one section for each server that has a
// text and of which at least one tool is offered (contract 6, reference 6.3). Texts stand
// as their servers wrote them.
func instructionsBlock(list []Instructions, offered map[string]bool) string {
	var b strings.Builder
	for _, in := range list {
		if !offered[in.Server] || strings.TrimSpace(in.Text) == "" {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("# MCP Server Instructions\n\nThese servers say how their tools are meant to be used:\n")
		}
		b.WriteString("\n## " + in.Server + " MCP Server Instructions\n\n" + in.Text + "\n")
	}
	if b.Len() == 0 {
		return ""
	}
	b.WriteString("\nKeep to these instructions when you use the tools of these servers.")
	return b.String()
}

// instructions joins the agent's own text and the servers' block by a blank line.
func (c *Catalogue) instructions(own string) string {
	switch {
	case c == nil || c.block == "":
		return own
	case own == "":
		return c.block
	}
	return own + "\n\n" + c.block
}

// readTool is our own tool, which reads the rest of a result that was cut.
const readTool = "read_tool_output"

// readOffer offers readTool.
func readOffer() patchbay.ToolOffer {
	return patchbay.ToolOffer{
		Name:        readTool,
		Description: "Reads more of a tool's result that was too long to be shown at once.",
		Schema: json.RawMessage(`{"type":"object","properties":{"call_id":{"type":"string","description":"The call whose result was cut"},` +
			`"offset":{"type":"integer","minimum":0,"description":"Where to read on, in bytes"}},"required":["call_id","offset"]}`),
	}
}
