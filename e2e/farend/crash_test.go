package farend_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"patchbay/internal/testkit"
)

// inFlight is how many calls run when a server crashes or the instance is stopped.
const inFlight = 50

// TestCrashWithCallsInFlight: a server dies under 50 calls. Each caller is told within
// two seconds that nobody knows what became of the call, none is sent again, and the
// next call finds a new connection.
func TestCrashWithCallsInFlight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ledger := filepath.Join(dir, "ledger")
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	in := boot(t, fmt.Sprintf(`mcpSettings:
  limits: {callsPerMinute: 0, concurrentCalls: 0}
mcpServers:
  stdio:
    command: %q
    args: [%s, %q]
    stderr: pipe
    timeout: 60000
  http:
    type: streamable-http
    url: %s
    timeout: 60000
`, executable, asCounter, ledger, echo.URL()), 2)
	ada := in.users[1]

	crashes := []struct {
		server, tool, args, next string
		waiting                  func() int
		crash                    func()
		total                    func() int
	}{
		{
			server: "stdio", tool: "wait", args: `{}`, next: "echo",
			waiting: func() int { return counted(t, ledger, "wait") },
			crash:   func() { _, _ = ada.call(t.Context(), "stdio", "crash", `{}`) }, // it cannot work
			total:   func() int { return counted(t, ledger, "wait") },
		},
		{
			server: "http", tool: "slow", args: `{"ms":600000}`, next: "echo",
			waiting: func() int { return echo.Calls("slow") },
			crash:   echo.DropConnections,
			total:   func() int { return echo.Calls("slow") },
		},
	}
	for _, c := range crashes {
		t.Run(c.server, func(t *testing.T) {
			ada.settles(t, c.server, 20*time.Second, connected, "")
			var group sync.WaitGroup
			var mu sync.Mutex
			codes := map[string]int{}
			var last time.Time
			for range inFlight {
				group.Go(func() {
					_, err := ada.call(t.Context(), c.server, c.tool, c.args)
					mu.Lock()
					codes[codeOf(err)]++
					last = time.Now()
					mu.Unlock()
				})
			}
			if !poll(20*time.Second, func() bool { return c.waiting() == inFlight }) {
				t.Fatalf("%d calls reached the server", c.waiting())
			}
			begin := time.Now()
			c.crash()
			group.Wait()
			t.Logf("outcomes %v within %s", codes, last.Sub(begin))
			if codes["unknown"] != inFlight {
				t.Errorf("outcomes %v, want %d unknown", codes, inFlight)
			}
			limit := 2 * time.Second
			if raceEnabled { // and other tests: times are not the product's
				limit *= 3
			}
			if took := last.Sub(begin); took > limit {
				t.Errorf("the last caller was told after %s", took)
			}
			begin = time.Now()
			if _, err := ada.call(t.Context(), c.server, c.next, `{"text":"again"}`); err != nil {
				t.Errorf("the next call: %v", err)
			}
			t.Logf("the next call took %s", time.Since(begin))
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("the next call took %s", took)
			}
			ada.settles(t, c.server, 5*time.Second, connected, "")
			if n := c.total(); n != inFlight {
				t.Errorf("the server saw %d calls, want %d", n, inFlight)
			}
		})
	}
}
