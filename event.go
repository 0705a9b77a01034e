package patchbay

// EventKind is the type of an event on the bus and on /api/events.
type EventKind string

// Kinds of events.
const (
	EventStatus EventKind = "status" // a server's status changed; Data is StatusEvent
	EventTools  EventKind = "tools"  // a server's tool list changed; Data is ToolsEvent
	EventConfig EventKind = "config" // the configuration was loaded or refused; Data is ConfigEvent
	EventUser   EventKind = "user"   // an account, login or token changed: drop snapshots of User
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
