package conn

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

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
	dirty bool      // list_changed came while it was being read

	reading chan struct{} // closed when the read under way ends; nil: none
	read    error         // how the last read ended
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
	l, err := p.acquire(ctx, t)
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
	if err := p.readTools(ctx, l); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tools.list, nil
}

// checkTool refuses a call of a tool that the server does not have, so that every
// server answers alike. An unknown name makes the list be read again, now and then:
// the tool may be new.
func (p *Pool) checkTool(ctx context.Context, l *live, name string) error {
	e := l.entry
	has := func() (has, known, recent bool) {
		e.mu.Lock()
		defer e.mu.Unlock()
		has = slices.ContainsFunc(e.tools.list, func(t patchbay.Tool) bool { return t.Name == name })
		return has, e.tools.known && !e.tools.stale, time.Since(e.tools.at) < relistPause
	}
	found, known, recent := has()
	if found || !known {
		return nil
	}
	if !recent {
		if err := p.readTools(ctx, l); err != nil {
			return nil // let the server decide
		}
		if found, known, _ = has(); found || !known {
			return nil
		}
	}
	return &patchbay.Error{
		Code:    patchbay.CodeToolNotFound,
		Message: "MCP server '" + l.server + "' has no tool '" + clip(name, 128) + "'",
		Detail:  map[string]any{"serverName": l.server},
	}
}

// refreshTools reads the list because it is new or the server said that it changed.
func (p *Pool) refreshTools(l *live) {
	e := l.entry
	e.mu.Lock()
	if e.live != l {
		e.mu.Unlock()
		return
	}
	l.inflight++ // keeps the connection open until the list is read
	if e.tools.reading != nil {
		e.tools.dirty = true
	}
	e.mu.Unlock()
	defer l.leave()
	if err := p.readTools(p.life, l); err != nil && p.life.Err() == nil {
		p.opts.Logger.Warn("Tool list could not be read", "server", l.server, "error", clip(err.Error(), 200), "user", string(e.key.user))
	}
}

// readTools reads the list once for all who want it.
func (p *Pool) readTools(ctx context.Context, l *live) error {
	e := l.entry
	e.mu.Lock()
	if done := e.tools.reading; done != nil {
		e.mu.Unlock()
		select {
		case <-done:
			e.mu.Lock()
			defer e.mu.Unlock()
			return e.tools.read
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	done := make(chan struct{})
	e.tools.reading = done
	e.mu.Unlock()

	for again := true; again; {
		// Not the caller's context: others wait for the same list.
		lctx, cancel := context.WithTimeout(p.life, p.opts.List.Timeout)
		list, until, err := p.list(lctx, l)
		cancel()
		e.mu.Lock()
		if errors.Is(err, errNoList) && e.tools.known {
			list, until, err = e.tools.list, time.Now().Add(relistPause), nil // the SDK's copy is still good
		}
		again = e.tools.dirty && err == nil
		e.tools.dirty = false
		changed := false
		if err == nil {
			changed = !e.tools.known || !slices.EqualFunc(e.tools.list, list, sameTool)
			e.tools.list, e.tools.known, e.tools.stale, e.tools.at, e.tools.until = list, true, e.live != l, time.Now(), until
		}
		e.tools.read = err
		if !again {
			e.tools.reading = nil
			close(done)
		}
		e.mu.Unlock()
		if err != nil {
			l.suffered(err)
			return l.explainCall(Request{}, err)
		}
		l.wire.SetTools(list)
		if changed && p.opts.ToolsChanged != nil {
			p.opts.ToolsChanged(e.key, len(list))
		}
	}
	return nil
}

// list reads all pages within the caps.
func (p *Pool) list(ctx context.Context, l *live) (tools []patchbay.Tool, until time.Time, err error) {
	if res := l.session.InitializeResult(); res != nil && res.Capabilities != nil && res.Capabilities.Tools == nil {
		return nil, time.Time{}, nil // the server says that it has none
	}
	var cursor string
	seen := map[string]bool{}
	names := map[string]bool{}
	bytes := int64(0)
	for page := 0; page < p.opts.List.Pages; page++ {
		_, err := l.session.ListTools(ctx, &mcp.ListToolsParams{Cursor: cursor})
		raw := l.carrier.takeList()
		if raw == nil {
			if err != nil {
				return nil, until, err
			}
			return nil, until, errNoList
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
			p.opts.Logger.Warn("Tool left out", "server", l.server, "tool", clip(d.Name, 64), "reason", d.Reason)
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
			return slices.Clip(tools), until, nil
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
	p.opts.Logger.Warn("Tool list cut", "server", l.server, "tools", len(tools), "bytes", bytes)
	return slices.Clip(tools), until, nil
}

// sameTool reports whether two tools are the same byte for byte.
func sameTool(a, b patchbay.Tool) bool {
	return a.Name == b.Name && a.Title == b.Title && a.Description == b.Description &&
		string(a.InputSchema) == string(b.InputSchema) && string(a.OutputSchema) == string(b.OutputSchema) &&
		string(a.Annotations) == string(b.Annotations) && string(a.Meta) == string(b.Meta)
}
