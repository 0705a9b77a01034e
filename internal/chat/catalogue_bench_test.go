package chat

import (
	"encoding/json"
	"fmt"
	"testing"

	"patchbay"
	"patchbay/internal/tools"
)

// BenchmarkCatalogue puts 1,000 tools together for a turn, after the first (issue: at most
// 2 ms).
func BenchmarkCatalogue(b *testing.B) {
	schema := json.RawMessage(`{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}`)
	var servers []*patchbay.Server
	lists := make([][]tools.Entry, 20)
	choices := make([]choice, 20)
	for s := range lists {
		name := fmt.Sprintf("server%d", s)
		servers = append(servers, &patchbay.Server{ID: patchbay.YAMLServerID(name), Name: name, Source: patchbay.SourceYAML})
		choices[s] = choice{server: name, all: true}
		for i := range 50 {
			tool := fmt.Sprintf("tool_%d", i)
			lists[s] = append(lists[s], tools.Entry{Tool: patchbay.Tool{Name: tool, Description: "Does something", InputSchema: schema}, Server: name, Key: patchbay.ToolKey(tool, name)})
		}
	}
	turn := func() inputs {
		in := inputs{}
		for s := range lists {
			in.lists = append(in.lists, listed{choice: &choices[s], server: servers[s], entries: append([]tools.Entry(nil), lists[s]...)})
		}
		return in
	}
	var c catalogues
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			in := turn()
			if len(in.build().catalogue.Offers()) != 1000 {
				b.Fatal("not all tools")
			}
		}
	})
	b.Run("next", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(c.of("ann", turn()).catalogue.Offers()) != 1000 {
				b.Fatal("not all tools")
			}
		}
	})
}
