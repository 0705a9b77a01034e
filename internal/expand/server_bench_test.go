package expand_test

import (
	"testing"

	"patchbay"
	"patchbay/internal/expand"
)

// maxExpandAllocs bounds what it takes to expand a definition with placeholders in its
// URL and four headers. It happens at each connect.
const maxExpandAllocs = 160

func definition() (*patchbay.Server, expand.Values) {
	def := &patchbay.Server{
		Name: "remote", Source: patchbay.SourceYAML, Transport: patchbay.TransportHTTP,
		URL: "https://mcp.example.test/{{REGION}}/mcp?team=${TEAM}",
		Headers: map[string]string{
			"Authorization": "Bearer {{API_KEY}}", "X-User-ID": "{{LIBRECHAT_USER_ID}}",
			"X-User-Email": "{{LIBRECHAT_USER_EMAIL}}", "X-Fixed": "one",
		},
		UserVars: []patchbay.UserVar{{Name: "REGION"}, {Name: "API_KEY"}},
	}
	return def, expand.Values{
		Env:  func(name string) (string, bool) { return "blue", name == "TEAM" },
		User: &patchbay.User{ID: "u-1", Email: "ann@example.test", EmailVerified: true, Role: patchbay.RoleUser},
		Vars: map[string]string{"REGION": "eu", "API_KEY": "fake-key"},
	}
}

func BenchmarkServer(b *testing.B) {
	def, values := definition()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := expand.Server(def, values); err != nil {
			b.Fatal(err)
		}
	}
}

func TestServerAllocations(t *testing.T) {
	def, values := definition()
	got := testing.AllocsPerRun(100, func() {
		if _, err := expand.Server(def, values); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%.0f allocations", got)
	if got > maxExpandAllocs {
		t.Errorf("%.0f allocations, want at most %d", got, maxExpandAllocs)
	}
}
