package testkit

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// A client of the SDK can use an Echo in every era and form.
func TestEchoServesTheSDK(t *testing.T) {
	tests := []struct {
		name, version, want string
		o                   EchoOptions
	}{
		{"legacy", "2025-11-25", "2025-11-25", EchoOptions{}},
		{"legacy found out", "", "2025-11-25", EchoOptions{}},
		{"oldest", "2024-11-05", "2024-11-05", EchoOptions{}},
		{"stateless", "2025-06-18", "2025-06-18", EchoOptions{Stateless: true}},
		{"JSON", "2025-06-18", "2025-06-18", EchoOptions{JSON: true}},
		{"modern", "", Modern, EchoOptions{Versions: []string{Modern}}},
		{"modern JSON", "", Modern, EchoOptions{Versions: []string{Modern}, JSON: true}},
		{"both, modern wins", "", Modern, EchoOptions{Versions: append(LegacyVersions(), Modern)}},
		{"both, legacy asked for", "2025-06-18", "2025-06-18", EchoOptions{Versions: append(LegacyVersions(), Modern)}},
		{"pages", "2025-11-25", "2025-11-25", EchoOptions{PageSize: 3, Instructions: "Be brief."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := NewEcho(t, tt.o)
			cs := sdk(t, e.URLAt("/a/b"), tt.version, http.Header{"X-User-Id": {"u1"}, "Authorization": {"Bearer fake-token-1"}})
			require.Equal(t, tt.want, cs.InitializeResult().ProtocolVersion)
			require.Equal(t, tt.o.Instructions, cs.InitializeResult().Instructions)
			count := 0
			for _, err := range cs.Tools(t.Context(), nil) {
				require.NoError(t, err)
				count++
			}
			require.Equal(t, len(builtinTools()), count)
			r, err := cs.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami"})
			require.NoError(t, err)
			var who WhoAmI
			require.NoError(t, json.Unmarshal([]byte(r.Content[0].(*mcp.TextContent).Text), &who))
			require.Equal(t, "/a/b/mcp", who.Path)
			require.Equal(t, "u1", who.Headers["X-User-Id"])
			require.Equal(t, "Bearer fake-token-1", who.Headers["Authorization"])
			require.Equal(t, 1, e.Calls("whoami"))
			if tt.want == Modern || tt.o.Stateless {
				require.Empty(t, e.Sessions())
				return
			}
			require.Len(t, e.Sessions(), 1)
			s := e.Sessions()[0]
			require.Equal(t, who.Session, s.ID)
			require.Equal(t, tt.want, s.Version)
			require.Len(t, s.Identities, 1)
		})
	}
}

func TestEchoTellsSharedSessions(t *testing.T) {
	e := NewEcho(t, EchoOptions{})
	h := post(t, e, initialize, nil).Header
	session := h.Get("Mcp-Session-Id")
	for _, user := range []string{"u1", "u2"} {
		resp := post(t, e, callEcho, http.Header{"Mcp-Session-Id": {session}, "X-User-Id": {user}})
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	require.Len(t, e.Sessions(), 1)
	require.Len(t, e.Sessions()[0].Identities, 3, "the handshake without a user, and two users")
}

func TestEchoExact(t *testing.T) {
	tests := []struct{ name, arg, want string }{
		{"object", `{"content":[],"n":9007199254740993,"x-unknown":[1.0,  1e2]}`, `{"content":[],"n":9007199254740993,"x-unknown":[1.0,  1e2]}`},
		{"text with odd spacing", quote("{ \"content\" : [ ]\t,\n\"a\":1 }"), "{ \"content\" : [ ]\t,\n\"a\":1 }"},
		{"escapes stay", quote(`{"content":[],"s":"\u00e9\/é"}`), `{"content":[],"s":"\u00e9\/é"}`},
	}
	for _, asJSON := range []bool{false, true} {
		e := NewEcho(t, EchoOptions{JSON: asJSON, Stateless: true})
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				resp := post(t, e, `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"exact","arguments":{"result":`+tt.arg+`}}}`, nil)
				require.Equal(t, `{"jsonrpc":"2.0","id":7,"result":`+tt.want+`}`, answers(t, resp, asJSON)[0])
			})
		}
	}
}

