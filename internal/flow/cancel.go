package flow

import (
	"context"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// Cancel ends the actor's pending sign-in at a server and the connect that is under way.
// An exchange that runs is stopped; one that has just stored its token has won. It
// reports whether there was a sign-in. The status is cancelling until it returns.
func (s *Service) Cancel(ctx context.Context, a patchbay.Actor, server *patchbay.Server) (bool, error) {
	if a.User == nil {
		return false, patchbay.Errorf(patchbay.CodeForbidden, "A sign-in belongs to a person; say which account you act as (--as EMAIL)")
	}
	p := place{a.User.ID, server.ID}
	s.o.Connections.Cancel(p.user, server)
	row, err := s.o.Rows.ActiveFlow(ctx, p.user, p.server, s.o.Now())
	if patchbay.CodeOf(err) == patchbay.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.index.put(p, row.ID, row.CreatedAt, row.ExpiresAt)
	if s.index.phase(p, row.ID, patchbay.FlowCancelling, s.o.Now()) {
		s.o.Changed(p.user, p.server)
	}
	if e := s.index.running(p); e != nil {
		e.cancel(ErrCancelled)
		late := time.NewTimer(cancelLimit)
		defer late.Stop()
		select {
		case <-e.done:
		case <-late.C:
		case <-ctx.Done():
		}
	}
	ended := s.settle(ctx, row, store.FlowCancelled, "", ErrCancelled, store.FlowPending, store.FlowFinishing)
	if ended {
		s.log(server, p.user).InfoContext(ctx, "Sign-in cancelled", "flow", row.ID)
	}
	return ended, nil
}

// SignOut revokes and drops the actor's token at a server, and cancels what is pending.
// The token is gone here even when the issuer could not be told; that is logged.
func (s *Service) SignOut(ctx context.Context, a patchbay.Actor, server *patchbay.Server) error {
	if _, err := s.Cancel(ctx, a, server); err != nil {
		return err
	}
	p := place{a.User.ID, server.ID}
	if _, err := s.o.Vault.RevokeToken(ctx, a.User, server); err != nil {
		return err
	}
	s.index.forgetProblem(p)
	s.o.Connections.Close(p.user, server)
	s.o.Changed(p.user, p.server)
	s.log(server, p.user).InfoContext(ctx, "Signed out")
	return nil
}
