package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// builtinTools are the tools of every server here.
func builtinTools() []json.RawMessage {
	tool := func(name, description, properties string) json.RawMessage {
		return json.RawMessage(`{"name":` + quote(name) + `,"description":` + quote(description) +
			`,"inputSchema":{"type":"object","properties":` + properties + `},"annotations":{"readOnlyHint":true}}`)
	}
	return []json.RawMessage{
		tool("echo", "Returns the text it was given.", `{"text":{"type":"string"}}`),
		tool("whoami", "Says who called, as this server saw it.", `{}`),
		tool("big", "Returns a text of kb KiB.", `{"kb":{"type":"integer"}}`),
		tool("exact", "Returns its argument as the result, byte for byte.", `{"result":{}}`),
		tool("slow", "Answers after ms milliseconds.", `{"ms":{"type":"integer"}}`),
		tool("progress", "Sends n progress notes and n log lines, then answers.", `{"n":{"type":"integer"}}`),
		tool("ask", "Asks the person who they are and repeats the answer.", `{}`),
		tool("fail", "Fails as a tool fails.", `{}`),
		tool("break", "Answers with a JSON-RPC error that has data.", `{}`),
	}
}

type arguments struct {
	Text   string          `json:"text"`
	KB     int             `json:"kb"`
	MS     int             `json:"ms"`
	N      int             `json:"n"`
	Result json.RawMessage `json:"result"`
}

// call runs one tool and returns the response, whole.
func (c *core) call(ctx context.Context, who caller, m *message) []byte {
	ctx, end := c.begin(ctx, who.session, m)
	defer end()
	var args arguments
	if len(m.Params.Arguments) > 0 {
		if err := json.Unmarshal(m.Params.Arguments, &args); err != nil {
			return failure(m.ID, codeInvalidParams, "arguments: "+err.Error(), "")
		}
	}
	switch m.Params.Name {
	case "echo":
		return success(m.ID, c.finish(who, textResult(args.Text)))
	case "whoami":
		return success(m.ID, c.finish(who, textResult(string(who.who))))
	case "big":
		return success(m.ID, c.finish(who, textResult(BigText(args.KB))))
	case "exact":
		raw, err := exactResult(args.Result)
		if err != nil {
			return failure(m.ID, codeInvalidParams, err.Error(), "")
		}
		return success(m.ID, raw)
	case "slow":
		if err := wait(ctx, time.Duration(args.MS)*time.Millisecond); err != nil {
			return failure(m.ID, codeInvalidRequest, "cancelled", "")
		}
		return success(m.ID, c.finish(who, textResult("slept")))
	case "progress":
		report(who, m, args.N)
		return success(m.ID, c.finish(who, textResult(fmt.Sprintf("%d notes", args.N))))
	case "ask":
		return c.ask(ctx, who, m)
	case "fail":
		return success(m.ID, c.finish(who, []byte(`{"content":[{"type":"text","text":"it did not work"}],"isError":true}`)))
	case "break":
		return failure(m.ID, -32099, "broken on purpose", `{"detail":9007199254740993}`)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, raw := range c.tools {
		var t struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(raw, &t) == nil && t.Name == m.Params.Name {
			return success(m.ID, c.finish(who, textResult("called "+t.Name)))
		}
	}
	return failure(m.ID, codeInvalidParams, "unknown tool: "+m.Params.Name, "")
}

// BigText is the text that tool `big` returns for kb.
func BigText(kb int) string { return strings.Repeat("0123456789abcdef", kb<<6) }

// exactResult is what tool `exact` answers: a string argument is the text of the
// result, anything else is the result itself.
func exactResult(arg json.RawMessage) ([]byte, error) {
	if len(arg) == 0 {
		return nil, errors.New("result is missing")
	}
	if arg[0] != '"' {
		return arg, nil
	}
	var text string
	if err := json.Unmarshal(arg, &text); err != nil {
		return nil, err
	}
	if !json.Valid([]byte(text)) {
		return nil, errors.New("result is not JSON")
	}
	if bytes.ContainsRune([]byte(text), '\r') {
		return nil, errors.New("a carriage return does not survive an event stream")
	}
	return []byte(text), nil
}

// report sends n pairs of a progress note and a log line, in this order. Progress
// needs the token of the request.
func report(who caller, m *message, n int) {
	if who.notify == nil {
		return
	}
	token := m.Params.Meta["progressToken"]
	for i := range n {
		if len(token) > 0 {
			who.notify(notification("notifications/progress",
				fmt.Sprintf(`{"progressToken":%s,"progress":%d,"total":%d,"message":"step %d"}`, token, i+1, n, i+1)))
		}
		who.notify(notification("notifications/message",
			fmt.Sprintf(`{"level":"info","logger":"testkit","data":"line %d"}`, i+1)))
	}
}

// wait returns after d, or earlier with the reason ctx ended for.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
