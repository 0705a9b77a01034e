package chat

import (
	"encoding/json"
	"time"

	"patchbay"
)

// Send is a message of a person.
type Send struct {
	Conversation patchbay.ConversationID // empty: a new one
	// Parent is the message that it follows: the head of the conversation for a new
	// message, the parent of an edited one, empty for a root.
	Parent      patchbay.MessageID
	Text        string
	Attachments []string               // ids
	Settings    *patchbay.ChatSettings // nil: the conversation's
}

// Sent is what a message has set going.
type Sent struct {
	Conversation *patchbay.Conversation
	Question     *patchbay.Entry
	Answer       *patchbay.Entry
	Run          *patchbay.Run
}

// WaitFilter narrows a list of waits.
type WaitFilter struct {
	Run          patchbay.RunID
	Conversation patchbay.ConversationID
	Open         bool
	Kind         patchbay.WaitKind
	After        string
	Limit        int
}

// Update is one thing that an Attachment tells: exactly one of its members is set.
type Update struct {
	Event    *patchbay.RunEvent
	Delta    *patchbay.RunDeltaData
	Snapshot *patchbay.RunSnapshot // the next delta goes on at its Offset
	Progress *patchbay.RunProgressData
}

// Offer is what went to the model in one step.
type Offer struct {
	Step         int      `json:"step"`
	Provider     string   `json:"provider"`
	Model        string   `json:"model"`
	Tools        []string `json:"tools"`
	Instructions string   `json:"instructions"`
	// Notes say what was left out, and why: a server that could not be reached, say.
	Notes []string `json:"notes,omitempty"`
}

// StatusFact is the data of RunEventStatus.
type StatusFact struct {
	Status patchbay.RunStatus `json:"status"`
	End    *patchbay.RunEnd   `json:"end,omitempty"`
}

// MessageFact is the data of RunEventMessage.
type MessageFact struct {
	Step    int               `json:"step"`  // the model's answers are numbered from 1
	Index   int               `json:"index"` // among all messages of the run
	Message *patchbay.Message `json:"message"`
}

// CallFact is the data of RunEventCall: a call without its result.
type CallFact struct {
	ID         string                `json:"id"`
	Step       int                   `json:"step"`  // of the answer that asks for it
	Index      int                   `json:"index"` // among the calls of its step
	Name       string                `json:"name"`  // as the model called it
	ServerName string                `json:"serverName,omitempty"`
	Tool       string                `json:"tool,omitempty"`
	Args       string                `json:"args"` // as the model wrote them: JSON, when it did well
	State      patchbay.RunCallState `json:"state"`
	IsError    bool                  `json:"isError"`
	Problem    string                `json:"problem,omitempty"`
	Reason     string                `json:"reason,omitempty"`
	ResultSize int                   `json:"resultSize,omitempty"` // bytes of the whole result
	CreatedAt  time.Time             `json:"createdAt"`
	StartedAt  time.Time             `json:"startedAt,omitzero"`
	EndedAt    time.Time             `json:"endedAt,omitzero"`
}

// WaitFact is the data of RunEventWait.
type WaitFact struct {
	ID         string                 `json:"id"`
	Call       string                 `json:"callId,omitempty"`
	Kind       patchbay.WaitKind      `json:"kind"`
	ServerName string                 `json:"serverName"`
	Tool       string                 `json:"tool,omitempty"`
	Status     patchbay.RunWaitStatus `json:"status"`
	Live       bool                   `json:"live,omitempty"`
	Args       string                 `json:"args,omitempty"`
	Why        string                 `json:"why,omitempty"`
	Questions  json.RawMessage        `json:"questions,omitempty"`
	Provider   string                 `json:"provider,omitempty"`
	CreatedAt  time.Time              `json:"createdAt"`
	ExpiresAt  time.Time              `json:"expiresAt"`
	EndedAt    time.Time              `json:"endedAt,omitzero"`
}
