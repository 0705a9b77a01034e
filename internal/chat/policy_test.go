package chat

import (
	"encoding/json"
	"testing"

	"patchbay"
)

func TestJudge(t *testing.T) {
	readOnly, destructive := `{"readOnlyHint":true}`, `{"destructiveHint":true}`
	globs := func(list ...string) []string { return list }
	tests := []struct {
		name   string
		policy patchbay.ApprovalPolicy
		hints  string
		source patchbay.Source
		global Approval
		memory remembered
		want   permit
	}{
		{name: "no hint", want: permit{ask: true, why: whyNotReadOnly}},
		{name: "read only", hints: readOnly, want: permit{}},
		{name: "read only, says a person's server", hints: readOnly, source: "person", want: permit{ask: true, why: whyNotReadOnly}},
		{name: "destructive", hints: destructive, want: permit{ask: true, why: whyDestructive}},
		{name: "hints that contradict each other", hints: `{"readOnlyHint":true,"destructiveHint":true}`, want: permit{}},
		{name: "hints that cannot be read", hints: `{"readOnlyHint":"yes"}`, want: permit{ask: true, why: whyNotReadOnly}},
		{name: "never", policy: patchbay.ApprovalPolicy{Default: "never"}, hints: destructive, want: permit{}},
		{name: "ask", policy: patchbay.ApprovalPolicy{Default: "ask"}, hints: readOnly, want: permit{ask: true, why: whyRule}},
		{name: "ask, remembered", policy: patchbay.ApprovalPolicy{Default: "ask"}, memory: approved, want: permit{}},
		{name: "always, remembered", policy: patchbay.ApprovalPolicy{Default: "always"}, memory: approved, want: permit{ask: true, always: true, why: whyRule}},
		{name: "remembered of another definition", memory: otherwise, want: permit{ask: true, why: whyChanged}},
		{name: "remembered", memory: approved, hints: destructive, want: permit{}},
		{name: "the first glob decides", policy: patchbay.ApprovalPolicy{Rules: []patchbay.ApprovalRule{{Glob: "get_*", Mode: "never"}, {Glob: "*", Mode: "always"}}}, want: permit{}},
		{name: "denied", global: Approval{Enabled: true, Deny: globs("mcp:srv:*")}, policy: patchbay.ApprovalPolicy{Default: "never"}, want: permit{denied: true}},
		{name: "denied by key", global: Approval{Enabled: true, Deny: globs("get_x_mcp_srv")}, want: permit{denied: true}},
		{name: "denied, but not enabled", global: Approval{Deny: globs("*")}, hints: readOnly, want: permit{}},
		{name: "server's own before the global", global: Approval{Enabled: true, Mode: "bypass"}, policy: patchbay.ApprovalPolicy{Default: "always"}, want: permit{ask: true, always: true, why: whyRule}},
		{name: "bypass", global: Approval{Enabled: true, Mode: "bypass"}, hints: destructive, want: permit{}},
		{name: "allowed", global: Approval{Enabled: true, Allow: globs("mcp:srv:get_*")}, want: permit{}},
		{name: "asked", global: Approval{Enabled: true, Ask: globs("*")}, hints: readOnly, want: permit{ask: true, why: whyRule}},
		{name: "allowed before asked", global: Approval{Enabled: true, Allow: globs("*"), Ask: globs("*")}, want: permit{}},
		{name: "dontAsk denies what would be asked", global: Approval{Enabled: true, Mode: "dontAsk"}, want: permit{denied: true}},
		{name: "dontAsk lets read-only tools run", global: Approval{Enabled: true, Mode: "dontAsk"}, hints: readOnly, want: permit{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := &patchbay.Server{Name: "srv", Source: patchbay.SourceYAML, Approval: tt.policy}
			if tt.source != "" {
				srv.Source = tt.source
			}
			got := judge(srv, &patchbay.Tool{Name: "get_x", Annotations: json.RawMessage(tt.hints)}, tt.global, tt.memory)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestHashOf pins that every part of a definition counts, and that parts cannot be moved
// into one another.
func TestHashOf(t *testing.T) {
	base := patchbay.Tool{Name: "a", Title: "b", Description: "c", InputSchema: json.RawMessage(`{}`), Annotations: json.RawMessage(`{}`)}
	seen := map[string]bool{hashOf(&base): true}
	for _, change := range []func(*patchbay.Tool){
		func(t *patchbay.Tool) { t.Name = "x" },
		func(t *patchbay.Tool) { t.Title = "x" },
		func(t *patchbay.Tool) { t.Description = "x" },
		func(t *patchbay.Tool) { t.InputSchema = json.RawMessage(`{"x":1}`) },
		func(t *patchbay.Tool) { t.Annotations = json.RawMessage(`{"readOnlyHint":true}`) },
		func(t *patchbay.Tool) { t.Name, t.Title = "ab", "" },
	} {
		other := base
		change(&other)
		if seen[hashOf(&other)] {
			t.Errorf("%+v has a hash of before", other)
		}
		seen[hashOf(&other)] = true
	}
}
