package api

import (
	"context"
	"time"

	"patchbay"
)

// Chat is conversations, their messages and runs, and what runs wait for. Methods may be
// called by many goroutines. Each answers for what is the actor's: everything else is not
// there (CodeNotFound).
type Chat interface {
	Conversations
	Messages
	Runs
	Waits
	Approvals
	Attachments
}

// ConversationFilter narrows a list of conversations.
type ConversationFilter struct {
	Search   string
	Archived bool
	After    string
	Limit    int
}

// Conversations are a person's threads.
type Conversations interface {
	// Conversations lists them, last updated first; next is the After of the next page.
	Conversations(ctx context.Context, a patchbay.Actor, f ConversationFilter) (list []*patchbay.Conversation, next string, err error)
	Conversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID) (*patchbay.Conversation, error)
	ChangeConversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID, c ConversationChange) (*patchbay.Conversation, error)
	// DeleteConversation ends its run and erases all that is in it.
	DeleteConversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID) error
}

// ConversationChange is what is to change; nil members stay.
type ConversationChange struct {
	Title    *string
	Archived *bool
	Settings *patchbay.ChatSettings
	Head     *patchbay.MessageID
}

// Send is a person's message. Without a Conversation a new one begins; without Settings
// the conversation's hold.
type Send struct {
	Conversation patchbay.ConversationID
	Parent       patchbay.MessageID // empty: a root
	Text         string
	Attachments  []string
	Settings     *patchbay.ChatSettings
}

// Sent is what a message began.
type Sent struct {
	Conversation *patchbay.Conversation
	Question     *patchbay.Entry
	Answer       *patchbay.Entry
	Run          *patchbay.Run
}

// RunParts is a run with what it has done. Calls have no Result here.
type RunParts struct {
	Run      *patchbay.Run
	Messages []patchbay.Message // of the model and of its tools, in order
	Calls    []*patchbay.RunCall
	Waits    []*patchbay.RunWait
	Partial  *patchbay.RunSnapshot // what the model is writing; nil: nothing
}

// ConversationEntry is one node of a conversation; with an answer, its run.
type ConversationEntry struct {
	Entry *patchbay.Entry
	Run   *RunParts
}

// Messages are what is said in conversations.
type Messages interface {
	// Send stores the message and starts a run that answers it. CodeConflict: a run of
	// the conversation is under way.
	Send(ctx context.Context, a patchbay.Actor, m Send) (*Sent, error)
	// Regenerate answers a question once more, beside the answers there are.
	Regenerate(ctx context.Context, a patchbay.Actor, message patchbay.MessageID, settings *patchbay.ChatSettings) (*Sent, error)
	// Messages lists a conversation's nodes in the order in which they were made.
	Messages(ctx context.Context, a patchbay.Actor, conversation patchbay.ConversationID, after string, limit int) (list []ConversationEntry, next string, err error)
}

// RunFilter narrows a list of runs.
type RunFilter struct {
	Conversation patchbay.ConversationID
	Active       bool
	After        string
	Limit        int
}

// RunUpdate is one thing that a follower of a run is told; one member is set.
type RunUpdate struct {
	Event    *patchbay.RunEvent
	Delta    *patchbay.RunDeltaData
	Progress *patchbay.RunProgressData
	Snapshot *patchbay.RunSnapshot // what was written before the deltas that come next
}

// RunFeed is somebody who follows a run. Updates is closed when the run has ended, or when
// the follower is too slow and has to come back. Close is called once.
type RunFeed struct {
	Updates <-chan RunUpdate
	Close   func()
}

// Offer is what went to the model in one step.
type Offer struct {
	Step         int      `json:"step" doc:"Of the answer that came back, from 1"`
	Model        string   `json:"model"`
	Tools        []string `json:"tools" doc:"By the names that the model was given"`
	Instructions string   `json:"instructions"`
	Notes        []string `json:"notes,omitempty" doc:"What was left out, and why"`
}

// Runs are the answers that models give.
type Runs interface {
	Runs(ctx context.Context, a patchbay.Actor, f RunFilter) (list []*patchbay.Run, next string, err error)
	Run(ctx context.Context, a patchbay.Actor, id patchbay.RunID) (*RunParts, error)
	// Attach tells of a run from the fact after on.
	Attach(ctx context.Context, a patchbay.Actor, id patchbay.RunID, after int64) (*RunFeed, error)
	Stop(ctx context.Context, a patchbay.Actor, id patchbay.RunID) error
	// Resume goes on with an interrupted run. No call is sent twice.
	Resume(ctx context.Context, a patchbay.Actor, id patchbay.RunID) (*patchbay.Run, error)
	// Offered is what went to the model, step by step.
	Offered(ctx context.Context, a patchbay.Actor, id patchbay.RunID) ([]Offer, error)
	// Call returns one call with its whole Result.
	Call(ctx context.Context, a patchbay.Actor, run patchbay.RunID, call string) (*patchbay.RunCall, error)
	CancelCall(ctx context.Context, a patchbay.Actor, run patchbay.RunID, call string) error
}

// WaitFilter narrows a list of waits.
type WaitFilter struct {
	Run          patchbay.RunID
	Conversation patchbay.ConversationID
	Open         bool
	After        string
	Limit        int
}

// Waits are what runs stand still for.
type Waits interface {
	Waits(ctx context.Context, a patchbay.Actor, f WaitFilter) (list []*patchbay.RunWait, next string, err error)
	Wait(ctx context.Context, a patchbay.Actor, id string) (*patchbay.RunWait, error)
	// Answer ends a wait of that kind: CodeNotFound for one of another, CodeConflict for
	// one that has ended.
	Answer(ctx context.Context, a patchbay.Actor, id string, kind patchbay.WaitKind, answer patchbay.WaitAnswer) (*patchbay.RunWait, error)
}

