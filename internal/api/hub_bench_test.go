package api

import (
	"fmt"
	"testing"

	"patchbay"
)

const (
	fanStreams = 500
	// maxFanAllocs bounds one event on its way to all streams: it is encoded once, and a
	// stream costs nothing more.
	maxFanAllocs = 20
)

// fan is a hub with many browsers, each of a user of their own.
func fan(tb testing.TB) (take func()) {
	tb.Helper()
	w := newWorld(tb)
	h := w.s.hub
	var feeds []*feed
	for i := range fanStreams {
		f, _, _, _, err := h.join(patchbay.Actor{Kind: patchbay.ActorUser, User: &patchbay.User{ID: patchbay.UserID(fmt.Sprintf("u-%d", i))}}, "")
		if err != nil {
			tb.Fatal(err)
		}
		feeds = append(feeds, f)
	}
	ev := patchbay.Event{Kind: patchbay.EventTools, Server: "yaml/github-mcp", Data: patchbay.ToolsEvent{Server: "github-mcp", ToolCount: 3}}
	return func() {
		h.take(ev)
		for _, f := range feeds {
			<-f.events
		}
	}
}

func BenchmarkFanOut(b *testing.B) {
	take := fan(b)
	b.ReportAllocs()
	for b.Loop() {
		take()
	}
}

func TestFanOutAllocations(t *testing.T) {
	take := fan(t)
	got := testing.AllocsPerRun(100, take)
	t.Logf("%.0f allocations for %d streams", got, fanStreams)
	if got > maxFanAllocs {
		t.Errorf("%.0f allocations, want at most %d", got, maxFanAllocs)
	}
}
