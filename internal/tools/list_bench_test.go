package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/registry"
	"patchbay/internal/seal"
	"patchbay/internal/tools"
	"patchbay/internal/transport"
)

const (
	catalogueServers = 20
	catalogueTools   = 50 // of each
	// maxCatalogueAllocs bounds the allocations of a whole catalogue: one key for each of
	// its thousand tools, and little more.
	maxCatalogueAllocs = 1200
)

// shelf has the same tools for every key, and opens nothing.
type shelf struct{ list []patchbay.Tool }

func (s shelf) Tools(conn.Key) ([]patchbay.Tool, bool, bool) { return s.list, false, true }

func (shelf) Call(context.Context, conn.Target, conn.Request) (*transport.Result, error) {
	return nil, context.Canceled
}
func (shelf) Connect(context.Context, conn.Target) error { return nil }
func (s shelf) ListTools(context.Context, conn.Target) ([]patchbay.Tool, error) {
	return s.list, nil
}
func (shelf) CloseKey(conn.Key) {}

func (shelf) Log(context.Context, conn.Target) ([]conn.LogLine, error) { return nil, nil }

func catalogue(tb testing.TB) *tools.Service {
	tb.Helper()
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	var servers []*patchbay.Server
	for i := range catalogueServers {
		servers = append(servers, server(fmt.Sprintf("server-%d", i), "http://mcp.example.test/mcp", func(s *patchbay.Server) {
			s.Access = patchbay.Access{View: everyone, Use: everyone}
		}))
	}
	var s shelf
	for i := range catalogueTools {
		s.list = append(s.list, patchbay.Tool{Name: fmt.Sprintf("tool_%d", i), InputSchema: json.RawMessage(`{"type":"object"}`)})
	}
	r := registry.New()
	r.Replace(servers, registry.Rules{})
	box, err := seal.New(make([]byte, 32))
	require.NoError(tb, err)
	service, err := tools.New(tools.Options{Registry: r, Connections: s, Sealer: box, Meter: &meter{}, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(tb, err)
	return service
}

func BenchmarkList(b *testing.B) {
	service, actor := catalogue(b), user("ann")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := service.List(b.Context(), actor, tools.Filter{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestListAllocations(t *testing.T) {
	service, actor := catalogue(t), user("ann")
	got := testing.AllocsPerRun(20, func() {
		entries, err := service.List(t.Context(), actor, tools.Filter{})
		if err != nil || len(entries) != catalogueServers*catalogueTools {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
	})
	t.Logf("%.0f allocations", got)
	if got > maxCatalogueAllocs {
		t.Errorf("%.0f allocations, want at most %d", got, maxCatalogueAllocs)
	}
}
