package api

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/chat"
)

// v1Chat is a chat whose answers a test writes.
type v1ChatFake struct {
	Chat
	asked  []chat.Once
	actors []patchbay.Actor
	answer func(ctx context.Context, in chat.Once) (chat.OnceAnswer, error)
}

func (f *v1ChatFake) AnswerOnce(ctx context.Context, a patchbay.Actor, in chat.Once) (chat.OnceAnswer, error) {
	f.asked, f.actors = append(f.asked, in), append(f.actors, a)
	return f.answer(ctx, in)
}

func newV1World(t *testing.T) (*world, *v1ChatFake) {
	f := &v1ChatFake{}
	return newWorld(t, func(o *Options) { o.Chat = f }), f
}

var v1ID = regexp.MustCompile(`"id":"chatcmpl-[A-Z2-7]+","object":"([a-z.]+)","created":\d+`)

// v1Bytes is an answer without what differs each time.
func v1Bytes(rec *httptest.ResponseRecorder) string {
	return v1ID.ReplaceAllString(rec.Body.String(), `"id":"ID","object":"$1","created":1`)
}

// twoSteps looks something up on a server, then says so and asks for a tool of the client's.
func twoSteps(_ context.Context, in chat.Once) (chat.OnceAnswer, error) {
	first := patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{
		{Kind: patchbay.PartReasoning, Text: "hm"}, {Kind: patchbay.PartText, Text: "I look."}, {Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "s", Name: "search_mcp_one", Args: "{}"}},
	}}
	second := patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: "Found <it>."}}}
	in.Observe(1, patchbay.Delta{Part: 0, Kind: patchbay.PartReasoning, Text: "hm"})
	in.Observe(1, patchbay.Delta{Part: 1, Kind: patchbay.PartText, Text: "I "})
	in.Observe(1, patchbay.Delta{Part: 1, Text: "look."})
	in.Observe(1, patchbay.Delta{Part: 2, Kind: patchbay.PartCall, CallID: "s", CallName: "search_mcp_one", CallArgs: "{}"})
	in.Observe(2, patchbay.Delta{Part: 0, Kind: patchbay.PartText, Text: "Found <it>."})
	return chat.OnceAnswer{
		Messages: []patchbay.Message{first, second}, Calls: []patchbay.ToolCall{{ID: "c", Name: "weather", Args: `{"city":"Rome"}`}},
		Usage: patchbay.Usage{Input: 20, Output: 9, Reasoning: 1, CacheRead: 4},
	}, nil
}

const v1UsageJSON = `{"prompt_tokens":20,"completion_tokens":9,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}`

// Chunks have the bytes that clients of OpenAI read: no call of a server's, and those of
// the client's whole.
func TestV1Stream(t *testing.T) {
	w, f := newV1World(t)
	f.answer = twoSteps
	rec := w.request(t, "POST", "/v1/chat/completions", tokBob, `{"model":"box/m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}`)
	chunk := func(delta, finish string) string {
		return `data: {"id":"ID","object":"chat.completion.chunk","created":1,"model":"box/m","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}],"usage":null}` + "\n\n"
	}
	want := chunk(`{"role":"assistant","content":""}`, "null") + chunk(`{"reasoning_content":"hm"}`, "null") + chunk(`{"content":"I "}`, "null") + chunk(`{"content":"look."}`, "null") +
		chunk(`{"content":"\n\nFound \u003cit\u003e."}`, "null") +
		chunk(`{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}`, "null") +
		chunk(`{}`, `"tool_calls"`) +
		`data: {"id":"ID","object":"chat.completion.chunk","created":1,"model":"box/m","choices":[],"usage":` + v1UsageJSON + "}\n\ndata: [DONE]\n\n"
	if diff := cmp.Diff(want, v1Bytes(rec)); diff != "" || rec.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("%v (-want +got):\n%s", rec.Header(), diff)
	}
	if f.actors[0].ID() != bob.ID || f.actors[0].TokenID != "token-bob" {
		t.Errorf("asked as %+v", f.actors[0])
	}
}

