package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/provider/anthropic"
	"patchbay/internal/provider/bedrock"
	"patchbay/internal/provider/google"
	"patchbay/internal/provider/openai"
	"patchbay/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const fakeKey = "sk-fake-0123456789"

// model is what the adapters have in common.
type model interface {
	Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error
	List(ctx context.Context) ([]patchbay.ModelInfo, error)
}

var adapters = []struct {
	name, model string
	make        func(t *testing.T, e provider.Endpoint) model
}{
	{"chat", "gpt-4.1", func(t *testing.T, e provider.Endpoint) model { return openAI(t, e, openai.Options{}) }},
	{"compatible", "qwen3", func(t *testing.T, e provider.Endpoint) model { return openAI(t, e, openai.Options{Compatible: true}) }},
	{"responses", "gpt-5.2", func(t *testing.T, e provider.Endpoint) model { return openAI(t, e, openai.Options{}) }},
	{"anthropic", "claude-sonnet-4-6", func(t *testing.T, e provider.Endpoint) model {
		c, err := anthropic.New(anthropic.Options{Endpoint: e})
		require.NoError(t, err)
		return c.Model(provider.NewKey(fakeKey))
	}},
	{"azure", "gpt-4.1-azure", azureModel},
	{"google", "gemini-3-pro-preview", googleModel},
	{"google 2.5", "gemini-2.5-flash", googleModel},
	{"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", bedrockModel},
	{"bedrock nova", "amazon.nova-pro-v1:0", bedrockModel},
	{"bedrock llama", "meta.llama4-maverick-17b-instruct-v1:0", bedrockModel},
}

func bedrockModel(t *testing.T, e provider.Endpoint) model {
	t.Helper()
	o := bedrock.Options{Endpoint: e}
	for _, name := range testkit.ModelNames() {
		o.Models = append(o.Models, patchbay.ModelInfo{ID: name})
	}
	c, err := bedrock.New(o)
	require.NoError(t, err)
	return c.Model(provider.NewKey(fakeKey))
}

func azureModel(t *testing.T, e provider.Endpoint) model {
	t.Helper()
	o := openai.AzureOptions{Endpoint: e}
	for _, name := range append([]string{"gpt-4.1-azure"}, testkit.ModelNames()...) {
		u := *e.URL
		u.Path = "/openai/deployments/" + name
		o.Deployments = append(o.Deployments, openai.Deployment{Model: name, URL: &u, Version: "2024-10-21"})
	}
	c, err := openai.NewAzure(o)
	require.NoError(t, err)
	return c.Model(provider.NewKey(fakeKey))
}

func googleModel(t *testing.T, e provider.Endpoint) model {
	t.Helper()
	c, err := google.New(google.Options{Endpoint: e})
	require.NoError(t, err)
	return c.Model(provider.NewKey(fakeKey))
}

func openAI(t *testing.T, e provider.Endpoint, o openai.Options) model {
	t.Helper()
	o.Endpoint = e
	u := *e.URL
	u.Path = "/v1"
	o.Endpoint.URL = &u
	c, err := openai.New(o)
	require.NoError(t, err)
	return c.Model(provider.NewKey(fakeKey))
}

func endpoint(api *testkit.Models) provider.Endpoint {
	return provider.Endpoint{URL: api.URL(), Client: api.Client(), Retry: provider.Retry{Attempts: 3, First: time.Millisecond}}
}

// each runs a test with every adapter against an API with these replies.
func each(t *testing.T, replies []testkit.ModelReply, test func(t *testing.T, m model, name string, api *testkit.Models)) {
	for _, a := range adapters {
		t.Run(a.name, func(t *testing.T) {
			api := testkit.NewModels(t, replies...)
			api.RequireKey(fakeKey)
			test(t, a.make(t, endpoint(api)), a.model, api)
		})
	}
}

func ask(m model, req *patchbay.ModelRequest) (patchbay.Message, error) {
	var b patchbay.MessageBuilder
	err := m.Stream(context.Background(), req, b.Add)
	return b.Message(), err
}

