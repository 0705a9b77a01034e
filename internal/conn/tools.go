package conn

import (
	"cmp"
	"context"
	"slices"
	"time"

	"patchbay"
	"patchbay/internal/mcpconv"
)

// ListCaps bound one tool list. Over one of them the list is cut, and the log says so.
// Zero values mean LibreChat's figures.
type ListCaps struct {
	Pages   int           // 50
	Tools   int           // 1,000
	Bytes   int64         // 5 MiB of JSON
	Timeout time.Duration // 30 s
}

func (c ListCaps) withDefaults() ListCaps {
	c.Pages, c.Tools, c.Bytes = cmp.Or(c.Pages, 50), cmp.Or(c.Tools, 1000), cmp.Or(c.Bytes, 5<<20)
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	return c
}

const (
	relistPause   = 5 * time.Second // between lists read again because a call named an unknown tool
	maxListErrors = 5               // dropped tools that the log names
)

// toolList is the last known tools of a key. list is never changed once stored.
type toolList struct {
	list  []patchbay.Tool
	known bool
	stale bool      // the connection it was read on is gone
	at    time.Time // when it was read
	until time.Time // `ttlMs`: read again after this; zero: only when told

	reading *reading // under way; nil: none
	refresh bool     // a goroutine keeps it fresh
	dirty   bool     // and has to read once more
}

// reading is one tool list being read, for all who want it.
type reading struct {
	live *live
	done chan struct{} // closed when err is set
	err  error
}

