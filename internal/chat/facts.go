package chat

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"patchbay"
)

// facts gather what is to be stored at once, in order. Of one call, or one wait, the last
// word counts.
type facts struct {
	list     []fact
	messages []patchbay.Message
	calls    map[string]int // index in list, by id
	waits    map[string]int
}

type fact struct {
	kind patchbay.RunEventKind
	data any
	call *patchbay.RunCall
	wait *patchbay.RunWait
}

func (f *facts) add(kind patchbay.RunEventKind, data any) {
	f.list = append(f.list, fact{kind: kind, data: data})
}

func (f *facts) status(status patchbay.RunStatus, end *patchbay.RunEnd) {
	f.add(patchbay.RunEventStatus, StatusFact{status, end})
}

func (f *facts) offered(o Offer) { f.add(patchbay.RunEventOffered, o) }

// message adds a message to the run. Only those of the model are facts: what calls
// answered is with the calls.
func (f *facts) message(step, index int, m patchbay.Message) {
	f.messages = append(f.messages, m)
	if m.Role == patchbay.FromModel {
		f.add(patchbay.RunEventMessage, MessageFact{step, index, &m})
	}
}

func (f *facts) call(c *patchbay.RunCall) {
	if _, known := f.calls[c.ID]; known {
		return // it is encoded when it is stored
	}
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[c.ID] = len(f.list)
	f.list = append(f.list, fact{kind: patchbay.RunEventCall, call: c})
}

func (f *facts) wait(w *patchbay.RunWait) {
	if _, known := f.waits[w.ID]; known {
		return
	}
	if f.waits == nil {
		f.waits = map[string]int{}
	}
	f.waits[w.ID] = len(f.list)
	f.list = append(f.list, fact{kind: patchbay.RunEventWait, wait: w})
}

func (f *facts) rows() (rows []*patchbay.RunCall) {
	for i := range f.list {
		if c := f.list[i].call; c != nil {
			rows = append(rows, c)
		}
	}
	return rows
}

func (f *facts) waitRows() (rows []*patchbay.RunWait) {
	for i := range f.list {
		if w := f.list[i].wait; w != nil {
			rows = append(rows, w)
		}
	}
	return rows
}

// text is what the run is found by.
func (f *facts) text() string {
	var b strings.Builder
	for i := range f.messages {
		if m := &f.messages[i]; m.Role == patchbay.FromModel {
			b.WriteString(m.Text())
		}
	}
	return b.String()
}

func (f *facts) events(now time.Time) ([]patchbay.RunEvent, error) {
	events := make([]patchbay.RunEvent, len(f.list))
	for i := range f.list {
		x := &f.list[i]
		switch {
		case x.call != nil:
			x.data = FactOfCall(x.call)
		case x.wait != nil:
			x.data = FactOfWait(x.wait)
		}
		data, err := encode(x.data)
		if err != nil {
			return nil, err
		}
		events[i] = patchbay.RunEvent{Kind: x.kind, At: now, Data: data}
	}
	return events, nil
}

// encode is JSON that leaves markup characters as they are.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// FactOfCall is a call as facts tell of it.
func FactOfCall(c *patchbay.RunCall) CallFact {
	return CallFact{
		ID: c.ID, Step: c.Step, Index: c.Index, Name: c.Name, ServerName: c.Title, Tool: c.Tool, Args: c.Args, State: c.State,
		IsError: c.IsError, Problem: c.Problem, Reason: c.Reason, ResultSize: c.ResultSize,
		CreatedAt: c.CreatedAt, StartedAt: c.StartedAt, EndedAt: c.EndedAt,
	}
}

// FactOfWait is a wait as facts tell of it.
func FactOfWait(w *patchbay.RunWait) WaitFact {
	return WaitFact{
		ID: w.ID, Call: w.Call, Kind: w.Kind, ServerName: w.ServerName, Tool: w.Tool, Status: w.Status, Live: w.Live,
		Args: w.Detail.Args, Why: w.Detail.Why, Questions: w.Detail.Questions, Provider: w.Detail.Provider,
		CreatedAt: w.CreatedAt, ExpiresAt: w.ExpiresAt, EndedAt: w.EndedAt,
	}
}
