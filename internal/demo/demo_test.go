package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// carrier is one way to reach the demo server, and the version to ask for.
type carrier struct {
	name      string
	transport patchbay.Transport
	version   string
	want      string // the version that must come out
}

var carriers = []carrier{
	{"stdio modern", patchbay.TransportStdio, "", "2026-07-28"},
	{"stdio legacy", patchbay.TransportStdio, "2025-06-18", "2025-06-18"},
	{"stdio oldest", patchbay.TransportStdio, "2024-11-05", "2024-11-05"},
	{"streamable-http modern", patchbay.TransportHTTP, "", "2026-07-28"},
	{"streamable-http legacy", patchbay.TransportHTTP, "2025-11-25", "2025-11-25"},
	{"sse", patchbay.TransportSSE, "2024-11-05", "2024-11-05"},
	{"websocket modern", patchbay.TransportWebSocket, "", "2026-07-28"},
	{"websocket legacy", patchbay.TransportWebSocket, "2025-11-25", "2025-11-25"},
}

func TestEveryCarrier(t *testing.T) {
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			var progress notes
			cs := connect(t, c, &mcp.ClientOptions{
				ElicitationHandler: func(_ context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					if req.Params.Message != "Well?" {
						return nil, errors.New("wrong question: " + req.Params.Message)
					}
					return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Ada", "colour": "green"}}, nil
				},
				ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
					progress.add(req.Params.Progress, req.Params.Total)
				},
			})
			require.Equal(t, c.want, cs.InitializeResult().ProtocolVersion)
			require.Equal(t, instructions, cs.InitializeResult().Instructions)

			tools, err := cs.ListTools(t.Context(), nil)
			require.NoError(t, err)
			var names []string
			for _, tool := range tools.Tools {
				names = append(names, tool.Name)
				require.NotNil(t, tool.Annotations, tool.Name)
				require.True(t, tool.Annotations.ReadOnlyHint, tool.Name)
			}
			require.ElementsMatch(t, []string{"add", "now", "countdown", "picture", "table", "ask", "fail"}, names)

			require.Equal(t, "3", text(t, call(t, cs, "add", `{"a":1,"b":2}`)))
			require.Equal(t, "Hello, Ada! Your colour is green.", text(t, call(t, cs, "ask", `{"question":"Well?"}`)))

			failed := call(t, cs, "fail", `{"message":"no luck"}`)
			require.True(t, failed.IsError)
			require.Equal(t, "no luck", text(t, failed))

			_, err = cs.CallTool(t.Context(), &mcp.CallToolParams{
				Meta: mcp.Meta{"progressToken": "p1"}, Name: "countdown", Arguments: json.RawMessage(`{"from":3,"ms":1}`),
			})
			require.NoError(t, err)
			progress.wait(t, 3)
			// The SDK's client runs notification handlers at the same time, in any order.
			require.ElementsMatch(t, [][2]float64{{1, 3}, {2, 3}, {3, 3}}, progress.all())

			table := call(t, cs, "table", `{"rows":2}`)
			want := map[string]any{"rows": []any{
				map[string]any{"n": 1.0, "square": 1.0, "cube": 1.0}, map[string]any{"n": 2.0, "square": 4.0, "cube": 8.0},
			}}
			require.Empty(t, cmp.Diff(want, table.StructuredContent))
			require.Equal(t, "| n | square | cube |\n|---|---|---|\n| 1 | 1 | 1 |\n| 2 | 4 | 8 |\n", text(t, table))

			picture := call(t, cs, "picture", `{"size":32}`)
			img, err := png.Decode(bytes.NewReader(picture.Content[0].(*mcp.ImageContent).Data))
			require.NoError(t, err)
			require.Equal(t, 32, img.Bounds().Dx())

			res, err := cs.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: aboutURI})
			require.NoError(t, err)
			require.Equal(t, aboutText, res.Contents[0].Text)

			prompt, err := cs.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "greet", Arguments: map[string]string{"name": "Ada"}})
			require.NoError(t, err)
			require.Contains(t, prompt.Messages[0].Content.(*mcp.TextContent).Text, "Greet Ada")
		})
	}
}

// A cancelled countdown ends at once on the server too, and the connection goes on.
func TestCancelCountdown(t *testing.T) {
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			var progress notes
			cs := connect(t, c, &mcp.ClientOptions{
				ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
					progress.add(req.Params.Progress, req.Params.Total)
				},
			})
			_, err := cs.ListTools(t.Context(), nil)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := cs.CallTool(ctx, &mcp.CallToolParams{
					Meta: mcp.Meta{"progressToken": "p1"}, Name: "countdown", Arguments: json.RawMessage(`{"from":10000,"ms":10}`),
				})
				done <- err
			}()
			progress.wait(t, 1)
			cancel()
			require.ErrorIs(t, <-done, context.Canceled)
			require.Equal(t, "5", text(t, call(t, cs, "add", `{"a":2,"b":3}`)))
		})
	}
}

