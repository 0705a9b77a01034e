package chat

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"patchbay"
)

// Bounds of following a run.
const (
	maxBehind    = 512 // updates that a follower may be behind before it begins anew
	followEvery  = time.Second
	followQuick  = 200 * time.Millisecond // of what another process writes
	factsPerRead = 500
)

// Attachment follows one run.
type Attachment struct {
	updates chan Update
	cancel  context.CancelFunc
	done    chan struct{}
}

// Updates are the facts after the one that was asked for, a snapshot of what the model is
// writing, and then what happens. It is closed when the run has ended, after Close, or
// when the run is gone.
func (at *Attachment) Updates() <-chan Update { return at.updates }

// Close ends it. It may be called more than once.
func (at *Attachment) Close() {
	at.cancel()
	<-at.done
}

// Attach follows a run from the fact after number after on, whoever executes it. ctx
// bounds its life; the caller must Close it.
func (s *Service) Attach(ctx context.Context, a patchbay.Actor, id patchbay.RunID, after int64) (*Attachment, error) {
	if err := person(a); err != nil {
		return nil, err
	}
	if _, err := s.o.Store.Run(ctx, a.ID(), id); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	at := &Attachment{updates: make(chan Update, 16), cancel: cancel, done: make(chan struct{})}
	f := &following{s: s, id: id, user: a.ID(), seq: after, out: at.updates}
	go func() {
		defer close(at.done)
		defer close(at.updates)
		defer cancel()
		f.run(ctx)
	}()
	return at, nil
}

// following is the work of an Attachment.
type following struct {
	s    *Service
	id   patchbay.RunID
	user patchbay.UserID
	seq  int64 // of the last fact that was told
	step int   // what was told of the message that is being written
	read int
	out  chan<- Update
}

// run tells of the run until it has ended: from memory while it is executed here, else
// from its rows.
func (f *following) run(ctx context.Context) {
	for {
		if r := f.s.local(f.id); r != nil {
			if live, shot, seq := r.view.follow(); live != nil {
				ok := f.live(ctx, live, shot, seq)
				r.view.unfollow(live)
				if !ok {
					return
				}
				continue
			}
		}
		wake := f.s.watch(f.id)
		over, pause := f.rows(ctx)
		if over {
			f.s.unwatch(f.id, wake)
			return
		}
		f.s.mu.Lock()
		news := f.s.news
		f.s.mu.Unlock()
		if r := f.s.local(f.id); r != nil {
			news = nil // it began meanwhile
			pause = 0
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-news:
		case <-timer.C:
		}
		timer.Stop()
		f.s.unwatch(f.id, wake)
		if ctx.Err() != nil {
			return
		}
	}
}

// send tells one thing; false when nobody listens any more.
func (f *following) send(ctx context.Context, u Update) bool {
	select {
	case f.out <- u:
		return true
	case <-ctx.Done():
		return false
	}
}

// live tells what a view tells, after the facts that it has told before and what is
// written already. false ends the following.
func (f *following) live(ctx context.Context, live *follower, shot *patchbay.RunSnapshot, seq int64) bool {
	if _, ok := f.facts(ctx, seq); !ok {
		return false
	}
	if shot != nil && (shot.Step != f.step || shot.Offset != f.read) {
		if !f.send(ctx, Update{Snapshot: shot}) {
			return false
		}
		f.step, f.read = shot.Step, shot.Offset
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case u, ok := <-live.updates:
			if !ok {
				return true // it is executed elsewhere now, or we fell behind
			}
			if u.Event != nil {
				if u.Event.Seq <= f.seq {
					continue
				}
				f.seq = u.Event.Seq
			}
			if u.Delta != nil {
				f.step, f.read = u.Delta.Step, u.Delta.Offset
				for i := range u.Delta.Deltas {
					f.read += written(&u.Delta.Deltas[i])
				}
			}
			if !f.send(ctx, u) {
				return false
			}
			if u.Event != nil && ends(u.Event) {
				return false
			}
		}
	}
}

