package transport_test

import (
	"net/http/httptest"
	"net/url"
	"runtime"
	"testing"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/transport"
)

// TestIdleWire holds what an idle streamable HTTP wire keeps: no goroutine and little
// memory of ours.
func TestIdleWire(t *testing.T) {
	if raceEnabled {
		t.Skip("memory is not that of the product")
	}
	srv := httptest.NewServer(nil)
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	const n, most = 1000, 4 << 10
	f := benchFactory(t, nil)
	wires := make([]transport.Wire, n)
	before, goroutines := heap(), runtime.NumGoroutine()
	for i := range wires {
		ep := &expand.Endpoint{Transport: patchbay.TransportHTTP, URL: u, Trust: patchbay.TrustOperator}
		if wires[i], err = f.Open(t.Context(), ep, transport.OpenOptions{Server: "idle"}); err != nil {
			t.Fatal(err)
		}
	}
	each := (heap() - before) / n
	t.Logf("%d bytes a wire", each)
	if each > most {
		t.Errorf("%d bytes a wire, want at most %d", each, most)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines more", now-goroutines)
	}
	for _, w := range wires {
		_ = w.Close()
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