func TestAskWithoutElicitation(t *testing.T) {
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			r := call(t, connect(t, c, nil), "ask", `{}`)
			require.True(t, r.IsError)
			require.Contains(t, text(t, r), "cannot show questions")
		})
	}
}

func TestAskAnswers(t *testing.T) {
	tests := []struct {
		name, action string
		content      map[string]any
		want         string
		isError      bool
	}{
		{"accepted", "accept", map[string]any{"name": "Bo"}, "Hello, Bo!", false},
		{"declined", "decline", nil, "The question was declined.", false},
		{"dismissed", "cancel", nil, "The question was dismissed.", false},
		{"accepted without a name", "accept", map[string]any{"colour": "red"}, `The answer has no "name".`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := repeat(&mcp.ElicitResult{Action: tt.action, Content: tt.content})
			require.Equal(t, tt.want, text(t, got))
			require.Equal(t, tt.isError, got.IsError)
		})
	}
}

func TestWrongArguments(t *testing.T) {
	cs := connect(t, carriers[0], nil)
	tests := []struct{ name, tool, args, want string }{
		{"missing", "add", `{"a":1}`, `argument "b" is missing`},
		{"text for a number", "add", `{"a":"1","b":2}`, `argument "a" must be a number`},
		{"unknown", "add", `{"a":1,"b":2,"c":3}`, `unknown field "c"`},
		{"both wrong", "add", `{"a":true,"b":null}`, `argument "b"`},
		{"text for an integer", "countdown", `{"from":"x"}`, `argument "from" must be an integer, not string`},
		{"fraction for an integer", "table", `{"rows":1.5}`, `argument "rows" must be an integer`},
		{"too many rows", "table", `{"rows":1001}`, `between 1 and 1000`},
		{"too small", "picture", `{"size":1}`, `between 16 and 1024`},
		{"no such zone", "now", `{"zone":"Mars/Olympus"}`, `there is no time zone "Mars/Olympus"`},
		{"the server's own zone", "now", `{"zone":"Local"}`, `there is no time zone "Local"`},
		{"a path as zone", "now", `{"zone":"../../etc/passwd"}`, `there is no time zone`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := call(t, cs, tt.tool, tt.args)
			require.True(t, r.IsError)
			require.Contains(t, text(t, r), tt.want)
		})
	}
}

func TestNow(t *testing.T) {
	cs := connect(t, carriers[0], nil)
	for zone, args := range map[string]string{"UTC": `{}`, "Asia/Tokyo": `{"zone":"Asia/Tokyo"}`} {
		got, err := time.Parse(time.RFC3339, text(t, call(t, cs, "now", args)))
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), got, time.Minute)
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		require.Equal(t, time.Now().In(loc).Format("-07:00"), got.Format("-07:00"))
	}
}

func TestSum(t *testing.T) {
	tests := []struct{ name, a, b, want, err string }{
		{"small", "1", "2", "3", ""},
		{"beyond the integers of a float", "9007199254740993", "0", "9007199254740993", ""},
		{"decimals", "0.1", "0.2", "0.3", ""},
		{"negative", "-5", "2.50", "-2.5", ""},
		{"exponent", "1e3", "1E-2", "1000.01", ""},
		{"sums to zero", "1.5", "-1.5", "0", ""},
		{"huge exponent", "1e999999999", "1", "", `argument "a" has an exponent over 400`},
		{"hidden huge exponent", "1e-999999999", "1", "", `argument "a" has an exponent over 400`},
		{"too long", strings.Repeat("9", 500), "1", "", `argument "a" has more than 400 digits`},
		{"list", "[1]", "1", "", `argument "a" must be a number`},
		{"two wrong", "", "{}", "", `argument "a" is missing; argument "b" must be a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sum(json.RawMessage(tt.a), json.RawMessage(tt.b))
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestGuard(t *testing.T) {
	tests := []struct {
		name, host, origin string
		want               int
	}{
		{"loopback", "127.0.0.1:3000", "", 200},
		{"localhost", "localhost:3000", "http://localhost:3000", 200},
		{"six", "[::1]:3000", "", 200},
		{"a name of somebody's", "evil.example:3000", "", 421},
		{"a name that begins like an address", "127.0.0.1.evil.example", "", 421},
		{"another page", "localhost:3000", "https://evil.example", 403},
		{"a sandboxed page", "localhost:3000", "null", 403},
		{"another port", "localhost:3000", "http://localhost:4000", 403},
	}
	h := guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/mcp", nil)
			r.Host = tt.host
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Equal(t, tt.want, w.Code)
		})
	}
}

func TestIsModern(t *testing.T) {
	tests := []struct {
		name, header, body string
		want               bool
	}{
		{"header", "2026-07-28", `{}`, true},
		{"later header", "2027-01-01", `{}`, true},
		{"old header", "2025-11-25", `{"method":"tools/list"}`, false},
		{"meta", "", `{"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`, true},
		{"discovery", "", `{"method":"server/discover"}`, true},
		{"initialize", "", `{"method":"initialize","params":{"protocolVersion":"2026-07-28"}}`, false},
		{"the words inside arguments", "", `{"method":"tools/call","params":{"arguments":{"x":"io.modelcontextprotocol/protocolVersion 2026-07-28 server/discover"}}}`, false},
		{"not JSON", "", `{`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, isModern(tt.header, []byte(tt.body))) })
	}
}

