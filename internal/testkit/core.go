package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// core answers MCP requests by the book. What it does not know is how messages travel.
type core struct {
	versions     []string
	instructions string
	pageSize     int

	mu       sync.Mutex
	tools    []json.RawMessage // beside the built-in ones
	running  map[string]context.CancelFunc
	inFlight int
	changed  chan struct{} // closed and renewed when inFlight changes
	calls    map[string]int
	cancels  int
	asked    int                             // requests sent to clients
	waiting  map[string]chan json.RawMessage // their answers, by session and id
}

// caller is who sent a request.
type caller struct {
	session string // protocol session, empty in the modern era and on stdio
	modern  bool
	who     json.RawMessage // the answer of whoami
	// notify sends a notification ahead of the answer; nil where that cannot be done.
	notify func(raw []byte)
}

func newCore(versions []string, instructions string, pageSize int) *core {
	return &core{
		versions: versions, instructions: instructions, pageSize: pageSize,
		running: map[string]context.CancelFunc{}, calls: map[string]int{}, changed: make(chan struct{}),
		waiting: map[string]chan json.RawMessage{},
	}
}

// answer returns the response to a request, whole. ctx ends with the call's caller,
// where the transport can tell, and with the server.
func (c *core) answer(ctx context.Context, who caller, m *message) []byte {
	switch m.Method {
	case "initialize":
		return success(m.ID, c.initialize(m.Params.ProtocolVersion))
	case "server/discover":
		if !slices.Contains(c.versions, Modern) {
			return failure(m.ID, codeMethodNotFound, "method not found: server/discover", "")
		}
		return success(m.ID, c.finish(who, c.discover()))
	case "ping":
		if !who.modern {
			return success(m.ID, []byte(`{}`))
		}
	case "tools/list":
		page, err := c.list(who, m.Params.Cursor)
		if err != nil {
			return failure(m.ID, codeInvalidParams, err.Error(), "")
		}
		return success(m.ID, c.finish(who, page))
	case "tools/call":
		return c.call(ctx, who, m)
	case "logging/setLevel":
		if !who.modern {
			return success(m.ID, []byte(`{}`))
		}
	}
	return failure(m.ID, codeMethodNotFound, "method not found: "+m.Method, "")
}

const serverInfo = `{"name":"testkit-echo","version":"1.0.0"}`

func (c *core) initialize(asked string) []byte {
	version := asked
	if asked == Modern || !slices.Contains(c.versions, asked) {
		version = newestLegacy(c.versions)
	}
	return []byte(`{"protocolVersion":` + quote(version) + `,"capabilities":` + capabilities + `,"serverInfo":` + serverInfo + c.says() + `}`)
}

const capabilities = `{"tools":{"listChanged":true},"logging":{}}`

func (c *core) says() string {
	if c.instructions == "" {
		return ""
	}
	return `,"instructions":` + quote(c.instructions)
}

func newestLegacy(versions []string) string {
	newest := "2025-03-26"
	for _, v := range versions {
		if v != Modern && v > newest {
			newest = v
		}
	}
	return newest
}

func (c *core) discover() []byte {
	list, err := json.Marshal(c.versions)
	if err != nil {
		panic(err) // strings always encode
	}
	return []byte(`{"supportedVersions":` + string(list) + `,"capabilities":` + capabilities + c.says() + `,"ttlMs":0,"cacheScope":"public"}`)
}

// finish adds to an object what results have in the modern era.
func (c *core) finish(who caller, object []byte) []byte {
	if !who.modern {
		return object
	}
	head := `{"resultType":"complete","_meta":{"` + metaServerInfo + `":` + serverInfo + `}`
	if string(object) == "{}" {
		return []byte(head + "}")
	}
	return append([]byte(head+","), object[1:]...)
}

// list returns one page of tools; the cursor is the number of the first tool on it.
func (c *core) list(who caller, cursor string) ([]byte, error) {
	c.mu.Lock()
	all := append(builtinTools(), c.tools...)
	c.mu.Unlock()
	from := 0
	if cursor != "" {
		n, err := strconv.Atoi(cursor)
		if err != nil || n < 0 || n > len(all) {
			return nil, fmt.Errorf("unknown cursor %q", cursor)
		}
		from = n
	}
	to := len(all)
	if c.pageSize > 0 {
		to = min(to, from+c.pageSize)
	}
	page := toolPage(all[from:to], cursorAfter(to, len(all)))
	if who.modern {
		page = append(page[:len(page)-1], `,"ttlMs":0,"cacheScope":"public"}`...)
	}
	return page, nil
}

func cursorAfter(to, total int) string {
	if to >= total {
		return ""
	}
	return strconv.Itoa(to)
}

// toolPage is a tools/list result. next may be empty.
func toolPage(tools []json.RawMessage, next string) []byte {
	var b strings.Builder
	b.WriteString(`{"tools":[`)
	for i, t := range tools {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(t)
	}
	b.WriteString(`]`)
	if next != "" {
		b.WriteString(`,"nextCursor":` + quote(next))
	}
	b.WriteString(`}`)
	return []byte(b.String())
}

// cancel ends a running call (notifications/cancelled).
func (c *core) cancel(session string, id json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stop := c.running[session+" "+string(id)]; stop != nil {
		stop()
	}
}

// begin notes that a call runs; the returned function notes its end.
func (c *core) begin(ctx context.Context, session string, m *message) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	key := session + " " + string(m.ID)
	c.mu.Lock()
	c.running[key] = stop
	c.calls[m.Params.Name]++
	c.count(1)
	c.mu.Unlock()
	return ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.running, key)
		if ctx.Err() != nil {
			c.cancels++
		}
		c.count(-1)
		stop()
	}
}

// count changes the number of running calls and wakes who waits for it. c.mu is held.
func (c *core) count(by int) {
	c.inFlight += by
	close(c.changed)
	c.changed = make(chan struct{})
}

// await returns when at least n calls run, false when late fires first.
func (c *core) await(late <-chan time.Time, n int) bool {
	for {
		c.mu.Lock()
		enough, changed := c.inFlight >= n, c.changed
		c.mu.Unlock()
		if enough {
			return true
		}
		select {
		case <-changed:
		case <-late:
			return false
		}
	}
}
