package chat

import "context"

// Plain is a service without what executes runs: for tests of the rest. Crash ends it.
func Plain(ctx context.Context, o Options) *Service {
	s := &Service{o: o}
	s.life, s.end = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}
