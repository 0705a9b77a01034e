package api

import (
	"container/list"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"patchbay"
	"patchbay/internal/bus"
	"patchbay/internal/httpkit"
)

// Bounds of the event stream.
const (
	busBuffer  = 8192 // events between the bus and the hub
	userRing   = 256  // events kept for one user
	sharedRing = 1024 // events kept that are not one user's
	ringBytes  = 256 << 10
	maxRings   = 4096 // users for whom events are kept
	feedBuffer = 128  // events between the hub and one browser
	lossyRoom  = 96   // of which what may be lost takes no more than this
	maxFeeds   = 32   // streams of one user at a time
	maxBatch   = 64   // events handed on together
)

// hub gives events numbers, keeps the last ones for browsers that come back, and hands
// them to the browsers that are here. Ids are `<process>.<n>`: with a new process, every
// id of the old one is unknown and answered by a reset.
type hub struct {
	bus     *bus.Bus
	servers Servers
	log     *slog.Logger
	process string

	mu    sync.Mutex
	n     uint64 // number of the last event
	rings map[patchbay.UserID]*ring
	used  *list.List // of users with a ring, least recently written first; "" is never among them
	gone  uint64     // events up to here may be lost for users without a ring
	feeds map[patchbay.UserID]map[*feed]struct{}
	over  bool // run has ended: no feed opens any more
}

// feed is one browser's end of the stream.
type feed struct {
	actor  patchbay.Actor
	events chan *message // closed when the browser has to come back
}

// message is one event, encoded once for everybody.
type message struct {
	n      uint64
	user   patchbay.UserID
	server patchbay.ServerID
	all    bool           // everybody may see it
	scope  patchbay.Scope // that a token must have to see it, beside the stream's own
	lossy  bool           // not kept, and left out for a browser that reads slowly
	kind   string
	data   []byte // until it has its number
	frame  []byte // as it is on every stream
}

func newHub(b *bus.Bus, servers Servers, log *slog.Logger) *hub {
	return &hub{
		bus: b, servers: servers, log: log, process: strings.ToLower(rand.Text()[:12]),
		rings: map[patchbay.UserID]*ring{"": newRing(sharedRing, 0)}, used: list.New(),
		feeds: map[patchbay.UserID]map[*feed]struct{}{},
	}
}

// run takes events from the bus until ctx ends, and then lets every browser go.
func (h *hub) run(ctx context.Context) error {
	defer h.end()
	for {
		sub := h.bus.Subscribe(busBuffer, nil)
		h.pump(ctx, sub)
		sub.Close()
		if ctx.Err() != nil {
			return nil
		}
		h.log.Warn("events were lost; every browser reads anew")
		h.forget()
	}
}

func (h *hub) pump(ctx context.Context, sub *bus.Subscription) {
	batch := make([]patchbay.Event, 0, maxBatch)
	for {
		select {
		case ev, ok := <-sub.Events():
			if !ok {
				return
			}
			batch = waiting(append(batch[:0], ev), sub.Events())
			h.take(batch...)
			clear(batch) // what they told of is not to be held on to
		case <-ctx.Done():
			return
		}
	}
}

// waiting appends the events that are there already, as far as batch has room.
func waiting(batch []patchbay.Event, events <-chan patchbay.Event) []patchbay.Event {
	for len(batch) < cap(batch) {
		select {
		case ev, ok := <-events:
			if !ok {
				return batch // pump meets the end again
			}
			batch = append(batch, ev)
		default:
			return batch
		}
	}
	return batch
}

// take numbers events and hands them on. Those in a row that are for the same browsers go
// to one browser after the other and not one after the other to all: a change is often
// two events, and each browser is to be woken, and written to, once for both.
func (h *hub) take(events ...patchbay.Event) {
	var run []*message
	for _, ev := range events {
		if ev.Kind == patchbay.EventUser {
			h.publish(run)
			run = nil
			// Nothing to show; but who changed has to come back and be looked at again.
			h.dropUser(ev.User)
			continue
		}
		m := h.encode(ev)
		if m == nil {
			continue
		}
		if len(run) > 0 && run[0].user != m.user {
			h.publish(run)
			run = nil
		}
		run = append(run, m)
	}
	h.publish(run)
}

