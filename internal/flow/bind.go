package flow

import (
	"context"

	"patchbay"
	"patchbay/internal/store"
)

// Bind ties the actor's pending sign-in at a server to a browser, before that is sent
// away. A sign-in that was not begun yet needs no binding: Initiate binds too.
func (s *Service) Bind(ctx context.Context, a patchbay.Actor, server *patchbay.Server, browser string) error {
	p := place{a.ID(), server.ID}
	done, err := s.turns.take(ctx, p.key())
	if err != nil {
		return err
	}
	defer done()
	row, err := s.o.Rows.ActiveFlow(ctx, p.user, p.server, s.o.Now())
	if patchbay.CodeOf(err) == patchbay.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if row.Status != store.FlowPending || row.BrowserHash == digest(browser) {
		return nil
	}
	row.BrowserHash = digest(browser)
	return s.o.Rows.UpdateFlow(ctx, row, row.StateHash, s.o.Now())
}