func TestEchoNotesComeFirst(t *testing.T) {
	e := NewEcho(t, EchoOptions{Stateless: true})
	resp := post(t, e, `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"progress","arguments":{"n":2},"_meta":{"progressToken":"p"}}}`, nil)
	got := answers(t, resp, false)
	require.Len(t, got, 5)
	require.Contains(t, got[0], `"progress":1,"total":2`)
	require.Contains(t, got[1], `"data":"line 1"`)
	require.Contains(t, got[2], `"progress":2,"total":2`)
	require.Contains(t, got[3], `"data":"line 2"`)
	require.Contains(t, got[4], `"id":7,"result"`)
}

func TestEchoFaults(t *testing.T) {
	e := NewEcho(t, EchoOptions{Stateless: true})
	challenge := `Bearer resource_metadata="http://127.0.0.1/.well-known/oauth-protected-resource"`
	e.Fail(Unauthorized("tools/call", challenge))
	e.Fail(RateLimited("tools/list", 7*time.Second))
	e.Fail(SessionGone("tools/call"))

	require.Equal(t, http.StatusOK, post(t, e, initialize, nil).StatusCode, "a fault strikes its own method alone")
	resp := post(t, e, callEcho, nil)
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, challenge, resp.Header.Get("WWW-Authenticate"))
	resp = post(t, e, listTools, nil)
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "7", resp.Header.Get("Retry-After"))
	require.Equal(t, http.StatusNotFound, post(t, e, callEcho, nil).StatusCode)
	require.Equal(t, http.StatusOK, post(t, e, callEcho, nil).StatusCode, "faults are used up")
	require.Equal(t, 1, e.Calls("echo"))

	e.Fail(Cut("tools/call"))
	_, err := try(t, e, callEcho, nil)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 1, e.Calls("echo"))
	e.Fail(CutAfter("tools/call"))
	_, err = try(t, e, callEcho, nil)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 2, e.Calls("echo"), "carried out, though nobody was told")
}

