package tools_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/registry"
	"patchbay/internal/seal"
	"patchbay/internal/testkit"
	"patchbay/internal/tools"
	"patchbay/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// meter keeps the outcomes it is told of.
type meter struct {
	mu       sync.Mutex
	outcomes []string
}

func (m *meter) CallDone(server, outcome string, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outcomes = append(m.outcomes, server+" "+outcome)
}

type house struct {
	*tools.Service
	meter *meter
}

func newHouse(t *testing.T, servers ...*patchbay.Server) *house {
	t.Helper()
	guard, err := netguard.New(netguard.Policy{})
	require.NoError(t, err)
	factory, err := transport.NewFactory(transport.Options{Guard: func() transport.Guard { return guard }})
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	pool := conn.New(t.Context(), conn.Options{
		Opener: factory, Logger: log, Version: "test",
		Values: func(_ context.Context, t conn.Target) (expand.Values, error) {
			return expand.Values{User: t.User, Body: t.Body, HasBody: t.Key.Level() == patchbay.LevelRun}, nil
		},
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		pool.Close(ctx)
		factory.Close()
		guard.CloseIdle()
	})
	reg := registry.New()
	reg.Replace(servers, registry.Rules{})
	box, err := seal.New([]byte(strings.Repeat("k", seal.KeySize)))
	require.NoError(t, err)
	h := &house{meter: &meter{}}
	h.Service, err = tools.New(tools.Options{Registry: reg, Connections: pool, Sealer: box, Meter: h.meter, Logger: log})
	require.NoError(t, err)
	return h
}

func server(name, url string, change func(*patchbay.Server)) *patchbay.Server {
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	s := &patchbay.Server{
		ID: patchbay.YAMLServerID(name), Name: name, Source: patchbay.SourceYAML, Hash: "1",
		Transport: patchbay.TransportHTTP, URL: url, Access: patchbay.Access{View: everyone, Use: everyone},
		CallTimeout: 10 * time.Second, ConnectTimeout: 10 * time.Second,
	}
	if change != nil {
		change(s)
	}
	return s
}

func user(id string) patchbay.Actor {
	return patchbay.Actor{Kind: patchbay.ActorUser, User: &patchbay.User{ID: patchbay.UserID(id), Role: patchbay.RoleUser, Email: id + "@example.com", EmailVerified: true}}
}

func request(server, tool, args string) patchbay.CallRequest {
	return patchbay.CallRequest{Ref: patchbay.ToolRef{Server: patchbay.YAMLServerID(server), Tool: tool}, Args: json.RawMessage(args)}
}

func TestCallChecks(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	onlyAnn := []patchbay.Grantee{{Kind: patchbay.GranteeUser, Name: "ann@example.com"}}
	h := newHouse(t,
		server("open", echo.URL(), func(s *patchbay.Server) { s.Tools.Deny = []string{"sl*"} }),
		server("anns", echo.URL(), func(s *patchbay.Server) { s.Access = patchbay.Access{View: onlyAnn, Use: onlyAnn} }),
		server("bad", "", func(s *patchbay.Server) {
			s.Problem = &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url is missing"}
		}),
	)
	bob, ann := user("bob"), user("ann")
	limited := bob
	limited.Scopes = []patchbay.Scope{patchbay.ScopeServersRead}
	tests := []struct {
		name  string
		actor patchbay.Actor
		req   patchbay.CallRequest
		want  patchbay.Code
	}{
		{"works", bob, request("open", "echo", `{"text":"x"}`), ""},
		{"no arguments", bob, request("open", "whoami", ``), ""},
		{"owner of the grant", ann, request("anns", "echo", `{"text":"x"}`), ""},
		{"unknown server", bob, request("nowhere", "echo", `{}`), patchbay.CodeNotFound},
		{"hidden server", bob, request("anns", "echo", `{}`), patchbay.CodeNotFound},
		{"token without the scope", limited, request("open", "echo", `{}`), patchbay.CodeForbidden},
		{"tool left out", bob, request("open", "slow", `{"ms":1}`), patchbay.CodeForbidden},
		{"no tool", bob, request("open", "", `{}`), patchbay.CodeInvalid},
		{"arguments are a list", bob, request("open", "echo", `[]`), patchbay.CodeInvalid},
		{"arguments are two values", bob, request("open", "echo", `{} {}`), patchbay.CodeInvalid},
		{"arguments end the message", bob, request("open", "echo", `{}},"method":"tools/list","x":{"y":{`), patchbay.CodeInvalid},
		{"arguments are cut", bob, request("open", "echo", `{"text":`), patchbay.CodeInvalid},
		{"too large", bob, request("open", "echo", `{"text":"`+strings.Repeat("x", tools.MaxArguments)+`"}`), patchbay.CodeTooLarge},
		{"answers without resume", bob, func() patchbay.CallRequest {
			r := request("open", "echo", `{}`)
			r.Answers = json.RawMessage(`{"a":1}`)
			return r
		}(), patchbay.CodeInvalid},
		{"forged resume", bob, func() patchbay.CallRequest {
			r := request("open", "echo", `{}`)
			r.Resume = "v1.x.eHh4"
			return r
		}(), patchbay.CodeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.Call(t.Context(), tt.actor, tt.req)
			if got := patchbay.CodeOf(err); got != tt.want {
				t.Errorf("code %q (%v), want %q", got, err, tt.want)
			}
		})
	}
	_, err := h.Call(t.Context(), bob, request("bad", "x", `{}`))
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	require.Equal(t, patchbay.ReasonBadDefinition, ce.Reason)
	require.Contains(t, h.meter.outcomes, "open ok")
	require.Contains(t, h.meter.outcomes, " not_found")
}

