package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
)

const callPath = "/api/mcp/servers/github-mcp/tools/echo/call"

func TestCallPassesBytes(t *testing.T) {
	w := newWorld(t)
	var got patchbay.CallRequest
	var by patchbay.Actor
	raw := `{"content":[],"structuredContent":{"n":9007199254740993, "x":"<&>"},"unknown":{"b":1,"a":2}}`
	w.tools.call = func(_ context.Context, a patchbay.Actor, c patchbay.CallRequest) (patchbay.Outcome, error) {
		got, by = c, a
		return patchbay.Outcome{Result: &patchbay.ToolResult{Raw: json.RawMessage(raw)}}, nil
	}
	rec := w.request(t, "POST", callPath, tokAnn, ` { "arguments" : {"n": 9007199254740993, "s":"}{\"" } ,"_meta":{"progressToken":1},
		"conversationId":"c1","parentMessageId":"p\u0031","messageId":"m1","resume":"r","answers":{"q":{"action":"accept"}} } `)
	if rec.Code != 200 || rec.Body.String() != raw || rec.Header().Get("Content-Length") == "" {
		t.Errorf("%d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	want := patchbay.CallRequest{
		Ref:  patchbay.ToolRef{Server: "yaml/github-mcp", Tool: "echo"},
		Args: json.RawMessage(`{"n": 9007199254740993, "s":"}{\"" }`), Meta: json.RawMessage(`{"progressToken":1}`),
		Body:   patchbay.CallBody{ConversationID: "c1", ParentMessageID: "p1", MessageID: "m1"},
		Resume: "r", Answers: json.RawMessage(`{"q":{"action":"accept"}}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	if by.ID() != ann.ID || by.Door != patchbay.DoorAPI {
		t.Errorf("called by %q at the door %q", by.ID(), by.Door)
	}
	if rec := w.request(t, "POST", callPath, tokAnn, ""); rec.Code != 200 || got.Args != nil {
		t.Errorf("no body: %d, arguments %s", rec.Code, got.Args)
	}
}

func TestCallRefusesBadBodies(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		body, contentType string
		status            int
		code              patchbay.Code
		message           string
	}{
		"a list as arguments":    {`{"arguments":["hunter2"]}`, "", 422, patchbay.CodeInvalid, "arguments must be an object"},
		"null as arguments":      {`{"arguments":null}`, "", 422, patchbay.CodeInvalid, "arguments must be an object"},
		"a string as _meta":      {`{"_meta":"hunter2"}`, "", 422, patchbay.CodeInvalid, "_meta must be an object"},
		"a number as id":         {`{"messageId":7777777}`, "", 422, patchbay.CodeInvalid, "messageId must be a string"},
		"an id without end":      {`{"messageId":"` + strings.Repeat("x", 300) + `"}`, "", 422, patchbay.CodeInvalid, "messageId is too long"},
		"unknown member":         {`{"args":{}}`, "", 422, patchbay.CodeInvalid, "args is not known here"},
		"a member twice":         {`{"arguments":{},"arguments":{"a":1}}`, "", 422, patchbay.CodeInvalid, "arguments is given twice"},
		"twice by an escape":     {`{"arguments":{},"\u0061rguments":{"a":1}}`, "", 422, patchbay.CodeInvalid, "arguments is given twice"},
		"no object":              {`["hunter2"]`, "", 422, patchbay.CodeInvalid, "body must be an object"},
		"cut":                    {`{"arguments":{"a":"hunter2"`, "", 400, patchbay.CodeBadRequest, "not valid JSON"},
		"out of its place":       {`{"arguments":{}},"method":"x"}`, "", 400, patchbay.CodeBadRequest, "not valid JSON"},
		"invalid UTF-8":          {"{\"arguments\":{\"a\":\"\xff\"}}", "", 400, patchbay.CodeBadRequest, "not valid JSON"},
		"too deep":               {`{"arguments":` + strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20001), "", 400, patchbay.CodeBadRequest, "not valid JSON"},
		"a form of another site": {`{"arguments":{}}`, "text/plain", 415, patchbay.CodeMediaType, "Send the body as JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			headers := []string{}
			if test.contentType != "" {
				headers = []string{"Content-Type", test.contentType}
			}
			rec := w.request(t, "POST", callPath, tokAnn, test.body, headers...)
			wantError(t, rec, test.status, test.code, test.message)
			if containsAny(rec.Body.String(), "hunter2", "7777777") {
				t.Errorf("the answer shows what was submitted: %s", rec.Body)
			}
		})
	}
}

// 20 MB without a length: the cap counts, not what the client says.
func TestCallBodyCapCounts(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("POST", "http://localhost"+callPath, io.MultiReader(strings.NewReader(`{"arguments":{"a":"`), strings.NewReader(strings.Repeat("x", 20<<20)), strings.NewReader(`"}}`)))
	r.ContentLength = -1
	r.Header.Set("Authorization", "Bearer "+tokAnn)
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	wantError(t, rec, 413, patchbay.CodeTooLarge, "larger than the 16777216 bytes")
}

func TestCallErrors(t *testing.T) {
	ce := func(reason patchbay.Reason, message string, after time.Duration) error {
		return &patchbay.ConnectError{Server: "github-mcp", Reason: reason, Message: message, After: after}
	}
	tests := map[string]struct {
		err    error
		status int
		body   string
		retry  string
	}{
		"no connection, as the seeds": {ce(patchbay.ReasonTimeout, "Connection timeout", 0), 500, `{
			"error": "Failed to connect to MCP server", "serverName": "github-mcp", "details": "Connection timeout",
			"code": "connect_failed", "reason": "timeout", "action": "retry"}`, ""},
		"variables": {ce(patchbay.ReasonNeedsVariables, "Give a value for X first.", 0), 500, `{
			"error": "Failed to connect to MCP server", "serverName": "github-mcp", "details": "Give a value for X first.",
			"code": "connect_failed", "reason": "needs_variables", "action": "configure"}`, ""},
		"sign-in, as the seeds": {ce(patchbay.ReasonSigninExpired, "Sign in again.", 0), 401, `{
			"error": "OAuth authentication required", "serverName": "github-mcp", "details": "Sign in again.", "reason": "signin_expired",
			"action": "authenticate", "code": "signin_required", "flowId": "f1", "oauthTimeout": 600000, "provider": "issuer.example.test",
			"oauthUrl": "http://localhost:3080/api/mcp/github-mcp/oauth/initiate?userId=u-ann&flowId=f1"}`, ""},
		"limited by the far end": {ce(patchbay.ReasonRateLimited, "It wants to rest.", 7*time.Second), 429, `{
			"error": "It wants to rest.", "serverName": "github-mcp", "details": "It wants to rest.", "code": "rate_limited", "reason": "rate_limited", "action": "retry"}`, "7"},
		"no room": {ce(patchbay.ReasonCapacity, "No room.", 0), 503, `{
			"error": "No room.", "serverName": "github-mcp", "details": "No room.", "code": "capacity", "reason": "capacity", "action": "retry"}`, ""},
		"limited by us":  {&patchbay.Error{Code: patchbay.CodeRateLimited, Message: "Too many calls", RetryAfter: time.Second}, 429, `{"error": "Too many calls", "code": "rate_limited"}`, "1"},
		"no tool":        {patchbay.Errorf(patchbay.CodeToolNotFound, "No such tool"), 404, `{"error": "No such tool", "code": "tool_not_found"}`, ""},
		"broke protocol": {patchbay.Errorf(patchbay.CodeProtocol, "Broken"), 502, `{"error": "Broken", "code": "protocol"}`, ""},
		"fate unknown":   {patchbay.Errorf(patchbay.CodeUnknownFate, "Lost"), 502, `{"error": "Lost", "code": "unknown"}`, ""},
		"no answer":      {patchbay.Errorf(patchbay.CodeTimeout, "Late"), 504, `{"error": "Late", "code": "timeout"}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) { o.SignIns = fakeSignIns{} })
			w.tools.call = func(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
				return patchbay.Outcome{}, test.err
			}
			rec := w.request(t, "POST", callPath, tokAnn, `{"arguments":{}}`)
			wantJSON(t, rec, test.status, test.body)
			if got := rec.Header().Get("Retry-After"); got != test.retry {
				t.Errorf("Retry-After %q, want %q", got, test.retry)
			}
		})
	}
	w := newWorld(t)
	wantJSON(t, w.request(t, "POST", "/api/mcp/servers/server-name/tools/x/call", tokAnn, `{}`), 404,
		`{"error": "MCP server 'server-name' not found in configuration", "code": "not_found"}`)
	w.tools.call = func(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
		return patchbay.Outcome{Wait: &patchbay.Wait{Kind: patchbay.WaitQuestion, Questions: json.RawMessage(`{"q":{"message":"Sure?"}}`), Resume: "opaque"}}, nil
	}
	wantJSON(t, w.request(t, "POST", callPath, tokAnn, `{}`), 409, `{
		"error": "The server asks a question first; post the call again with `+"`resume` and `answers`"+`", "code": "input_required",
		"serverName": "github-mcp", "questions": {"q": {"message": "Sure?"}}, "resume": "opaque"}`)
	w.tools.call = func(context.Context, patchbay.Actor, patchbay.CallRequest) (patchbay.Outcome, error) {
		panic("fake: a bug")
	}
	rec := w.request(t, "POST", callPath, tokAnn, `{}`)
	wantError(t, rec, 500, patchbay.CodeInternal, "under id")
	if strings.Contains(rec.Body.String(), "a bug") {
		t.Errorf("the panic is shown: %s", rec.Body)
	}
}

