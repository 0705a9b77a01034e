package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/transport"
)

// sdkServer is the SDK's own server with tools to be called over our wires.
type sdkServer struct {
	*mcp.Server
	cancelled chan struct{} // one value for each cancelled call of wait
	waiting   chan struct{} // one value when wait has begun
}

const emptySchema = `{"type":"object"}`

func newSDKServer() *sdkServer {
	s := &sdkServer{
		Server:    mcp.NewServer(&mcp.Implementation{Name: "sdk", Version: "1"}, nil),
		cancelled: make(chan struct{}, 16), waiting: make(chan struct{}, 16),
	}
	add := func(name string, h mcp.ToolHandler) {
		s.AddTool(&mcp.Tool{Name: name, InputSchema: json.RawMessage(emptySchema)}, h)
	}
	add("echo", func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(req.Params.Arguments)), nil
	})
	add("big", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("0123456789abcdef", 5<<20/16)), nil
	})
	add("fail", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r := text("it broke")
		r.IsError = true
		return r, nil
	})
	add("count", func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range 5 {
			if err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: req.Params.GetProgressToken(), Progress: float64(i + 1), Total: 5,
			}); err != nil {
				return nil, err
			}
		}
		return text("counted"), nil
	})
	add("wait", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		s.waiting <- struct{}{}
		<-ctx.Done()
		s.cancelled <- struct{}{}
		return nil, ctx.Err()
	})
	add("ask", func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r, err := req.Session.Elicit(ctx, &mcp.ElicitParams{Message: "sure?", RequestedSchema: json.RawMessage(`{"type":"object","properties":{}}`)})
		if err != nil {
			return nil, err
		}
		return text("person said " + r.Action), nil
	})
	s.AddTool(&mcp.Tool{Name: "headed", InputSchema: json.RawMessage(
		`{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer","x-mcp-header":"Count"}}}`)},
		func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return text(req.Extra.Header.Get("Mcp-Param-Region") + " " + req.Extra.Header.Get("Mcp-Param-Count")), nil
		})
	return s
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}

// way is one form of streamable HTTP.
type way struct {
	name    string
	json    bool
	modern  bool
	version string
}

var ways = []way{
	{name: "2025-11-25 events", version: "2025-11-25"},
	{name: "2025-11-25 json", json: true, version: "2025-11-25"},
	{name: "2026-07-28 events", modern: true, version: "2026-07-28"},
	{name: "2026-07-28 json", json: true, modern: true, version: "2026-07-28"},
}

// serve starts the SDK's handler the way w says.
func (s *sdkServer) serve(t *testing.T, w way) *httptest.Server {
	t.Helper()
	h := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.Server },
		&mcp.StreamableHTTPOptions{JSONResponse: w.json, Stateless: w.modern, PropagateRequestCancellation: true})
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.Close()
		for session := range s.Sessions() {
			_ = session.Close() // one whose client left before it knew the session's id
		}
	})
	return srv
}

// newFactory returns a factory whose guard lets the operator reach everything.
func newFactory(t *testing.T, change func(*transport.Options)) *transport.Factory {
	t.Helper()
	g, err := netguard.New(netguard.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	o := transport.Options{Guard: func() transport.Guard { return g }}
	if change != nil {
		change(&o)
	}
	f, err := transport.NewFactory(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		g.CloseIdle()
	})
	return f
}

func endpoint(t *testing.T, kind patchbay.Transport, raw string) *expand.Endpoint {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &expand.Endpoint{Transport: kind, URL: u, Trust: patchbay.TrustOperator}
}

func open(t *testing.T, f *transport.Factory, ep *expand.Endpoint) transport.Wire {
	t.Helper()
	w, err := f.Open(t.Context(), ep, transport.OpenOptions{Server: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// on hands a wire to the SDK.
type on struct{ transport.Wire }

func (o on) Connect(context.Context) (mcp.Connection, error) { return o.Wire, nil }

func connect(t *testing.T, w transport.Wire) *mcp.ClientSession {
	t.Helper()
	s, err := tryConnect(t.Context(), w)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func tryConnect(ctx context.Context, w transport.Wire) (*mcp.ClientSession, error) {
	c := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		Capabilities:   &mcp.ClientCapabilities{},
		MultiRoundTrip: &mcp.MultiRoundTripOptions{Disabled: true},
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "decline"}, nil
		},
	})
	return c.Connect(ctx, on{w}, nil)
}

// toolsOf lists by the SDK and hands the list to the wire, as conn does.
func toolsOf(t *testing.T, s *mcp.ClientSession, w transport.Wire) []patchbay.Tool {
	t.Helper()
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	var tools []patchbay.Tool
	for _, tool := range list.Tools {
		schema, err := json.Marshal(tool.InputSchema)
		if err != nil {
			t.Fatal(err)
		}
		tools = append(tools, patchbay.Tool{Name: tool.Name, InputSchema: schema})
	}
	w.SetTools(tools)
	return tools
}

// firstText is the text of a result's first content.
func firstText(t *testing.T, r *transport.Result) string {
	t.Helper()
	var v struct {
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
	}
	if err := json.Unmarshal(r.Raw, &v); err != nil || len(v.Content) == 0 {
		t.Fatalf("result %.200s: %v", r.Raw, err)
	}
	return v.Content[0].Text
}

func call(t *testing.T, w transport.Wire, name, args string) *transport.Result {
	t.Helper()
	r, err := w.Call(t.Context(), &transport.Call{Name: name, Args: json.RawMessage(args)})
	if err != nil {
		t.Fatalf("call %s: %v", name, err)
	}
	return r
}

// callError returns the error of a call that must fail.
func callError(t *testing.T, w transport.Wire, c *transport.Call) *transport.CallError {
	t.Helper()
	_, err := w.Call(t.Context(), c)
	var ce *transport.CallError
	if !errors.As(err, &ce) {
		t.Fatalf("call %s: %v, want a *CallError", c.Name, err)
	}
	return ce
}