func TestEchoRefusesByTheBook(t *testing.T) {
	legacy, modern := NewEcho(t, EchoOptions{}), NewEcho(t, EchoOptions{Versions: []string{Modern}})
	meta := `"_meta":{"` + metaVersion + `":"2026-07-28"}`
	header := http.Header{"Mcp-Protocol-Version": {Modern}, "Mcp-Method": {"tools/call"}, "Mcp-Name": {"echo"}}
	wrongName := header.Clone()
	wrongName.Set("Mcp-Name", "big")
	tests := []struct {
		name   string
		e      *Echo
		body   string
		header http.Header
		status int
		want   string
	}{
		{"discovery of an old server", legacy, `{"jsonrpc":"2.0","id":1,"method":"server/discover"}`, nil, 400, "Mcp-Session-Id header is required"},
		{"an unknown session", legacy, callEcho, http.Header{"Mcp-Session-Id": {"x"}}, 404, "Session not found"},
		{"a version it has not", legacy, callEcho, http.Header{"Mcp-Protocol-Version": {"2099-01-01"}}, 400, "Unsupported protocol version"},
		{"handshake with a new server", modern, initialize, nil, 400, `"supported":["2026-07-28"]`},
		{"missing headers", modern, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo",` + meta + `}}`, nil, 400, "-32020"},
		{"header of another tool", modern, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo",` + meta + `}}`, wrongName, 400, "-32020"},
		{"right headers", modern, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo",` + meta + `}}`, header, 200, `"resultType":"complete"`},
		{"not JSON", legacy, `{`, nil, 400, "-32600"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := post(t, tt.e, tt.body, tt.header)
			require.Equal(t, tt.status, resp.StatusCode)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Contains(t, string(body), tt.want)
		})
	}
}

func TestEchoAuthorize(t *testing.T) {
	e := NewEcho(t, EchoOptions{Stateless: true, Authorize: func(h http.Header) string {
		if h.Get("Authorization") == "Bearer fake-good" {
			return ""
		}
		return `Bearer error="invalid_token"`
	}})
	require.Equal(t, http.StatusUnauthorized, post(t, e, callEcho, nil).StatusCode)
	require.Equal(t, http.StatusOK, post(t, e, callEcho, http.Header{"Authorization": {"Bearer fake-good"}}).StatusCode)
}

// Cancelling ends the call on the server, by the means of its era.
func TestEchoCancel(t *testing.T) {
	for _, version := range []string{Legacy, ""} {
		t.Run("version "+version, func(t *testing.T) {
			e := NewEcho(t, EchoOptions{Versions: append(LegacyVersions(), Modern)})
			cs := sdk(t, e.URL(), version, nil)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := cs.CallTool(ctx, &mcp.CallToolParams{Name: "slow", Arguments: json.RawMessage(`{"ms":60000}`)})
				done <- err
			}()
			e.AwaitInFlight(t, 1)
			cancel()
			require.Error(t, <-done)
			require.Eventually(t, func() bool { return e.Cancelled() == 1 }, patience, 5*time.Millisecond)
		})
	}
}

// list_changed reaches a client on the stream of its era.
func TestEchoListChanged(t *testing.T) {
	for _, version := range []string{Legacy, ""} {
		t.Run("version "+version, func(t *testing.T) {
			e := NewEcho(t, EchoOptions{Versions: append(LegacyVersions(), Modern)})
			changed := make(chan struct{}, 1)
			client := mcp.NewClient(&mcp.Implementation{Name: "t", Version: "1"}, &mcp.ClientOptions{
				ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} },
			})
			tr := &http.Transport{}
			t.Cleanup(tr.CloseIdleConnections)
			cs, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: e.URL(), HTTPClient: &http.Client{Transport: tr}},
				&mcp.ClientSessionOptions{ProtocolVersion: version})
			require.NoError(t, err)
			defer cs.Close()
			e.AwaitStreams(t, 1)
			e.SetTools(`{"name":"fresh","inputSchema":{"type":"object"}}`)
			require.Equal(t, 1, e.ListChanged())
			select {
			case <-changed:
			case <-time.After(patience):
				t.Fatal("nobody was told")
			}
			r, err := cs.CallTool(t.Context(), &mcp.CallToolParams{Name: "fresh"})
			require.NoError(t, err)
			require.Equal(t, "called fresh", r.Content[0].(*mcp.TextContent).Text)
		})
	}
}

// sdk connects a client of the SDK that sends the headers with everything.
func sdk(t *testing.T, url, version string, h http.Header) *mcp.ClientSession {
	t.Helper()
	return sdkWith(t, url, version, h, nil)
}

func sdkWith(t *testing.T, url, version string, h http.Header, o *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	cs, err := mcp.NewClient(&mcp.Implementation{Name: "t", Version: "1"}, o).Connect(t.Context(),
		&mcp.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: adding{h, tr}}, DisableStandaloneSSE: true},
		&mcp.ClientSessionOptions{ProtocolVersion: version})
	require.NoError(t, err)
	t.Cleanup(func() { _ = cs.Close() })
	return cs
}

type adding struct {
	h    http.Header
	next http.RoundTripper
}

func (a adding) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range a.h {
		r.Header[name] = values
	}
	return a.next.RoundTrip(r)
}

func post(t *testing.T, e *Echo, body string, h http.Header) *http.Response {
	t.Helper()
	resp, err := try(t, e, body, h)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func try(t *testing.T, e *Echo, body string, h http.Header) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL(), strings.NewReader(body))
	require.NoError(t, err)
	for name, values := range h {
		req.Header[name] = values
	}
	return e.server.Client().Do(req)
}

// answers are the messages of a response, data lines of one event joined.
func answers(t *testing.T, resp *http.Response, asJSON bool) []string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if asJSON {
		return []string{string(body)}
	}
	var all []string
	for event := range strings.SplitSeq(strings.TrimSuffix(string(body), "\n\n"), "\n\n") {
		var lines []string
		for line := range strings.SplitSeq(event, "\n") {
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				lines = append(lines, data)
			}
		}
		all = append(all, strings.Join(lines, "\n"))
	}
	return all
}
