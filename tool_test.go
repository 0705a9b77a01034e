package patchbay_test

import (
	"testing"

	"patchbay"
)

func TestParseToolKey(t *testing.T) {
	tests := []struct {
		name         string
		key          string
		known        []string
		tool, server string
		ok           bool
	}{
		{"plain", "create_issue_mcp_github", nil, "create_issue", "github", true},
		{"last delimiter without names", "a_mcp_b_mcp_c", nil, "a_mcp_b", "c", true},
		{"longest known name wins", "echo_mcp_foo_mcp_bar", []string{"bar", "foo_mcp_bar"}, "echo", "foo_mcp_bar", true},
		{"order of names does not matter", "echo_mcp_foo_mcp_bar", []string{"foo_mcp_bar", "bar"}, "echo", "foo_mcp_bar", true},
		{"shorter when longer would leave no tool", "_mcp_foo_mcp_bar", []string{"foo_mcp_bar", "bar"}, "_mcp_foo", "bar", true},
		{"unknown names fall back", "echo_mcp_x", []string{"y"}, "echo", "x", true},
		{"no delimiter", "echo", nil, "", "", false},
		{"no tool", "_mcp_x", nil, "", "", false},
		{"no server", "x_mcp_", nil, "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tool, server, ok := patchbay.ParseToolKey(tt.key, tt.known)
			if tool != tt.tool || server != tt.server || ok != tt.ok {
				t.Errorf("got %q %q %v, want %q %q %v", tool, server, ok, tt.tool, tt.server, tt.ok)
			}
		})
	}
}

// FuzzToolKey holds that a key made of a tool and a known server comes apart again
// into the same two, whatever else is known, unless a longer known name also fits.
func FuzzToolKey(f *testing.F) {
	f.Add("echo", "github", "bar")
	f.Add("a_mcp_b", "c", "b_mcp_c")
	f.Add("_mcp_", "_mcp_", "mcp")
	f.Fuzz(func(t *testing.T, tool, server, other string) {
		if tool == "" || server == "" {
			return // a key has both parts
		}
		gotTool, gotServer, ok := patchbay.ParseToolKey(patchbay.ToolKey(tool, server), []string{other, server})
		if !ok {
			t.Fatalf("key of %q and %q does not parse", tool, server)
		}
		if patchbay.ToolKey(gotTool, gotServer) != patchbay.ToolKey(tool, server) {
			t.Fatalf("%q + %q is another key than %q + %q", gotTool, gotServer, tool, server)
		}
		if gotServer != server && len(gotServer) < len(server) {
			t.Fatalf("server %q, want the longer %q", gotServer, server)
		}
	})
}
