package store

import (
	"encoding/json"
	"strings"

	"github.com/uptrace/bun"

	"patchbay"
)

// agentRow is patchbay.Agent as it is stored.
type agentRow struct {
	bun.BaseModel `bun:"table:agents,alias:a"`

	ID           string `bun:"id,pk"`
	OwnerID      string `bun:"owner_id"`
	Name         string `bun:"name"`
	Description  string `bun:"description"`
	Provider     string `bun:"provider"`
	Model        string `bun:"model"`
	Icon         string `bun:"icon"`
	Version      int    `bun:"version"`
	CreatedAt    int64  `bun:"created_at"`
	UpdatedAt    int64  `bun:"updated_at"`
	Instructions string `bun:"instructions"`
	Params       string `bun:"params"`
	Tools        string `bun:"tools"`
	Starters     string `bun:"starters"`
	SearchText   string `bun:"search_text"`
}

func rowOfAgent(a *patchbay.Agent) (*agentRow, error) {
	row := &agentRow{
		ID: string(a.ID), OwnerID: string(a.Owner), Name: a.Name, Description: a.Description, Provider: a.Provider, Model: a.Model, Icon: a.Icon,
		Version: a.Version, CreatedAt: millis(a.CreatedAt), UpdatedAt: millis(a.UpdatedAt), Instructions: a.Instructions,
		SearchText: strings.ToLower(a.Name + "\n" + a.Description),
	}
	for _, part := range []struct {
		to   *string
		from any
	}{{&row.Params, a.Params}, {&row.Tools, a.Tools}, {&row.Starters, a.Starters}} {
		text, err := jsonText(part.from)
		if err != nil {
			return nil, err
		}
		*part.to = text
	}
	return row, nil
}

func (r *agentRow) agent() (*patchbay.Agent, error) {
	a := &patchbay.Agent{
		ID: patchbay.AgentID(r.ID), Owner: patchbay.UserID(r.OwnerID), Name: r.Name, Description: r.Description, Instructions: r.Instructions,
		Provider: r.Provider, Model: r.Model, Icon: r.Icon, Version: r.Version, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
	for _, part := range []struct {
		from string
		to   any
	}{{r.Params, &a.Params}, {r.Tools, &a.Tools}, {r.Starters, &a.Starters}} {
		if err := fromJSON(part.from, part.to, "agent "+r.ID); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func agentsOf(rows []*agentRow) (list []*patchbay.Agent, err error) {
	list = make([]*patchbay.Agent, len(rows))
	for i, r := range rows {
		if list[i], err = r.agent(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// agentVersionRow keeps an agent as it was: its row, in JSON.
type agentVersionRow struct {
	bun.BaseModel `bun:"table:agent_versions,alias:b"`

	AgentID string `bun:"agent_id,pk"`
	Version int    `bun:"version,pk"`
	Data    string `bun:"data"`
}

func (r *agentVersionRow) agent() (*patchbay.Agent, error) {
	row := new(agentRow)
	if err := json.Unmarshal([]byte(r.Data), row); err != nil {
		return nil, err
	}
	return row.agent()
}
