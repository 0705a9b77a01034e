package google

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

func ask(t *testing.T, api *testkit.Models, req *patchbay.ModelRequest) (patchbay.Message, error) {
	t.Helper()
	c, err := New(Options{Endpoint: provider.Endpoint{URL: api.URL(), Client: api.Client(), Retry: provider.Retry{Attempts: 1}}})
	require.NoError(t, err)
	var b patchbay.MessageBuilder
	err = c.Model(provider.NewKey("fake-key")).Stream(context.Background(), req, b.Add)
	return b.Message(), err
}

func hi(model string) *patchbay.ModelRequest {
	return &patchbay.ModelRequest{Model: model, Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "hi")}}
}

func ok() testkit.ModelReply {
	return testkit.ModelReply{Message: &patchbay.Message{Parts: []patchbay.Part{{Kind: patchbay.PartText, Text: "ok"}}}}
}

func TestThinking(t *testing.T) {
	tests := []struct {
		model, effort string
		budget        int
		want          string // of thinkingConfig
	}{
		{"gemini-3-pro-preview", "", 0, `{"includeThoughts":true}`},
		{"gemini-3-pro-preview", "medium", 0, `{"includeThoughts":true,"thinkingLevel":"high"}`},
		{"gemini-3.1-pro-preview", "medium", 0, `{"includeThoughts":true,"thinkingLevel":"medium"}`},
		{"gemini-3.1-pro-preview", "none", 0, `{"includeThoughts":true,"thinkingLevel":"low"}`},
		{"models/gemini-3.5-flash", "minimal", 0, `{"includeThoughts":true,"thinkingLevel":"minimal"}`},
		{"gemini-3-flash", "low", 700, `{"includeThoughts":true,"thinkingBudget":700}`},
		{"gemini-flash-latest", "high", 0, `{"includeThoughts":true,"thinkingLevel":"high"}`},
		{"gemini-2.5-flash", "none", 0, `{"includeThoughts":false,"thinkingBudget":0}`},
		{"gemini-2.5-pro", "none", 0, `{"includeThoughts":true,"thinkingBudget":128}`},
		{"gemini-2.5-flash-lite", "medium", 0, `{"includeThoughts":true,"thinkingBudget":8192}`},
		{"gemini-2.5-flash-image", "high", 0, ``},
		{"gemini-2.0-flash", "high", 0, ``},
		{"gemma-3-27b-it", "high", 0, ``},
	}
	for _, tt := range tests {
		t.Run(tt.model+" "+tt.effort, func(t *testing.T) {
			api := testkit.NewModels(t, ok())
			req := hi(tt.model)
			req.Params = patchbay.ModelParams{Effort: tt.effort, ThinkingBudget: tt.budget}
			_, err := ask(t, api, req)
			require.NoError(t, err)
			if tt.want == "" {
				require.NotContains(t, string(api.Last()), "thinkingConfig")
			} else {
				require.Contains(t, string(api.Last()), `"thinkingConfig":`+tt.want)
			}
		})
	}
}

// TestKeyStaysOutOfTheAddress: an address ends up in logs of everything on the way.
func TestKeyStaysOutOfTheAddress(t *testing.T) {
	api := testkit.NewModels(t, ok())
	_, err := ask(t, api, hi("tunedModels/a b?key=c"))
	require.NoError(t, err)
	r := api.Requests()[0]
	require.Equal(t, "/v1beta/tunedModels/a b?key=c:streamGenerateContent", r.Path)
	require.Equal(t, "alt=sse", r.Query.Encode())
	require.Equal(t, "fake-key", r.Header.Get("X-Goog-Api-Key"))
	for _, bad := range []string{"", "../admin", "models//x"} {
		_, err = ask(t, api, hi(bad))
		var e *patchbay.ModelError
		require.ErrorAs(t, err, &e, bad)
		require.Equal(t, patchbay.ModelBadRequest, e.Kind)
	}
}

