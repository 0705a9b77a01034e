package transport_test

import (
	"testing"

	"patchbay/internal/transport"
)

// Every message of a server goes through the scanner before anything else: it may not
// cost an allocation, whatever the size.
func TestScanAllocatesNothing(t *testing.T) {
	message := []byte(`{"jsonrpc":"2.0","id":1099511627777,"result":{"content":[{"type":"text","text":"0123456789abcdef"}],"isError":false}}`)
	got := testing.AllocsPerRun(100, func() {
		if err := transport.ScanForBenchmark(message); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("%.0f allocations", got)
	}
}