func TestStreamedCall(t *testing.T) {
	w := newWorld(t)
	w.tools.call = func(_ context.Context, _ patchbay.Actor, c patchbay.CallRequest) (patchbay.Outcome, error) {
		c.Observer(patchbay.Note{Kind: patchbay.NoteProgress, Params: json.RawMessage(`{"progress":1}`)})
		c.Observer(patchbay.Note{Kind: patchbay.NoteLog, Params: json.RawMessage(`{"data":"hi"}`)})
		if string(c.Args) == `{"fail":true}` {
			return patchbay.Outcome{}, &patchbay.Error{Code: patchbay.CodeTimeout, Message: "Late"}
		}
		return patchbay.Outcome{Result: &patchbay.ToolResult{Raw: json.RawMessage(`{"content":[]}`)}}, nil
	}
	notes := "event: progress\ndata: {\"progress\":1}\n\nevent: log\ndata: {\"data\":\"hi\"}\n\n"
	rec := w.request(t, "POST", callPath, tokAnn, `{}`, "Accept", "text/event-stream, application/json;q=0.5")
	if diff := cmp.Diff(notes+"event: result\ndata: {\"content\":[]}\n\n", rec.Body.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	rec = w.request(t, "POST", callPath, tokAnn, `{"arguments":{"fail":true}}`, "Accept", "text/event-stream")
	if diff := cmp.Diff(notes+"event: error\ndata: {\"code\":\"timeout\",\"error\":\"Late\",\"status\":504}\n\n", rec.Body.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// What is wrong before the call is an answer, not a stream.
	wantError(t, w.request(t, "POST", callPath, tokAnn, `{"arguments":1}`, "Accept", "text/event-stream"), 422, patchbay.CodeInvalid, "must be an object")
}

// A flood of notes is bounded, counted, and does not hold up the call.
func TestStreamedCallDropsNotes(t *testing.T) {
	run := newStreamedCall(patchbay.CallRequest{})
	for range noteBuffer + 5 {
		run.call.Observer(patchbay.Note{Kind: patchbay.NoteLog})
	}
	if len(run.notes) != noteBuffer || run.dropped.Load() != 5 {
		t.Errorf("%d kept, %d dropped", len(run.notes), run.dropped.Load())
	}
}

// A client that goes away cancels its call, streamed or not.
func TestCallIsCancelledWithItsClient(t *testing.T) {
	for _, accept := range []string{"application/json", "text/event-stream"} {
		t.Run(accept, func(t *testing.T) {
			w := newWorld(t)
			started, ended := make(chan struct{}), make(chan error, 1)
			w.tools.call = func(ctx context.Context, _ patchbay.Actor, _ patchbay.CallRequest) (patchbay.Outcome, error) {
				close(started)
				<-ctx.Done()
				ended <- ctx.Err()
				return patchbay.Outcome{}, ctx.Err()
			}
			srv := httptest.NewServer(w.s)
			defer srv.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "POST", srv.URL+callPath, strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+tokAnn)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept", accept)
			go func() { <-started; cancel() }()
			if resp, err := srv.Client().Do(req); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the call ended by %v", err)
			}
		})
	}
}

