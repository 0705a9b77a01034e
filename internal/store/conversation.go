package store

import (
	"context"

	"github.com/uptrace/bun"

	"patchbay"
)

// CreateConversation inserts a conversation without messages; its id is filled when
// empty. The account being gone is a not-found error.
func (s *Store) CreateConversation(ctx context.Context, c *patchbay.Conversation) (err error) {
	defer wrap(&err, "store: create conversation")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error { return insertConversation(ctx, tx, c) })
}

func insertConversation(ctx context.Context, tx bun.Tx, c *patchbay.Conversation) error {
	if c.ID == "" {
		c.ID = patchbay.ConversationID(NewID())
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	c.Run, c.RunStatus = "", ""
	row, err := rowOfConversation(c)
	if err != nil {
		return err
	}
	if _, err = tx.NewInsert().Model(row).Exec(ctx); err != nil {
		if _, unique, _ := violated(err); unique {
			return patchbay.Errorf(patchbay.CodeConflict, "A conversation with this id exists already.")
		}
	}
	return ownerGone(err)
}

// Conversation returns a conversation of a user. Somebody else's is not found.
func (s *Store) Conversation(ctx context.Context, user patchbay.UserID, id patchbay.ConversationID) (c *patchbay.Conversation, err error) {
	defer wrap(&err, "store: conversation")
	row := new(conversationRow)
	err = s.db.NewSelect().Model(row).ColumnExpr(conversationColumns).
		Where("c.id = ?", string(id)).Where("c.user_id = ?", string(user)).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "conversation")
	}
	return row.conversation()
}

// ConversationFilter selects conversations of one user.
type ConversationFilter struct {
	// Search is a part of the title, or of what the person or a model wrote, in any case.
	Search   string
	Archived bool // those that are archived, instead of those that are not
	Active   bool // those with an active run only, archived or not
	After    string
	Limit    int // 1..200; anything else is 25
}

// Conversations returns conversations of a user, the one that was changed last first, and
// the cursor of the next page ("" on the last one).
func (s *Store) Conversations(ctx context.Context, user patchbay.UserID, f ConversationFilter) (list []*patchbay.Conversation, next string, err error) {
	defer wrap(&err, "store: conversations")
	limit := pageOf(f.Limit)
	var rows []*conversationRow
	q := s.db.NewSelect().Model(&rows).ColumnExpr(conversationColumns).Where("c.user_id = ?", string(user)).
		OrderExpr("c.updated_at DESC, c.id DESC").Limit(int64(limit) + 1)
	if f.Active {
		q = q.Where("c.run_id <> ''")
	} else {
		q = q.Where("c.archived = ?", f.Archived)
	}
	if f.After != "" {
		ms, id, ok := parseTimeCursor(f.After)
		if !ok {
			return nil, "", patchbay.Errorf(patchbay.CodeBadRequest, "This page of the list is not known. Start again with the first one.")
		}
		q = q.Where("(c.updated_at, c.id) < (?, ?)", ms, id)
	}
	if f.Search != "" {
		like := searchPattern(f.Search)
		q = q.Where(`(c.search_text LIKE ? ESCAPE '!' OR EXISTS (SELECT 1 FROM entries AS e WHERE e.conversation_id = c.id AND e.search_text LIKE ? ESCAPE '!'))`, like, like)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *conversationRow) string { return timeCursor(r.UpdatedAt, r.ID) })
	list = make([]*patchbay.Conversation, len(rows))
	for i, r := range rows {
		if list[i], err = r.conversation(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// ChangeConversation hands a conversation of a user to change and writes what it made of
// Title, Titled, Settings, Archived, Head and UpdatedAt. Nobody else changes it meanwhile.
// An error of change ends it, and nothing is written.
func (s *Store) ChangeConversation(ctx context.Context, user patchbay.UserID, id patchbay.ConversationID, change func(*patchbay.Conversation) error) (c *patchbay.Conversation, err error) {
	defer wrap(&err, "store: change conversation")
	err = s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		// A write that changes nothing takes the row, on both engines.
		res, err := tx.NewRaw("UPDATE conversations SET head = head WHERE id = ? AND user_id = ?", string(id), string(user)).Exec(ctx)
		if err := changedOne(res, err, "conversation"); err != nil {
			return err
		}
		row := new(conversationRow)
		if err := tx.NewSelect().Model(row).ColumnExpr(conversationColumns).Where("c.id = ?", string(id)).Scan(ctx); err != nil {
			return err
		}
		if c, err = row.conversation(); err != nil {
			return err
		}
		if err := change(c); err != nil {
			return err
		}
		to, err := rowOfConversation(c)
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(to).Column("title", "titled", "settings", "archived", "head", "updated_at", "search_text").
			Where("id = ?", string(id)).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// DeleteConversation removes a conversation of a user with everything in it. A run that is
// active there is lost to its owner.
func (s *Store) DeleteConversation(ctx context.Context, user patchbay.UserID, id patchbay.ConversationID) (err error) {
	defer wrap(&err, "store: delete conversation")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Runs are taken before their conversation, in the order in which SaveRun does.
		if err := dropRuns(ctx, tx, "conversation_id = ? AND user_id = ?", string(id), string(user)); err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*conversationRow)(nil)).Where("id = ?", string(id)).Where("user_id = ?", string(user)).Exec(ctx)
		if err := changedOne(res, err, "conversation"); err != nil {
			return err
		}
		for _, table := range []string{"attachments", "approvals"} {
			_, err := tx.NewRaw("DELETE FROM ? WHERE user_id = ? AND conversation_id = ?", bun.Ident(table), string(user), string(id)).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// dropRuns takes runs that are to be deleted away from who executes them.
func dropRuns(ctx context.Context, tx bun.Tx, where string, args ...any) error {
	_, err := tx.NewRaw("UPDATE runs SET epoch = epoch + 1, owner = '' WHERE "+where, args...).Exec(ctx)
	return err
}
