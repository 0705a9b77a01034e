package store

import (
	"github.com/uptrace/bun"

	"patchbay"
)

// runRow is patchbay.Run as it is stored.
type runRow struct {
	bun.BaseModel `bun:"table:runs,alias:r"`

	ID             string       `bun:"id,pk"`
	ConversationID string       `bun:"conversation_id"`
	UserID         string       `bun:"user_id"`
	QuestionID     string       `bun:"question_id"`
	AnswerID       string       `bun:"answer_id"`
	AgentVersion   int          `bun:"agent_version"`
	Status         string       `bun:"status"`
	Step           int          `bun:"step"`
	Seq            int64        `bun:"seq"`
	Messages       int64        `bun:"messages"`
	Usage          usageColumns `bun:"embed:usage_"`
	Stop           bool         `bun:"stop"`
	Owner          string       `bun:"owner"`
	LeaseUntil     int64        `bun:"lease_until"`
	Epoch          int64        `bun:"epoch"`
	CreatedAt      int64        `bun:"created_at"`
	UpdatedAt      int64        `bun:"updated_at"`
	EndedAt        int64        `bun:"ended_at"`
	Settings       string       `bun:"settings"`
	Ending         string       `bun:"ending"`
	State          string       `bun:"state"`
	Partial        string       `bun:"partial"`
}

// runColumns are those of a list: all but the loop's own state.
const runColumns = `r.id, r.conversation_id, r.user_id, r.question_id, r.answer_id, r.agent_version, r.status, r.step, r.seq, r.messages,
r.usage_input, r.usage_output, r.usage_reasoning, r.usage_cache_read, r.usage_cache_write,
r.stop, r.owner, r.lease_until, r.epoch, r.created_at, r.updated_at, r.ended_at, r.settings, r.ending, r.partial`

func rowOfRun(r *patchbay.Run) (*runRow, error) {
	settings, err := jsonText(r.Settings)
	if err != nil {
		return nil, err
	}
	return &runRow{
		ID: string(r.ID), ConversationID: string(r.Conversation), UserID: string(r.User), QuestionID: string(r.Question), AnswerID: string(r.Answer),
		AgentVersion: r.AgentVersion, Status: string(r.Status), Step: r.Step, Seq: r.Seq, Usage: columnsOfUsage(r.Usage), Stop: r.Stop,
		Owner: r.Owner, LeaseUntil: millis(r.LeaseUntil), Epoch: r.Epoch,
		CreatedAt: millis(r.CreatedAt), UpdatedAt: millis(r.UpdatedAt), EndedAt: millis(r.EndedAt),
		Settings: settings, State: string(r.State), Partial: string(r.Partial),
	}, nil
}

func (r *runRow) run() (*patchbay.Run, error) {
	run := &patchbay.Run{
		ID: patchbay.RunID(r.ID), Conversation: patchbay.ConversationID(r.ConversationID), User: patchbay.UserID(r.UserID),
		Question: patchbay.MessageID(r.QuestionID), Answer: patchbay.MessageID(r.AnswerID), AgentVersion: r.AgentVersion,
		Status: patchbay.RunStatus(r.Status), Step: r.Step, Seq: r.Seq, Usage: r.Usage.usage(), State: raw(r.State), Partial: raw(r.Partial),
		Stop: r.Stop, Owner: r.Owner, LeaseUntil: instant(r.LeaseUntil), Epoch: r.Epoch,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), EndedAt: instant(r.EndedAt),
	}
	if err := fromJSON(r.Settings, &run.Settings, "settings of run "+r.ID); err != nil {
		return nil, err
	}
	return run, fromJSON(r.Ending, &run.End, "end of run "+r.ID)
}

func runsOf(rows []*runRow) (list []*patchbay.Run, err error) {
	list = make([]*patchbay.Run, len(rows))
	for i, r := range rows {
		if list[i], err = r.run(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
