package transport_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/expand"
)

// TestCycles connects and closes over and over, every second time in the middle of the
// handshake, and holds that no descriptor is left. Goroutines are TestMain's to count.
func TestCycles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are counted in /proc")
	}
	server := newSDKServer()
	sse := httptest.NewServer(mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return server.Server }, nil))
	t.Cleanup(sse.Close)
	socket := socketServer(t, func(ctx context.Context, c *websocket.Conn, _ http.Header) { _ = server.Run(ctx, socketSide{c}) })
	f := stdioFactory(t, nil, nil)
	for name, ep := range map[string]*expand.Endpoint{
		"stdio":           script(t, "sdk"),
		"streamable-http": endpoint(t, patchbay.TransportHTTP, server.serve(t, ways[0]).URL),
		"sse":             endpoint(t, patchbay.TransportSSE, sse.URL),
		"websocket":       endpoint(t, patchbay.TransportWebSocket, socket),
	} {
		t.Run(name, func(t *testing.T) {
			var before int
			for i := range 20 {
				if i == 4 { // what is kept for reuse is open by now
					before = descriptors(t)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if i%2 == 1 {
					ctx, cancel = context.WithTimeout(t.Context(), time.Duration(i)*200*time.Microsecond)
				}
				wire := open(t, f, ep)
				if session, err := tryConnect(ctx, wire); err == nil {
					call(t, wire, "echo", "{}")
					_ = session.Close()
				}
				_ = wire.Close()
				cancel()
			}
			deadline, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for now := descriptors(t); now > before+4; now = descriptors(t) {
				select {
				case <-tick.C: // sockets close in the background
				case <-deadline.Done():
					t.Fatalf("%d descriptors, %d before", now, before)
				}
			}
		})
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