// Approvals are the yeses that are remembered.
type Approvals interface {
	ListApprovals(ctx context.Context, a patchbay.Actor, after string, limit int) (list []*patchbay.Approval, next string, err error)
	DeleteApproval(ctx context.Context, a patchbay.Actor, id string) error
}

// Attachments are files that people give to conversations.
type Attachments interface {
	Upload(ctx context.Context, a patchbay.Actor, name, mimeType string, data []byte) (*patchbay.Attachment, error)
	Attachment(ctx context.Context, a patchbay.Actor, id string) (*patchbay.Attachment, []byte, error)
	DeleteAttachment(ctx context.Context, a patchbay.Actor, id string) error
}

// AgentFilter narrows a list of agents.
type AgentFilter struct {
	Search string
	After  string
	Limit  int
}

// AgentParts is an agent as one actor sees it.
type AgentParts struct {
	Agent       *patchbay.Agent
	Permissions patchbay.Permission
	Author      string                // the owner's name
	Missing     []patchbay.AgentTools // what it names, and the actor has not got
}

// Agents are saved instructions, models and tools. Without VIEW an agent is not there.
type Agents interface {
	Agents(ctx context.Context, a patchbay.Actor, f AgentFilter) (list []AgentParts, next string, err error)
	Agent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) (*AgentParts, error)
	CreateAgent(ctx context.Context, a patchbay.Actor, agent *patchbay.Agent) (*AgentParts, error)
	// ChangeAgent stores what change makes of it. CodeStale: its version is not version
	// any more; version 0 takes any.
	ChangeAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, version int, change func(*patchbay.Agent) error) (*AgentParts, error)
	DeleteAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) error
	DuplicateAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) (*AgentParts, error)
	AgentVersions(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, after string, limit int) (list []*patchbay.Agent, next string, err error)
	RevertAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, version int) (*AgentParts, error)
}

// Provider is a model API as one person sees it. It holds no key.
type Provider struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Kind    string   `json:"kind" doc:"openai, anthropic, google, azure, bedrock or custom"`
	IconURL string   `json:"iconURL,omitempty"`
	Models  []string `json:"models"`
	Default string   `json:"defaultModel,omitempty"`
	Tools   bool     `json:"tools" doc:"false: its models take no tools"`
	UserKey bool     `json:"userProvide" doc:"Each person gives a key of their own"`
	UserURL bool     `json:"userProvideURL" doc:"Each person gives the address"`
	Ready   bool     `json:"ready" doc:"It can be asked: a key is there, or none is needed"`
	Problem string   `json:"problem,omitempty" doc:"Why it cannot be asked, or its models are not known"`
}

// ModelSpec is a choice that the operator prepared.
type ModelSpec struct {
	Name        string
	Label       string
	Description string
	IconURL     string
	Group       string
	Greeting    string
	Default     bool // chosen for a new conversation
	Settings    patchbay.ChatSettings
}

// ModelSpecs are all of them. With Enforce nothing else may be chosen.
type ModelSpecs struct {
	Enforce bool
	List    []ModelSpec
}

// ModelKey says of a person's key for a provider that it is there; never what it is.
type ModelKey struct {
	Name      string // the provider's
	BaseURL   bool   // an address was given
	ExpiresAt time.Time
	UpdatedAt time.Time
}

// NewModelKey is a key that a person gives.
type NewModelKey struct {
	Name      string
	Value     string
	BaseURL   string
	ExpiresAt time.Time // zero: never
}

// Models are what can be asked.
type Models interface {
	Providers(ctx context.Context, a patchbay.Actor) ([]Provider, error)
	Specs(ctx context.Context, a patchbay.Actor) (ModelSpecs, error)
	Keys(ctx context.Context, a patchbay.Actor) ([]ModelKey, error)
	SetKey(ctx context.Context, a patchbay.Actor, k NewModelKey) error
	DeleteKey(ctx context.Context, a patchbay.Actor, name string) error
}

// Site is what the pages before a login need to know.
type Site struct {
	RegistrationEnabled bool   `json:"registrationEnabled"`
	SetupNeeded         bool   `json:"setupNeeded" doc:"Nobody has an account yet: use the link in the start-up log"`
	Version             string `json:"version"`
	AppTitle            string `json:"appTitle"`
	CustomWelcome       string `json:"customWelcome,omitempty"`
	// Interface says which parts of the UI are shown.
	Interface SiteInterface `json:"interface"`
}

// SiteInterface are the switches of `interface` in the configuration file.
type SiteInterface struct {
	ModelSelect    bool     `json:"modelSelect" doc:"People choose a model"`
	Parameters     bool     `json:"parameters" doc:"People set a model's parameters"`
	Presets        bool     `json:"presets"`
	Agents         bool     `json:"agents"`
	MCPServers     SiteMCP  `json:"mcpServers"`
	PrivacyPolicy  SiteLink `json:"privacyPolicy"`
	TermsOfService SiteLink `json:"termsOfService"`
}

// SiteMCP is what people may do with MCP servers.
type SiteMCP struct {
	Use         bool   `json:"use"`
	Create      bool   `json:"create"`
	Share       bool   `json:"share"`
	Public      bool   `json:"public" doc:"Share with everyone"`
	Placeholder string `json:"placeholder,omitempty" doc:"The text of the button that chooses servers"`
}

// SiteLink is a page elsewhere; without a URL there is none.
type SiteLink struct {
	URL    string `json:"externalUrl,omitempty"`
	NewTab bool   `json:"openNewTab"`
}

// Sites tells of the site.
type Sites interface {
	Site(ctx context.Context) (Site, error)
}
