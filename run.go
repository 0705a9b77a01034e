package patchbay

import (
	"encoding/json"
	"time"
)

// RunStatus is where a run stands.
type RunStatus string

// Statuses of runs. Running and waiting are active: a conversation has at most one such
// run.
const (
	RunRunning     RunStatus = "running"
	RunWaiting     RunStatus = "waiting" // for a person; its open waits say for what
	RunDone        RunStatus = "done"
	RunFailed      RunStatus = "failed"      // End says why
	RunStopped     RunStatus = "stopped"     // by the person
	RunInterrupted RunStatus = "interrupted" // the host ended in the middle; it can be resumed
)

// Active reports whether the run has not ended.
func (s RunStatus) Active() bool { return s == RunRunning || s == RunWaiting }

// Run is one execution of the loop for one message.
type Run struct {
	ID           RunID
	Conversation ConversationID
	User         UserID
	Question     MessageID // what is answered
	Answer       MessageID // the answer's place in the tree
	Settings     ChatSettings
	AgentVersion int // of Settings.Agent
	Status       RunStatus
	Step         int   // answers of the model so far
	Seq          int64 // of the last event
	Usage        Usage
	End          *RunEnd
	// State is the loop's own, without the messages that it added.
	State json.RawMessage
	// Partial is a checkpoint of the message that the model is writing: a Message in JSON;
	// empty between messages.
	Partial json.RawMessage
	Stop    bool // the person wants it to stop

	// Owner is the process that executes it, until LeaseUntil by the database's clock;
	// empty: nobody, as while all that is open waits for a person. Epoch goes up with
	// every claim: a write with another epoch is refused.
	Owner      string
	LeaseUntil time.Time
	Epoch      int64

	CreatedAt time.Time
	UpdatedAt time.Time
	EndedAt   time.Time
}

// RunEnd is how a run ended.
type RunEnd struct {
	Stop    StopReason  `json:"stop"`
	Limit   string      `json:"limit,omitempty"` // with StopLimit: steps, time, tokens
	Error   *ModelError `json:"error,omitempty"`
	Message string      `json:"message,omitempty"` // a sentence for the person, where there is more to say
}

// RunCallState is where a tool call of a run stands.
type RunCallState string

// States of calls. One that was started and has no end when its process is gone is
// unknown, and never sent again.
const (
	RunCallQueued  RunCallState = "queued"
	RunCallStarted RunCallState = "started"
	RunCallWaiting RunCallState = "waiting"
	RunCallDone    RunCallState = "done"    // Result is there; IsError says whether the tool failed
	RunCallFailed  RunCallState = "failed"  // no result: Problem says why
	RunCallUnknown RunCallState = "unknown" // sent, and nobody knows what became of it
)

// RunCall is one tool call of a run.
type RunCall struct {
	Run    RunID
	ID     string // the call's, unique in its conversation
	Step   int
	Index  int    // among the calls of its step
	Name   string // as the model called it
	Server ServerID
	Title  string // server's name
	Tool   string // its own name; empty: there was none
	Args   string
	State  RunCallState
	Result json.RawMessage // whole: a CallToolResult
	// ResultSize is Result's in bytes, known also where Result was not read.
	ResultSize int
	IsError    bool
	Problem    string // why there is no result, in a sentence
	Reason     string // its stable word: an error code, denied, cancelled, expired, interrupted, …

	CreatedAt time.Time
	StartedAt time.Time // zero: never sent
	EndedAt   time.Time
}

// RunWaitStatus is where a wait stands.
type RunWaitStatus string

// Statuses of waits.
const (
	WaitOpen        RunWaitStatus = "open"
	WaitAnswered    RunWaitStatus = "answered" // the call goes on
	WaitRefused     RunWaitStatus = "refused"  // denied, declined, skipped
	WaitExpired     RunWaitStatus = "expired"
	WaitVoid        RunWaitStatus = "void"        // the run ended, or what was asked is no longer so
	WaitInterrupted RunWaitStatus = "interrupted" // it lived on a connection that is gone
)

// RunWait is what a call of a run stands still for.
type RunWait struct {
	ID           string
	Run          RunID
	Conversation ConversationID
	User         UserID
	Call         string // empty: the server asks, and no call can be told
	Kind         WaitKind
	Server       ServerID
	ServerName   string
	Tool         string
	// Detail is what the person is shown: WaitDetail in JSON.
	Detail WaitDetail
	// Resume continues the call after a question; it is sealed and not shown.
	Resume string
	// Live says that the question lives on an open connection of Owner's process.
	Live      bool
	Status    RunWaitStatus
	Answer    *WaitAnswer
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time
}

// WaitDetail is what a person is shown of a wait.
type WaitDetail struct {
	Args string `json:"args,omitempty"` // approval: frozen
	// Why is why it is asked: not_read_only, destructive, rule, changed.
	Why string `json:"why,omitempty"`
	// Hash is of the tool's definition; an approval of another one is void.
	Hash      string          `json:"hash,omitempty"`
	Questions json.RawMessage `json:"questions,omitempty"` // inputRequests, by key
	Provider  string          `json:"provider,omitempty"`  // signin: the host it leads to
}

// WaitAnswer is a person's answer.
type WaitAnswer struct {
	// Refused ends the call; Reason is told to the model.
	Refused bool   `json:"refused,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Scope of an approval: once, chat, always.
	Scope   string          `json:"scope,omitempty"`
	Answers json.RawMessage `json:"answers,omitempty"` // inputResponses, by key
}

// RunEvent is one fact about a run, numbered from 1 without gaps.
type RunEvent struct {
	Run  RunID           `json:"runId"`
	Seq  int64           `json:"seq"`
	Kind RunEventKind    `json:"kind"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// RunEventKind is the kind of a fact.
type RunEventKind string

// Kinds of facts.
const (
	RunEventStatus  RunEventKind = "status"  // the run's status changed; {status, end}
	RunEventOffered RunEventKind = "offered" // {step, tools, instructions, model} went to the model
	RunEventMessage RunEventKind = "message" // {step, index, message} was added to the answer
	RunEventCall    RunEventKind = "call"    // a call changed its state: a call without Result
	RunEventWait    RunEventKind = "wait"    // a wait was opened or ended
)

// Approval is a person's remembered yes to a tool.
type Approval struct {
	ID           string
	User         UserID
	Server       ServerID
	ServerName   string
	Tool         string
	Conversation ConversationID // empty: always
	Hash         string         // of the tool's definition at the time
	CreatedAt    time.Time
}
