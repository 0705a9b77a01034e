package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"patchbay"
)

// RunStart is a new run with all that comes to be with it.
type RunStart struct {
	// Conversation is made when it is not nil; otherwise Run.Conversation is there.
	Conversation *patchbay.Conversation
	// Question is the new question; nil: Run.Question is there.
	Question *patchbay.Entry
	Answer   *patchbay.Entry
	// Run's Owner executes it. Its ids, and those of the entries, are filled when empty,
	// Epoch becomes 1, Status is running when empty.
	Run    *patchbay.Run
	Events []patchbay.RunEvent // Run and Seq are filled
	// Attachments are ids of the user's own that become the conversation's.
	Attachments []string
	Lease       time.Duration
}

// StartRun writes a run with its question and the place of its answer, all or nothing: on
// disk when it returns. The conversation gets the run, its settings and the answer as its
// head. It is a conflict when the conversation has an active run, and not-found when the
// conversation, the question, its parent or an attachment is not there or not the user's.
func (s *Store) StartRun(ctx context.Context, n RunStart) (err error) {
	defer wrap(&err, "store: start run")
	n.fill()
	row, err := rowOfRun(n.Run)
	if err != nil {
		return err
	}
	entries := []*patchbay.Entry{n.Answer}
	if n.Question != nil {
		entries = []*patchbay.Entry{n.Question, n.Answer}
	}
	rows := make([]*entryRow, len(entries))
	for i, e := range entries {
		if rows[i], err = rowOfEntry(e); err != nil {
			return err
		}
	}
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		if n.Conversation != nil {
			if err := insertConversation(ctx, tx, n.Conversation); err != nil {
				return err
			}
		}
		if err := takeConversation(ctx, tx, n.Run, row.Settings); err != nil {
			return err
		}
		if err := n.rooted(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Value("lease_until", "?", s.leaseEnd(n.Lease)).Exec(ctx); err != nil {
			return err
		}
		if err := insertEvents(ctx, tx, n.Events); err != nil {
			return err
		}
		return attach(ctx, tx, n.Run.User, n.Run.Conversation, n.Attachments)
	})
}

// fill fills ids and the links between the parts.
func (n *RunStart) fill() {
	run := n.Run
	if n.Conversation != nil {
		if n.Conversation.ID == "" {
			n.Conversation.ID = patchbay.ConversationID(NewID())
		}
		run.Conversation, n.Conversation.User = n.Conversation.ID, run.User
	}
	if run.ID == "" {
		run.ID = patchbay.RunID(NewID())
	}
	if run.Status == "" {
		run.Status = patchbay.RunRunning
	}
	if run.UpdatedAt.IsZero() {
		run.UpdatedAt = run.CreatedAt
	}
	if q := n.Question; q != nil {
		if q.ID == "" {
			q.ID = patchbay.MessageID(NewID())
		}
		q.Conversation, q.User, q.Role = run.Conversation, run.User, patchbay.FromUser
		run.Question = q.ID
	}
	a := n.Answer
	if a.ID == "" {
		a.ID = patchbay.MessageID(NewID())
	}
	a.Conversation, a.User, a.Role, a.Parent, a.Run = run.Conversation, run.User, patchbay.FromModel, run.Question, run.ID
	run.Answer, run.Epoch, run.Seq = a.ID, 1, int64(len(n.Events))
	for i := range n.Events {
		n.Events[i].Run, n.Events[i].Seq = run.ID, int64(i)+1
	}
}

// takeConversation makes the run the active one of its conversation.
func takeConversation(ctx context.Context, tx bun.Tx, run *patchbay.Run, settings string) error {
	ok, err := changed(tx.NewRaw(`UPDATE conversations SET run_id = ?, head = ?, settings = ?, updated_at = ? WHERE id = ? AND user_id = ? AND run_id = ''`,
		string(run.ID), string(run.Answer), settings, millis(run.UpdatedAt), string(run.Conversation), string(run.User)).Exec(ctx))
	if err != nil || ok {
		return err
	}
	there, err := tx.NewSelect().Model((*conversationRow)(nil)).Where("id = ?", string(run.Conversation)).Where("user_id = ?", string(run.User)).Exists(ctx)
	if err != nil {
		return err
	}
	if !there {
		return notFound("conversation")
	}
	return errBusy()
}

func errBusy() *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeConflict, "This conversation is being answered. Wait for the answer, or stop it first.")
}

// rooted fails when what the new entries hang on is not there.
func (n *RunStart) rooted(ctx context.Context, tx bun.Tx) error {
	on := n.Run.Question
	if n.Question != nil {
		on = n.Question.Parent
	}
	if on == "" && n.Question != nil {
		return nil
	}
	return hasEntry(ctx, tx, n.Run.User, n.Run.Conversation, on)
}