func TestRunRefuses(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"unknown transport", Options{Transport: "carrier-pigeon"}, "use stdio, streamable-http, sse or websocket"},
		{"listening stdio", Options{Transport: patchbay.TransportStdio, Listen: ":0"}, "--listen needs --transport"},
		{"no port", Options{Listen: "localhost"}, "is not HOST:PORT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.ErrorContains(t, Run(t.Context(), tt.o), tt.want) })
	}
}

// A client that leaves while it is being answered ends the server, without an error.
func TestClientLeavesMidAnswer(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- Run(context.WithoutCancel(t.Context()), Options{Stdin: inR, Stdout: outW}) }()
	_, err := io.WriteString(inW, `{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n")
	require.NoError(t, err)
	_, err = outR.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, outR.Close())
	_, err = io.WriteString(inW, `{"jsonrpc":"2.0","id":2,"method":"ping"}`+"\n")
	require.NoError(t, err)
	inW.Close()
	require.NoError(t, <-done)
}

func TestWebsocketNeedsSubprotocol(t *testing.T) {
	url := serve(t, patchbay.TransportWebSocket)
	c, resp, err := websocket.Dial(t.Context(), url, nil)
	require.NoError(t, err)
	if resp.Body != nil {
		resp.Body.Close()
	}
	_, _, err = c.Read(t.Context())
	require.Equal(t, websocket.StatusPolicyViolation, websocket.CloseStatus(err))
}

// connect starts the demo server behind c and connects the SDK's client to it. Both
// end with the test.
func connect(t *testing.T, c carrier, o *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	var transport mcp.Transport
	switch c.transport {
	case patchbay.TransportStdio:
		transport = stdio(t)
	case patchbay.TransportHTTP:
		transport = &mcp.StreamableClientTransport{Endpoint: serve(t, c.transport), HTTPClient: client(t), DisableStandaloneSSE: true}
	case patchbay.TransportSSE:
		transport = &mcp.SSEClientTransport{Endpoint: serve(t, c.transport), HTTPClient: client(t)}
	case patchbay.TransportWebSocket:
		conn, resp, err := websocket.Dial(t.Context(), serve(t, c.transport), &websocket.DialOptions{Subprotocols: []string{subprotocol}})
		require.NoError(t, err)
		if resp.Body != nil {
			resp.Body.Close()
		}
		conn.SetReadLimit(maxBody)
		transport = &socket{c: conn, ctx: context.WithoutCancel(t.Context())}
	}
	cs, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, o).
		Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: c.version})
	require.NoError(t, err)
	t.Cleanup(func() { _ = cs.Close() })
	return cs
}

// client has sockets of its own, which the test closes.
func client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// serve runs a network transport for the test and returns its URL.
func serve(t *testing.T, transport patchbay.Transport) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	url, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{Transport: transport, Listen: "127.0.0.1:0", Stderr: io.Discard, Ready: func(u string) { url <- u }})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	select {
	case u := <-url:
		return u
	case err := <-done:
		t.Fatal(err)
		return ""
	}
}

// stdio runs the server at the other end of two pipes.
func stdio(t *testing.T) mcp.Transport {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Run(context.WithoutCancel(t.Context()), Options{Stdin: inR, Stdout: outW})
		outW.Close()
	}()
	t.Cleanup(func() {
		inW.Close()
		require.NoError(t, <-done)
	})
	return &mcp.IOTransport{Reader: outR, Writer: inW}
}

func call(t *testing.T, cs *mcp.ClientSession, tool, args string) *mcp.CallToolResult {
	t.Helper()
	r, err := cs.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(args)})
	require.NoError(t, err)
	return r
}

func text(t *testing.T, r *mcp.CallToolResult) string {
	t.Helper()
	require.NotEmpty(t, r.Content)
	c, ok := r.Content[0].(*mcp.TextContent)
	require.True(t, ok, "%T", r.Content[0])
	return c.Text
}

// notes collects progress, which the client's handlers deliver from goroutines.
type notes struct {
	mu   sync.Mutex
	got  [][2]float64
	more chan struct{}
}

func (n *notes) signal() chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.more == nil {
		n.more = make(chan struct{}, 1)
	}
	return n.more
}

func (n *notes) add(done, total float64) {
	more := n.signal()
	n.mu.Lock()
	n.got = append(n.got, [2]float64{done, total})
	n.mu.Unlock()
	select {
	case more <- struct{}{}:
	default:
	}
}

func (n *notes) all() [][2]float64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([][2]float64(nil), n.got...)
}

func (n *notes) wait(t *testing.T, count int) {
	t.Helper()
	more := n.signal()
	for len(n.all()) < count {
		select {
		case <-more:
		case <-t.Context().Done():
			t.Fatalf("%d progress notes, want %d", len(n.all()), count)
		}
	}
}