// TestAnotherModelsCalls: Gemini 3 wants its own signature on the calls of a turn; one
// that goes on with another model's calls says that there is none.
func TestAnotherModelsCalls(t *testing.T) {
	api := testkit.NewModels(t, ok(), ok())
	req := hi("gemini-3-pro-preview")
	call := func(id, signature, model string) patchbay.Part {
		return patchbay.Part{
			Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: id, Name: "a", Args: "{}"},
			Signature: signature, Vendor: &patchbay.VendorPart{Name: vendorName, Model: model, Data: `{"id":"theirs"}`},
		}
	}
	answer := func(ids ...string) patchbay.Message {
		m := patchbay.Message{Role: patchbay.FromTools}
		for _, id := range ids {
			m.Parts = append(m.Parts, patchbay.Part{Kind: patchbay.PartResult, Result: &patchbay.CallResult{CallID: id, Raw: json.RawMessage(`{"content":[]}`)}})
		}
		return m
	}
	req.Messages = append(
		req.Messages,
		patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{
			{Kind: patchbay.PartReasoning, Text: "older thoughts", Vendor: &patchbay.VendorPart{Name: vendorName, Model: "gemini-2.5-pro", Data: "{}"}},
			call("a", "older", "gemini-2.5-pro"), call("b", "", "gemini-2.5-pro"),
		}}, answer("a", "b"),
		patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{call("c", "own", "gemini-3-pro-preview"), call("d", "", "gemini-3-pro-preview")}}, answer("c", "d"),
	)
	_, err := ask(t, api, req)
	require.NoError(t, err)
	body := string(api.Last())
	require.NotContains(t, body, "older")
	require.Equal(t, 1, strings.Count(body, noSignature))
	require.Equal(t, 1, strings.Count(body, `"thoughtSignature":"own"`))
	require.Equal(t, 4, strings.Count(body, `"id":"theirs"`), "ids go back to the model that gave them, with call and response")

	req.Model = "gemini-2.5-pro" // asks for no signature of others
	_, err = ask(t, api, req)
	require.NoError(t, err)
	require.NotContains(t, string(api.Last()), noSignature)
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   patchbay.ModelErrorKind
		code   string
		after  time.Duration
	}{
		{"key", 400, `{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}`, patchbay.ModelAuth, "API_KEY_INVALID", 0},
		{"right", 403, `{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}`, patchbay.ModelAuth, "PERMISSION_DENIED", 0},
		{"minute", 429, `{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"retryDelay":"38.5s"}]}}`, patchbay.ModelRateLimited, "RESOURCE_EXHAUSTED", 38500 * time.Millisecond},
		{"day", 429, `{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}`, patchbay.ModelQuota, "RESOURCE_EXHAUSTED", 0},
		{"too long", 400, `{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}`, patchbay.ModelTooLong, "INVALID_ARGUMENT", 0},
		{"full, in a list", 503, `[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]`, patchbay.ModelOverloaded, "UNAVAILABLE", 0},
		{"no model", 404, `{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}`, patchbay.ModelNotFound, "NOT_FOUND", 0},
		{"internal", 500, `{"error":{"code":500,"message":"sorry","status":"INTERNAL"}}`, patchbay.ModelVendor, "INTERNAL", 0},
		{"refused", 400, `{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}`, patchbay.ModelBadRequest, "INVALID_ARGUMENT", 0},
		{"a page", 502, `<html>`, patchbay.ModelVendor, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := testkit.NewModels(t, testkit.ModelReply{Status: tt.status, Header: http.Header{"Content-Type": {"application/json"}}, Raw: []byte(tt.body)})
			_, err := ask(t, api, hi("gemini-3-pro-preview"))
			var e *patchbay.ModelError
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.kind, e.Kind)
			require.Equal(t, tt.code, e.Code)
			require.Equal(t, tt.after, e.RetryAfter)
		})
	}
}

