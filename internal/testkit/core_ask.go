package testkit

import (
	"context"
	"encoding/json"
	"fmt"
)

// RequestState is the opaque state that tool `ask` hands out in the modern era and
// wants back, unchanged.
const RequestState = `opaque "state" with spaces, é and 9007199254740993`

const (
	questionID = "q1"
	question   = `{"mode":"form","message":"Who are you?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}`
)

// ask asks who the person is: in the modern era by input_required, before it by a
// request on the call's own stream. It answers with what it was told, as JSON text.
func (c *core) ask(ctx context.Context, who caller, m *message) []byte {
	if who.modern {
		if m.Params.RequestState == "" {
			return success(m.ID, []byte(`{"resultType":"input_required","inputRequests":{"`+questionID+`":{"method":"elicitation/create","params":`+question+
				`}},"requestState":`+quote(RequestState)+`}`))
		}
		if m.Params.RequestState != RequestState {
			return failure(m.ID, codeInvalidParams, "requestState came back changed", "")
		}
		answer := m.Params.InputResponses[questionID]
		if len(answer) == 0 {
			return failure(m.ID, codeInvalidParams, "the question is not answered", "")
		}
		return success(m.ID, c.finish(who, textResult(string(answer))))
	}
	if who.notify == nil {
		return success(m.ID, []byte(`{"content":[{"type":"text","text":"there is no stream to ask on"}],"isError":true}`))
	}
	answer, err := c.request(ctx, who, "elicitation/create", question)
	if err != nil {
		return failure(m.ID, codeInvalidRequest, "cancelled", "")
	}
	return success(m.ID, textResult(string(answer)))
}

// request sends a request to the client and waits for the answer: the result, or the
// error in the form {"error":…}.
func (c *core) request(ctx context.Context, who caller, method, params string) (json.RawMessage, error) {
	answer := make(chan json.RawMessage, 1)
	c.mu.Lock()
	c.asked++
	id := fmt.Sprintf(`"server-%d"`, c.asked)
	key := who.session + " " + id
	c.waiting[key] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, key)
	}()
	who.notify([]byte(`{"jsonrpc":"2.0","id":` + id + `,"method":` + quote(method) + `,"params":` + params + `}`))
	select {
	case raw := <-answer:
		return raw, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answered hands a client's answer to who waits for it; the second of one id, and one
// nobody waits for, are dropped.
func (c *core) answered(session string, m *message) {
	key := session + " " + string(m.ID)
	c.mu.Lock()
	waiting := c.waiting[key]
	delete(c.waiting, key)
	c.mu.Unlock()
	if waiting == nil {
		return
	}
	raw := m.Result
	if len(m.Error) > 0 {
		raw = json.RawMessage(`{"error":` + string(m.Error) + `}`)
	}
	waiting <- raw
}
