package chat

import (
	"context"

	"patchbay"
)

// ListApprovals lists what the actor has approved for later, oldest first; next is where
// the list goes on.
func (s *Service) ListApprovals(ctx context.Context, a patchbay.Actor, after string, limit int) (list []*patchbay.Approval, next string, err error) {
	user, err := personOf(a)
	if err != nil {
		return nil, "", err
	}
	return s.o.Store.Approvals(ctx, user, after, limit)
}

// DeleteApproval forgets one of them: the next call of its tool asks again.
func (s *Service) DeleteApproval(ctx context.Context, a patchbay.Actor, id string) error {
	user, err := personOf(a)
	if err != nil {
		return err
	}
	return s.o.Store.DeleteApproval(ctx, user, id)
}
