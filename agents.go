package patchbay

import "time"

// Agent is saved instructions, a model and tools. Who runs it does so with their own
// permissions and credentials.
type Agent struct {
	ID           AgentID
	Owner        UserID
	Name         string
	Description  string
	Instructions string
	Provider     string
	Model        string
	Params       ModelParams
	// Tools are what it may use, one entry per server.
	Tools     []AgentTools
	Starters  []string // first messages to offer
	Icon      string   // an attachment's id
	Version   int      // goes up with every change
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AgentTools are the tools of one server that an agent may use.
type AgentTools struct {
	Server string   `json:"serverName"`
	All    bool     `json:"all"`             // including future ones
	Tools  []string `json:"tools,omitempty"` // own names; without All
}
