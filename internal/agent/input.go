package agent

import (
	"encoding/json"
	"errors"

	"patchbay"
)

// ErrStopped is the cause with which a context is cancelled when a person stops the run:
// Advance then keeps what there is. A context that ends for another reason (the process
// stops) leaves the State as it was, to go on later.
var ErrStopped = errors.New("agent: a person stopped the run")

// Input is what Advance is given beside the State.
type Input struct {
	Model        string // its name at the provider
	Params       patchbay.ModelParams
	Instructions string             // the agent's own; the servers' are added
	History      []patchbay.Message // the conversation before the run, the person's message last
	Catalogue    *Catalogue         // what may be called now; nil: nothing

	Outcomes []Outcome // of calls that were handed out
	Answers  []Answer  // to waits
	Stop     bool      // a person stopped the run
	// Hold makes Advance return when the last call of a step was answered, before it asks
	// the model again: what was taken in can be stored first.
	Hold bool

	// Observe sees the deltas of the model's answer while it is written. It is called
	// from Advance's goroutine and must not block. nil: nobody looks.
	Observe func(patchbay.Delta)
}

// Outcome is what became of a call: exactly one of Result, Wait, Failure and Unknown.
// One for a call that is not open any more is passed over.
type Outcome struct {
	CallID string
	Result *patchbay.ToolResult
	Wait   *patchbay.Wait // the call goes on when it is answered
	// Failure is why there is no result, in a sentence for the model.
	Failure string
	// Unknown: it was sent, and nobody knows what became of it.
	Unknown bool
}

// Answer is a person's answer to the wait of a call. One for a call that does not wait is
// passed over.
type Answer struct {
	CallID string
	// Refused ends the call: an approval denied, a sign-in or a question cancelled or
	// expired. Reason is told to the model.
	Refused bool
	Reason  string
	Answers json.RawMessage // to a question
}

// Output is what Advance has done and what is to be done now.
type Output struct {
	State  State
	Events []Event // facts, in order; to be stored before anything else is done
	// Calls are to be run now, all at the same time. Each is handed out once.
	Calls []Call
	// Waits are the calls that wait for a person.
	Waits []Call
}

// Again reports whether Advance is to be called again at once.
func (o *Output) Again() bool { return o.State.Phase == PhaseAsk }

// EventKind is the kind of an Event.
type EventKind string

// Kinds of events.
const (
	EventOffered EventKind = "offered" // Offered and Instructions went to the model
	EventMessage EventKind = "message" // Message was added to the conversation
	EventCall    EventKind = "call"    // Call changed its state
	EventEnd     EventKind = "end"     // End
)

// Event is a fact about the run.
type Event struct {
	Kind         EventKind         `json:"kind"`
	Step         int               `json:"step"`
	Offered      []string          `json:"offered,omitempty"`      // names of tools
	Instructions string            `json:"instructions,omitempty"` // as sent
	Message      *patchbay.Message `json:"message,omitempty"`
	Call         *Call             `json:"call,omitempty"`
	End          *End              `json:"end,omitempty"`
}