func text(s string) patchbay.Part { return patchbay.Part{Kind: patchbay.PartText, Text: s} }

func call(id, name, args string) patchbay.Part {
	return patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: id, Name: name, Args: args}}
}

func result(id, raw string, isError bool) patchbay.Part {
	return patchbay.Part{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: id, Raw: json.RawMessage(raw), IsError: isError}}
}

func kindOf(err error) patchbay.ModelErrorKind {
	var e *patchbay.ModelError
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// fourCalls is a step of two servers' tools, with reasoning before it.
func fourCalls() *patchbay.Message {
	return &patchbay.Message{
		Parts: []patchbay.Part{
			{Kind: patchbay.PartReasoning, Text: "I need four things. ✓", Signature: "c2lnbmF0dXJl"},
			text("Let me look."),
			call("call_1", "search_mcp_github", `{"q":"héllo <b>","n":9007199254740993}`),
			call("call_2", "shot_mcp_browser", `{}`),
			call("call_3", "search_mcp_github", `{"q":"two"}`),
			call("call_4", "click_mcp_browser", `{"at":[1.0,2e3]}`),
		},
		Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 100, Output: 40, CacheRead: 60},
	}
}

// TestConversation is the conversation of the chat issue: two servers, four parallel
// calls, an image, an error, reasoning kept.
func TestConversation(t *testing.T) {
	done := &patchbay.Message{Parts: []patchbay.Part{text("All done.")}, Stop: patchbay.StopEnd}
	each(t, []testkit.ModelReply{{Message: fourCalls(), Pieces: 3}, {Message: done}}, func(t *testing.T, m model, name string, api *testkit.Models) {
		req := &patchbay.ModelRequest{
			Model: name, Instructions: "Be brief.",
			Messages: []patchbay.Message{{Role: patchbay.FromUser, Parts: []patchbay.Part{
				text("What is this?"), {Kind: patchbay.PartImage, Media: &patchbay.Media{MIMEType: "image/png", Data: []byte("png")}},
			}}},
			Tools: []patchbay.ToolOffer{
				{Name: "search_mcp_github", Description: "Searches", Schema: json.RawMessage(`{"type":"object","properties":{"q":{"type":"string"},"n":true},"required":["q"]}`)},
				{Name: "shot_mcp_browser", Schema: json.RawMessage(`{"type":"object"}`)},
				{Name: "click_mcp_browser", Schema: json.RawMessage(`{"anyOf":[{"properties":{"at":{"type":"array"}},"required":["at"]},{"properties":{"id":{"type":"string"}},"required":["id"]}]}`)},
			},
			Params: patchbay.ModelParams{Effort: "high"},
		}
		first, err := ask(m, req)
		require.NoError(t, err)
		want := *fourCalls()
		want.Role, want.Model = patchbay.FromModel, name
		ignore := cmpopts.IgnoreFields(patchbay.Part{}, "Vendor", "Signature")
		require.Empty(t, cmp.Diff(want, first, ignore))
		if strings.HasPrefix(name, "claude") {
			require.Equal(t, "c2lnbmF0dXJl", first.Parts[0].Signature)
		}

		req.Messages = append(req.Messages, first, patchbay.Message{Role: patchbay.FromTools, Parts: []patchbay.Part{
			result("call_1", `{"content":[{"type":"text","text":"one"}],"structuredContent":{"n":1}}`, false),
			result("call_2", `{"content":[{"type":"text","text":"the screen"},{"type":"image","mimeType":"image/png","data":"`+pixel+`"}]}`, false),
			result("call_3", `{"content":[{"type":"text","text":"no such thing"}],"isError":true}`, true),
			result("call_4", `{"content":[{"type":"resource_link","uri":"file:///x","name":"x"}]}`, false),
		}})
		second, err := ask(m, req)
		require.NoError(t, err)
		require.Equal(t, "All done.", second.Text())

		sent := string(api.Last())
		for _, part := range []string{pixel, "no such thing", "file:///x", "9007199254740993"} {
			require.Contains(t, sent, part)
		}
		switch name {
		case "claude-sonnet-4-6":
			require.Contains(t, sent, `"signature":"c2lnbmF0dXJl"`)
			require.Contains(t, sent, `"is_error":true`)
			require.Equal(t, 4, strings.Count(sent, `"cache_control"`))
		case "gpt-5.2":
			require.Contains(t, sent, `"encrypted_content":"c2lnbmF0dXJl"`)
			require.Contains(t, sent, `"input_image"`)
		case "us.anthropic.claude-sonnet-4-5-20250929-v1:0":
			require.Contains(t, sent, `"reasoningText":{"text":"I need four things. ✓","signature":"c2lnbmF0dXJl"}`)
			require.Contains(t, sent, `"status":"error"`)
			require.Equal(t, 4, strings.Count(sent, `"cachePoint"`))
		case "meta.llama4-maverick-17b-instruct-v1:0":
			require.Contains(t, sent, `"text":"Error:"`)
			require.Contains(t, sent, "follows after the results")
		case "gemini-3-pro-preview":
			require.Contains(t, sent, `"thoughtSignature":"c2lnbmF0dXJl"`)
			require.Contains(t, sent, `"response":{"error":"no such thing"}`)
			require.Contains(t, sent, `"output":"the screen"},"parts":[{"inlineData"`)
		case "gemini-2.5-flash":
			require.Contains(t, sent, `"thoughtSignature":"c2lnbmF0dXJl"`)
			require.Contains(t, sent, "follow in the next message")
		case "qwen3":
			require.Contains(t, sent, `"reasoning_content":"I need four things.`)
			require.Contains(t, sent, `"content":"Error: no such thing"`)
		}
	})
}

