package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

type listWaitsInput struct {
	Caller caller
	PageInput
	Conversation string `query:"conversationId" maxLength:"100"`
	Run          string `query:"runId" maxLength:"100"`
	Open         bool   `query:"open" doc:"Only those that wait for an answer"`
}

type waitsOutput struct{ Body page[waitView] }

func (s *Server) listWaits(ctx context.Context, in *listWaitsInput) (*waitsOutput, error) {
	list, next, err := s.o.Chat.Waits(ctx, in.Caller.actor, chat.WaitFilter{
		Conversation: patchbay.ConversationID(in.Conversation), Run: patchbay.RunID(in.Run), Open: in.Open, After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &waitsOutput{pageFrom(list, next, viewWait)}, nil
}

type waitOutput struct{ Body waitView }

type approveInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100" doc:"The wait's"`
	Body   struct {
		Decision string `json:"decision" enum:"allow,deny"`
		Scope    string `json:"scope,omitempty" enum:"once,chat,always" default:"once" doc:"Of allow: for how long"`
		Reason   string `json:"reason,omitempty" maxLength:"2000" doc:"Of deny: told to the model"`
	}
}

func (s *Server) answerApproval(ctx context.Context, in *approveInput) (*waitOutput, error) {
	answer := patchbay.WaitAnswer{Scope: in.Body.Scope}
	if in.Body.Decision == "deny" {
		answer = patchbay.WaitAnswer{Refused: true, Reason: in.Body.Reason}
	}
	return s.answer(ctx, &in.Caller, in.ID, patchbay.WaitApproval, answer)
}

type questionInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100" doc:"The wait's"`
	Body   struct {
		Action  string         `json:"action" enum:"accept,decline,cancel" doc:"decline is told to the server, which goes on without; cancel ends the call"`
		Answers map[string]any `json:"answers,omitempty" maxProperties:"50" doc:"Of accept: what the form of each question holds, by the question's key"`
		Reason  string         `json:"reason,omitempty" maxLength:"2000" doc:"Of cancel: told to the model"`
	}
	RawBody []byte
}

func (s *Server) answerQuestion(ctx context.Context, in *questionInput) (*waitOutput, error) {
	if in.Body.Action == "cancel" {
		return s.answer(ctx, &in.Caller, in.ID, patchbay.WaitQuestion, patchbay.WaitAnswer{Refused: true, Reason: in.Body.Reason})
	}
	wait, err := s.o.Chat.Wait(ctx, in.Caller.actor, in.ID)
	if err != nil {
		return nil, err
	}
	answers, err := responses(wait.Detail.Questions, in.Body.Action, in.RawBody)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, &in.Caller, in.ID, patchbay.WaitQuestion, patchbay.WaitAnswer{Answers: answers})
}

// response is MCP's ElicitResult.
type response struct {
	Action  string          `json:"action"`
	Content json.RawMessage `json:"content,omitempty"`
}

// responses makes inputResponses of a form: one for each question. Contents pass as they
// were sent, so that numbers keep their digits.
func responses(questions json.RawMessage, action string, body []byte) (json.RawMessage, error) {
	var asked, given map[string]json.RawMessage
	if err := json.Unmarshal(questions, &asked); err != nil && len(questions) > 0 {
		return nil, fmt.Errorf("api: questions of a wait: %w", err)
	}
	if action == "accept" {
		var sent struct{ Answers map[string]json.RawMessage }
		if err := json.Unmarshal(body, &sent); err != nil {
			return nil, fmt.Errorf("api: answers: %w", err)
		}
		given = sent.Answers
	}
	for key := range given {
		if _, ok := asked[key]; !ok {
			return nil, httpkit.Invalid("answers", "names a question that was not asked")
		}
	}
	out := make(map[string]response, len(asked))
	for key := range asked {
		out[key] = response{Action: action, Content: given[key]}
	}
	return json.Marshal(out)
}

type skipInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   struct {
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Told to the model"`
	}
}

// skipWait goes on without the call that waits for a sign-in.
func (s *Server) skipWait(ctx context.Context, in *skipInput) (*waitOutput, error) {
	return s.answer(ctx, &in.Caller, in.ID, patchbay.WaitSignin, patchbay.WaitAnswer{Refused: true, Reason: in.Body.Reason})
}

func (s *Server) answer(ctx context.Context, c *caller, id string, kind patchbay.WaitKind, answer patchbay.WaitAnswer) (*waitOutput, error) {
	w, err := s.o.Chat.Answer(ctx, c.actor, id, kind, answer)
	if err != nil {
		return nil, err
	}
	return &waitOutput{viewWait(w)}, nil
}

type approvalView struct {
	ID           string                   `json:"id"`
	ServerName   string                   `json:"serverName"`
	Tool         string                   `json:"tool"`
	Scope        string                   `json:"scope" enum:"chat,always"`
	Conversation *patchbay.ConversationID `json:"conversationId" doc:"null: always"`
	CreatedAt    *time.Time               `json:"createdAt"`
}

type approvalsOutput struct{ Body page[approvalView] }

func (s *Server) listApprovals(ctx context.Context, in *listInput) (*approvalsOutput, error) {
	list, next, err := s.o.Chat.ListApprovals(ctx, in.Caller.actor, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return &approvalsOutput{pageFrom(list, next, viewApproval)}, nil
}

func viewApproval(a *patchbay.Approval) approvalView {
	v := approvalView{ID: a.ID, ServerName: a.ServerName, Tool: a.Tool, Scope: "always", CreatedAt: utc(a.CreatedAt)}
	if a.Conversation != "" {
		v.Scope, v.Conversation = "chat", &a.Conversation
	}
	return v
}

func (s *Server) deleteApproval(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Chat.DeleteApproval(ctx, in.Caller.actor, in.ID); err != nil {
		return nil, err
	}
	return done(), nil
}
