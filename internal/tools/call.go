package tools

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/seal"
	"patchbay/internal/transport"
)

// MaxArguments caps the arguments of one call, in bytes. Doors cap their bodies too;
// this is the cap for all of them.
const MaxArguments = 16 << 20

// Call calls one tool on behalf of the actor. Errors are *patchbay.Error (the request,
// the permission, the call), *patchbay.ConnectError (no connection) or ctx's. A tool
// that ran and failed is a result, not an error.
func (s *Service) Call(ctx context.Context, a patchbay.Actor, req patchbay.CallRequest) (patchbay.Outcome, error) {
	begin := time.Now()
	srv, err := s.registry.AuthoriseID(a, req.Ref.Server, patchbay.PermUse)
	if err != nil {
		s.meter.CallDone("", string(patchbay.CodeOf(err)), time.Since(begin))
		return patchbay.Outcome{}, err
	}
	out, err := s.call(ctx, a, srv, req)
	s.meter.CallDone(srv.Name, outcome(out, err), time.Since(begin))
	return out, err
}

// outcome is the word that metrics have for how a call ended.
func outcome(out patchbay.Outcome, err error) string {
	switch {
	case err != nil:
		return failure(err)
	case out.Wait != nil:
		return "question"
	case out.Result.IsError:
		return "tool_error"
	}
	return "ok"
}

func failure(err error) string {
	var ce *patchbay.ConnectError
	switch {
	case errors.As(err, &ce):
		return string(ce.Reason)
	case errors.Is(err, context.Canceled):
		return string(patchbay.CodeCancelled)
	}
	return string(patchbay.CodeOf(err))
}

func (s *Service) call(ctx context.Context, a patchbay.Actor, srv *patchbay.Server, req patchbay.CallRequest) (patchbay.Outcome, error) {
	if err := check(srv, &req); err != nil {
		return patchbay.Outcome{}, err
	}
	state, err := s.resume(a, req)
	if err != nil {
		return patchbay.Outcome{}, err
	}
	run, alone := req.Run, req.Run == "" && srv.Level == patchbay.LevelRun
	if alone {
		run = rand.Text()
	}
	t, err := target(a, srv, req.Body, run)
	if err != nil {
		return patchbay.Outcome{}, err
	}
	if alone {
		defer s.conns.CloseKey(t.Key)
	}
	r := conn.Request{
		Tool: req.Ref.Tool, Args: req.Args, Meta: req.Meta,
		Answers: req.Answers, State: state, Observer: req.Observer,
	}
	res, err := s.conns.Call(ctx, t, r)
	if own, ok := s.ownTarget(a, t, err); ok {
		res, err = s.conns.Call(ctx, own, r)
	}
	if err != nil {
		return patchbay.Outcome{}, err
	}
	if res.ResultType == transport.ResultInputRequired {
		return s.question(a, req, res)
	}
	return patchbay.Outcome{Result: &patchbay.ToolResult{Raw: res.Raw, IsError: res.IsError}}, nil
}

// check holds the request against the definition. Arguments go to the server byte for
// byte, so they must be one sound JSON object: nothing in them may end the message.
func check(srv *patchbay.Server, req *patchbay.CallRequest) error {
	if req.Ref.Tool == "" {
		return invalid("tool", "must not be empty")
	}
	if !srv.Tools.Allows(req.Ref.Tool) {
		return &patchbay.Error{
			Code:    patchbay.CodeForbidden,
			Message: "This tool of MCP server '" + srv.Name + "' is not offered here: the administrator left it out.",
			Detail:  map[string]any{"serverName": srv.Name},
		}
	}
	if len(req.Args) > MaxArguments {
		return patchbay.Errorf(patchbay.CodeTooLarge, "The arguments are larger than 16 MiB. Send less in one call.")
	}
	if !object(req.Args) {
		return invalid("arguments", "must be a JSON object")
	}
	if !object(req.Meta) {
		return invalid("_meta", "must be a JSON object")
	}
	if len(req.Answers) > 0 && !object(req.Answers) {
		return invalid("answers", "must be a JSON object")
	}
	return checkBody(srv, req.Body)
}

// checkBody names the fields of the request body that a run-level server needs.
func checkBody(srv *patchbay.Server, body patchbay.CallBody) error {
	if len(srv.BodyFields) == 0 {
		return nil
	}
	given := map[string]string{
		"conversationId": body.ConversationID, "parentMessageId": body.ParentMessageID, "messageId": body.MessageID,
	}
	e := patchbay.Errorf(patchbay.CodeInvalid, "MCP server '%s' needs to know the conversation: give the fields named here beside `arguments`.", srv.Name)
	for _, f := range srv.BodyFields {
		if given[f] == "" {
			e.Fields = append(e.Fields, patchbay.FieldError{Path: f, Message: "is required by this server"})
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// object reports whether raw is empty or one JSON object.
func object(raw json.RawMessage) bool {
	if len(raw) == 0 {
		return true
	}
	trimmed := bytes.TrimLeft(raw, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(raw)
}

func invalid(path, message string) *patchbay.Error {
	return &patchbay.Error{
		Code: patchbay.CodeInvalid, Message: path + " " + message + ".",
		Fields: []patchbay.FieldError{{Path: path, Message: message}},
	}
}

// question turns a server's input_required into an outcome. What the server wants back
// is sealed to this user, server, tool and arguments, so that nobody else can answer
// and no other call can be smuggled into the answer.
func (s *Service) question(a patchbay.Actor, req patchbay.CallRequest, res *transport.Result) (patchbay.Outcome, error) {
	var asked struct {
		InputRequests json.RawMessage `json:"inputRequests"`
		RequestState  json.RawMessage `json:"requestState"`
	}
	if err := json.Unmarshal(res.Raw, &asked); err != nil {
		return patchbay.Outcome{}, &patchbay.Error{Code: patchbay.CodeProtocol, Message: "The server asked a question that cannot be read.", Err: err}
	}
	resume, err := s.sealer.Seal(asked.RequestState, resumeAD(a, req))
	if err != nil {
		return patchbay.Outcome{}, err
	}
	return patchbay.Outcome{Wait: &patchbay.Wait{Kind: patchbay.WaitQuestion, Questions: asked.InputRequests, Resume: resume}}, nil
}

// resume opens what question sealed. nil means a call from its beginning.
func (s *Service) resume(a patchbay.Actor, req patchbay.CallRequest) (json.RawMessage, error) {
	if req.Resume == "" {
		if len(req.Answers) > 0 {
			return nil, invalid("resume", "must be given together with answers")
		}
		return nil, nil
	}
	state, err := s.sealer.Open(req.Resume, resumeAD(a, req))
	if err != nil {
		return nil, invalid("resume", "is not of this call: send it with the same server, tool and arguments, as the same user")
	}
	return state, nil
}

// resumeAD binds a question to the call that it belongs to.
func resumeAD(a patchbay.Actor, req patchbay.CallRequest) string {
	sum := sha256.Sum256(req.Args)
	return seal.Data("resume", string(a.ID()), string(req.Ref.Server), req.Ref.Tool, hex.EncodeToString(sum[:]))
}
