package status_test

import (
	"fmt"
	"testing"

	"patchbay"
	"patchbay/internal/conn"
)

// maxStatusAllocs bounds what it takes to decide a status: it is asked for every server
// of a page, and at every change.
const maxStatusAllocs = 10

func TestOfAllocations(t *testing.T) {
	r := newRoom(t)
	k := conn.AppKey("yaml/shared")
	r.links.facts[k] = conn.Facts{Phase: patchbay.PhaseConnected, ToolsKnown: true, ToolCount: 100, ProtocolVersion: "2025-11-25"}
	for i := range 100 {
		r.links.tools[k] = append(r.links.tools[k], patchbay.Tool{Name: fmt.Sprintf("tool_%d", i)})
	}
	ann, shared := actor("ann"), r.server(t, "yaml/shared")
	got := testing.AllocsPerRun(100, func() {
		if st := r.Of(t.Context(), ann, shared); st.ToolCount != 100 {
			t.Fatalf("%d tools", st.ToolCount)
		}
	})
	t.Logf("%.0f allocations", got)
	if got > maxStatusAllocs {
		t.Errorf("%.0f allocations, want at most %d", got, maxStatusAllocs)
	}
}