// Tools returns the last known tools of a key, and whether they may be out of date
// because there is no connection. known is false when none were ever read.
func (p *Pool) Tools(k Key) (tools []patchbay.Tool, stale, known bool) {
	e := p.peek(k)
	if e == nil {
		return nil, false, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tools.list, e.tools.stale || e.live == nil, e.tools.known
}

// ListTools returns the tools of t, opening the connection when need be.
func (p *Pool) ListTools(ctx context.Context, t Target) ([]patchbay.Tool, error) {
	l, err := p.use(ctx, t)
	if err != nil {
		return nil, err
	}
	defer l.leave()
	e := l.entry
	e.mu.Lock()
	fresh := e.tools.known && !e.tools.stale && (e.tools.until.IsZero() || time.Now().Before(e.tools.until))
	list := e.tools.list
	e.mu.Unlock()
	if fresh {
		return list, nil
	}
	if err := p.readTools(ctx, l, false); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tools.list, nil
}

// checkTool refuses a call of a tool that the server does not have, so that every
// server answers alike. An unknown name makes the list be read again, now and then:
// the tool may be new. It refuses a call too while the server asked for silence.
func (p *Pool) checkTool(ctx context.Context, l *live, name string) error {
	e := l.entry
	found, known, recent, quiet := e.hasTool(name)
	if quiet > 0 {
		return limited(quiet, "%s says that it is asked too often. Try again in %s.", l.server(), inSeconds(quiet))
	}
	if found || !known {
		return nil
	}
	if !recent {
		if err := p.readTools(ctx, l, false); err != nil {
			return nil // let the server decide
		}
		if found, known, _, _ = e.hasTool(name); found || !known {
			return nil
		}
	}
	return &patchbay.Error{
		Code:    patchbay.CodeToolNotFound,
		Message: "MCP server '" + l.server() + "' has no tool '" + clip(name, 128) + "'",
		Detail:  map[string]any{"serverName": l.server()},
	}
}

// hasTool looks for a tool in a list that counts (known), tells whether it was read a
// moment ago, and how long the server wants to be left alone.
func (e *entry) hasTool(name string) (found, known, recent bool, quiet time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.quiet.IsZero() {
		quiet = time.Until(e.quiet)
	}
	for i := range e.tools.list {
		if e.tools.list[i].Name == name {
			return true, true, false, quiet
		}
	}
	return false, e.tools.known && !e.tools.stale, time.Since(e.tools.at) < relistPause, quiet
}

// readTools waits until the list was read, once for all who want it. anew asks for one
// that begins now: what is under way may have missed a change.
func (p *Pool) readTools(ctx context.Context, l *live, anew bool) error {
	e := l.entry
	for {
		e.mu.Lock()
		r := e.tools.reading
		mine := r == nil
		if mine {
			r = &reading{live: l, done: make(chan struct{})}
			if !p.spawn(func() { p.read(r) }) {
				e.mu.Unlock()
				return errStopping
			}
			e.tools.reading = r
			l.inflight++ // keeps the connection open until the list is read
		}
		e.mu.Unlock()
		select {
		case <-r.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if mine || r.live == l && !anew {
			return r.err
		}
		anew = false // another that is under way by now began after us
	}
}

// read reads the list and stores it. Its time does not end with a caller's: others wait
// for the same list.
func (p *Pool) read(r *reading) {
	l, e := r.live, r.live.entry
	ctx, cancel := context.WithTimeout(p.life, p.opts.List.Timeout)
	token := l.bearer()
	list, until, err := p.list(ctx, l)
	for tokens := 0; err != nil && l.signIn(err); tokens++ {
		var renewed bool
		if renewed, err = l.renew(ctx, token, err, tokens); renewed {
			token = l.bearer()
			list, until, err = p.list(ctx, l)
		}
	}
	cancel()
	changed := false
	if err != nil {
		l.suffered(err)
		r.err = l.explainCall("", err, 0)
	} else if l.meta != nil {
		l.wire.SetTools(list) // old servers want none of it in headers
	}
	e.mu.Lock()
	if err == nil {
		changed = !e.tools.known || !slices.EqualFunc(e.tools.list, list, sameTool)
		if changed {
			list = p.shelf.share(e.key.server, list)
		} else {
			list = e.tools.list
		}
		e.tools.list, e.tools.known, e.tools.stale, e.tools.at, e.tools.until = list, true, e.live != l, time.Now(), until
	}
	e.tools.reading = nil
	e.mu.Unlock()
	l.part(false)
	close(r.done) // last, so that who waited finds the connection idle again
	if changed && p.opts.ToolsChanged != nil {
		p.opts.ToolsChanged(e.key, len(list))
	}
}

// list reads all pages within the caps, past the SDK (see carrier).
func (p *Pool) list(ctx context.Context, l *live) (tools []patchbay.Tool, until time.Time, err error) {
	if !l.hasTools {
		return nil, time.Time{}, nil // the server says that it has none
	}
	var cursor string
	seen := map[string]bool{}
	names := map[string]bool{}
	bytes := int64(0)
	for range p.opts.List.Pages {
		raw, err := l.carrier.ask(ctx, "tools/list", l.params(cursor))
		if err != nil {
			return nil, until, err
		}
		found, err := mcpconv.ToolsFromList(raw)
		if err != nil {
			return nil, until, err
		}
		if found.TTL > 0 {
			until = time.Now().Add(found.TTL)
		}
		for i, d := range found.Dropped {
			if i == maxListErrors {
				break
			}
			p.opts.Logger.Warn("Tool left out", "server", l.server(), "tool", clip(d.Name, 64), "reason", d.Reason)
		}
		for _, t := range found.Tools {
			if names[t.Name] {
				continue // a server's second tool of one name can never be called
			}
			names[t.Name] = true
			tools = append(tools, t)
		}
		bytes += int64(len(raw))
		if found.Next == "" {
			return slices.Clone(tools), until, nil // without the room that append made
		}
		if seen[found.Next] || len(tools) >= p.opts.List.Tools || bytes >= p.opts.List.Bytes {
			break
		}
		cursor = found.Next
		seen[cursor] = true
	}
	if len(tools) > p.opts.List.Tools {
		tools = tools[:p.opts.List.Tools]
	}
	p.opts.Logger.Warn("Tool list cut", "server", l.server(), "tools", len(tools), "bytes", bytes)
	return slices.Clone(tools), until, nil
}

// sameTool reports whether two tools are the same byte for byte.
func sameTool(a, b patchbay.Tool) bool {
	return a.Name == b.Name && a.Title == b.Title && a.Description == b.Description &&
		string(a.InputSchema) == string(b.InputSchema) && string(a.OutputSchema) == string(b.OutputSchema) &&
		string(a.Annotations) == string(b.Annotations) && string(a.Meta) == string(b.Meta)
}
