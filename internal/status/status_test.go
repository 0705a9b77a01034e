package status_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/bus"
	"patchbay/internal/conn"
	"patchbay/internal/registry"
	"patchbay/internal/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// links is what is known of connections, set by the test.
type links struct {
	facts map[conn.Key]conn.Facts
	tools map[conn.Key][]patchbay.Tool
}

func (l *links) Facts(k conn.Key) conn.Facts { return l.facts[k] }

func (l *links) Tools(k conn.Key) ([]patchbay.Tool, bool, bool) {
	tools, known := l.tools[k]
	return tools, false, known
}

// drawer keeps users' variables, keyed by user first.
type drawer map[patchbay.UserID]map[patchbay.ServerID]map[string]string

func (d drawer) Vars(_ context.Context, user patchbay.UserID, server patchbay.ServerID) (map[string]string, error) {
	if user == "broken" {
		return nil, errors.New("the database is away")
	}
	return d[user][server], nil
}

// signIns is what is known of sign-ins, by user.
type signIns map[patchbay.UserID]signIn

type signIn struct {
	phase   patchbay.FlowPhase
	since   time.Time
	problem string
	missing patchbay.Reason

	held, ends time.Time
}

func (s signIns) Pending(user patchbay.UserID, _ patchbay.ServerID) (patchbay.FlowPhase, time.Time, string) {
	return s[user].phase, s[user].since, s[user].problem
}

func (s signIns) Missing(_ context.Context, user patchbay.UserID, _ *patchbay.Server) (patchbay.Reason, error) {
	return s[user].missing, nil
}

func (s signIns) Held(_ context.Context, user patchbay.UserID, _ *patchbay.Server) (since, ends time.Time, err error) {
	return s[user].held, s[user].ends, nil
}

type room struct {
	*status.Service
	links   *links
	vars    drawer
	signIns signIns
	bus     *bus.Bus
	reg     *registry.Registry
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{links: &links{facts: map[conn.Key]conn.Facts{}, tools: map[conn.Key][]patchbay.Tool{}}, vars: drawer{}, signIns: signIns{}, bus: bus.New(), reg: registry.New()}
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	access := patchbay.Access{View: everyone, Use: everyone}
	r.reg.Replace([]*patchbay.Server{
		{ID: "yaml/shared", Name: "shared", Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP, URL: "http://a.example/mcp", Access: access, Tools: patchbay.ToolFilter{Deny: []string{"drop"}}},
		{ID: "yaml/keyed", Name: "keyed", Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP, URL: "http://a.example/mcp", Access: access, Headers: map[string]string{"X-Key": "{{KEY}}"}, UserVars: []patchbay.UserVar{{Name: "KEY"}}},
		{ID: "yaml/bad", Name: "bad", Source: patchbay.SourceYAML, Access: access, Problem: &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url is missing"}},
	}, registry.Rules{})
	var err error
	r.Service, err = status.New(status.Options{Registry: r.reg, Connections: r.links, Vault: r.vars, SignIns: r.signIns, Bus: r.bus, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *room) server(t *testing.T, id patchbay.ServerID) *patchbay.Server {
	t.Helper()
	s, ok := r.reg.ByID(id)
	if !ok {
		t.Fatalf("no server %s", id)
	}
	return s
}

func actor(id string) patchbay.Actor {
	return patchbay.Actor{Kind: patchbay.ActorUser, User: &patchbay.User{ID: patchbay.UserID(id)}}
}

func TestOf(t *testing.T) {
	r := newRoom(t)
	shared, keyed := conn.AppKey("yaml/shared"), conn.UserKey("ann", "yaml/keyed")
	r.links.facts[shared] = conn.Facts{Phase: patchbay.PhaseConnected, ToolsKnown: true, ToolCount: 2, ProtocolVersion: "2025-11-25"}
	r.links.tools[shared] = []patchbay.Tool{{Name: "add"}, {Name: "drop"}}
	r.links.facts[keyed] = conn.Facts{Phase: patchbay.PhaseConnected}
	r.vars["ann"] = map[patchbay.ServerID]map[string]string{"yaml/keyed": {"KEY": "fake"}}
	tests := []struct {
		name   string
		who    patchbay.Actor
		server patchbay.ServerID
		status patchbay.StatusName
		reason patchbay.Reason
		tools  int
	}{
		{"shared, tools that are left out do not count", actor("ann"), "yaml/shared", "connected", "", 1},
		{"shared, the same for another", actor("bob"), "yaml/shared", "connected", "", 1},
		{"own connection", actor("ann"), "yaml/keyed", "connected", "", 0},
		{"another's connection does not show", actor("bob"), "yaml/keyed", "disconnected", "needs_variables", 0},
		{"bad definition", actor("bob"), "yaml/bad", "error", "bad_definition", 0},
		{"variables that cannot be read", actor("broken"), "yaml/keyed", "disconnected", "needs_variables", 0},
		{"operator as nobody, shared", patchbay.Actor{Kind: patchbay.ActorOperator}, "yaml/shared", "connected", "", 1},
		{"operator as nobody, per person", patchbay.Actor{Kind: patchbay.ActorOperator}, "yaml/keyed", "disconnected", "never_opened", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.Of(t.Context(), tt.who, r.server(t, tt.server))
			if got.Status != tt.status || got.Reason != tt.reason || got.ToolCount != tt.tools {
				t.Errorf("%s %q with %d tools, want %s %q with %d", got.Status, got.Reason, got.ToolCount, tt.status, tt.reason, tt.tools)
			}
		})
	}
}

// TestPublish holds that changes of one key are told once, to its user alone, and that
// runs and servers that are gone are told to nobody.
func TestPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		ann, bob := conn.UserKey("ann", "yaml/keyed"), conn.UserKey("bob", "yaml/keyed")
		r.vars["ann"] = map[patchbay.ServerID]map[string]string{"yaml/keyed": {"KEY": "fake"}}
		r.links.facts[ann] = conn.Facts{Phase: patchbay.PhaseConnected, Since: time.Unix(1, 0).UTC()}
		sub := r.bus.Subscribe(16, nil)
		defer sub.Close()
		for range 5 {
			r.Changed(ann)
		}
		r.ToolsChanged(ann)
		r.Changed(bob)
		r.Changed(conn.RunKey("ann", "run", "yaml/keyed"))
		r.Changed(conn.AppKey("yaml/gone"))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		synctest.Wait()
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		type told struct {
			Kind   patchbay.EventKind
			User   patchbay.UserID
			Server patchbay.ServerID
			Status patchbay.StatusName
		}
		var got []told
		for range len(sub.Events()) {
			ev := <-sub.Events()
			e := told{Kind: ev.Kind, User: ev.User, Server: ev.Server}
			if st, ok := ev.Data.(patchbay.StatusEvent); ok {
				e.Status = st.Status.Status
			}
			got = append(got, e)
		}
		want := []told{
			{patchbay.EventStatus, "ann", "yaml/keyed", "connected"},
			{patchbay.EventTools, "ann", "yaml/keyed", ""},
			{patchbay.EventStatus, "bob", "yaml/keyed", "disconnected"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}
