package api

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/bus"
	"patchbay/internal/httpkit"
)

func statusEvent(user patchbay.UserID, server string, n int) patchbay.Event {
	return patchbay.Event{Kind: patchbay.EventStatus, User: user, Server: patchbay.YAMLServerID(server), Data: patchbay.StatusEvent{
		Server: server, Status: patchbay.Status{Status: patchbay.StatusConnected, Action: patchbay.ActionNone, ToolCount: n},
	}}
}

// stream is an answer that can be read while it is written.
type stream struct {
	mu     sync.Mutex
	head   http.Header
	status int
	body   strings.Builder
	sent   int // times it was flushed
}

func (s *stream) Header() http.Header { return s.head }
func (s *stream) WriteHeader(c int)   { s.status = c }
func (s *stream) Flush()              { s.sent++ }
func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.body.Write(b)
}

func (s *stream) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.body.String()
}

// kinds lists the events of a stream: "kind:toolCount of serverName".
func kinds(text string) []string {
	var got []string
	for part := range strings.SplitSeq(text, "\n\n") {
		switch kind, data, ok := strings.Cut(part, "\ndata: "); {
		case ok:
			_, kind, _ = strings.Cut(kind, "event: ")
			var server string
			var n int
			if _, rest, found := strings.Cut(data, `"serverName":"`); found {
				server, _, _ = strings.Cut(rest, `"`)
			}
			if _, rest, found := strings.Cut(data, `"toolCount":`); found {
				_, _ = fmt.Sscanf(rest, "%d", &n)
			}
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %d", kind, server, n)))
		case strings.HasPrefix(part, ":"):
			got = append(got, "beat")
		}
	}
	return got
}

// lastID returns the id of the last event.
func lastID(text string) string {
	i := strings.LastIndex(text, "id: ")
	id, _, _ := strings.Cut(text[i+4:], "\n")
	return id
}

// eventWorld runs the hub inside a bubble, where every wait ends when nothing moves.
type eventWorld struct {
	*world
	ctx context.Context
}

func inBubble(t *testing.T, test func(t *testing.T, w *eventWorld)) {
	synctest.Test(t, func(t *testing.T) {
		w := &eventWorld{world: newWorld(t)}
		ctx, cancel := context.WithCancel(t.Context())
		w.ctx = ctx
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := w.s.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		test(t, w)
		cancel()
		wg.Wait()
		synctest.Wait()
	})
}

// open opens the stream and returns once it stands.
func (w *eventWorld) open(token, lastEventID string) (s *stream, leave func()) {
	ctx, cancel := context.WithCancel(w.ctx)
	r := httptest.NewRequestWithContext(ctx, "GET", "http://localhost/api/events", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	s = &stream{head: http.Header{}}
	done := make(chan struct{})
	go func() { defer close(done); w.s.ServeHTTP(s, r) }()
	synctest.Wait()
	return s, func() { cancel(); <-done }
}

func TestEventsAreSeenByTheirPeople(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		a, leaveA := w.open(tokAnn, "")
		b, leaveB := w.open(tokBob, "")
		r, leaveR := w.open(tokRoot, "")
		w.bus.Publish(statusEvent(ann.ID, "github-mcp", 1))
		w.bus.Publish(statusEvent("", "github-mcp", 2))
		w.bus.Publish(statusEvent("", "bobs", 3))
		w.bus.Publish(patchbay.Event{Kind: patchbay.EventTools, User: bob.ID, Data: patchbay.ToolsEvent{Server: "remote", ToolCount: 4}})
		w.bus.Publish(patchbay.Event{Kind: patchbay.EventConfig, Data: patchbay.ConfigEvent{OK: true}})
		synctest.Wait()
		for name, test := range map[string]struct {
			s    *stream
			want []string
		}{
			"ann":  {a, []string{"ready  0", "status github-mcp 1", "status github-mcp 2"}},
			"bob":  {b, []string{"ready  0", "status github-mcp 2", "status bobs 3", "tools remote 4"}},
			"root": {r, []string{"ready  0", "status github-mcp 2", "status bobs 3", "config  0"}},
		} {
			if diff := cmp.Diff(test.want, kinds(test.s.text())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if !strings.Contains(a.text(), `"since":null`) {
			t.Errorf("a status on the stream has not the shape of the REST page: %s", a.text())
		}
		leaveA()
		leaveB()
		leaveR()
		if len(w.s.hub.feeds) != 0 {
			t.Error("a feed is left behind")
		}
	})
}

func TestEventsReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		s, leave := w.open(tokAnn, "")
		w.bus.Publish(statusEvent(ann.ID, "github-mcp", 1))
		synctest.Wait()
		leave()
		id := lastID(s.text())
		for i := range 3 {
			w.bus.Publish(statusEvent(ann.ID, "github-mcp", 2+i))
			w.bus.Publish(statusEvent(bob.ID, "github-mcp", 90))
			w.bus.Publish(statusEvent("", "bobs", 91))
		}
		w.bus.Publish(statusEvent("", "look", 5))
		synctest.Wait()
		s, leave = w.open(tokAnn, id)
		want := []string{"status github-mcp 2", "status github-mcp 3", "status github-mcp 4", "status look 5", "ready  0"}
		if diff := cmp.Diff(want, kinds(s.text())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		leave()
		// From the id of ready on, nothing comes twice.
		s, leave = w.open(tokAnn, lastID(s.text()))
		if diff := cmp.Diff([]string{"ready  0"}, kinds(s.text())); diff != "" {
			t.Errorf("again (-want +got):\n%s", diff)
		}
		leave()
	})
}

