package bedrock

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/testkit"
)

const claude = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"

func ask(t *testing.T, api *testkit.Models, key string, req *patchbay.ModelRequest) (patchbay.Message, error) {
	t.Helper()
	c, err := New(Options{Region: "eu-central-1", Endpoint: provider.Endpoint{URL: api.URL(), Client: api.Client(), Retry: provider.Retry{Attempts: 1}}})
	require.NoError(t, err)
	var b patchbay.MessageBuilder
	err = c.Model(provider.NewKey(key)).Stream(context.Background(), req, b.Add)
	return b.Message(), err
}

func question(model string) *patchbay.ModelRequest {
	return &patchbay.ModelRequest{Model: model, Messages: []patchbay.Message{patchbay.TextMessage(patchbay.FromUser, "hi")}}
}

func says(parts ...patchbay.Part) testkit.ModelReply {
	return testkit.ModelReply{Message: &patchbay.Message{Parts: parts}}
}

func words(s string) patchbay.Part { return patchbay.Part{Kind: patchbay.PartText, Text: s} }

func kindOf(t *testing.T, err error) patchbay.ModelErrorKind {
	t.Helper()
	var e *patchbay.ModelError
	require.ErrorAs(t, err, &e)
	return e.Kind
}

// TestSigned: each form of a key is known by the fake, whose check of signatures is its
// own, also where the model's name must be escaped in the path.
func TestSigned(t *testing.T) {
	for name, key := range map[string]string{
		"id and secret": "AKIAFAKEFAKEFAKEFAKE:fake-secret/with+signs",
		"with a token":  "ASIAFAKEFAKEFAKEFAKE:fake-secret/with+signs:fake-token",
		"LibreChat's":   `{"accessKeyId":"AKIAFAKEFAKEFAKEFAKE","secretAccessKey":"fake-secret/with+signs"}`,
		"API key":       "fake-secret/with+signs",
	} {
		for _, model := range []string{claude, "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a b+c~ü"} {
			t.Run(name, func(t *testing.T) {
				api := testkit.NewModels(t, says(words("ok")))
				api.RequireKey("fake-secret/with+signs")
				m, err := ask(t, api, key, question(model))
				require.NoError(t, err)
				require.Equal(t, model, m.Model)
				r := api.Requests()[0]
				require.Equal(t, "/model/"+model+"/converse-stream", r.Path)
				require.Equal(t, strings.HasPrefix(key, "ASIA"), r.Header.Get("X-Amz-Security-Token") == "fake-token")
				require.Equal(t, name != "API key", strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/bedrock/aws4_request"))
			})
		}
	}
}

func TestKeysThatCannotWork(t *testing.T) {
	api := testkit.NewModels(t)
	for _, key := range []string{"", "AKIAFAKEFAKEFAKEFAKE", "AKIAFAKEFAKEFAKEFAKE:", "{", `{"accessKeyId":"fake-id"}`} {
		_, err := ask(t, api, key, question(claude))
		require.Equal(t, patchbay.ModelAuth, kindOf(t, err), key)
		if key != "" {
			require.NotContains(t, err.Error(), key+" ")
		}
	}
	c, err := New(Options{Endpoint: provider.Endpoint{URL: api.URL(), Client: api.Client()}})
	require.NoError(t, err)
	err = c.Model(provider.NewKey(fakeKey)).Stream(context.Background(), question(claude), func(patchbay.Delta) {})
	require.ErrorContains(t, err, "BEDROCK_AWS_DEFAULT_REGION")
	require.Empty(t, api.Requests(), "nothing is sent")
}

func TestRegions(t *testing.T) {
	for region, host := range map[string]string{"us-east-1": "bedrock-runtime.us-east-1.amazonaws.com", "cn-north-1": "bedrock-runtime.cn-north-1.amazonaws.com.cn"} {
		u, err := url.Parse(URLOf(region))
		require.NoError(t, err)
		require.Equal(t, host, u.Host)
		require.Equal(t, region, regionOf(u))
	}
	require.Empty(t, regionOf(&url.URL{Host: "proxy.example"}))
}

// TestSecretsStayHidden: whatever AWS quotes of a key is not shown.
func TestSecretsStayHidden(t *testing.T) {
	api := testkit.NewModels(t, testkit.ModelReply{Status: 403, Raw: []byte(`{"message":"you sent fake-secret/with+signs and fake-token"}`), Header: http.Header{"X-Amzn-Errortype": {"ExpiredTokenException:http://internal.amazon.com/"}}})
	_, err := ask(t, api, fakeKey, question(claude))
	require.Equal(t, patchbay.ModelAuth, kindOf(t, err))
	require.ErrorContains(t, err, "you sent [key] and [key]")
}

func TestErrors(t *testing.T) {
	tests := []struct {
		kind, message string
		status        int
		want          patchbay.ModelErrorKind
	}{
		{"AccessDeniedException", "You don't have access to the model", 403, patchbay.ModelAuth},
		{"ThrottlingException", "Too many requests", 429, patchbay.ModelRateLimited},
		{"ThrottlingException", "Too many tokens per day, please wait", 429, patchbay.ModelQuota},
		{"ServiceQuotaExceededException", "quota", 400, patchbay.ModelQuota},
		{"ServiceUnavailableException", "later", 503, patchbay.ModelOverloaded},
		{"ModelNotReadyException", "later", 429, patchbay.ModelOverloaded},
		{"ModelErrorException", "sorry", 424, patchbay.ModelVendor},
		{"ModelTimeoutException", "sorry", 408, patchbay.ModelVendor},
		{"InternalServerException", "sorry", 500, patchbay.ModelVendor},
		{"ResourceNotFoundException", "none", 404, patchbay.ModelNotFound},
		{"ValidationException", "The provided model identifier is invalid.", 400, patchbay.ModelNotFound},
		{"ValidationException", "Input is too long for requested model.", 400, patchbay.ModelTooLong},
		{"ValidationException", "bad", 400, patchbay.ModelBadRequest},
		{"", "bad", 400, patchbay.ModelBadRequest},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.message, func(t *testing.T) {
			body := []byte(`{"message":"` + tt.message + `"}`)
			api := testkit.NewModels(
				t, testkit.ModelReply{Status: tt.status, Raw: body, Header: http.Header{"X-Amzn-Errortype": {tt.kind}}},
				testkit.ModelReply{Raw: testkit.EventStreamFrame(body, ":message-type", "exception", ":exception-type", lowerFirst(tt.kind)), Header: http.Header{"Content-Type": {streamType}}},
			)
			_, err := ask(t, api, fakeKey, question(claude))
			require.Equal(t, tt.want, kindOf(t, err))
			require.ErrorContains(t, err, tt.message)
			if tt.kind != "" { // the same in the middle of a stream
				_, err = ask(t, api, fakeKey, question(claude))
				require.Equal(t, tt.want, kindOf(t, err))
				require.ErrorContains(t, err, tt.message)
			}
		})
	}
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// TestHostileFrames: no length is believed, none makes a buffer, and nothing broken is
// taken for an event.
func TestHostileFrames(t *testing.T) {
	good := testkit.EventStreamFrame([]byte(`{"role":"assistant"}`), ":message-type", "event", ":event-type", "messageStart")
	prelude := func(total, headers uint32) []byte {
		b := binary.BigEndian.AppendUint32(nil, total)
		b = binary.BigEndian.AppendUint32(b, headers)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	}
	flip := func(i int) []byte {
		b := bytes.Clone(good)
		b[i] ^= 1
		return b
	}
	tests := []struct {
		name string
		in   []byte
		want error // nil: a frame that is malformed
	}{
		{"nothing", nil, io.EOF},
		{"half a length", good[:7], io.ErrUnexpectedEOF},
		{"half a frame", good[:40], io.ErrUnexpectedEOF},
		{"a frame without its last byte", good[:len(good)-1], io.ErrUnexpectedEOF},
		{"four gigabytes", prelude(1<<32-1, 0), provider.ErrEventTooLong},
		{"a frame over the cap", prelude(1<<20+1, 0), provider.ErrEventTooLong},
		{"a promise of a megabyte", prelude(1<<20, 0), io.ErrUnexpectedEOF},
		{"headers longer than the frame", prelude(100, 1<<32-1), nil},
		{"no room for headers", prelude(16, 1), nil},
		{"shorter than a frame", prelude(15, 0), nil},
		{"a wrong checksum of the length", flip(8), nil},
		{"a wrong checksum", flip(len(good) - 1), nil},
		{"a wrong byte", flip(50), nil},
		{"no type", testkit.EventStreamFrame([]byte("{}")), nil},
		{"events of another kind", []byte("data: {\"role\":\"assistant\"}\n\n"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{bytes.NewReader(tt.in), iotest.OneByteReader(bytes.NewReader(tt.in)), iotest.DataErrReader(bytes.NewReader(tt.in))} {
				f := newFrames(r, 1<<20).(*frames)
				_, _, err := f.Next()
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
				} else {
					require.Equal(t, patchbay.ModelProtocol, kindOf(t, err))
				}
				require.Less(t, f.frame.Cap(), 64<<10, "the buffer grows with what came")
			}
		})
	}
	failing := errors.New("cut")
	_, _, err := newFrames(io.MultiReader(bytes.NewReader(good[:30]), iotest.ErrReader(failing)), 1<<20).Next()
	require.ErrorIs(t, err, failing)
	f := newFrames(iotest.HalfReader(bytes.NewReader(append(bytes.Clone(good), testkit.EventStreamFrame(nil, ":message-type", "error", ":error-code", "Odd", ":error-message", "why")...))), 1<<20)
	name, data, err := f.Next()
	require.NoError(t, err)
	require.Equal(t, []string{"messageStart", `{"role":"assistant"}`}, []string{name, string(data)})
	name, data, err = f.Next()
	require.NoError(t, err)
	require.Equal(t, []string{"!Odd", `{"message":"why"}`}, []string{name, string(data)})
}

