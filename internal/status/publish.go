package status

import (
	"context"
	"sync"

	"patchbay"
	"patchbay/internal/conn"
)

// change says what has to be told of a key.
type change struct {
	status, tools bool
}

// queue holds keys whose state changed, each once, until Run tells of them. Its size is
// bounded by the number of keys, which conn bounds.
type queue struct {
	mu      sync.Mutex
	order   []conn.Key
	pending map[conn.Key]change
	wake    chan struct{} // holds one token when there is something to do
}

func newQueue() queue {
	return queue{pending: map[conn.Key]change{}, wake: make(chan struct{}, 1)}
}

func (q *queue) add(k conn.Key, c change) {
	q.mu.Lock()
	old, ok := q.pending[k]
	if !ok {
		q.order = append(q.order, k)
	}
	q.pending[k] = change{status: old.status || c.status, tools: old.tools || c.tools}
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) take() ([]conn.Key, map[conn.Key]change) {
	q.mu.Lock()
	defer q.mu.Unlock()
	order, pending := q.order, q.pending
	q.order, q.pending = nil, map[conn.Key]change{}
	return order, pending
}

// Changed notes that the connection behind a key changed. It never blocks.
func (s *Service) Changed(k conn.Key) { s.queue.add(k, change{status: true}) }

// ToolsChanged notes that the tool list behind a key changed. It never blocks.
func (s *Service) ToolsChanged(k conn.Key) { s.queue.add(k, change{status: true, tools: true}) }

// SignInChanged notes that a person's sign-in at a server began or ended. It never blocks.
func (s *Service) SignInChanged(user patchbay.UserID, server patchbay.ServerID) {
	s.queue.add(conn.UserKey(user, server), change{status: true})
}

// Run publishes what changed until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.queue.wake:
		}
		order, pending := s.queue.take()
		for _, k := range order {
			s.publish(ctx, k, pending[k])
		}
	}
}

func (s *Service) publish(ctx context.Context, k conn.Key, c change) {
	srv, ok := s.opts.Registry.ByID(k.Server())
	if !ok || k.Level() == patchbay.LevelRun || k.Level() != srv.Level {
		return // gone, of one run, or of a level that the server is no longer at: nobody shows it
	}
	st, err := s.of(ctx, k.User(), srv)
	if err != nil {
		s.opts.Logger.Error("Status could not be decided", "server", srv.Name, "error", err)
		return
	}
	s.opts.Bus.Publish(patchbay.Event{
		Kind: patchbay.EventStatus, User: k.User(), Server: srv.ID,
		Data: patchbay.StatusEvent{Server: srv.Name, Status: st},
	})
	if c.tools {
		s.opts.Bus.Publish(patchbay.Event{
			Kind: patchbay.EventTools, User: k.User(), Server: srv.ID,
			Data: patchbay.ToolsEvent{Server: srv.Name, ToolCount: st.ToolCount},
		})
	}
}