func TestV1Whole(t *testing.T) {
	w, f := newV1World(t)
	f.answer = twoSteps
	rec := w.request(t, "POST", "/v1/chat/completions", tokAnn, `{"model":"box/m","messages":[{"role":"user","content":"hi"}]}`)
	want := `{"id":"ID","object":"chat.completion","created":1,"model":"box/m","choices":[{"index":0,"message":{"role":"assistant","content":"I look.\n\nFound <it>.","refusal":null,` +
		`"reasoning_content":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},"finish_reason":"tool_calls","logprobs":null}],"usage":` + v1UsageJSON + "}\n"
	if diff := cmp.Diff(want, v1Bytes(rec)); diff != "" || rec.Code != 200 {
		t.Errorf("%d (-want +got):\n%s", rec.Code, diff)
	}
}

// What a client sends comes out in our form; what is unknown is passed over.
func TestV1Request(t *testing.T) {
	w, f := newV1World(t)
	f.answer = func(context.Context, chat.Once) (chat.OnceAnswer, error) {
		return chat.OnceAnswer{End: agent.End{Stop: patchbay.StopEnd}}, nil
	}
	rec := w.request(t, "POST", "/v1/chat/completions", tokAnn, `{"model":"box/vendor/m","seed":7,"user":"u","mcp_servers":["one"],"temperature":0.5,"max_completion_tokens":9,"stop":"END",
		"parallel_tool_calls":false,"tool_choice":"auto","tools":[{"type":"function","function":{"name":"weather","description":"Of a city","parameters":{"type":"object"},"strict":true}}],"messages":[
		{"role":"system","content":"Be brief."},{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]},
		{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"weather","arguments":"{}"}}]},
		{"role":"tool","tool_call_id":"c2","content":"rain"},{"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"sun"}]},{"role":"developer","content":"Truly."}]}`)
	if rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	got := f.asked[0]
	half := 0.5
	settings := patchbay.ChatSettings{
		Provider: "box", Model: "vendor/m", Servers: []string{"one"}, Instructions: "Be brief.\n\nTruly.",
		Params: patchbay.ModelParams{MaxTokens: 9, Temperature: &half, StopAt: []string{"END"}, NoParallelCalls: true},
	}
	call := func(id string) patchbay.Part {
		return patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: id, Name: "weather", Args: "{}"}}
	}
	result := func(id, text string) patchbay.Part {
		return patchbay.Part{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: id, Name: "weather", Raw: json.RawMessage(`{"content":[{"type":"text","text":"` + text + `"}]}`)}}
	}
	history := []patchbay.Message{
		{Role: patchbay.FromUser, Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: "a"}, {Kind: patchbay.PartText, Text: "b"}, {Kind: patchbay.PartImage, Media: &patchbay.Media{MIMEType: "image/png", Data: []byte("hi")}}}},
		{Role: patchbay.FromModel, Parts: []patchbay.Part{call("c1"), call("c2")}},
		{Role: patchbay.FromTools, Parts: []patchbay.Part{result("c2", "rain"), result("c1", "sun")}},
	}
	if diff := cmp.Diff(settings, got.Settings) + cmp.Diff(history, got.History) +
		cmp.Diff([]patchbay.ToolOffer{{Name: "weather", Description: "Of a city", Schema: json.RawMessage(`{"type":"object"}`)}}, got.Tools); diff != "" {
		t.Error(diff)
	}
	if at := got.SignIn("a b"); at != "http://localhost:3080/servers/a%20b" {
		t.Error(at)
	}
}