func TestThinking(t *testing.T) {
	tests := []struct {
		model, effort string
		budget        int
		want          string // of additionalModelRequestFields
	}{
		{"anthropic.claude-opus-4-6-v1", "high", 0, `{"output_config":{"effort":"high"},"thinking":{"type":"adaptive","display":"summarized"}}`},
		{claude, "low", 0, `{"anthropic_beta":["interleaved-thinking-2025-05-14"],"thinking":{"budget_tokens":4096,"type":"enabled"}}`},
		{"us.anthropic.claude-3-7-sonnet-20250219-v1:0", "", 40_000, `{"thinking":{"budget_tokens":40000,"type":"enabled"}}`},
		{claude, "none", 0, `{"thinking":{"type":"disabled"}}`},
		{"anthropic.claude-3-5-sonnet-20241022-v2:0", "high", 0, ``},
		{"openai.gpt-oss-120b-1:0", "high", 0, `{"reasoning_effort":"high"}`},
		{"us.amazon.nova-2-lite-v1:0", "minimal", 0, `{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}}`},
		{"amazon.nova-pro-v1:0", "high", 0, ``},
		{claude, "", 0, ``},
	}
	for _, tt := range tests {
		t.Run(tt.model+" "+tt.effort, func(t *testing.T) {
			api := testkit.NewModels(t, says(words("ok")))
			req := question(tt.model)
			half := 0.5
			req.Params = patchbay.ModelParams{Effort: tt.effort, ThinkingBudget: tt.budget, Temperature: &half}
			_, err := ask(t, api, fakeKey, req)
			require.NoError(t, err, "the fake checks budgets and temperature")
			if tt.want == "" {
				require.NotContains(t, string(api.Last()), "additionalModelRequestFields")
			} else {
				require.Contains(t, string(api.Last()), `"additionalModelRequestFields":`+tt.want)
			}
		})
	}
}