// TestEveryByte cuts each format's stream at every byte: the message is the same.
func TestEveryByte(t *testing.T) {
	for _, a := range adapters {
		t.Run(a.name, func(t *testing.T) {
			api := testkit.NewModels(t, testkit.ModelReply{Message: fourCalls(), Chunk: 1}, testkit.ModelReply{Message: fourCalls(), Chunk: 7}, testkit.ModelReply{Message: fourCalls()})
			m := a.make(t, endpoint(api))
			var got []patchbay.Message
			for range 3 {
				msg, err := ask(m, question(a.model))
				require.NoError(t, err)
				got = append(got, msg)
			}
			require.Empty(t, cmp.Diff(got[0], got[1]))
			require.Empty(t, cmp.Diff(got[0], got[2]))
		})
	}
}

func question(model string) *patchbay.ModelRequest {
	return &patchbay.ModelRequest{Model: model, Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "hello")}}
}

func hello() *patchbay.Message {
	return &patchbay.Message{Parts: []patchbay.Part{text("hello, how are you?")}}
}

func TestRetry(t *testing.T) {
	page := testkit.ModelReply{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Raw: []byte("<html>bad gateway</html>")}
	limited := testkit.ModelReply{Status: 429, Header: http.Header{"Retry-After": {"0.01"}}, Raw: []byte(`{"error":{"type":"rate_limit_error","message":"slow down"}}`)}
	full := testkit.ModelReply{Status: 529, Raw: []byte(`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`)}
	early := testkit.ModelReply{Message: &patchbay.Message{}, Broken: true}
	good := testkit.ModelReply{Message: hello()}
	tests := []struct {
		name    string
		replies []testkit.ModelReply
		asked   int
		kind    patchbay.ModelErrorKind
	}{
		{"429 with Retry-After", []testkit.ModelReply{limited, good}, 2, ""},
		{"529", []testkit.ModelReply{full, good}, 2, ""},
		{"a gateway's page", []testkit.ModelReply{page, good}, 2, ""},
		{"an error event before the first token", []testkit.ModelReply{early, good}, 2, ""},
		{"not for ever", []testkit.ModelReply{full, full, full, good}, 3, patchbay.ModelOverloaded},
		{"not after an error in the middle", []testkit.ModelReply{{Message: hello(), Broken: true}, good}, 1, patchbay.ModelOverloaded},
		{"not after a token", []testkit.ModelReply{{Message: hello(), Cut: 420}, good}, 1, patchbay.ModelCut},
		{"not when it is asked to wait too long", []testkit.ModelReply{{Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Raw: []byte(`{"error":{"message":"later"}}`)}, good}, 1, patchbay.ModelRateLimited},
		{"not without credit", []testkit.ModelReply{{Status: 429, Raw: []byte(`{"error":{"code":"insufficient_quota","message":"pay first"}}`)}, good}, 1, patchbay.ModelQuota},
		{"not what is refused", []testkit.ModelReply{{Status: 400, Raw: []byte(`{"error":{"message":"prompt is too long: 1 > 0"}}`)}, good}, 1, patchbay.ModelTooLong},
		{"not what the vendor says not to", []testkit.ModelReply{{Status: 500, Header: http.Header{"X-Should-Retry": {"false"}}, Raw: []byte(`{}`)}, good}, 1, patchbay.ModelVendor},
		{"not a page in place of an answer", []testkit.ModelReply{{Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Raw: []byte("<html>")}, good}, 1, patchbay.ModelProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			each(t, tt.replies, func(t *testing.T, m model, name string, api *testkit.Models) {
				msg, err := ask(m, question(name))
				require.Equal(t, tt.kind, kindOf(err), "%v", err)
				require.Len(t, api.Requests(), tt.asked)
				if tt.kind == "" {
					require.Equal(t, "hello, how are you?", msg.Text())
				}
			})
		})
	}
}

