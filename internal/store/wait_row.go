package store

import (
	"github.com/uptrace/bun"

	"patchbay"
)

// waitRow is patchbay.RunWait as it is stored.
type waitRow struct {
	bun.BaseModel `bun:"table:run_waits,alias:w"`

	ID             string `bun:"id,pk"`
	RunID          string `bun:"run_id"`
	ConversationID string `bun:"conversation_id"`
	UserID         string `bun:"user_id"`
	CallID         string `bun:"call_id"`
	Kind           string `bun:"kind"`
	ServerID       string `bun:"server_id"`
	ServerName     string `bun:"server_name"`
	Tool           string `bun:"tool"`
	Hash           string `bun:"hash"`
	Live           bool   `bun:"live"`
	Status         string `bun:"status"`
	Fresh          bool   `bun:"fresh"`
	CreatedAt      int64  `bun:"created_at"`
	ExpiresAt      int64  `bun:"expires_at"`
	EndedAt        int64  `bun:"ended_at"`
	Detail         string `bun:"detail"`
	Resume         string `bun:"resume"`
	Answer         string `bun:"answer"`
}

func rowOfWait(w *patchbay.RunWait) (*waitRow, error) {
	detail, err := jsonText(w.Detail)
	if err != nil {
		return nil, err
	}
	answer, err := answerText(w.Answer)
	return &waitRow{
		ID: w.ID, RunID: string(w.Run), ConversationID: string(w.Conversation), UserID: string(w.User), CallID: w.Call, Kind: string(w.Kind),
		ServerID: string(w.Server), ServerName: w.ServerName, Tool: w.Tool, Hash: w.Detail.Hash, Live: w.Live, Status: string(w.Status),
		CreatedAt: millis(w.CreatedAt), ExpiresAt: millis(w.ExpiresAt), EndedAt: millis(w.EndedAt), Detail: detail, Resume: w.Resume, Answer: answer,
	}, err
}

func answerText(a *patchbay.WaitAnswer) (string, error) {
	if a == nil {
		return "", nil
	}
	return jsonText(a)
}

func (r *waitRow) wait() (*patchbay.RunWait, error) {
	w := &patchbay.RunWait{
		ID: r.ID, Run: patchbay.RunID(r.RunID), Conversation: patchbay.ConversationID(r.ConversationID), User: patchbay.UserID(r.UserID), Call: r.CallID,
		Kind: patchbay.WaitKind(r.Kind), Server: patchbay.ServerID(r.ServerID), ServerName: r.ServerName, Tool: r.Tool, Resume: r.Resume, Live: r.Live,
		Status: patchbay.RunWaitStatus(r.Status), CreatedAt: instant(r.CreatedAt), ExpiresAt: instant(r.ExpiresAt), EndedAt: instant(r.EndedAt),
	}
	if err := fromJSON(r.Detail, &w.Detail, "wait "+r.ID); err != nil {
		return nil, err
	}
	return w, fromJSON(r.Answer, &w.Answer, "answer of wait "+r.ID)
}

func waitsOf(rows []*waitRow) (list []*patchbay.RunWait, err error) {
	list = make([]*patchbay.RunWait, len(rows))
	for i, r := range rows {
		if list[i], err = r.wait(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