// encode returns an event without a number; nil when it cannot be encoded, or nobody is
// there for it.
func (h *hub) encode(ev patchbay.Event) *message {
	m := &message{user: ev.User, server: ev.Server, all: ev.Kind == patchbay.EventServers, kind: string(ev.Kind)}
	switch data := ev.Data.(type) {
	case patchbay.StatusEvent:
		ev.Data = struct {
			Server string `json:"serverName"`
			StatusView
		}{data.Server, viewStatus(data.Status)}
	case patchbay.RunDelta, patchbay.RunProgress:
		if !h.watched(ev.User) {
			return nil // a model writes thirty times a second, and mostly nobody looks
		}
		m.lossy = true
	}
	if ev.Kind == patchbay.EventRun || ev.Kind == patchbay.EventConversation {
		m.scope = patchbay.ScopeChat
	}
	var err error
	if m.data, err = json.Marshal(ev.Data); err != nil {
		h.log.Error("an event cannot be encoded", "kind", string(ev.Kind), "error", err)
		return nil
	}
	return m
}

// watched reports whether a browser of the user's is here.
func (h *hub) watched(user patchbay.UserID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.feeds[user]) > 0
}

// publish numbers messages that are for the same browsers, keeps them and hands them on.
func (h *hub) publish(run []*message) {
	if len(run) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range run {
		frame, err := httpkit.Frame(h.id(h.n+1), m.kind, m.data)
		if err != nil { // its name is ours: this is a mistake in the code
			h.log.Error("an event cannot be encoded", "kind", m.kind, "error", err)
			return
		}
		h.n++
		m.n, m.frame, m.data = h.n, frame, nil
		if !m.lossy {
			h.keep(m)
		}
	}
	if user := run[0].user; user != "" {
		h.hand(run, h.feeds[user])
		return
	}
	for _, feeds := range h.feeds {
		h.hand(run, feeds)
	}
}

// keep puts a message into its ring. Users who had no stream since we started have no
// ring: they hold no id of ours that they could come back with. Nor have those whose ring
// made room for another's, and who must read anew from here on.
func (h *hub) keep(m *message) {
	if m.user != "" && h.rings[m.user] == nil {
		h.gone = m.n
		return
	}
	h.ringOf(m.user).add(m)
}

// hand gives messages to feeds. One that is too slow does without what may be lost, which
// leaves room for what may not; when that is not enough it is dropped, and comes back with
// the id of what it has.
func (h *hub) hand(run []*message, feeds map[*feed]struct{}) {
	for f := range feeds {
		if !f.offer(run) {
			h.drop(f)
		}
	}
}

// offer reports whether there was room for all.
func (f *feed) offer(run []*message) bool {
	for _, m := range run {
		if m.lossy && len(f.events) >= lossyRoom {
			continue
		}
		select {
		case f.events <- m:
		default:
			return false
		}
	}
	return true
}

// ringOf returns the ring of a user, making room for it when needed.
func (h *hub) ringOf(user patchbay.UserID) *ring {
	if r := h.rings[user]; r != nil {
		if r.place != nil {
			h.used.MoveToBack(r.place)
		}
		return r
	}
	if h.used.Len() >= maxRings {
		oldest, _ := h.used.Remove(h.used.Front()).(patchbay.UserID)
		h.gone = max(h.gone, h.rings[oldest].last())
		delete(h.rings, oldest)
	}
	r := newRing(userRing, h.gone)
	r.place = h.used.PushBack(user)
	h.rings[user] = r
	return r
}