// TestCutAnywhere breaks the stream off at every place: the beginning is kept, and the
// end is never taken for a whole message.
func TestCutAnywhere(t *testing.T) {
	for _, a := range adapters {
		t.Run(a.name, func(t *testing.T) {
			api := testkit.NewModelsFunc(t, func(turn int) testkit.ModelReply {
				return testkit.ModelReply{Message: hello(), Cut: 1 + turn*23}
			})
			m := a.make(t, endpoint(api))
			for range 60 {
				msg, err := ask(m, question(a.model))
				whole := "hello, how are you?"
				require.True(t, strings.HasPrefix(whole, msg.Text()), msg.Text())
				if err == nil {
					require.Equal(t, whole, msg.Text())
				} else {
					require.Contains(t, []patchbay.ModelErrorKind{patchbay.ModelCut, patchbay.ModelUnreachable}, kindOf(err), "%v", err)
				}
			}
		})
	}
}

func TestSilence(t *testing.T) {
	for _, a := range adapters {
		t.Run(a.name, func(t *testing.T) {
			api := testkit.NewModels(t, testkit.ModelReply{Message: hello(), Stall: 600})
			e := endpoint(api)
			e.Limits.Silence = 50 * time.Millisecond
			msg, err := ask(a.make(t, e), question(a.model))
			require.Equal(t, patchbay.ModelTimeout, kindOf(err), "%v", err)
			require.True(t, strings.HasPrefix("hello, how are you?", msg.Text()))
		})
	}
}

func TestStop(t *testing.T) {
	each(t, []testkit.ModelReply{{Message: hello(), Stall: 700}}, func(t *testing.T, m model, name string, _ *testkit.Models) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var b patchbay.MessageBuilder
		err := m.Stream(ctx, question(name), func(d patchbay.Delta) {
			b.Add(d)
			cancel()
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, name, b.Message().Model)
	})
}

