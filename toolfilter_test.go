package patchbay_test

import (
	"testing"

	"patchbay"
)

func TestToolFilter(t *testing.T) {
	tests := []struct {
		name        string
		allow, deny []string
		tool        string
		want        bool
	}{
		{"nothing said", nil, nil, "anything", true},
		{"allowed", []string{"read_*"}, nil, "read_file", true},
		{"not allowed", []string{"read_*"}, nil, "write_file", false},
		{"denied", nil, []string{"*delete*"}, "bulk_delete_all", false},
		{"deny wins", []string{"*"}, []string{"drop"}, "drop", false},
		{"star takes slashes", []string{"repo/*"}, nil, "repo/a/b", true},
		{"star takes nothing", []string{"a*b"}, nil, "ab", true},
		{"star goes back", []string{"*ab"}, nil, "aab", true},
		{"question mark is one", []string{"v?"}, nil, "v12", false},
		{"exact", []string{"add"}, nil, "added", false},
		{"an empty glob matches nothing", []string{""}, nil, "add", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := patchbay.ToolFilter{Allow: tt.allow, Deny: tt.deny}
			if got := f.Allows(tt.tool); got != tt.want {
				t.Errorf("Allows(%q) = %v, want %v", tt.tool, got, tt.want)
			}
		})
	}
}