// What would be answered otherwise than it is asked is refused, by its name and never with
// what was sent.
func TestV1Refusals(t *testing.T) {
	w, f := newV1World(t)
	user := `"messages":[{"role":"user","content":"hunter2"}]`
	for body, param := range map[string]string{
		`{"model":"m",` + user + `}`:                                              "model",
		`{"model":"agent/a","mcp_servers":["one"],` + user + `}`:                  "mcp_servers",
		`{"model":"box/m","n":2,` + user + `}`:                                    "n",
		`{"model":"box/m","tool_choice":"required",` + user + `}`:                 "tool_choice",
		`{"model":"box/m","tool_choice":{"type":"function"},` + user + `}`:        "tool_choice",
		`{"model":"box/m","response_format":{"type":"json_object"},` + user + `}`: "response_format",
		`{"model":"box/m","functions":[{"name":"f"}],` + user + `}`:               "functions",
		`{"model":"box/m","temperature":"hunter2",` + user + `}`:                  "temperature",
		`{"model":"box/m","tools":[{"type":"web_search"}],` + user + `}`:          "tools[0].type",
		`{"model":"box/m"}`: "messages",
		`{"model":"box/m","messages":[{"role":"hunter2","content":"x"}]}`:                                                                      "messages[0].role",
		`{"model":"box/m","messages":[{"role":"user","content":""}]}`:                                                                          "messages[0].content",
		`{"model":"box/m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]}`:                                      "messages",
		`{"model":"box/m","messages":[{"role":"tool","tool_call_id":"c","content":"x"}]}`:                                                      "messages[0].tool_call_id",
		`{"model":"box/m","messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f"}}]},{"role":"user","content":"x"}]}`:  "messages[1]",
		`{"model":"box/m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/svg+xml;base64,aGk="}}]}]}`: "messages[0].content[0].image_url.url",
		`{"model":"box/m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/hunter2"}}]}]}`:            "messages[0].content[0].image_url.url",
	} {
		rec := w.request(t, "POST", "/v1/chat/completions", tokAnn, body)
		var got v1ErrorBody
		if json.Unmarshal(rec.Body.Bytes(), &got) != nil || rec.Code != 400 || got.Error.Param == nil || *got.Error.Param != param || got.Error.Type != "invalid_request_error" || strings.Contains(rec.Body.String(), "hunter2") {
			t.Errorf("%s: %d %s", body, rec.Code, rec.Body)
		}
	}
	if len(f.asked) > 0 {
		t.Errorf("asked all the same: %v", f.asked)
	}
	wantError(t, w.request(t, "POST", "/v1/chat/completions", tokAnn, `{`), 400, patchbay.CodeBadRequest, "not valid JSON")
}

// A model's failure has its status before the first word, and ends a stream after it.
func TestV1Failures(t *testing.T) {
	w, f := newV1World(t)
	say := ""
	f.answer = func(_ context.Context, in chat.Once) (chat.OnceAnswer, error) {
		if say != "" {
			in.Observe(1, patchbay.Delta{Kind: patchbay.PartText, Text: say})
		}
		return chat.OnceAnswer{End: agent.End{Stop: patchbay.StopError, Error: &patchbay.ModelError{Kind: patchbay.ModelOverloaded, Message: "No room."}}}, nil
	}
	body := `{"model":"box/m","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	const failure = `{"error":{"message":"No room.","type":"server_error","param":null,"code":"overloaded"}}`
	rec := w.request(t, "POST", "/v1/chat/completions", tokAnn, body)
	if rec.Code != 503 || rec.Header().Get("Retry-After") != "1" || strings.TrimSpace(rec.Body.String()) != failure {
		t.Errorf("%d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	say = "Well"
	rec = w.request(t, "POST", "/v1/chat/completions", tokAnn, body)
	if rec.Code != 200 || !strings.HasSuffix(rec.Body.String(), "data: "+failure+"\n\n") || strings.Contains(rec.Body.String(), "[DONE]") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	f.answer = func(context.Context, chat.Once) (chat.OnceAnswer, error) {
		return chat.OnceAnswer{}, &patchbay.Error{Code: patchbay.CodeInvalid, Message: "No.", Fields: []patchbay.FieldError{{Path: "body.settings.mcpServers[1]", Message: "x"}}}
	}
	if rec := w.request(t, "POST", "/v1/chat/completions", tokAnn, body); rec.Code != 400 || !strings.Contains(rec.Body.String(), `"param":"mcp_servers"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	f.answer = func(context.Context, chat.Once) (chat.OnceAnswer, error) {
		return chat.OnceAnswer{}, &patchbay.ModelError{Kind: patchbay.ModelTooLong, Message: "Too long."}
	}
	wantError(t, w.request(t, "POST", "/v1/chat/completions", tokAnn, body), 400, "context_length_exceeded", "Too long.")
}

// A client that leaves ends its answer.
func TestV1ClientLeaves(t *testing.T) {
	w, f := newV1World(t)
	ctx, leave := context.WithCancel(t.Context())
	ended := false
	f.answer = func(ctx context.Context, in chat.Once) (chat.OnceAnswer, error) {
		in.Observe(1, patchbay.Delta{Kind: patchbay.PartText, Text: "We"})
		leave()
		<-ctx.Done()
		ended = true
		return chat.OnceAnswer{}, ctx.Err()
	}
	r := httptest.NewRequestWithContext(ctx, "POST", "http://localhost:3080/v1/chat/completions", strings.NewReader(`{"model":"box/m","stream":true,"messages":[{"role":"user","content":"hi"}]}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+tokAnn)
	w.s.ServeHTTP(httptest.NewRecorder(), r)
	if !ended {
		t.Error("it goes on")
	}
}
