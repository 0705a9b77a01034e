package farend_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/client"
	"patchbay/internal/testkit"
)

// TestCycles: people connect and disconnect again and again on every transport, and half
// of the time give up at a random moment. Afterwards there is nothing more than before.
func TestCycles(t *testing.T) {
	t.Parallel()
	cycles := scaled(1000)
	transports := []patchbay.Transport{patchbay.TransportHTTP, patchbay.TransportSSE, patchbay.TransportWebSocket, patchbay.TransportStdio}
	var scripts []script
	for _, tr := range transports[:3] {
		scripts = append(scripts, script{testkit.Works, tr, testkit.Settings{}})
	}
	urls := serveScripts(t, scripts)
	var yaml strings.Builder
	yaml.WriteString("mcpSettings:\n  limits: {callsPerMinute: 0, concurrentCalls: 0}\nmcpServers:\n")
	for i, tr := range transports {
		fmt.Fprintf(&yaml, "  %s:\n    type: %s\n    level: user\n    initTimeout: 30000\n", tr, tr)
		if tr.Remote() {
			fmt.Fprintf(&yaml, "    url: %s\n", urls[i])
			continue
		}
		// The program: a child with the race detector takes ten times as long to start.
		fmt.Fprintf(&yaml, "    command: %q\n    args: [demo-server]\n    stderr: pipe\n", program.Path(t))
	}
	const lanes = 4
	p := newPlace(t, lanes+1)
	p.write(t, yaml.String())
	in := p.boot(t)
	for _, tr := range transports {
		t.Run(string(tr), func(t *testing.T) {
			// What a first use sets up for good (the thread that forks, the reaper) is there before.
			connectAll(t, in, string(tr), lanes)
			in.mark(t)
			before := in.use(t)
			// Connecting takes so long, as the last ones showed; giving up comes at any moment of it.
			var usual atomic.Int64
			usual.Store(int64(time.Millisecond))
			begin := time.Now()
			var done, aborted atomic.Int64
			var group sync.WaitGroup
			for lane := range lanes {
				who := in.users[1+lane]
				seed := rand.New(rand.NewPCG(uint64(lane), 7)) //nolint:gosec // a moment, no secret
				group.Go(func() {
					for i := range cycles / lanes {
						ctx, cancel := context.WithCancel(t.Context())
						if i%2 == 1 {
							ctx, cancel = context.WithTimeout(t.Context(), time.Duration(seed.Int64N(usual.Load())))
						}
						cycle := time.Now()
						r, err := reinitialize(ctx, who, string(tr))
						took := int64(time.Since(cycle))
						switch {
						case ctx.Err() != nil:
							aborted.Add(1)
						case err != nil || !r.Success:
							t.Errorf("cycle %d of %s: %+v, %v", i, who.name, r, err)
						default:
							done.Add(1)
							if i%2 == 0 {
								usual.Store((3*usual.Load() + took) / 4)
							}
						}
						cancel()
					}
				})
			}
			group.Wait()
			t.Logf("%d connected, %d aborted in %s", done.Load(), aborted.Load(), time.Since(begin))
			if aborted.Load() == 0 {
				t.Errorf("no cycle was aborted: half of what is tested was not")
			}
			connectAll(t, in, string(tr), lanes) // as it was before
			in.backTo(t, before)
		})
	}
}

// reinitialize waits its turn when the person clicks faster than people may.
func reinitialize(ctx context.Context, who *person, server string) (r *client.Reinitialized, err error) {
	for {
		r, err = who.Reinitialize(ctx, server)
		if patchbay.CodeOf(err) != patchbay.CodeRateLimited {
			return r, err
		}
		pause(ctx, 20*time.Millisecond)
	}
}

func connectAll(t *testing.T, in *instance, server string, lanes int) {
	t.Helper()
	for _, who := range in.users[1 : 1+lanes] {
		if r, err := reinitialize(t.Context(), who, server); err != nil || !r.Success {
			t.Fatalf("%s: %+v, %v", server, r, err)
		}
		who.settles(t, server, 10*time.Second, connected, "")
	}
}