func TestEventsReset(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		s, leave := w.open(tokAnn, "")
		leave()
		start := lastID(s.text())
		for i := range userRing + 1 {
			w.bus.Publish(statusEvent(ann.ID, "github-mcp", i))
		}
		synctest.Wait()
		for name, id := range map[string]string{
			"older than what is kept": start,
			"of another process":      "zzzzzzzzzzzz.1",
			"from the future":         w.s.hub.id(1 << 40),
			"garbage":                 "hunter2",
		} {
			s, leave := w.open(tokAnn, id)
			if diff := cmp.Diff([]string{"reset  0"}, kinds(s.text())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			leave()
			s, leave = w.open(tokAnn, lastID(s.text()))
			if diff := cmp.Diff([]string{"ready  0"}, kinds(s.text())); diff != "" {
				t.Errorf("%s, after the reset (-want +got):\n%s", name, diff)
			}
			leave()
		}
	})
}

// Rings are bounded in number: whose ring had to go is told to read anew, and nobody else.
func TestEventsRingsAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		s, leave := w.open(tokAnn, "")
		w.bus.Publish(statusEvent(ann.ID, "github-mcp", 1))
		synctest.Wait()
		leave()
		before := w.s.hub.id(0)
		for i := range maxRings {
			id := patchbay.UserID(fmt.Sprintf("u-%d", i))
			f, _, _, _, err := w.s.hub.join(patchbay.Actor{Kind: patchbay.ActorUser, User: &patchbay.User{ID: id}}, "")
			if err != nil {
				t.Fatal(err)
			}
			w.s.hub.leave(f)
			w.s.hub.take(statusEvent(id, "github-mcp", 1))
		}
		if got := len(w.s.hub.rings); got > maxRings+1 {
			t.Errorf("%d rings", got)
		}
		s2, leave2 := w.open(tokAnn, lastID(s.text()))
		if diff := cmp.Diff([]string{"ready  0"}, kinds(s2.text())); diff != "" {
			t.Errorf("who had read it all (-want +got):\n%s", diff)
		}
		leave2()
		s2, leave2 = w.open(tokAnn, before)
		if diff := cmp.Diff([]string{"reset  0"}, kinds(s2.text())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		leave2()
	})
}

// Nothing is kept for users who never had a stream: they have no id to come back with. A
// stream that opens later misses nothing from there on.
func TestEventsWithoutAStreamAreNotKept(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		for i := range 5 {
			w.s.hub.take(statusEvent(ann.ID, "github-mcp", i))
		}
		if got := len(w.s.hub.rings); got != 1 {
			t.Errorf("%d rings, want the shared one", got)
		}
		s, leave := w.open(tokAnn, "")
		leave()
		w.s.hub.take(statusEvent(ann.ID, "github-mcp", 7))
		s, leave = w.open(tokAnn, lastID(s.text()))
		if diff := cmp.Diff([]string{"status github-mcp 7", "ready  0"}, kinds(s.text())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		leave()
		s, leave = w.open(tokAnn, w.s.hub.id(2))
		if diff := cmp.Diff([]string{"reset  0"}, kinds(s.text())); diff != "" {
			t.Errorf("an id from before (-want +got):\n%s", diff)
		}
		leave()
	})
}

