package patchbay

import "time"

// ConversationID, MessageID, RunID and AgentID are UUIDv7.
type (
	ConversationID string
	MessageID      string
	RunID          string
	AgentID        string
)

// ChatSettings are what a message is answered with: an agent, or a model with servers
// chosen for the conversation.
type ChatSettings struct {
	Agent    AgentID `json:"agentId,omitempty"`
	Spec     string  `json:"spec,omitempty"`     // of modelSpecs, by name
	Provider string  `json:"provider,omitempty"` // by name; an agent has its own
	Model    string  `json:"model,omitempty"`
	// Servers are names of MCP servers; all their allowed tools are offered, but for those
	// whose keys are in ToolsOff.
	Servers  []string `json:"mcpServers,omitempty"`
	ToolsOff []string `json:"toolsOff,omitempty"`
	// Instructions are the person's own, before the servers'.
	Instructions string      `json:"instructions,omitempty"`
	Params       ModelParams `json:"params,omitzero"`
}

// Conversation is a tree of messages of one person.
type Conversation struct {
	ID       ConversationID
	User     UserID
	Title    string // empty: none yet
	Titled   bool   // by the person: a model does not change it
	Settings ChatSettings
	Archived bool
	Head     MessageID // the last message of the branch that was shown last
	Usage    Usage     // of all its runs
	// Run is the run that is under way, empty when none is; RunStatus is where it stands.
	Run       RunID
	RunStatus RunStatus
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Entry is one node of a conversation's tree: what a person wrote, or the place of an
// answer, whose content its run holds.
type Entry struct {
	ID           MessageID
	Conversation ConversationID
	User         UserID
	Parent       MessageID   // empty: a root
	Role         MessageRole // FromUser or FromModel
	Message      Message     // with FromUser; its media are references to attachments
	Run          RunID       // with FromModel
	CreatedAt    time.Time
}

// Attachment is a file that a person gave to a conversation, or an agent's picture.
type Attachment struct {
	ID           string
	User         UserID
	Conversation ConversationID // empty until a message has it
	Name         string
	MIMEType     string
	Size         int64
	Text         string // what could be read of a document, for models that take no files
	CreatedAt    time.Time
}