// TestNoCalls: the format cannot forbid calls. The tools stay, for what is cached and for
// the calls in the history; the model is told, and a call that comes all the same is none.
func TestNoCalls(t *testing.T) {
	calling := says(words("Let me look."), patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "c", Name: "a", Args: `{"x":1}`}}, words("Done."))
	calling.Message.Stop = patchbay.StopCalls
	api := testkit.NewModels(t, calling, calling)
	req := question(claude)
	req.Tools = []patchbay.ToolOffer{{Name: "a", Schema: json.RawMessage(`{}`)}}
	req.Params.NoCalls = true
	m, err := ask(t, api, fakeKey, req)
	require.NoError(t, err)
	require.Empty(t, m.Calls())
	require.Equal(t, "Let me look.Done.", m.Text())
	require.Equal(t, patchbay.StopEnd, m.Stop)
	require.Contains(t, string(api.Last()), noCall)
	require.Contains(t, string(api.Last()), `"toolSpec":{"name":"a"`)

	// Without tools, earlier calls are declared and cannot be repeated.
	req.Tools, req.Params.NoCalls = nil, false
	req.Messages = append(req.Messages, patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{ID: "b", Name: "gone", Args: `{}`}}}})
	m, err = ask(t, api, fakeKey, req)
	require.NoError(t, err)
	require.Empty(t, m.Calls())
	require.Contains(t, string(api.Last()), `"toolSpec":{"name":"gone"`)
}