func TestEventsHeartbeatAndRevocation(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		s, leave := w.open(tokAnn, "")
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"ready  0", "beat", "beat"}, kinds(s.text())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		w.revoke(tokAnn)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if len(w.s.hub.feeds) != 0 {
			t.Error("the stream of a revoked token goes on")
		}
		leave()
		// An account that changed has to come back at once.
		_, leave = w.open(tokBob, "")
		w.bus.Publish(patchbay.Event{Kind: patchbay.EventUser, User: bob.ID})
		synctest.Wait()
		if len(w.s.hub.feeds) != 0 {
			t.Error("the stream of a changed account goes on")
		}
		leave()
	})
}

// What is told in a row goes to a browser in one write, in order, and only to its own.
func TestEventsInARowGoOutTogether(t *testing.T) {
	w := newWorld(t)
	h := w.s.hub
	feeds := map[*patchbay.User]*feed{}
	for _, u := range []*patchbay.User{ann, bob} {
		f, _, _, _, err := h.join(patchbay.Actor{Kind: patchbay.ActorUser, User: u}, "")
		if err != nil {
			t.Fatal(err)
		}
		feeds[u] = f
	}
	tools := patchbay.Event{Kind: patchbay.EventTools, User: ann.ID, Server: "yaml/github-mcp", Data: patchbay.ToolsEvent{Server: "github-mcp", ToolCount: 2}}
	h.take(statusEvent(ann.ID, "github-mcp", 1), tools, statusEvent(bob.ID, "github-mcp", 3), statusEvent(ann.ID, "github-mcp", 4))
	for u, want := range map[*patchbay.User][]string{
		ann: {"status github-mcp 1", "tools github-mcp 2", "status github-mcp 4"},
		bob: {"status github-mcp 3"},
	} {
		s := &stream{head: http.Header{}}
		out, err := httpkit.NewStream(s)
		if err != nil {
			t.Fatal(err)
		}
		begun := s.sent
		if err := w.s.sendAll(out, &caller{actor: feeds[u].actor}, feeds[u], <-feeds[u].events); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, kinds(s.text())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", u.Name, diff)
		}
		if s.sent != begun+1 {
			t.Errorf("%s: %d writes, want one", u.Name, s.sent-begun)
		}
	}
}

// A browser that does not read is let go; a stop lets everybody go.
func TestEventsSlowAndStop(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		f, _, _, _, err := w.s.hub.join(patchbay.Actor{User: ann}, "")
		if err != nil {
			t.Fatal(err)
		}
		for i := range feedBuffer + 1 {
			w.s.hub.take(statusEvent(ann.ID, "github-mcp", i))
		}
		n := 0
		for range f.events {
			n++
		}
		if n != feedBuffer {
			t.Errorf("%d events were there to read, want %d", n, feedBuffer)
		}
		w.s.hub.leave(f)
		for range maxFeeds {
			if _, _, _, _, err := w.s.hub.join(patchbay.Actor{User: ann}, ""); err != nil {
				t.Fatal(err)
			}
		}
		rec := w.request(t, "GET", "/api/events", tokAnn, "")
		wantError(t, rec, 429, patchbay.CodeRateLimited, "Too many event streams")
		w.s.hub.end()
		if len(w.s.hub.feeds) != 0 {
			t.Error("a feed outlived the hub")
		}
		wantError(t, w.request(t, "GET", "/api/events", tokBob, ""), 503, patchbay.CodeUnavailable, "stopping")
	})
}

// When the hub itself lost events, no old id can be served.
func TestHubThatFellBehind(t *testing.T) {
	h := newHub(bus.New(), newWorld(t).registry, nil)
	h.take(statusEvent(ann.ID, "github-mcp", 1))
	f, _, at, _, _ := h.join(patchbay.Actor{User: ann}, "")
	h.forget()
	if _, open := <-f.events; open {
		t.Error("the browser was not let go")
	}
	if _, ok := h.since(ann.ID, h.id(at)); ok {
		t.Error("an id from before the loss was served")
	}
	if _, ok := h.since(ann.ID, h.id(h.n)); !ok {
		t.Error("an id from after the loss was not served")
	}
}

// Over a real connection: the head comes at once, and stopping ends the stream.
func TestEventsOverHTTP(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.s.Run(ctx) })
	srv := httptest.NewServer(w.s)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+tokAnn)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "id: ") || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%q %v", lines.Text(), resp.Header)
	}
	cancel()
	for lines.Scan() { // until the end
	}
	wg.Wait()
}
