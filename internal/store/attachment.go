package store

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"patchbay"
)

// Caps of attachments.
const (
	MaxAttachment     = 20 << 20  // bytes of one
	AttachmentQuota   = 500 << 20 // bytes of all of one user
	maxAttachmentText = 4 << 20   // bytes of what was read of one
	pieceBytes        = 1 << 20   // of one row
)

type attachmentRow struct {
	bun.BaseModel `bun:"table:attachments,alias:h"`

	ID             string `bun:"id,pk"`
	UserID         string `bun:"user_id"`
	ConversationID string `bun:"conversation_id"`
	Name           string `bun:"name"`
	MIMEType       string `bun:"mime_type"`
	Size           int64  `bun:"size"`
	CreatedAt      int64  `bun:"created_at"`
	ContentText    string `bun:"content_text"`
}

type pieceRow struct {
	bun.BaseModel `bun:"table:attachment_pieces,alias:i"`

	AttachmentID string `bun:"attachment_id,pk"`
	Idx          int    `bun:"idx,pk"`
	Data         string `bun:"data"`
}

func (r *attachmentRow) attachment() *patchbay.Attachment {
	return &patchbay.Attachment{
		ID: r.ID, User: patchbay.UserID(r.UserID), Conversation: patchbay.ConversationID(r.ConversationID), Name: r.Name, MIMEType: r.MIMEType,
		Size: r.Size, Text: r.ContentText, CreatedAt: instant(r.CreatedAt),
	}
}

// PutAttachment keeps a file of a user; its id is filled when empty, and Size is that of
// data. Over a cap the error has CodeTooLarge.
func (s *Store) PutAttachment(ctx context.Context, a *patchbay.Attachment, data []byte) (err error) {
	defer wrap(&err, "store: put attachment")
	if a.ID == "" {
		a.ID = NewID()
	}
	a.Size = int64(len(data))
	if len(data) > MaxAttachment {
		return patchbay.Errorf(patchbay.CodeTooLarge, "A file can have at most %d MiB.", MaxAttachment>>20)
	}
	if len(a.Text) > maxAttachmentText {
		a.Text = strings.ToValidUTF8(a.Text[:maxAttachmentText], "")
	}
	row := &attachmentRow{
		ID: a.ID, UserID: string(a.User), ConversationID: string(a.Conversation), Name: a.Name, MIMEType: a.MIMEType, Size: a.Size,
		CreatedAt: millis(a.CreatedAt), ContentText: a.Text,
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := hasRoom(ctx, tx, a.User, a.Size); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return ownerGone(err)
		}
		i := 0
		for piece := range slices.Chunk(data, pieceBytes) {
			p := &pieceRow{AttachmentID: a.ID, Idx: i, Data: base64.StdEncoding.EncodeToString(piece)}
			if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
				return err
			}
			i++
		}
		return nil
	})
}

// hasRoom fails when size more bytes are over the user's quota. It takes the user's row,
// so that two files at the same time do not both find the last room.
func hasRoom(ctx context.Context, tx bun.Tx, user patchbay.UserID, size int64) error {
	res, err := tx.NewRaw("UPDATE users SET updated_at = updated_at WHERE id = ?", string(user)).Exec(ctx)
	if err := changedOne(res, err, "account"); err != nil {
		return err
	}
	used, err := attachmentBytes(ctx, tx, user)
	if err == nil && used+size > AttachmentQuota {
		err = patchbay.Errorf(patchbay.CodeTooLarge, "Your files have %d MiB, and %d MiB is the most. Delete conversations with files that are not needed any more.",
			used>>20, AttachmentQuota>>20)
	}
	return err
}

func attachmentBytes(ctx context.Context, db bun.IDB, user patchbay.UserID) (n int64, err error) {
	err = db.NewRaw("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments WHERE user_id = ?", string(user)).Scan(ctx, &n)
	return n, err
}

// AttachmentBytes is the size of all attachments of a user.
func (s *Store) AttachmentBytes(ctx context.Context, user patchbay.UserID) (n int64, err error) {
	defer wrap(&err, "store: attachment bytes")
	return attachmentBytes(ctx, s.db, user)
}

// Attachment returns an attachment of a user without its bytes.
func (s *Store) Attachment(ctx context.Context, user patchbay.UserID, id string) (a *patchbay.Attachment, err error) {
	defer wrap(&err, "store: attachment")
	row := new(attachmentRow)
	if err := s.db.NewSelect().Model(row).Where("id = ?", id).Where("user_id = ?", string(user)).Scan(ctx); err != nil {
		return nil, orNotFound(err, "attachment")
	}
	return row.attachment(), nil
}

// AttachmentData returns the bytes of an attachment of a user.
func (s *Store) AttachmentData(ctx context.Context, user patchbay.UserID, id string) (data []byte, err error) {
	defer wrap(&err, "store: attachment data")
	a, err := s.Attachment(ctx, user, id)
	if err != nil {
		return nil, err
	}
	var pieces []*pieceRow
	if err := s.db.NewSelect().Model(&pieces).Where("attachment_id = ?", id).OrderExpr("idx").Scan(ctx); err != nil {
		return nil, err
	}
	data = make([]byte, 0, a.Size)
	for _, p := range pieces {
		if data, err = base64.StdEncoding.AppendDecode(data, []byte(p.Data)); err != nil {
			return nil, err
		}
	}
	if int64(len(data)) != a.Size {
		return nil, notFound("attachment") // deleted between the two reads
	}
	return data, nil
}

// DeleteAttachment removes an attachment of a user. Messages that had it then lack it.
func (s *Store) DeleteAttachment(ctx context.Context, user patchbay.UserID, id string) (err error) {
	defer wrap(&err, "store: delete attachment")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*attachmentRow)(nil)).Where("id = ?", id).Where("user_id = ?", string(user)).Exec(ctx)
		return changedOne(res, err, "attachment")
	})
}
