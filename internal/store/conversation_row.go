package store

import (
	"strings"

	"github.com/uptrace/bun"

	"patchbay"
)

// conversationRow is patchbay.Conversation as it is stored.
type conversationRow struct {
	bun.BaseModel `bun:"table:conversations,alias:c"`

	ID         string       `bun:"id,pk"`
	UserID     string       `bun:"user_id"`
	Title      string       `bun:"title"`
	Titled     bool         `bun:"titled"`
	Settings   string       `bun:"settings"`
	Archived   bool         `bun:"archived"`
	Head       string       `bun:"head"`
	RunID      string       `bun:"run_id"`
	Usage      usageColumns `bun:"embed:usage_"`
	CreatedAt  int64        `bun:"created_at"`
	UpdatedAt  int64        `bun:"updated_at"`
	SearchText string       `bun:"search_text"`
	RunStatus  string       `bun:"run_status,scanonly"`
}

// conversationColumns are read with every conversation.
const conversationColumns = `c.id, c.user_id, c.title, c.titled, c.settings, c.archived, c.head, c.run_id,
c.usage_input, c.usage_output, c.usage_reasoning, c.usage_cache_read, c.usage_cache_write, c.created_at, c.updated_at,
COALESCE((SELECT r.status FROM runs AS r WHERE r.id = c.run_id), '') AS run_status`

func rowOfConversation(c *patchbay.Conversation) (*conversationRow, error) {
	settings, err := jsonText(c.Settings)
	return &conversationRow{
		ID: string(c.ID), UserID: string(c.User), Title: c.Title, Titled: c.Titled, Settings: settings, Archived: c.Archived,
		Head: string(c.Head), RunID: string(c.Run), Usage: columnsOfUsage(c.Usage),
		CreatedAt: millis(c.CreatedAt), UpdatedAt: millis(c.UpdatedAt), SearchText: strings.ToLower(c.Title),
	}, err
}

func (r *conversationRow) conversation() (*patchbay.Conversation, error) {
	c := &patchbay.Conversation{
		ID: patchbay.ConversationID(r.ID), User: patchbay.UserID(r.UserID), Title: r.Title, Titled: r.Titled, Archived: r.Archived,
		Head: patchbay.MessageID(r.Head), Usage: r.Usage.usage(), Run: patchbay.RunID(r.RunID), RunStatus: patchbay.RunStatus(r.RunStatus),
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
	return c, fromJSON(r.Settings, &c.Settings, "settings of conversation "+r.ID)
}
