package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/uptrace/bun"

	"patchbay"
)

// maxBranch bounds the entries from a leaf to its root that are read.
const maxBranch = 10_000

// entryRow is patchbay.Entry as it is stored.
type entryRow struct {
	bun.BaseModel `bun:"table:entries,alias:e"`

	ID             string `bun:"id,pk"`
	ConversationID string `bun:"conversation_id"`
	UserID         string `bun:"user_id"`
	ParentID       string `bun:"parent_id"`
	Role           string `bun:"role"`
	RunID          string `bun:"run_id"`
	CreatedAt      int64  `bun:"created_at"`
	Message        string `bun:"message"`
	SearchText     string `bun:"search_text"`
}

const entryColumns = "e.id, e.conversation_id, e.user_id, e.parent_id, e.role, e.run_id, e.created_at, e.message"

func rowOfEntry(e *patchbay.Entry) (*entryRow, error) {
	row := &entryRow{
		ID: string(e.ID), ConversationID: string(e.Conversation), UserID: string(e.User), ParentID: string(e.Parent),
		Role: string(e.Role), RunID: string(e.Run), CreatedAt: millis(e.CreatedAt),
	}
	if e.Role != patchbay.FromUser {
		return row, nil
	}
	var err error
	row.Message, err = jsonText(e.Message)
	row.SearchText = searchable(e.Message.Text())
	return row, err
}

// maxSearchText bounds what one entry is found by, in bytes.
const maxSearchText = 256 << 10

// searchable is text in the form in which it is looked through.
func searchable(text string) string {
	if len(text) > maxSearchText {
		text = strings.ToValidUTF8(text[:maxSearchText], "")
	}
	return strings.ToLower(text)
}

func (r *entryRow) entry() (*patchbay.Entry, error) {
	e := &patchbay.Entry{
		ID: patchbay.MessageID(r.ID), Conversation: patchbay.ConversationID(r.ConversationID), User: patchbay.UserID(r.UserID),
		Parent: patchbay.MessageID(r.ParentID), Role: patchbay.MessageRole(r.Role), Run: patchbay.RunID(r.RunID), CreatedAt: instant(r.CreatedAt),
	}
	return e, fromJSON(r.Message, &e.Message, "message "+r.ID)
}

func entriesOf(rows []*entryRow) (list []*patchbay.Entry, err error) {
	list = make([]*patchbay.Entry, len(rows))
	for i, r := range rows {
		if list[i], err = r.entry(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Entries returns entries of a user's conversation in the order in which they were made,
// and the cursor of the next page ("" on the last one). A limit that is not 1..200 is 25.
// A conversation that is not there has none.
func (s *Store) Entries(ctx context.Context, user patchbay.UserID, conversation patchbay.ConversationID, after patchbay.MessageID, limit int) (list []*patchbay.Entry, next string, err error) {
	defer wrap(&err, "store: entries")
	limit = pageOf(limit)
	var rows []*entryRow
	q := s.db.NewSelect().Model(&rows).ColumnExpr(entryColumns).Where("e.conversation_id = ?", string(conversation)).
		Where("e.user_id = ?", string(user)).OrderExpr("e.id").Limit(int64(limit) + 1)
	if after != "" {
		q = q.Where("e.id > ?", string(after))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	rows, next = cut(rows, limit, func(r *entryRow) string { return r.ID })
	list, err = entriesOf(rows)
	return list, next, err
}

// Entry returns one entry of a user.
func (s *Store) Entry(ctx context.Context, user patchbay.UserID, id patchbay.MessageID) (e *patchbay.Entry, err error) {
	defer wrap(&err, "store: entry")
	row := new(entryRow)
	err = s.db.NewSelect().Model(row).ColumnExpr(entryColumns).Where("e.id = ?", string(id)).Where("e.user_id = ?", string(user)).Scan(ctx)
	if err != nil {
		return nil, orNotFound(err, "message")
	}
	return row.entry()
}

// Branch returns the entries of a user's conversation from the root to leaf, the root
// first; of a longer branch the last 10,000. A leaf that is not there is not found.
func (s *Store) Branch(ctx context.Context, user patchbay.UserID, conversation patchbay.ConversationID, leaf patchbay.MessageID) (list []*patchbay.Entry, err error) {
	defer wrap(&err, "store: branch")
	var rows []*entryRow
	err = s.db.NewRaw(`WITH RECURSIVE b (id, parent_id, depth) AS (
SELECT l.id, l.parent_id, 1 FROM entries AS l WHERE l.id = ? AND l.conversation_id = ? AND l.user_id = ?
UNION ALL
SELECT p.id, p.parent_id, b.depth + 1 FROM b JOIN entries AS p ON p.id = b.parent_id WHERE p.conversation_id = ? AND b.depth < ?
) SELECT `+entryColumns+` FROM b JOIN entries AS e ON e.id = b.id ORDER BY b.depth DESC`,
		string(leaf), string(conversation), string(user), string(conversation), maxBranch).Scan(ctx, &rows)
	if err != nil {
		return nil, orNotFound(err, "message")
	}
	if len(rows) == 0 {
		return nil, notFound("message")
	}
	return entriesOf(rows)
}

// hasEntry fails when a conversation has no such entry.
func hasEntry(ctx context.Context, tx bun.Tx, user patchbay.UserID, conversation patchbay.ConversationID, id patchbay.MessageID) error {
	ok, err := tx.NewSelect().Model((*entryRow)(nil)).Where("id = ?", string(id)).
		Where("conversation_id = ?", string(conversation)).Where("user_id = ?", string(user)).Exists(ctx)
	if err == nil && !ok {
		err = sql.ErrNoRows
	}
	return orNotFound(err, "message")
}
