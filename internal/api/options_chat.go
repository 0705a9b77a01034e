package api

import (
	"context"
	"time"

	"patchbay"
	"patchbay/internal/chat"
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
	Onces
}

// Onces are answers of which nothing is kept.
type Onces interface {
	// AnswerOnce answers with the actor's own permissions; nobody can be asked meanwhile.
	AnswerOnce(ctx context.Context, a patchbay.Actor, in chat.Once) (chat.OnceAnswer, error)
}

// Conversations are a person's threads.
type Conversations interface {
	// Conversations lists them, last updated first; next is the After of the next page.
	Conversations(ctx context.Context, a patchbay.Actor, f chat.ConversationFilter) (list []*patchbay.Conversation, next string, err error)
	Conversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID) (*patchbay.Conversation, error)
	ChangeConversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID, c chat.ConversationChange) (*patchbay.Conversation, error)
	// DeleteConversation ends its run and erases all that is in it.
	DeleteConversation(ctx context.Context, a patchbay.Actor, id patchbay.ConversationID) error
}

// Messages are what is said in conversations.
type Messages interface {
	// Send stores the message and starts a run that answers it. CodeConflict: a run of
	// the conversation is under way.
	Send(ctx context.Context, a patchbay.Actor, m chat.Send) (chat.Sent, error)
	// Regenerate answers a question once more, beside the answers there are.
	Regenerate(ctx context.Context, a patchbay.Actor, message patchbay.MessageID, settings *patchbay.ChatSettings) (chat.Sent, error)
	// Messages lists a conversation's nodes in the order in which they were made.
	Messages(ctx context.Context, a patchbay.Actor, conversation patchbay.ConversationID, after string, limit int) (list []chat.ConversationEntry, next string, err error)
}

// RunFeed is somebody who follows a run. Updates is closed when the run has ended, or when
// the follower is too slow and has to come back. Close is called once.
type RunFeed struct {
	Updates <-chan chat.Update
	Close   func()
}

// Runs are the answers that models give.
type Runs interface {
	Runs(ctx context.Context, a patchbay.Actor, f chat.RunFilter) (list []*patchbay.Run, next string, err error)
	RunParts(ctx context.Context, a patchbay.Actor, id patchbay.RunID) (*chat.RunParts, error)
	// Attach tells of a run from the fact after on.
	Attach(ctx context.Context, a patchbay.Actor, id patchbay.RunID, after int64) (*RunFeed, error)
	Stop(ctx context.Context, a patchbay.Actor, id patchbay.RunID) error
	// Resume goes on with an interrupted run. No call is sent twice.
	Resume(ctx context.Context, a patchbay.Actor, id patchbay.RunID) (*patchbay.Run, error)
	// Offered is what went to the model, step by step.
	Offered(ctx context.Context, a patchbay.Actor, id patchbay.RunID) ([]chat.Offer, error)
	// Call returns one call with its whole Result.
	Call(ctx context.Context, a patchbay.Actor, run patchbay.RunID, call string) (*patchbay.RunCall, error)
	CancelCall(ctx context.Context, a patchbay.Actor, run patchbay.RunID, call string) error
}

// Waits are what runs stand still for.
type Waits interface {
	Waits(ctx context.Context, a patchbay.Actor, f chat.WaitFilter) (list []*patchbay.RunWait, next string, err error)
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
	// Upload keeps a file; its bytes say of what type it is.
	Upload(ctx context.Context, a patchbay.Actor, name string, data []byte) (*patchbay.Attachment, error)
	AttachmentData(ctx context.Context, a patchbay.Actor, id string) (*patchbay.Attachment, []byte, error)
	DeleteAttachment(ctx context.Context, a patchbay.Actor, id string) error
}

// Agents are saved instructions, models and tools. Without VIEW an agent is not there.
type Agents interface {
	Agents(ctx context.Context, a patchbay.Actor, f chat.AgentFilter) (list []chat.AgentParts, next string, err error)
	Agent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) (*chat.AgentParts, error)
	CreateAgent(ctx context.Context, a patchbay.Actor, agent *patchbay.Agent) (*chat.AgentParts, error)
	// ChangeAgent stores what change makes of it. CodeStale: its version is not version
	// any more; version 0 takes any.
	ChangeAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, version int, change func(*patchbay.Agent) error) (*chat.AgentParts, error)
	DeleteAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) error
	DuplicateAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) (*chat.AgentParts, error)
	AgentVersions(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, after string, limit int) (list []*patchbay.Agent, next string, err error)
	RevertAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, version int) (*chat.AgentParts, error)
	AgentAccess(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) ([]patchbay.Grant, patchbay.UserID, error)
	SetAgentAccess(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, grants []patchbay.Grant) ([]patchbay.Grant, patchbay.UserID, error)
}

// Provider is a model API as one person sees it. It holds no key.
type Provider struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Kind    string   `json:"kind" doc:"openai, anthropic, google, azure, bedrock or custom"`
	IconURL string   `json:"iconURL,omitempty"`
	Models  []string `json:"models"`
	Default string   `json:"defaultModel,omitempty"`
	Fixed   bool     `json:"fixed" doc:"No other model may be chosen"`
	Tools   bool     `json:"tools" doc:"false: its models take no tools"`
	UserKey bool     `json:"userProvide" doc:"Each person gives a key of their own"`
	UserURL bool     `json:"userProvideURL" doc:"Each person gives the address"`
	KeySet  bool     `json:"keySet" doc:"You have given one"`
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
