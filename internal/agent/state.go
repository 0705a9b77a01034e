package agent

import (
	"encoding/json"
	"time"

	"patchbay"
)

// Phase is what a run does next.
type Phase string

// Phases.
const (
	PhaseAsk   Phase = ""      // the model is to be asked: call Advance again
	PhaseCalls Phase = "calls" // calls are open: Advance goes on with their outcomes
	PhaseDone  Phase = "done"  // End says how
)

// State is a run as a value: everything that Advance needs to go on, after a restart or
// in another process. It is JSON without loss. The zero State is a run that has not
// begun. It does not hold the conversation before the run; Input.History does.
type State struct {
	Phase Phase              `json:"phase,omitempty"`
	Added []patchbay.Message `json:"added,omitempty"` // what the run has added to the conversation
	Step  int                `json:"step,omitempty"`  // model answers so far
	Calls []Call             `json:"calls,omitempty"` // of the last answer, in its order
	Usage patchbay.Usage     `json:"usage"`
	// Spent is how long the run has worked. Time in which it waited for a person does not
	// count. Since is when the calls under way began, zero while a person is waited for.
	Spent  time.Duration `json:"spent,omitempty"`
	Since  time.Time     `json:"since,omitzero"`
	Pauses int           `json:"pauses,omitempty"` // answers in a row that the vendor paused
	End    *End          `json:"end,omitempty"`
}

// End is how a run ended.
type End struct {
	Stop  patchbay.StopReason  `json:"stop"`
	Limit string               `json:"limit,omitempty"` // with StopLimit: steps, time, tokens
	Error *patchbay.ModelError `json:"error,omitempty"` // with StopError
}

// CallState is where one call stands.
type CallState string

// States of calls. A started call is never handed out again.
const (
	CallQueued  CallState = "queued"  // to be run
	CallStarted CallState = "started" // handed out
	CallWaiting CallState = "waiting" // for a person; Wait says for what
	CallDone    CallState = "done"    // Result is what the model is told
)

// Call is one call of the model's last answer.
type Call struct {
	patchbay.ToolCall
	ServerID patchbay.ServerID    `json:"serverId,omitempty"`
	Tool     string               `json:"tool,omitempty"`   // its own name
	Server   string               `json:"server,omitempty"` // name
	State    CallState            `json:"state"`
	Wait     *Wait                `json:"wait,omitempty"`
	Result   *patchbay.CallResult `json:"result,omitempty"`
	// Resume and Answers are for a call that goes on after a question.
	Resume  string          `json:"resume,omitempty"`
	Answers json.RawMessage `json:"answers,omitempty"`
	// Approved says that a person has allowed the call.
	Approved bool `json:"approved,omitempty"`
}

// Wait is what a call stands still for, in the form that is stored.
type Wait struct {
	Kind      patchbay.WaitKind `json:"kind"`
	Questions json.RawMessage   `json:"questions,omitempty"`
	Resume    string            `json:"resume,omitempty"`
}

// Ref is the tool that is called.
func (c *Call) Ref() patchbay.ToolRef { return patchbay.ToolRef{Server: c.ServerID, Tool: c.Tool} }

// RawArgs are the arguments as a JSON object; a call that is handed out has one.
func (c *Call) RawArgs() json.RawMessage {
	if c.Args == "" {
		return json.RawMessage(`{}`)
	}
	return json.RawMessage(c.Args)
}

// Recovered is a State after a crash: of the calls that were handed out, those that were
// never sent are queued again, and of the others nobody knows what became of them, so
// they are told to the model as unknown and never sent again. sent is asked for started
// calls only.
func (s State) Recovered(sent func(callID string) bool) State {
	s = s.clone()
	for i := range s.Calls {
		c := &s.Calls[i]
		switch {
		case c.State != CallStarted:
		case sent(c.ID):
			c.finish(failure(c, unknownFate))
		default:
			c.State = CallQueued
		}
	}
	s.Since = time.Time{}
	return s
}

// clone copies what Advance may change, so that a State that was stored stays as it was.
func (s State) clone() State {
	s.Calls = append([]Call(nil), s.Calls...)
	s.Added = s.Added[:len(s.Added):len(s.Added)]
	return s
}

// open reports whether a call still waits for its result.
func (s *State) open() bool {
	for i := range s.Calls {
		if s.Calls[i].State != CallDone {
			return true
		}
	}
	return false
}

func (s *State) call(id string) *Call {
	for i := range s.Calls {
		if s.Calls[i].ID == id {
			return &s.Calls[i]
		}
	}
	return nil
}

// finish gives the call its one result. A second one is not taken.
func (c *Call) finish(r patchbay.CallResult) {
	if c.State == CallDone {
		return
	}
	c.State, c.Wait, c.Resume, c.Answers = CallDone, nil, "", nil
	r.CallID, r.Name = c.ID, c.Name
	c.Result = &r
}