func TestStops(t *testing.T) {
	tests := []struct {
		name, stream string
		stop         patchbay.StopReason
		kind         patchbay.ModelErrorKind
	}{
		{"filtered question", `data: {"promptFeedback":{"blockReason":"SAFETY"}}` + "\n\n", "", patchbay.ModelFiltered},
		{"filtered answer", `data: {"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}` + "\n\n", patchbay.StopRefusal, ""},
		{"a call nobody can read", `data: {"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL"}]}` + "\n\n", "", patchbay.ModelVendor},
		{"another reason", `data: {"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"OF_LATER"}]}` + "\n\n", patchbay.StopEnd, ""},
		{"a second answer", `data: {"candidates":[{"finishReason":"STOP"},{"index":1,"finishReason":"SAFETY"}]}` + "\n\n", patchbay.StopEnd, ""},
		{"no reason", `data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}` + "\n\n", "", patchbay.ModelCut},
		{"no JSON", "data: {\n\n", "", patchbay.ModelProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := testkit.NewModels(t, testkit.ModelReply{Raw: []byte(tt.stream)})
			m, err := ask(t, api, hi("gemini-3-pro-preview"))
			require.Equal(t, tt.stop, m.Stop)
			var e *patchbay.ModelError
			if errors.As(err, &e); tt.kind != "" {
				require.Equal(t, tt.kind, e.Kind)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// TestWholeAnswer: the chunks in one document: an address that does not know alt=sse.
func TestWholeAnswer(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{
		Header: http.Header{"Content-Type": {"application/json"}},
		Raw:    []byte(`[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},{"candidates":[{"content":{"parts":[{"text":"b"},{"inlineData":{"mimeType":"image/png","data":"AQID"},"thoughtSignature":"s"}]},"finishReason":"STOP"}]}]`),
	}, ok())
	m, err := ask(t, api, hi("gemini-3-pro-image-preview"))
	require.NoError(t, err)
	require.Equal(t, "ab", m.Text())
	require.Equal(t, []byte{1, 2, 3}, m.Parts[1].Media.Data)

	req := hi("gemini-3-pro-image-preview")
	req.Messages = append(req.Messages, m, patchbay.TextMessage(patchbay.FromUser, "again"))
	_, err = ask(t, api, req)
	require.NoError(t, err)
	require.Contains(t, string(api.Last()), `{"inlineData":{"mimeType":"image/png","data":"AQID"},"thoughtSignature":"s"}`)
}

func TestRequestShape(t *testing.T) {
	api := testkit.NewModels(t, ok())
	req := hi("gemini-3-pro-preview")
	req.Tools = []patchbay.ToolOffer{{Name: "a", Schema: json.RawMessage(`{"type":"object","properties":{"k":{"const":"x","$comment":"-"},"n":{"const":1}},"required":["k"]}`)}}
	req.Messages[0].Parts = append(
		req.Messages[0].Parts,
		patchbay.Part{Kind: patchbay.PartImage, Media: &patchbay.Media{MIMEType: "image/png", URL: "https://example.com/a.png"}},
		patchbay.Part{Kind: patchbay.PartAudio, Media: &patchbay.Media{MIMEType: "audio/wav", Data: []byte("w")}},
		patchbay.Part{Kind: patchbay.PartFile, Media: &patchbay.Media{MIMEType: "text/plain", Name: "n.txt", Data: []byte("words")}},
	)
	req.Params = patchbay.ModelParams{
		NoCalls: true, NoParallelCalls: true, MaxTokens: 9, StopAt: []string{"x"}, Drop: []string{"thinkingConfig"},
		Add: map[string]json.RawMessage{"safetySettings": json.RawMessage(`[]`), "topK": json.RawMessage("3")},
	}
	_, err := ask(t, api, req)
	require.NoError(t, err)
	for _, part := range []string{
		`"parametersJsonSchema":{"type":"object","properties":{"k":{"enum":["x"]},"n":{"const":1}},"required":["k"]}`,
		`"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}`, oneCall, `"safetySettings":[]`,
		`"generationConfig":{"maxOutputTokens":9,"stopSequences":["x"],"topK":3}`,
		`"fileData":{"mimeType":"image/png","fileUri":"https://example.com/a.png"}`, `"inlineData":{"mimeType":"audio/wav","data":"dw=="}`, "File n.txt:\\nwords",
	} {
		require.Contains(t, string(api.Last()), part)
	}
}