// join opens a feed, and returns what the browser missed since lastID. reset says that
// this cannot be told and it has to read anew; at is the number of the last event.
func (h *hub) join(actor patchbay.Actor, lastID string) (f *feed, missed []*message, at uint64, reset bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return nil, nil, 0, false, patchbay.Errorf(patchbay.CodeUnavailable, "The host is stopping; try again in a moment")
	}
	if len(h.feeds[actor.ID()]) >= maxFeeds {
		return nil, nil, 0, false, &patchbay.Error{
			Code: patchbay.CodeRateLimited, RetryAfter: httpkit.Heartbeat,
			Message: "Too many event streams are open; close some windows",
		}
	}
	if lastID != "" {
		var ok bool
		missed, ok = h.since(actor.ID(), lastID)
		reset = !ok
	}
	f = &feed{actor: actor, events: make(chan *message, feedBuffer)}
	if h.feeds[actor.ID()] == nil {
		h.feeds[actor.ID()] = map[*feed]struct{}{}
	}
	h.feeds[actor.ID()][f] = struct{}{}
	if actor.ID() != "" {
		h.ringOf(actor.ID())
	}
	return f, missed, h.n, reset, nil
}

// since returns the user's and the shared events after an id; ok is false when some of
// them are not kept any more.
func (h *hub) since(user patchbay.UserID, lastID string) (missed []*message, ok bool) {
	process, number, _ := strings.Cut(lastID, ".")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || process != h.process || n > h.n {
		return nil, false
	}
	shared, ok := h.rings[""].after(n)
	if !ok {
		return nil, false
	}
	own := []*message(nil)
	if r := h.rings[user]; user != "" && r != nil {
		if own, ok = r.after(n); !ok {
			return nil, false
		}
	} else if user != "" && n < h.gone {
		return nil, false
	}
	missed = append(shared, own...)
	slices.SortFunc(missed, func(a, b *message) int {
		if a.n < b.n {
			return -1
		}
		return 1
	})
	return missed, true
}

// leave closes a feed. It may be called after the hub did.
func (h *hub) leave(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(f)
}

func (h *hub) drop(f *feed) {
	feeds := h.feeds[f.actor.ID()]
	if _, ok := feeds[f]; !ok {
		return
	}
	delete(feeds, f)
	close(f.events)
	if len(feeds) == 0 {
		delete(h.feeds, f.actor.ID())
	}
}

// dropUser lets the browsers of a user go; "" is everybody's.
func (h *hub) dropUser(user patchbay.UserID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, feeds := range h.feeds {
		if user != "" && id != user {
			continue
		}
		for f := range feeds {
			h.drop(f)
		}
	}
}

func (h *hub) dropAll() { h.dropUser("") }

func (h *hub) end() {
	h.mu.Lock()
	h.over = true
	h.mu.Unlock()
	h.dropAll()
}

// forget starts all over, after events were lost on the way to us: no id from before can
// be served.
func (h *hub) forget() {
	h.mu.Lock()
	h.n++
	h.gone = h.n
	h.rings = map[patchbay.UserID]*ring{"": newRing(sharedRing, h.n)}
	h.used.Init()
	h.mu.Unlock()
	h.dropAll()
}

// sees decides whether an actor may see an event: their own, those of servers they may
// VIEW, and as an admin everything that is nobody's.
func (h *hub) sees(a *patchbay.Actor, m *message) bool {
	if m.scope != "" && !a.Has(m.scope) {
		return false
	}
	if m.user != "" {
		return m.user == a.ID()
	}
	if m.all || a.Admin() || a.Kind == patchbay.ActorOperator && a.User == nil {
		return true
	}
	if m.server == "" {
		return false
	}
	def, ok := h.servers.ByID(m.server)
	return ok && h.servers.Permissions(*a, def)&patchbay.PermView != 0
}

func (h *hub) id(n uint64) string { return h.process + "." + strconv.FormatUint(n, 10) }
