package chat

import (
	"encoding/json"
	"sync"
	"time"

	"patchbay"
)

// Deltas are told of at once after a pause, and then gathered.
const (
	deltaPause = 33 * time.Millisecond
	keepEvery  = 500 * time.Millisecond // checkpoints
	keepBytes  = 4 << 10
)

// view is a run as those see it who look on: the message that is being written, and who
// follows. Facts and deltas go out under its lock, so that everybody sees one order.
type view struct {
	r *runner

	mu        sync.Mutex
	over      bool
	seq       int64 // of the last fact that was told
	step      int   // of the message that is being written
	offset    int   // bytes of it so far
	message   patchbay.MessageBuilder
	pending   []patchbay.Delta
	from      int // offset of the first of pending
	told      time.Time
	armed     bool
	timer     *time.Timer
	kept      int           // offset of the last checkpoint
	full      chan struct{} // holds one token when a checkpoint is due
	followers map[*follower]struct{}
}

func newView(r *runner) *view {
	v := &view{r: r, seq: r.run.Seq, step: r.run.Step + 1, full: make(chan struct{}, 1), followers: map[*follower]struct{}{}}
	return v
}

// begin makes room for the next message.
func (v *view) begin(step int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reset(step)
}

func (v *view) reset(step int) {
	v.step, v.offset, v.kept, v.message, v.pending, v.from = step, 0, 0, patchbay.MessageBuilder{}, nil, 0
}

// observe takes a delta of the model's. It does not wait for anybody.
func (v *view) observe(d patchbay.Delta) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return
	}
	v.message.Add(d)
	if len(v.pending) == 0 {
		v.from = v.offset
	}
	v.pending = appendDelta(v.pending, d)
	v.offset += written(&d)
	if v.offset-v.kept >= keepBytes {
		select {
		case v.full <- struct{}{}:
		default:
		}
	}
	if v.armed {
		return
	}
	now := time.Now()
	if wait := deltaPause - now.Sub(v.told); wait > 0 {
		v.armed = true
		if v.timer == nil {
			v.timer = time.AfterFunc(wait, v.late)
		} else {
			v.timer.Reset(wait)
		}
		return
	}
	v.tell(now)
}

// late tells what has gathered.
func (v *view) late() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.armed = false
	if !v.over {
		v.tell(time.Now())
	}
}

// tell sends pending deltas out. The caller holds the lock.
func (v *view) tell(now time.Time) {
	if len(v.pending) == 0 {
		return
	}
	data := patchbay.RunDeltaData{Step: v.step, Offset: v.from, Deltas: v.pending}
	v.pending, v.told = nil, now
	v.each(Update{Delta: &data})
	v.bus(patchbay.RunDelta{Run: v.r.id, Conversation: v.r.conversation, Seq: v.seq, Kind: patchbay.RunDeltaKind, Data: data})
}

func (v *view) bus(data any) {
	v.r.s.o.Bus.Publish(patchbay.Event{Kind: patchbay.EventRun, User: v.r.user, Data: data})
}

// publish tells of facts that were stored. ended says that the message being written is
// one of them.
func (v *view) publish(events []patchbay.RunEvent, ended bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tell(time.Now())
	for i := range events {
		v.seq = events[i].Seq
		v.each(Update{Event: &events[i]})
		v.bus(patchbay.RunFact{Conversation: v.r.conversation, RunEvent: events[i]})
	}
	if ended {
		v.reset(v.r.state.Step + 1)
	}
}

// progress tells how far a call is.
func (v *view) progress(p patchbay.RunProgressData) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return
	}
	v.each(Update{Progress: &p})
	v.bus(patchbay.RunProgress{Run: v.r.id, Conversation: v.r.conversation, Seq: v.seq, Kind: patchbay.RunProgressKind, Data: p})
}

// snapshot is the message that is being written; nil when none is.
func (v *view) snapshot() *patchbay.RunSnapshot {
	if v.message.Len() == 0 {
		return nil
	}
	return &patchbay.RunSnapshot{Step: v.step, Offset: v.offset, Message: v.message.Message()}
}

// partial is the message that is being written as it is kept; ok is false when there is
// none.
func (v *view) partial() (partial json.RawMessage, ok bool) {
	v.mu.Lock()
	shot := v.snapshot()
	v.mu.Unlock()
	if shot == nil {
		return nil, false
	}
	partial, err := encode(shot.Message)
	return partial, err == nil
}

// close ends the following: what is to come is told by somebody else.
func (v *view) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.over = true
	if v.timer != nil {
		v.timer.Stop()
	}
	for f := range v.followers {
		close(f.updates)
	}
	v.followers = nil
}

// written is how many bytes of text, reasoning and arguments a delta holds: what offsets
// count.
func written(d *patchbay.Delta) int { return len(d.Text) + len(d.CallArgs) }

// size is the sum of written over all deltas of a message.
func size(m *patchbay.Message) int {
	n := 0
	for i := range m.Parts {
		n += len(m.Parts[i].Text)
		if c := m.Parts[i].Call; c != nil {
			n += len(c.Args)
		}
	}
	return n
}

// appendDelta adds a delta, to the last one when it only goes on with its text.
func appendDelta(list []patchbay.Delta, d patchbay.Delta) []patchbay.Delta {
	if n := len(list); n > 0 && plain(&d) && list[n-1].Part == d.Part && plainOrBegin(&list[n-1]) {
		last := &list[n-1]
		last.Text += d.Text
		last.Signature += d.Signature
		last.CallArgs += d.CallArgs
		return list
	}
	return append(list, d)
}

// plain reports whether a delta does nothing but append to a part that is there.
func plain(d *patchbay.Delta) bool { return d.Kind == "" && plainOrBegin(d) }

func plainOrBegin(d *patchbay.Delta) bool {
	return d.Part >= 0 && d.CallID == "" && d.CallName == "" && d.Media == nil && d.Vendor == nil && d.Model == "" && d.Stop == "" && d.Usage == nil
}
