package conn

import (
	"context"
	"sync/atomic"
	"time"
)

// shaking is the context of a handshake. The SDK keeps it for the life of the connection,
// for what handlers may look up in it; with it would stay the deadline of the handshake,
// the attempt it belonged to and what both have for those who wait on them. So it lets go
// of them when the handshake went well: it never ends from then on, and carries nothing.
// One that failed stays what it is: the SDK may still be saying why it gave up.
type shaking struct {
	now atomic.Pointer[context.Context]
}

var _ context.Context = (*shaking)(nil)

func newShaking(ctx context.Context) *shaking {
	s := &shaking{}
	s.now.Store(&ctx)
	return s
}

// over ends a handshake that went well.
func (s *shaking) over() {
	if s.Err() == nil {
		s.now.Store(nil)
	}
}

// Deadline implements context.Context.
func (s *shaking) Deadline() (deadline time.Time, ok bool) {
	if ctx := s.now.Load(); ctx != nil {
		return (*ctx).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (s *shaking) Done() <-chan struct{} {
	if ctx := s.now.Load(); ctx != nil {
		return (*ctx).Done()
	}
	return nil
}

// Err implements context.Context.
func (s *shaking) Err() error {
	if ctx := s.now.Load(); ctx != nil {
		return (*ctx).Err()
	}
	return nil
}

// Value implements context.Context.
func (s *shaking) Value(key any) any {
	if ctx := s.now.Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}
