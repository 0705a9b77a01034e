package api

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/bus"
)

func factEvent(user patchbay.UserID, seq int64, text string) patchbay.Event {
	data, _ := json.Marshal(text) // a string encodes
	return patchbay.Event{Kind: patchbay.EventRun, User: user, Data: patchbay.RunFact{
		Conversation: "c1", RunEvent: patchbay.RunEvent{Run: "r1", Seq: seq, Kind: patchbay.RunEventMessage, Data: data},
	}}
}

func deltaEvent(user patchbay.UserID, offset int) patchbay.Event {
	return patchbay.Event{Kind: patchbay.EventRun, User: user, Data: patchbay.RunDelta{
		Run: "r1", Conversation: "c1", Seq: 1, Kind: patchbay.RunDeltaKind,
		Data: patchbay.RunDeltaData{Step: 1, Offset: offset, Deltas: []patchbay.Delta{{Text: "x"}}},
	}}
}

// runKinds lists the events of runs on a stream, by their kinds.
func runKinds(text string) []string {
	var got []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if _, data, ok := strings.Cut(part, "event: run\ndata: "); ok {
			var head struct{ Kind string }
			_ = json.Unmarshal([]byte(data), &head) // what is not read is seen in the comparison
			got = append(got, head.Kind)
		}
	}
	return got
}

// A run is seen by its person and nobody else, and by their tokens that may chat only.
// Deltas come once: who comes back gets the facts, and reads the run for the rest.
func TestRunEvents(t *testing.T) {
	inBubble(t, func(t *testing.T, w *eventWorld) {
		a, leaveA := w.open(tokAnn, "")
		reader, leaveReader := w.open(tokReader, "")
		b, leaveB := w.open(tokBob, "")
		r, leaveR := w.open(tokRoot, "")
		start := lastID(a.text())
		w.bus.Publish(factEvent(ann.ID, 1, "hello"))
		w.bus.Publish(deltaEvent(ann.ID, 0))
		w.bus.Publish(patchbay.Event{Kind: patchbay.EventRun, User: ann.ID, Data: patchbay.RunProgress{Kind: patchbay.RunProgressKind}})
		w.bus.Publish(factEvent(ann.ID, 2, "again"))
		synctest.Wait()
		if diff := cmp.Diff([]string{"message", "delta", "progress", "message"}, runKinds(a.text())); diff != "" {
			t.Errorf("ann (-want +got):\n%s", diff)
		}
		for name, s := range map[string]*stream{"a token that may not chat": reader, "bob": b, "an admin": r} {
			if got := runKinds(s.text()); len(got) > 0 {
				t.Errorf("%s saw %v", name, got)
			}
		}
		leaveA()
		leaveReader()
		leaveB()
		leaveR()
		again, leave := w.open(tokAnn, start)
		if diff := cmp.Diff([]string{"message", "message"}, runKinds(again.text())); diff != "" {
			t.Errorf("who comes back (-want +got):\n%s", diff)
		}
		leave()
	})
}

// A browser that reads slowly does without deltas, and loses no fact to them.
func TestSlowFeedsKeepFacts(t *testing.T) {
	h := newHub(bus.New(), newWorld(t).registry, nil)
	f, _, _, _, err := h.join(patchbay.Actor{User: ann}, "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 * feedBuffer {
		h.take(deltaEvent(ann.ID, i))
	}
	if len(f.events) != lossyRoom {
		t.Fatalf("%d deltas wait, want %d", len(f.events), lossyRoom)
	}
	for i := range feedBuffer - lossyRoom {
		h.take(factEvent(ann.ID, int64(i), "fact"))
	}
	h.leave(f)
	facts := 0
	for m := range f.events {
		if !m.lossy {
			facts++
		}
	}
	if facts != feedBuffer-lossyRoom {
		t.Errorf("%d facts came through, want %d", facts, feedBuffer-lossyRoom)
	}
}

// Nothing is encoded or numbered for deltas that nobody looks at, and large facts do not
// fill the memory.
func TestWhatIsKeptOfRuns(t *testing.T) {
	h := newHub(bus.New(), newWorld(t).registry, nil)
	h.take(deltaEvent(ann.ID, 0))
	if h.n != 0 {
		t.Error("a delta was numbered that nobody looks at")
	}
	f, _, at, _, err := h.join(patchbay.Actor{User: ann}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer h.leave(f)
	for i := range 10 {
		h.take(factEvent(ann.ID, int64(i), strings.Repeat("x", ringBytes/4)))
	}
	r := h.rings[ann.ID]
	kept := 0
	for _, m := range r.kept {
		kept += len(m.frame)
	}
	if kept > ringBytes || kept != r.bytes || len(r.kept) == 0 {
		t.Errorf("%d messages of %d bytes are kept, counted as %d", len(r.kept), kept, r.bytes)
	}
	if _, ok := h.since(ann.ID, h.id(at)); ok {
		t.Error("an id from before what is kept was served")
	}
	if missed, ok := h.since(ann.ID, h.id(h.n-1)); !ok || len(missed) != 1 {
		t.Errorf("the last one: %d, %v", len(missed), ok)
	}
	h.take(factEvent(ann.ID, 99, strings.Repeat("x", 2*ringBytes)))
	if len(r.kept) != 0 || r.lost != h.n {
		t.Errorf("one that fits nowhere: %d kept, lost up to %d of %d", len(r.kept), r.lost, h.n)
	}
}