// Taking a body apart agrees with encoding/json on every valid body, and takes no other.
func FuzzParseCall(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"arguments":{"a":[1,{"b":"}"}]},"_meta":{}}`, ` { "arguments" : { } , "resume" : "\"x\\" } `, `{"\u0061rguments":{}}`,
		`{"arguments":{}},`, `[1]`, `{"answers":{"a":null},"messageId":"m"}`, `{"arguments":{"a":"\\\""}}`, `{"arguments":`, "{\"a\xff\":1}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		call, err := parseCall(body)
		if err != nil {
			return
		}
		var want struct {
			Arguments, Meta, Answers json.RawMessage
			Resume                   string
			patchbay.CallBody
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatalf("taken, and not JSON: %v", err)
		}
		want.Arguments, want.Meta, want.Answers = members["arguments"], members["_meta"], members["answers"]
		for name, dst := range map[string]*string{"resume": &want.Resume, "conversationId": &want.ConversationID, "parentMessageId": &want.ParentMessageID, "messageId": &want.MessageID} {
			if raw, ok := members[name]; ok {
				if err := json.Unmarshal(raw, dst); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
		if string(call.Args) != string(want.Arguments) || string(call.Meta) != string(want.Meta) || string(call.Answers) != string(want.Answers) ||
			call.Resume != want.Resume || call.Body != want.CallBody {
			t.Errorf("got %+v, want %+v", call, want)
		}
	})
}
