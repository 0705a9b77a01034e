package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// MaxApprovals bounds the remembered approvals of one user.
const MaxApprovals = 5000

type approvalRow struct {
	bun.BaseModel `bun:"table:approvals,alias:p"`

	ID             string `bun:"id,pk"`
	UserID         string `bun:"user_id"`
	ServerID       string `bun:"server_id"`
	ServerName     string `bun:"server_name"`
	Tool           string `bun:"tool"`
	ConversationID string `bun:"conversation_id"`
	Hash           string `bun:"hash"`
	CreatedAt      int64  `bun:"created_at"`
}

func (r *approvalRow) approval() *patchbay.Approval {
	return &patchbay.Approval{
		ID: r.ID, User: patchbay.UserID(r.UserID), Server: patchbay.ServerID(r.ServerID), ServerName: r.ServerName, Tool: r.Tool,
		Conversation: patchbay.ConversationID(r.ConversationID), Hash: r.Hash, CreatedAt: instant(r.CreatedAt),
	}
}

func approvalsOf(rows []*approvalRow) []*patchbay.Approval {
	list := make([]*patchbay.Approval, len(rows))
	for i, r := range rows {
		list[i] = r.approval()
	}
	return list
}

// PutApproval remembers a yes in place of the one that there is for its tool and
// conversation, whose id it then gets. A conversation that is not the user's is not found;
// a user with MaxApprovals of them gets a conflict.
func (s *Store) PutApproval(ctx context.Context, a *patchbay.Approval) (err error) {
	defer wrap(&err, "store: put approval")
	if a.ID == "" {
		a.ID = NewID()
	}
	row := &approvalRow{
		ID: a.ID, UserID: string(a.User), ServerID: string(a.Server), ServerName: a.ServerName, Tool: a.Tool,
		ConversationID: string(a.Conversation), Hash: a.Hash, CreatedAt: millis(a.CreatedAt),
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if a.Conversation != "" {
			there, err := tx.NewSelect().Model((*conversationRow)(nil)).Where("id = ?", string(a.Conversation)).Where("user_id = ?", string(a.User)).Exists(ctx)
			if err != nil {
				return err
			}
			if !there {
				return notFound("conversation")
			}
		}
		n, err := tx.NewSelect().Model((*approvalRow)(nil)).Where("user_id = ?", string(a.User)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxApprovals {
			return patchbay.Errorf(patchbay.CodeConflict, "There are %d remembered approvals. Remove some that are not needed any more.", n)
		}
		err = tx.NewInsert().Model(row).On("CONFLICT (user_id, conversation_id, server_id, tool) DO UPDATE").
			Set("server_name = EXCLUDED.server_name").Set("hash = EXCLUDED.hash").Set("created_at = EXCLUDED.created_at").
			Returning("id").Scan(ctx, &a.ID)
		return ownerGone(err)
	})
}

// Approvals returns what a user has approved for later, oldest first, and the cursor of
// the next page ("" on the last one). A limit that is not 1..200 is 25.
func (s *Store) Approvals(ctx context.Context, user patchbay.UserID, after string, limit int) (list []*patchbay.Approval, next string, err error) {
	defer wrap(&err, "store: approvals")
	limit = pageOf(limit)
	var rows []*approvalRow
	q := s.db.NewSelect().Model(&rows).Where("user_id = ?", string(user)).OrderExpr("id").Limit(int64(limit) + 1)
	if after != "" {
		q = q.Where("id > ?", after)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *approvalRow) string { return r.ID })
	return approvalsOf(rows), next, nil
}

// ApprovalsFor returns all approvals of a user that hold in a conversation: its own, and
// those that always hold.
func (s *Store) ApprovalsFor(ctx context.Context, user patchbay.UserID, conversation patchbay.ConversationID) (list []*patchbay.Approval, err error) {
	defer wrap(&err, "store: approvals for conversation")
	var rows []*approvalRow
	err = s.db.NewSelect().Model(&rows).Where("user_id = ?", string(user)).Where("conversation_id IN ('', ?)", string(conversation)).
		OrderExpr("id").Limit(MaxApprovals).Scan(ctx)
	return approvalsOf(rows), err
}

// DeleteApproval forgets one approval of a user.
func (s *Store) DeleteApproval(ctx context.Context, user patchbay.UserID, id string) (err error) {
	defer wrap(&err, "store: delete approval")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*approvalRow)(nil)).Where("id = ?", id).Where("user_id = ?", string(user)).Exec(ctx)
		return changedOne(res, err, "approval")
	})
}
