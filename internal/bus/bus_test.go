package bus_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/bus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func drain(s *bus.Subscription) []any {
	var got []any
	for ev := range s.Events() {
		got = append(got, ev.Data)
	}
	return got
}

func TestOrderAndFilter(t *testing.T) {
	b := bus.New()
	all := b.Subscribe(8, nil)
	mine := b.Subscribe(8, func(ev patchbay.Event) bool { return ev.User == "u1" })
	for i, user := range []patchbay.UserID{"u1", "u2", "u1"} {
		b.Publish(patchbay.Event{User: user, Data: i})
	}
	all.Close()
	mine.Close()
	b.Publish(patchbay.Event{User: "u1", Data: "after the close"})
	if diff := cmp.Diff([]any{0, 1, 2}, drain(all)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{0, 2}, drain(mine)); diff != "" {
		t.Errorf("mine (-want +got):\n%s", diff)
	}
	if all.Lost() || mine.Lost() {
		t.Error("a closed subscription says it lost events")
	}
}

func TestSlowSubscriberIsDisconnectedAlone(t *testing.T) {
	b := bus.New()
	slow, quick := b.Subscribe(2, nil), b.Subscribe(8, nil)
	for i := range 4 {
		b.Publish(patchbay.Event{Data: i})
	}
	if diff := cmp.Diff([]any{0, 1}, drain(slow)); diff != "" {
		t.Errorf("slow keeps what it held (-want +got):\n%s", diff)
	}
	if !slow.Lost() {
		t.Error("slow: Lost() = false, want true")
	}
	slow.Close()
	if !slow.Lost() {
		t.Error("closing forgets the loss")
	}
	quick.Close()
	if diff := cmp.Diff([]any{0, 1, 2, 3}, drain(quick)); diff != "" {
		t.Errorf("quick (-want +got):\n%s", diff)
	}
}

// Publishers, subscribers that come and go, and slow ones, all at a time: each
// subscriber sees each publisher's events in order, without gaps until it is lost.
func TestRace(t *testing.T) {
	const publishers, events = 4, 500
	type item struct{ publisher, n int }
	b := bus.New()
	var readers, writers sync.WaitGroup
	subs := []*bus.Subscription{b.Subscribe(publishers*events, nil), b.Subscribe(1, nil), b.Subscribe(64, nil)}
	for _, s := range subs {
		readers.Go(func() {
			next := [publishers]int{}
			for ev := range s.Events() {
				it := ev.Data.(item)
				if it.n != next[it.publisher] {
					t.Errorf("publisher %d: got %d, want %d", it.publisher, it.n, next[it.publisher])
					return
				}
				next[it.publisher]++
			}
		})
	}
	for p := range publishers {
		writers.Go(func() {
			for n := range events {
				b.Publish(patchbay.Event{Data: item{p, n}})
				if n%50 == 0 {
					b.Subscribe(1, nil).Close()
				}
			}
		})
	}
	writers.Wait()
	for _, s := range subs {
		s.Close()
	}
	readers.Wait()
	if subs[0].Lost() {
		t.Error("a subscriber with room for everything lost events")
	}
}

func BenchmarkPublish500(b *testing.B) {
	bb := bus.New()
	var readers sync.WaitGroup
	var subs []*bus.Subscription
	for range 500 {
		s := bb.Subscribe(1<<16, func(ev patchbay.Event) bool { return ev.User == "" })
		subs = append(subs, s)
		readers.Go(func() {
			for range s.Events() {
			}
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		bb.Publish(patchbay.Event{Kind: patchbay.EventStatus})
	}
	b.StopTimer()
	for _, s := range subs {
		s.Close()
	}
	readers.Wait()
}
