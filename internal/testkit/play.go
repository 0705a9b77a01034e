package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
)

// line is the far end of one connection as a case sees it. On streamable HTTP each POST
// is a line of its own.
type line interface {
	// send writes one message, framed as the transport wants it. It fails when the
	// other side is gone. Safe for concurrent use.
	send(message io.Reader) error
	// raw writes bytes without a frame, where the transport has such a thing.
	raw(p []byte) error
	// half writes the beginning of a message.
	half(p []byte) error
	// cut breaks the connection at once, in the middle of whatever is being written.
	cut()
	// ctx ends when the connection does.
	ctx() context.Context
}

// play is one case being played: by one process over stdio, by one server otherwise.
type play struct {
	Case
	Settings

	core     *core
	who      func() caller
	attempts atomic.Int64 // initialize requests seen
	lists    atomic.Int64
}

func newPlay(c Case, s Settings) *play {
	return &play{Case: c, Settings: s.filled(c), core: newCore(LegacyVersions(), "", 0), who: func() caller { return caller{} }}
}

// take handles one message of a connection, and returns when it is done with it.
func (p *play) take(l line, connection string, m *message) {
	switch m.Method {
	case "initialize":
		p.attempts.Add(1)
	case "notifications/cancelled":
		p.core.cancel(connection, m.Params.RequestID)
	}
	if m.isAnswer() {
		p.core.answered(connection, m)
	}
	if !m.isRequest() || p.misbehave(l, m) {
		return
	}
	p.behave(l, connection, m)
}

// behave answers by the book.
func (p *play) behave(l line, connection string, m *message) {
	who := p.who()
	who.session = connection
	who.notify = func(raw []byte) { _ = l.send(bytes.NewReader(raw)) }
	_ = l.send(bytes.NewReader(p.core.answer(l.ctx(), who, m))) // a client that is gone wants no answer
}

// misbehave plays the case; false when the message is to be answered by the book.
func (p *play) misbehave(l line, m *message) bool {
	switch p.Case {
	case NeverAnswers:
		<-l.ctx().Done()
		return true
	case PrintsGarbage:
		p.garbage(l)
		return true
	case CursorLoop:
		return m.Method == "tools/list" && p.reply(l, success(m.ID, toolPage(builtinTools(), fmt.Sprint(p.lists.Add(1)))))
	case ManyTools:
		return m.Method == "tools/list" && p.reply(l, success(m.ID, p.manyTools(m.Params.Cursor)))
	case ChangesTools:
		if m.Method == "tools/list" {
			return p.reply(l, success(m.ID, toolPage(append(builtinTools(), numberedTool(int(p.lists.Add(1)))), "")))
		}
	}
	if m.Method != "tools/call" {
		return false
	}
	return p.misbehaveCall(l, m)
}

func (p *play) misbehaveCall(l line, m *message) bool {
	switch p.Case {
	case NeverAnswersCalls:
		<-l.ctx().Done()
		return true
	case AnswersLate:
		// Cancelled or not: that is the case.
		return wait(l.ctx(), p.Delay) != nil || p.reply(l, success(m.ID, textResult("late")))
	case LongLine:
		head, tail, _ := strings.Cut(string(success(m.ID, textResult("|"))), "|")
		fill := io.LimitReader(letters{}, int64(p.Bytes-len(head)-len(tail)))
		_ = l.send(io.MultiReader(strings.NewReader(head), fill, strings.NewReader(tail))) // it may well be cut off
		return true
	case EndlessStream:
		for n := 1; l.ctx().Err() == nil; n++ {
			note := notification("notifications/message", fmt.Sprintf(`{"level":"info","data":"line %d"}`, n))
			if l.send(bytes.NewReader(note)) != nil {
				break
			}
		}
		return true
	case DuplicateIDs:
		p.reply(l, success(m.ID, textResult("first")))
		return p.reply(l, success(m.ID, textResult("second")))
	case ForeignResults:
		for _, id := range []string{`424242`, `"nobody"`, `null`, `-1`, `1.5`} {
			p.reply(l, success(json.RawMessage(id), textResult("for somebody else")))
		}
		return false
	case InvalidUTF8:
		return p.reply(l, success(m.ID, []byte("{\"content\":[{\"type\":\"text\",\"text\":\"a\xff\xfe\xc3z\"}]}")))
	case DeepJSON:
		deep := strings.Repeat("[", p.Count) + strings.Repeat("]", p.Count)
		return p.reply(l, success(m.ID, []byte(`{"content":[],"structuredContent":`+deep+`}`)))
	case DuplicateMembers:
		answer := success(m.ID, textResult("first"))
		return p.reply(l, append(answer[:len(answer)-1], []byte(`,"result":`+string(textResult("second"))+`}`)...))
	case ClosesMidCall:
		answer := success(m.ID, textResult("this will not arrive whole"))
		_ = l.half(answer[:len(answer)/2]) // cut off in any case
		l.cut()
		return true
	case ChangesTools:
		p.reply(l, notification("notifications/tools/list_changed", "{}"))
		return false
	}
	return false
}

// reply sends one message and says it did, so that a case can be told in one line.
func (p *play) reply(l line, message []byte) bool {
	_ = l.send(bytes.NewReader(message)) // a client that is gone wants no answer
	return true
}

// garbage writes lines that are no messages until the line is gone.
func (p *play) garbage(l line) {
	for n := 0; l.ctx().Err() == nil; n++ {
		if l.raw(fmt.Appendf(nil, "\x1b[31m[debug]\x1b[0m %d {not json %s\n", n, strings.Repeat("~", 200))) != nil {
			return
		}
	}
}

func (p *play) manyTools(cursor string) []byte {
	const page = 1000
	from := 0
	if cursor != "" {
		if _, err := fmt.Sscan(cursor, &from); err != nil {
			from = p.Count
		}
	}
	to := min(from+page, p.Count)
	var tools []json.RawMessage
	for n := from; n < to; n++ {
		tools = append(tools, numberedTool(n))
	}
	return toolPage(tools, cursorAfter(to, p.Count))
}

func numberedTool(n int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"name":"tool-%d","description":"Number %d.","inputSchema":{"type":"object"}}`, n, n))
}

// letters is an endless text.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