func TestRequestShape(t *testing.T) {
	api := testkit.NewModels(t, says(words("ok")))
	req := question(claude)
	req.Instructions = "Be brief."
	req.Tools = []patchbay.ToolOffer{{Name: "a", Schema: json.RawMessage(`{"type":"object","properties":{"größe":{}},"required":["größe"]}`)}}
	pdf := patchbay.Part{Kind: patchbay.PartFile, Media: &patchbay.Media{MIMEType: "application/pdf", Name: "r/e:port.pdf", Data: []byte("%PDF")}}
	req.Messages[0].Parts = append(
		req.Messages[0].Parts, pdf, pdf,
		patchbay.Part{Kind: patchbay.PartImage, Media: &patchbay.Media{MIMEType: "image/png", URL: "https://example.com/a.png"}},
		patchbay.Part{Kind: patchbay.PartImage, Media: &patchbay.Media{MIMEType: "image/tiff", Data: []byte("t")}},
	)
	req.Messages = append(req.Messages, patchbay.TextMessage(patchbay.FromUser, "and now?"))
	req.Params = patchbay.ModelParams{
		NoParallelCalls: true, NoCache: true, StopAt: []string{"x"}, Drop: []string{"maxTokens"},
		Add: map[string]json.RawMessage{"guardrailConfig": json.RawMessage(`{"guardrailIdentifier":"g"}`), "top_k": json.RawMessage("3"), "topP": json.RawMessage("0.5")},
	}
	_, err := ask(t, api, fakeKey, req)
	require.NoError(t, err)
	body := string(api.Last())
	for _, part := range []string{
		`"system":[{"text":"Be brief."},{"text":"` + oneCall + `"}]`, `"inferenceConfig":{"stopSequences":["x"],"topP":0.5}`,
		`"additionalModelRequestFields":{"top_k":3}`, `"guardrailConfig":{"guardrailIdentifier":"g"}`, `is called \"größe\"`,
		`"name":"document 1"`, `"name":"document 2"`, "The file r/e:port.pdf:", "https://example.com/a.png", "image/tiff", `{"text":"and now?"}]}]`,
	} {
		require.Contains(t, body, part)
	}
	require.NotContains(t, body, "cachePoint")
}

// TestReasoningOfOthers: what another model signed would be refused.
func TestReasoningOfOthers(t *testing.T) {
	api := testkit.NewModels(t, says(patchbay.Part{Kind: patchbay.PartReasoning, Text: "hm", Signature: "fakesig"}, words("ok")), says(words("ok")), says(words("ok")))
	req := question(claude)
	m, err := ask(t, api, fakeKey, req)
	require.NoError(t, err)
	req.Messages = append(req.Messages, m, patchbay.TextMessage(patchbay.FromUser, "again"))
	_, err = ask(t, api, fakeKey, req)
	require.NoError(t, err)
	require.Contains(t, string(api.Last()), `"signature":"fakesig"`)
	req.Model = "amazon.nova-pro-v1:0"
	_, err = ask(t, api, fakeKey, req)
	require.NoError(t, err)
	require.NotContains(t, string(api.Last()), "fakesig")
}