// ends reports whether a fact says that the run has ended.
func ends(e *patchbay.RunEvent) bool {
	if e.Kind != patchbay.RunEventStatus {
		return false
	}
	var f StatusFact
	return json.Unmarshal(e.Data, &f) == nil && !f.Status.Active()
}

// facts tells those that are stored, up to a number (0: all). over says that the last of
// them ended the run; ok is false when the following is over.
func (f *following) facts(ctx context.Context, upTo int64) (over, ok bool) {
	for upTo == 0 || f.seq < upTo {
		list, err := f.s.o.Store.RunEvents(ctx, f.id, f.seq, factsPerRead)
		if err != nil {
			return over, ctx.Err() == nil // it is tried again
		}
		for i := range list {
			if upTo > 0 && list[i].Seq > upTo {
				return over, true
			}
			if !f.send(ctx, Update{Event: &list[i]}) {
				return over, false
			}
			f.seq = list[i].Seq
			over = ends(&list[i])
		}
		if len(list) < factsPerRead {
			break
		}
	}
	return over, true
}

// rows tells what the rows say, and how long to wait for more. over ends the following.
func (f *following) rows(ctx context.Context) (over bool, pause time.Duration) {
	run, err := f.s.o.Store.Run(ctx, f.user, f.id) // before the facts: what is partial then is told by no fact of before
	if err != nil {
		return patchbay.CodeOf(err) == patchbay.CodeNotFound || ctx.Err() != nil, followEvery
	}
	if _, ok := f.facts(ctx, 0); !ok {
		return true, 0
	}
	if f.seq >= run.Seq && !run.Status.Active() {
		return true, 0
	}
	if f.seq == run.Seq && len(run.Partial) > 0 {
		shot := patchbay.RunSnapshot{Step: run.Step + 1}
		if json.Unmarshal(run.Partial, &shot.Message) == nil {
			shot.Offset = size(&shot.Message)
			if shot.Step != f.step || shot.Offset > f.read {
				if !f.send(ctx, Update{Snapshot: &shot}) {
					return true, 0
				}
				f.step, f.read = shot.Step, shot.Offset
			}
		}
	}
	if run.Status == patchbay.RunRunning {
		return false, followQuick
	}
	return false, followEvery
}

// follower is told what a view tells.
type follower struct{ updates chan Update }

// follow begins to tell somebody: live gets all that is told after seq and shot. It is nil
// when the view is over.
func (v *view) follow() (live *follower, shot *patchbay.RunSnapshot, seq int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return nil, nil, 0
	}
	v.tell(time.Now()) // so that the snapshot and the next delta fit together
	live = &follower{make(chan Update, maxBehind)}
	v.followers[live] = struct{}{}
	return live, v.snapshot(), v.seq
}

func (v *view) unfollow(f *follower) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.followers, f)
}

// each hands an update to all followers. One that is too far behind begins anew. The
// caller holds the lock.
func (v *view) each(u Update) {
	for f := range v.followers {
		select {
		case f.updates <- u:
		default:
			delete(v.followers, f)
			close(f.updates)
		}
	}
}

// watchers are woken by hints about runs that other processes execute.
type watchers struct {
	mu sync.Mutex
	by map[patchbay.RunID]map[chan struct{}]struct{}
}

func (s *Service) watch(id patchbay.RunID) chan struct{} {
	x := &s.watchers
	wake := make(chan struct{}, 1)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.by == nil {
		x.by = map[patchbay.RunID]map[chan struct{}]struct{}{}
	}
	if x.by[id] == nil {
		x.by[id] = map[chan struct{}]struct{}{}
	}
	x.by[id][wake] = struct{}{}
	return wake
}

func (s *Service) unwatch(id patchbay.RunID, wake chan struct{}) {
	x := &s.watchers
	x.mu.Lock()
	defer x.mu.Unlock()
	if delete(x.by[id], wake); len(x.by[id]) == 0 {
		delete(x.by, id)
	}
}

// hint wakes those who follow a run.
func (s *Service) hint(id patchbay.RunID) {
	x := &s.watchers
	x.mu.Lock()
	defer x.mu.Unlock()
	for wake := range x.by[id] {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}
