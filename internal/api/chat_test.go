package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/chat"
)

func TestSendMessage(t *testing.T) {
	w, f := newChatWorld(t)
	rec := w.request(t, "POST", "/api/messages", tokAnn, `{"conversationId":"c1","parentId":"m0","text":"1+1?","attachments":["f1"],
		"settings":{"provider":"openAI","model":"gpt","mcpServers":["demo"],"params":{"temperature":0.5}}}`)
	half := 0.5
	want := []chat.Send{{
		Conversation: "c1", Parent: "m0", Text: "1+1?", Attachments: []string{"f1"},
		Settings: &patchbay.ChatSettings{Provider: "openAI", Model: "gpt", Servers: []string{"demo"}, Params: patchbay.ModelParams{Temperature: &half}},
	}}
	if diff := cmp.Diff(want, f.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	const run = `{"id":"r1","conversationId":"c1","questionId":"","answerId":"","status":"running","settings":{},"provider":"","model":"","step":0,"seq":0,
		"usage":{"input":0,"output":0},"end":null,"createdAt":null,"endedAt":null,"steps":[],"calls":[],"waits":[],"partial":null}`
	wantJSON(t, rec, 201, `{
		"conversation":{"id":"c1","title":"Sums","settings":{},"archived":false,"head":"m2","run":{"id":"r1","status":"running"},"usage":{"input":0,"output":0},
			"createdAt":"2026-01-01T10:00:00Z","updatedAt":"2026-01-02T10:00:00Z"},
		"message":{"id":"m1","conversationId":"c1","parentId":null,"role":"user","createdAt":"2026-01-01T10:00:00Z","run":null,
			"parts":[{"kind":"text","text":"1+1?"},{"kind":"image","media":{"ref":"f1","name":"a.png","mimeType":"image/png"}}]},
		"answer":{"id":"m2","conversationId":"c1","parentId":"m1","role":"assistant","createdAt":"2026-01-01T10:00:00Z","parts":[],"run":`+run+`},
		"run":`+run+`}`)
}

// What is wrong is named by its path, and never shown. What the operator alone may set of a
// request to a model is no member of a person's.
func TestMessagesThatAreRefused(t *testing.T) {
	w, f := newChatWorld(t)
	for body, path := range map[string]string{
		`{}`:                                    "body.text",
		`{"text":1}`:                            "body.text",
		`{"text":"hunter2","conversationId":7}`: "body.conversationId",
		`{"text":"hunter2","settings":{"params":{"temperature":"hunter2"}}}`: "body.settings.params.temperature",
		`{"text":"hunter2","settings":{"params":{"add":{"n":9}}}}`:           "body.settings.params.add",
		`{"text":"hunter2","settings":{"params":{"drop":["x"]}}}`:            "body.settings.params.drop",
		`{"text":"hunter2","settings":{"mcpServers":"demo"}}`:                "body.settings.mcpServers",
		`{"text":"hunter2","hunter2":true}`:                                  "body.hunter2",
	} {
		rec := w.request(t, "POST", "/api/messages", tokAnn, body)
		wantError(t, rec, 422, patchbay.CodeInvalid, path)
		if path != "body.hunter2" && strings.Contains(rec.Body.String(), "hunter2") {
			t.Errorf("the answer shows what was sent: %s", rec.Body)
		}
	}
	if len(f.sent) > 0 {
		t.Errorf("sent all the same: %v", f.sent)
	}
}

func TestListConversations(t *testing.T) {
	w, _ := newChatWorld(t)
	rec := w.request(t, "GET", "/api/conversations?limit=1&search=sums", tokAnn, "")
	if !strings.Contains(rec.Body.String(), `"has_more":true,"after":"next"`) {
		t.Errorf("the page: %s", rec.Body)
	}
	wantJSON(t, w.request(t, "GET", "/api/conversations", tokBob, ""), 200, `{"data":[],"has_more":false,"after":null}`)
}

func TestGetRun(t *testing.T) {
	w, _ := newChatWorld(t)
	wantJSON(t, w.request(t, "GET", "/api/runs/r1", tokAnn, ""), 200, `{"id":"r1","conversationId":"c1","questionId":"m1","answerId":"m2","status":"waiting",
		"settings":{},"provider":"","model":"","step":1,"seq":5,"usage":{"input":0,"output":0},"end":null,"createdAt":"2026-01-01T10:00:00Z","endedAt":null,"partial":null,
		"steps":[{"index":1,"message":{"role":"model","stop":"calls","parts":[{"kind":"call","call":{"id":"k1","name":"add","args":"{\"a\":1}"}}]}}],
		"calls":[{"id":"k1","step":1,"index":0,"name":"add","serverName":"demo","tool":"add","args":"{\"a\":1}","state":"done","isError":false,
			"resultSize":42,"preview":"two","startedAt":"2026-01-01T10:00:00Z","endedAt":"2026-01-01T10:00:00Z"}],
		"waits":[{"id":"w1","runId":"r1","conversationId":"c1","callId":null,"kind":"question","serverName":"demo","tool":"","status":"open",
			"createdAt":"2026-01-01T10:00:00Z","expiresAt":"2026-01-02T10:00:00Z","endedAt":null}]}`)
	wantError(t, w.request(t, "GET", "/api/runs/r1", tokBob, ""), 404, patchbay.CodeNotFound, "no such run")
}

func TestPreviewsAreCut(t *testing.T) {
	long, err := json.Marshal(map[string]any{"content": []map[string]string{{"text": strings.Repeat("ä", maxPreview)}, {"text": "more"}}})
	if err != nil {
		t.Fatal(err)
	}
	got := preview(long)
	if len(got) > maxPreview || !strings.HasPrefix(got, "ää") || strings.ContainsRune(got, '\ufffd') {
		t.Errorf("%d bytes", len(got))
	}
	for _, raw := range []string{"", "null", `{"content":"x"}`, `{"content":[{"type":"image","data":"aGk="}]}`} {
		if got := preview(json.RawMessage(raw)); got != "" {
			t.Errorf("%s: %q", raw, got)
		}
	}
}

// A run's stream goes on from the fact that the client has, and says when the run is over.
func TestRunStream(t *testing.T) {
	w, f := newChatWorld(t)
	f.updates <- chat.Update{Snapshot: &patchbay.RunSnapshot{Step: 1, Offset: 2, Message: patchbay.Message{Role: patchbay.FromModel}}}
	f.updates <- chat.Update{Delta: &patchbay.RunDeltaData{Step: 1, Offset: 2, Deltas: []patchbay.Delta{{Text: "x"}}}}
	f.updates <- chat.Update{Progress: &patchbay.RunProgressData{Call: "k1", Progress: 0.5}}
	f.updates <- chat.Update{Event: &patchbay.RunEvent{Run: "r1", Seq: 6, Kind: patchbay.RunEventStatus, Data: json.RawMessage(`{"status":"done"}`)}}
	close(f.updates)
	rec := w.request(t, "GET", "/api/runs/r1/events?after=3", tokAnn, "", "Last-Event-ID", "5")
	want := "event: snapshot\ndata: {\"step\":1,\"offset\":2,\"message\":{\"role\":\"model\",\"parts\":null}}\n\n" +
		"event: delta\ndata: {\"step\":1,\"offset\":2,\"deltas\":[{\"part\":0,\"text\":\"x\"}]}\n\n" +
		"event: progress\ndata: {\"callId\":\"k1\",\"progress\":0.5}\n\n" +
		"id: 6\nevent: fact\ndata: {\"runId\":\"r1\",\"seq\":6,\"kind\":\"status\",\"at\":\"0001-01-01T00:00:00Z\",\"data\":{\"status\":\"done\"}}\n\n" +
		"event: end\ndata: {}\n\n"
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f.after != 5 || !f.closed {
		t.Errorf("after %d, closed %v", f.after, f.closed)
	}
	wantError(t, w.request(t, "GET", "/api/runs/r1/events", tokBob, ""), 404, patchbay.CodeNotFound, "no such run")
	wantError(t, w.request(t, "GET", "/api/runs/r1/events?after=x", tokAnn, ""), 422, patchbay.CodeInvalid, "query.after")
}

// A stream whose follower fell behind ends without saying that the run did.
func TestRunStreamThatFellBehind(t *testing.T) {
	w, f := newChatWorld(t)
	f.updates <- chat.Update{Event: &patchbay.RunEvent{Seq: 1, Kind: patchbay.RunEventStatus, Data: json.RawMessage(`{"status":"waiting"}`)}}
	close(f.updates)
	if rec := w.request(t, "GET", "/api/runs/r1/events", tokAnn, ""); strings.Contains(rec.Body.String(), "event: end") {
		t.Errorf("%s", rec.Body)
	}
}

func TestAnswers(t *testing.T) {
	w, f := newChatWorld(t)
	tests := []struct {
		path, body string
		kind       patchbay.WaitKind
		want       patchbay.WaitAnswer
	}{
		{
			"/api/questions/w1", `{"action":"accept","answers":{"q":{"n":9007199254740993}}}`, patchbay.WaitQuestion,
			patchbay.WaitAnswer{Answers: json.RawMessage(`{"p":{"action":"accept"},"q":{"action":"accept","content":{"n":9007199254740993}}}`)},
		},
		{
			"/api/questions/w1", `{"action":"decline","answers":{"q":{"n":1}}}`, patchbay.WaitQuestion,
			patchbay.WaitAnswer{Answers: json.RawMessage(`{"p":{"action":"decline"},"q":{"action":"decline"}}`)},
		},
		{"/api/questions/w1", `{"action":"cancel","reason":"no time"}`, patchbay.WaitQuestion, patchbay.WaitAnswer{Refused: true, Reason: "no time"}},
		{"/api/approvals/w1", `{"decision":"allow"}`, patchbay.WaitApproval, patchbay.WaitAnswer{Scope: "once"}},
		{"/api/approvals/w1", `{"decision":"allow","scope":"always"}`, patchbay.WaitApproval, patchbay.WaitAnswer{Scope: "always"}},
		{"/api/approvals/w1", `{"decision":"deny","reason":"no"}`, patchbay.WaitApproval, patchbay.WaitAnswer{Refused: true, Reason: "no"}},
		{"/api/waits/w1/skip", `{}`, patchbay.WaitSignin, patchbay.WaitAnswer{Refused: true}},
	}
	for _, test := range tests {
		f.answered, f.kinds = nil, nil
		if rec := w.request(t, "POST", test.path, tokAnn, test.body); rec.Code != 200 {
			t.Errorf("%s %s: %d %s", test.path, test.body, rec.Code, rec.Body)
			continue
		}
		if diff := cmp.Diff([]patchbay.WaitAnswer{test.want}, f.answered); diff != "" || f.kinds[0] != test.kind {
			t.Errorf("%s %s: %s (-want +got):\n%s", test.path, test.body, f.kinds, diff)
		}
		wantError(t, w.request(t, "POST", test.path, tokBob, test.body), 404, patchbay.CodeNotFound, "Nothing waits")
	}
	wantError(t, w.request(t, "POST", "/api/questions/w1", tokAnn, `{"action":"accept","answers":{"other":{}}}`), 422, patchbay.CodeInvalid, "body.answers")
	wantError(t, w.request(t, "POST", "/api/approvals/w1", tokAnn, `{"decision":"perhaps"}`), 422, patchbay.CodeInvalid, "body.decision")
}

// A file runs nothing when it is opened, whatever it says it is.
func TestAttachments(t *testing.T) {
	w, _ := newChatWorld(t)
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100)
	for _, test := range []struct{ kind, data, want, show string }{
		{"image/png", png, "image/png", "inline"},
		{"text/html", png, "image/png", "inline"},
		{"image/png", "<html><script>alert(1)</script>", "application/octet-stream", "attachment"},
		{"image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream", "attachment"},
		{"application/pdf", "%PDF-1.7", "application/octet-stream", "attachment"},
	} {
		rec := w.request(t, "POST", "/api/attachments?name=a", tokAnn, test.data, "Content-Type", test.kind)
		if rec.Code != 201 {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		rec = w.request(t, "GET", "/api/attachments/f1", tokAnn, "")
		h := rec.Header()
		if h.Get("Content-Type") != test.want || !strings.HasPrefix(h.Get("Content-Disposition"), test.show+";") || rec.Body.String() != test.data {
			t.Errorf("%s: %s, %s", test.kind, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		if h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || h.Get("X-Content-Type-Options") != "nosniff" || strings.ContainsAny(h.Get("Content-Disposition"), "\r\n") {
			t.Errorf("%s: headers %v", test.kind, h)
		}
		wantError(t, w.request(t, "GET", "/api/attachments/f1", tokBob, ""), 404, patchbay.CodeNotFound, "no such file")
	}
	wantError(t, w.request(t, "POST", "/api/attachments", tokAnn, "x"), 422, patchbay.CodeInvalid, "query.name")
}

// Somebody who sends 100 MB is told so, and none of it is kept.
func TestHugeBodies(t *testing.T) {
	w, f := newChatWorld(t)
	const huge = 100 << 20
	for _, declared := range []int64{huge, -1} {
		r := httptest.NewRequest("POST", "http://localhost/api/attachments?name=big", bytes.NewReader(make([]byte, huge)))
		r.ContentLength = declared
		r.Header.Set("Authorization", "Bearer "+tokAnn)
		rec := httptest.NewRecorder()
		w.s.ServeHTTP(rec, r)
		wantError(t, rec, 413, patchbay.CodeTooLarge, "larger than the 20971520 bytes")
	}
	if len(f.files) > 0 {
		t.Error("it was kept")
	}
}

func TestAgentTools(t *testing.T) {
	f := &fakeAgents{}
	w := newWorld(t, func(o *Options) { o.Agents = f })
	for body, want := range map[string][]patchbay.AgentTools{
		`[{"serverName":"remote","tools":["a","b","a"]},{"serverName":"github-mcp","all":true,"tools":["x"]}]`: {
			{Server: "remote", Tools: []string{"a", "b"}}, {Server: "github-mcp", All: true},
		},
		`["create_issue_mcp_github-mcp","sys__all__sys_mcp_remote","list_mcp_remote","sys__server__sys_mcp_gone"]`: {
			{Server: "github-mcp", Tools: []string{"create_issue"}}, {Server: "remote", All: true}, {Server: "gone"},
		},
		`[]`: nil,
	} {
		f.made = nil
		rec := w.request(t, "POST", "/api/agents", tokAnn, `{"name":"Helper","tools":`+body+`}`)
		if rec.Code != 201 || rec.Header().Get("ETag") != `"1"` {
			t.Fatalf("%s: %d %s", body, rec.Code, rec.Body)
		}
		if diff := cmp.Diff(want, f.made[0].Tools); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
	for body, path := range map[string]string{
		`{"tools":[]}`:                        "body.name",
		`{"name":"x","tools":["plain"]}`:      "body.tools[0]",
		`{"name":"x","tools":"plain"}`:        "body.tools",
		`{"name":"x","tools":[{"all":true}]}`: "body.tools",
		`{"name":"x","params":{"add":{}}}`:    "body.params.add",
	} {
		wantError(t, w.request(t, "POST", "/api/agents", tokAnn, body), 422, patchbay.CodeInvalid, path)
	}
}

func TestAgentsAreEditedByVersion(t *testing.T) {
	f := &fakeAgents{made: []*patchbay.Agent{{ID: "a1", Name: "Old", Instructions: "keep", Version: 3}}}
	w := newWorld(t, func(o *Options) { o.Agents = f })
	rec := w.request(t, "PATCH", "/api/agents/a1", tokAnn, `{"name":"New"}`, "If-Match", `"3"`)
	if rec.Code != 200 || rec.Header().Get("ETag") != `"4"` || f.made[0].Name != "New" || f.made[0].Instructions != "keep" {
		t.Errorf("%d %v %+v", rec.Code, rec.Header(), f.made[0])
	}
	wantError(t, w.request(t, "PATCH", "/api/agents/a1", tokAnn, `{"name":"Newer"}`, "If-Match", `"3"`), 412, patchbay.CodeStale, "meanwhile")
	wantError(t, w.request(t, "PATCH", "/api/agents/a1", tokAnn, `{"name":"Newer"}`, "If-Match", "hunter2"), 422, patchbay.CodeInvalid, "If-Match")
}

// A form that a service refuses names its fields as the request has them.
func TestFieldsOfServices(t *testing.T) {
	err := &patchbay.Error{Code: patchbay.CodeInvalid, Fields: []patchbay.FieldError{{Path: "settings.model"}, {Path: "body.text"}, {Path: "query.after"}}}
	var got *patchbay.Error
	if !errors.As(ofBody([]string{tagChat}, fmt.Errorf("wrapped: %w", err)), &got) {
		t.Fatal("it is no error of ours any more")
	}
	want := []patchbay.FieldError{{Path: "body.settings.model"}, {Path: "body.text"}, {Path: "query.after"}}
	if diff := cmp.Diff(want, got.Fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err.Fields[0].Path != "settings.model" {
		t.Error("the service's own error was changed")
	}
	if same := ofBody([]string{"servers"}, err); !errors.Is(same, err) {
		t.Error("an error of another part was changed")
	}
}