func TestListFollowsPermissionAndFilter(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	onlyAnn := []patchbay.Grantee{{Kind: patchbay.GranteeUser, Name: "ann@example.com"}}
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	h := newHouse(t,
		server("open", echo.URL(), func(s *patchbay.Server) { s.Tools.Allow = []string{"echo", "whoami"}; s.Tools.Deny = []string{"who*"} }),
		server("anns", echo.URL(), func(s *patchbay.Server) {
			s.Access = patchbay.Access{View: everyone, Use: onlyAnn}
			s.Tools.Allow = []string{"big"}
		}),
		server("dead", "http://127.0.0.1:1/mcp", nil),
	)
	keys := func(a patchbay.Actor, f tools.Filter) []string {
		t.Helper()
		entries, err := h.List(t.Context(), a, f)
		require.NoError(t, err)
		out := []string{}
		for _, e := range entries {
			out = append(out, e.Key)
		}
		return out
	}
	require.Empty(t, keys(user("bob"), tools.Filter{}), "nothing is known before a connection")
	if diff := cmp.Diff([]string{"echo_mcp_open"}, keys(user("bob"), tools.Filter{Connect: true})); diff != "" {
		t.Errorf("bob's catalogue (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"big_mcp_anns", "echo_mcp_open"}, keys(user("ann"), tools.Filter{Connect: true})); diff != "" {
		t.Errorf("ann's catalogue (-want +got):\n%s", diff)
	}
	reader := user("ann")
	reader.Scopes = []patchbay.Scope{patchbay.ScopeServersRead}
	if diff := cmp.Diff([]string{"big_mcp_anns", "echo_mcp_open"}, keys(reader, tools.Filter{})); diff != "" {
		t.Errorf("catalogue by a token that may only read (-want +got):\n%s", diff)
	}
	_, err := h.List(t.Context(), reader, tools.Filter{Connect: true})
	require.Equal(t, patchbay.CodeForbidden, patchbay.CodeOf(err))
	_, err = h.List(t.Context(), user("bob"), tools.Filter{Server: "anns"})
	require.Equal(t, patchbay.CodeForbidden, patchbay.CodeOf(err))
	_, err = h.List(t.Context(), user("bob"), tools.Filter{Server: "dead", Connect: true})
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce, "a server that was named says why not")
}

func TestRunLevelNeedsItsBodyAndEndsWithTheCall(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	h := newHouse(t, server("run", echo.URL(), func(s *patchbay.Server) {
		s.Headers = map[string]string{"X-Conversation": "{{LIBRECHAT_BODY_CONVERSATIONID}}", "X-Message": "{{LIBRECHAT_BODY_MESSAGEID}}"}
	}))
	req := request("run", "whoami", `{}`)
	req.Body.ConversationID = "c1"
	_, err := h.Call(t.Context(), user("ann"), req)
	var e *patchbay.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []patchbay.FieldError{{Path: "messageId", Message: "is required by this server"}}, e.Fields)

	req.Body.MessageID = "m1"
	for range 2 {
		out, err := h.Call(t.Context(), user("ann"), req)
		require.NoError(t, err)
		require.Contains(t, string(out.Result.Raw), "c1")
	}
	require.Len(t, echo.Sessions(), 2, "one connection for each call")
}

func TestProgressComesBeforeTheResult(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	h := newHouse(t, server("open", echo.URL(), nil))
	req := request("open", "progress", `{"n":5}`)
	var notes []patchbay.Note
	ended := false
	req.Observer = func(n patchbay.Note) {
		require.False(t, ended, "a note after the result")
		notes = append(notes, n)
	}
	_, err := h.Call(t.Context(), user("ann"), req)
	ended = true
	require.NoError(t, err)
	kinds := map[patchbay.NoteKind]int{}
	for _, n := range notes {
		kinds[n.Kind]++
	}
	require.Equal(t, 5, kinds[patchbay.NoteProgress])
}

func TestOperatorAsNobody(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	h := newHouse(t,
		server("app", echo.URL(), nil),
		server("mine", echo.URL(), func(s *patchbay.Server) { s.Headers = map[string]string{"X-User": "{{LIBRECHAT_USER_ID}}"} }),
	)
	operator := patchbay.Actor{Kind: patchbay.ActorOperator}
	_, err := h.Call(t.Context(), operator, request("app", "echo", `{"text":"x"}`))
	require.NoError(t, err)
	_, err = h.Call(t.Context(), operator, request("mine", "echo", `{"text":"x"}`))
	require.Equal(t, patchbay.CodeForbidden, patchbay.CodeOf(err))
	require.ErrorContains(t, err, "--as EMAIL")
}
