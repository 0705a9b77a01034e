package api

import (
	"encoding/json"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/chat"
)

// RunHead is a run without what it has done. It is exported because a schema leaves out
// what is embedded and is not.
type RunHead struct {
	ID           patchbay.RunID          `json:"id"`
	Conversation patchbay.ConversationID `json:"conversationId"`
	Question     patchbay.MessageID      `json:"questionId"`
	Answer       patchbay.MessageID      `json:"answerId"`
	Status       patchbay.RunStatus      `json:"status" enum:"running,waiting,done,failed,stopped,interrupted"`
	Settings     chatSettings            `json:"settings"`
	Provider     string                  `json:"provider"`
	Model        string                  `json:"model"`
	Step         int                     `json:"step" doc:"Answers of the model so far"`
	Seq          int64                   `json:"seq" doc:"Of its last fact"`
	Usage        patchbay.Usage          `json:"usage"`
	End          orNull[patchbay.RunEnd] `json:"end" doc:"How it ended; null: it has not. retryAfter is in nanoseconds"`
	CreatedAt    *time.Time              `json:"createdAt"`
	EndedAt      *time.Time              `json:"endedAt"`
}

type runView struct {
	RunHead
	Steps   []stepView                   `json:"steps" doc:"What the model wrote, in order; the results are in calls"`
	Calls   []callView                   `json:"calls"`
	Waits   []waitView                   `json:"waits"`
	Partial orNull[patchbay.RunSnapshot] `json:"partial" doc:"What the model is writing; null: nothing. Deltas go on from its offset"`
}

type stepView struct {
	Index   int              `json:"index" doc:"From 1; a call's step is that of the message that asks for it"`
	Message patchbay.Message `json:"message"`
}

func viewRunHead(r *patchbay.Run) RunHead {
	return RunHead{
		ID: r.ID, Conversation: r.Conversation, Question: r.Question, Answer: r.Answer, Status: r.Status,
		Settings: viewSettings(r.Settings), Provider: r.Settings.Provider, Model: r.Settings.Model,
		Step: r.Step, Seq: r.Seq, Usage: r.Usage, End: orNull[patchbay.RunEnd]{r.End}, CreatedAt: utc(r.CreatedAt), EndedAt: utc(r.EndedAt),
	}
}

func viewRun(p *chat.RunParts) runView {
	v := runView{RunHead: viewRunHead(p.Run), Steps: []stepView{}, Calls: make([]callView, len(p.Calls)), Waits: make([]waitView, len(p.Waits)), Partial: orNull[patchbay.RunSnapshot]{p.Partial}}
	told := map[string]json.RawMessage{} // what the model was told, by call
	for i := range p.Messages {
		m := &p.Messages[i]
		if m.Role == patchbay.FromModel {
			v.Steps = append(v.Steps, stepView{len(v.Steps) + 1, *m})
			continue
		}
		for _, part := range m.Parts {
			if part.Result != nil {
				told[part.Result.CallID] = part.Result.Raw
			}
		}
	}
	for i, c := range p.Calls {
		v.Calls[i] = viewCall(c, told[c.ID])
	}
	for i, w := range p.Waits {
		v.Waits[i] = viewWait(w)
	}
	return v
}

type callView struct {
	ID         string                `json:"id"`
	Step       int                   `json:"step"`
	Index      int                   `json:"index" doc:"Among the calls of its step, from 0"`
	Name       string                `json:"name" doc:"As the model called it"`
	ServerName string                `json:"serverName"`
	Tool       string                `json:"tool" doc:"Its own name; empty: there was none"`
	Args       string                `json:"args" doc:"As the model wrote them"`
	State      patchbay.RunCallState `json:"state" enum:"queued,started,waiting,done,failed,unknown"`
	IsError    bool                  `json:"isError" doc:"The tool ran and failed"`
	Problem    string                `json:"problem,omitempty" doc:"Why there is no result"`
	Reason     string                `json:"reason,omitempty" doc:"Its stable word"`
	Result     anyRaw                `json:"result,omitempty" doc:"The CallToolResult; where one call is asked for only"`
	ResultSize int                   `json:"resultSize,omitempty" doc:"Bytes of what the model was told"`
	Preview    string                `json:"preview,omitempty" doc:"The beginning of its text"`
	StartedAt  *time.Time            `json:"startedAt" doc:"null: it was never sent"`
	EndedAt    *time.Time            `json:"endedAt"`
}

// maxPreview is how much of a result is shown before it is asked for.
const maxPreview = 4 << 10

func viewCall(c *patchbay.RunCall, told json.RawMessage) callView {
	return callView{
		ID: c.ID, Step: c.Step, Index: c.Index, Name: c.Name, ServerName: c.Title, Tool: c.Tool,
		Args: c.Args, State: c.State, IsError: c.IsError, Problem: c.Problem, Reason: c.Reason,
		ResultSize: len(told), Preview: preview(told), StartedAt: utc(c.StartedAt), EndedAt: utc(c.EndedAt),
	}
}

// preview is the text of a result, as far as it is shown at first.
func preview(raw json.RawMessage) string {
	var result struct {
		Content []struct{ Text string }
	}
	if len(raw) == 0 || json.Unmarshal(raw, &result) != nil {
		return ""
	}
	var b strings.Builder
	for _, c := range result.Content {
		if c.Text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if b.Len()+len(c.Text) > maxPreview {
			b.WriteString(strings.ToValidUTF8(c.Text[:maxPreview-b.Len()], ""))
			break
		}
		b.WriteString(c.Text)
	}
	return b.String()
}

type waitView struct {
	ID           string                  `json:"id"`
	Run          patchbay.RunID          `json:"runId"`
	Conversation patchbay.ConversationID `json:"conversationId"`
	Call         *string                 `json:"callId" doc:"null: the server asks, and no call can be told"`
	Kind         patchbay.WaitKind       `json:"kind" enum:"approval,question,signin"`
	ServerName   string                  `json:"serverName"`
	Tool         string                  `json:"tool"`
	Status       patchbay.RunWaitStatus  `json:"status" enum:"open,answered,refused,expired,void,interrupted"`
	Args         string                  `json:"args,omitempty" doc:"Of an approval: what the call will be sent with"`
	Why          string                  `json:"why,omitempty" doc:"Of an approval: not_read_only, destructive, rule, changed"`
	Questions    anyRaw                  `json:"questions,omitempty" doc:"By key, as the server asks them"`
	Provider     string                  `json:"provider,omitempty" doc:"Of a sign-in: the host it leads to. POST /api/mcp/{serverName}/reinitialize gives the oauthUrl"`
	Reason       string                  `json:"reason,omitempty" doc:"Why it was refused, in the person's words"`
	CreatedAt    *time.Time              `json:"createdAt"`
	ExpiresAt    *time.Time              `json:"expiresAt"`
	EndedAt      *time.Time              `json:"endedAt"`
}

func viewWait(w *patchbay.RunWait) waitView {
	v := waitView{
		ID: w.ID, Run: w.Run, Conversation: w.Conversation, Kind: w.Kind, ServerName: w.ServerName, Tool: w.Tool, Status: w.Status,
		Args: w.Detail.Args, Why: w.Detail.Why, Questions: anyRaw(w.Detail.Questions), Provider: w.Detail.Provider,
		CreatedAt: utc(w.CreatedAt), ExpiresAt: utc(w.ExpiresAt), EndedAt: utc(w.EndedAt),
	}
	if w.Call != "" {
		v.Call = &w.Call
	}
	if w.Answer != nil {
		v.Reason = w.Answer.Reason
	}
	return v
}
