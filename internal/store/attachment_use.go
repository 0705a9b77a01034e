package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// attach makes attachments of a user's own those of a conversation. One that is not there,
// is somebody else's or belongs to another conversation is not found.
func attach(ctx context.Context, tx bun.Tx, user patchbay.UserID, conversation patchbay.ConversationID, ids []string) error {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		seen[id] = true
	}
	if len(seen) == 0 {
		return nil
	}
	res, err := tx.NewRaw("UPDATE attachments SET conversation_id = ? WHERE user_id = ? AND id IN ? AND conversation_id IN ('', ?)",
		string(conversation), string(user), bun.Tuple(ids), string(conversation)).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != int64(len(seen)) {
		err = notFound("attachment")
	}
	return err
}