func TestCaps(t *testing.T) {
	long := &patchbay.Message{Parts: []patchbay.Part{text(strings.Repeat("x", 5000))}}
	for _, a := range adapters {
		for what, limits := range map[string]provider.Limits{"stream": {MaxStream: 2000}, "event": {MaxEvent: 1000}} {
			t.Run(a.name+" "+what, func(t *testing.T) {
				api := testkit.NewModels(t, testkit.ModelReply{Message: long, Pieces: 3000})
				e := endpoint(api)
				e.Limits = limits
				_, err := ask(a.make(t, e), question(a.model))
				require.Equal(t, patchbay.ModelTooLarge, kindOf(err), "%v", err)
			})
		}
	}
}

// TestKeyIsHidden: the key goes into its header and nowhere else, even when the vendor
// sends it back.
func TestKeyIsHidden(t *testing.T) {
	for _, a := range adapters {
		t.Run(a.name, func(t *testing.T) {
			api := testkit.NewModels(t)
			api.RequireKey("sk-another")
			m := a.make(t, endpoint(api))
			_, err := ask(m, question(a.model))
			require.Equal(t, patchbay.ModelAuth, kindOf(err), "%v", err)
			_, listErr := m.List(context.Background())
			if listErr == nil { // the list is the configuration's
				listErr = errors.New("")
			}
			for _, shown := range []string{err.Error(), fmt.Sprintf("%+v", err), listErr.Error(), fmt.Sprintf("%v %+v %#v %s", provider.NewKey(fakeKey), provider.NewKey(fakeKey), provider.NewKey(fakeKey), provider.NewKey(fakeKey))} {
				require.NotContains(t, shown, fakeKey)
			}
			require.Contains(t, err.Error(), "[key]")
			raw, jsonErr := json.Marshal(map[string]any{"k": provider.NewKey(fakeKey)})
			require.NoError(t, jsonErr)
			require.NotContains(t, string(raw), fakeKey)
		})
	}
}

func TestList(t *testing.T) {
	each(t, nil, func(t *testing.T, m model, _ string, _ *testkit.Models) {
		list, err := m.List(context.Background())
		require.NoError(t, err)
		var ids []string
		for _, i := range list {
			ids = append(ids, i.ID)
		}
		require.Subset(t, ids, testkit.ModelNames())
	})
}

func TestAddAndDrop(t *testing.T) {
	each(t, []testkit.ModelReply{{Message: hello()}}, func(t *testing.T, m model, name string, api *testkit.Models) {
		req := question(name)
		temperature := 0.5
		req.Params = patchbay.ModelParams{Temperature: &temperature, Add: map[string]json.RawMessage{"top_k": json.RawMessage("7")}, Drop: []string{"temperature"}}
		_, err := ask(m, req)
		require.NoError(t, err)
		require.Contains(t, string(api.Last()), `"top_k":7`)
		require.NotContains(t, string(api.Last()), "temperature")
	})
}

// TestBrokenHistory: what a stopped run or another vendor left behind is put in order.
func TestBrokenHistory(t *testing.T) {
	each(t, []testkit.ModelReply{{Message: hello()}}, func(t *testing.T, m model, name string, _ *testkit.Models) {
		req := question(name)
		req.Messages = []patchbay.Message{
			patchbay.TextMessage(patchbay.FromUser, "hi"),
			{Role: patchbay.FromModel, Parts: []patchbay.Part{
				{Kind: patchbay.PartReasoning, Text: "of another vendor", Vendor: &patchbay.VendorPart{Name: "elsewhere", Data: "{}"}, Signature: "x"},
				{Kind: patchbay.PartText},
				text("\n\n"), call("bad id!", "a", `{"broken`), call("same", "b", `[]`), call("same", "c", ``),
				call("e", "no such name!", `{}`), call("f", "", `{}`),
			}},
			{Role: patchbay.FromTools, Parts: []patchbay.Part{result("same", `{"content":[]}`, false), result("nobody", `{}`, false)}},
			{Role: patchbay.FromModel, Parts: []patchbay.Part{call("same", "d", `{}`)}},
			patchbay.TextMessage(patchbay.FromUser, "and now?"),
		}
		_, err := ask(m, req)
		require.NoError(t, err)
	})
}
