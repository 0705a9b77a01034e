package patchbay

// EventKind is the type of an event on the bus and on /api/events.
type EventKind string

// Kinds of events.
const (
	EventStatus EventKind = "status" // a server's status changed; Data is StatusEvent
	EventTools  EventKind = "tools"  // a server's tool list changed; Data is ToolsEvent
	EventConfig EventKind = "config" // the configuration was loaded or refused; Data is ConfigEvent
	EventUser   EventKind = "user"   // an account, login or token changed: drop snapshots of User
	// EventServers tells everybody that servers came, went or were shared: read the list
	// again. Data is ServersEvent.
	EventServers EventKind = "servers"

	EventRun          EventKind = "run"          // of a run; Data is RunFact, RunDelta or RunProgress
	EventConversation EventKind = "conversation" // a list of conversations changed; Data is ConversationEvent
)

// Event is a hint that something changed: never the truth, which is in the store or
// the live connection. To says who may see it.
type Event struct {
	Kind EventKind
	// User is whose event it is. Empty means everyone who may VIEW Server (app level),
	// or every ADMIN when Server is empty too.
	User   UserID
	Server ServerID
	Data   any // JSON-encodable; one type per kind
}

// StatusEvent is the data of EventStatus.
type StatusEvent struct {
	Server string `json:"serverName"`
	Status
}

// ToolsEvent is the data of EventTools.
type ToolsEvent struct {
	Server    string `json:"serverName"`
	ToolCount int    `json:"toolCount"`
}

// ConfigEvent is the data of EventConfig.
type ConfigEvent struct {
	OK      bool   `json:"ok"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

// RunFact is the data of EventRun for a fact: the RunEvent with its conversation.
type RunFact struct {
	Conversation ConversationID `json:"conversationId"`
	RunEvent
}

// RunDelta is the data of EventRun for what the model writes just now. It is lossy: who
// misses one reads the run anew.
type RunDelta struct {
	Run          RunID          `json:"runId"`
	Conversation ConversationID `json:"conversationId"`
	Seq          int64          `json:"seq"`  // of the run's last fact
	Kind         string         `json:"kind"` // delta
	Data         RunDeltaData   `json:"data"`
}

// RunDeltaData are deltas of the message that a run's model is writing.
type RunDeltaData struct {
	Step int `json:"step"` // of the message, from 1
	// Offset is how many bytes of text, reasoning and arguments of the message came before.
	Offset int     `json:"offset"`
	Deltas []Delta `json:"deltas"`
}

// RunProgress is the data of EventRun for the progress of a call. It is lossy.
type RunProgress struct {
	Run          RunID           `json:"runId"`
	Conversation ConversationID  `json:"conversationId"`
	Seq          int64           `json:"seq"`  // of the run's last fact
	Kind         string          `json:"kind"` // progress
	Data         RunProgressData `json:"data"`
}

// RunProgressData is how far a call is, as its server says.
type RunProgressData struct {
	Call     string  `json:"callId"`
	Progress float64 `json:"progress"`
	Total    float64 `json:"total,omitempty"` // 0: not known
	Message  string  `json:"message,omitempty"`
}

// Kinds of EventRun that are no facts.
const (
	RunDeltaKind    = "delta"
	RunProgressKind = "progress"
)

// RunSnapshot is the message that a run's model is writing, as far as it has come.
type RunSnapshot struct {
	Step    int     `json:"step"`
	Offset  int     `json:"offset"` // bytes of text, reasoning and arguments so far
	Message Message `json:"message"`
}

// ConversationEvent is the data of EventConversation.
type ConversationEvent struct {
	Conversation ConversationID `json:"conversationId"`
	Title        string         `json:"title,omitempty"` // the new one
	Deleted      bool           `json:"deleted,omitempty"`
}

// ServersEvent is the data of EventServers. It says nothing: who may see what differs.
type ServersEvent struct{}
