package api

import (
	"context"

	"patchbay"
	"patchbay/internal/chat"
)

type listRunsInput struct {
	Caller caller
	PageInput
	Conversation string `query:"conversationId" maxLength:"100"`
	Active       bool   `query:"active" doc:"Only those that have not ended"`
}

type runsOutput struct{ Body page[RunHead] }

func (s *Server) listRuns(ctx context.Context, in *listRunsInput) (*runsOutput, error) {
	list, next, err := s.o.Chat.Runs(ctx, in.Caller.actor, chat.RunFilter{
		Conversation: patchbay.ConversationID(in.Conversation), Active: in.Active, After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &runsOutput{pageFrom(list, next, viewRunHead)}, nil
}

type runOutput struct{ Body runView }

func (s *Server) getRun(ctx context.Context, in *idInput) (*runOutput, error) {
	run, err := s.o.Chat.RunParts(ctx, in.Caller.actor, patchbay.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	return &runOutput{viewRun(run)}, nil
}

// stopRun answers before the run has stopped: its last fact says that it has.
func (s *Server) stopRun(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Chat.Stop(ctx, in.Caller.actor, patchbay.RunID(in.ID)); err != nil {
		return nil, err
	}
	return done(), nil
}

func (s *Server) resumeRun(ctx context.Context, in *idInput) (*runHeadOutput, error) {
	run, err := s.o.Chat.Resume(ctx, in.Caller.actor, patchbay.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	return &runHeadOutput{viewRunHead(run)}, nil
}

type runHeadOutput struct{ Body RunHead }

type offeredOutput struct {
	Body struct {
		Data []chat.Offer `json:"data"`
	}
}

func (s *Server) getOffered(ctx context.Context, in *idInput) (*offeredOutput, error) {
	offers, err := s.o.Chat.Offered(ctx, in.Caller.actor, patchbay.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &offeredOutput{}
	out.Body.Data = append([]chat.Offer{}, offers...)
	for i := range out.Body.Data {
		if out.Body.Data[i].Tools == nil {
			out.Body.Data[i].Tools = []string{}
		}
	}
	return out, nil
}

type callInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Call   string `path:"callId" maxLength:"256"`
}

type callOutput struct{ Body callView }

func (s *Server) getCall(ctx context.Context, in *callInput) (*callOutput, error) {
	c, err := s.o.Chat.Call(ctx, in.Caller.actor, patchbay.RunID(in.ID), in.Call)
	if err != nil {
		return nil, err
	}
	v := viewCall(c, c.Result)
	v.Result = anyRaw(c.Result)
	return &callOutput{v}, nil
}

func (s *Server) cancelCall(ctx context.Context, in *callInput) (*doneOutput, error) {
	if err := s.o.Chat.CancelCall(ctx, in.Caller.actor, patchbay.RunID(in.ID), in.Call); err != nil {
		return nil, err
	}
	return done(), nil
}
