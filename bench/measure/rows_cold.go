package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const coldServers = 10

// cold measures the time from spawning patchbay until each of ten servers has answered a
// call, and for stdio how much of that is spawning ten such servers without patchbay.
func cold(w *world, o options, m *measured) error {
	for _, name := range []string{"http-events", "stdio"} {
		k, _ := kindOf(name)
		var took, bare []float64
		for range o.rounds {
			if w.ctx.Err() != nil {
				return context.Cause(w.ctx)
			}
			if err := w.startUpstream(); err != nil {
				return err
			}
			if k.typ == "stdio" {
				ms, err := bareSpawn(w.ctx)
				if err != nil {
					return err
				}
				bare = append(bare, ms)
			}
			ms, err := w.coldStart(k)
			w.stop()
			if err != nil {
				return err
			}
			took = append(took, ms)
		}
		note := ""
		if len(bare) > 0 {
			note = fmt.Sprintf("%.0f ms, of which spawning ten servers alone takes %.0f ms", median(took), median(bare))
		}
		m.add("cold start to ten servers ready, "+name, median(took)-median(bare), "ms", note)
	}
	return nil
}

func (w *world) coldStart(k kind) (float64, error) {
	var servers strings.Builder
	for i := range coldServers {
		servers.WriteString(w.yaml(fmt.Sprintf("s%d", i), k, true))
	}
	if err := w.startHost(servers.String(), 4); err != nil {
		return 0, err
	}
	for i := range coldServers {
		c := newRestCaller(w.hostAddr, fmt.Sprintf("/api/mcp/servers/s%d/tools/echo/call", i), w.tokens[0])
		err := echo(c, "cold", i)
		c.close()
		if err != nil {
			return 0, err
		}
	}
	return float64(time.Since(w.host.spawned).Microseconds()) / 1e3, nil
}

// bareSpawn starts ten stdio servers at once and shakes hands with each.
func bareSpawn(ctx context.Context) (float64, error) {
	begin := time.Now()
	var wg sync.WaitGroup
	links := make([]link, coldServers)
	errs := make([]error, coldServers)
	for i := range links {
		wg.Go(func() { links[i], errs[i] = openStdio(ctx) })
	}
	wg.Wait()
	ms := float64(time.Since(begin).Microseconds()) / 1e3
	for _, l := range links {
		if l != nil {
			l.close()
		}
	}
	return ms, errors.Join(errs...)
}
