package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// levels are how many callers there are at a time. Each round has all ways side by side.
func levels() []int { return []int{1, 16, 64} }

// calls measures every transport: direct, through the plain hop, through patchbay.
func calls(w *world, o options, m *measured) error {
	if err := w.startUpstream(); err != nil {
		return err
	}
	if err := w.startHop(); err != nil {
		return err
	}
	var servers strings.Builder
	for _, k := range kinds() {
		servers.WriteString(w.yaml(k.name, k, true))
	}
	if err := w.startHost(servers.String(), 128); err != nil {
		return err
	}
	for _, k := range kinds() {
		if w.ctx.Err() != nil {
			return context.Cause(w.ctx)
		}
		if err := w.callsOf(k, o, m); err != nil {
			m.Failed = append(m.Failed, fmt.Sprintf("calls, %s: %v", k.what, err))
			fmt.Fprintf(os.Stderr, "  %s: %v\n", k.name, err)
		}
	}
	return nil
}

func (w *world) callsOf(k kind, o options, m *measured) error {
	ways := []struct {
		name string
		of   *process
		open func(user int) (caller, error)
	}{
		{"direct", nil, func(i int) (caller, error) {
			return openLink(w.ctx, k, w.upAddr, fmt.Sprintf("direct%d", i), newRawClient(w.upAddr, k.path))
		}},
		{"hop", w.hop, func(i int) (caller, error) {
			return newRestCaller(w.hopAddr, "/"+k.name, fmt.Sprintf("u%d", i)), nil
		}},
		{"patchbay", w.host, func(i int) (caller, error) {
			return newRestCaller(w.hostAddr, "/api/mcp/servers/"+k.name+"/tools/echo/call", w.tokens[i]), nil
		}},
	}
	for round := range o.rounds {
		for _, n := range levels() {
			for _, way := range ways {
				if w.ctx.Err() != nil {
					return context.Cause(w.ctx)
				}
				l, err := w.step(way.open, way.of, n, o.step)
				if err != nil {
					return fmt.Errorf("%s: %w", way.name, err)
				}
				m.Calls = append(m.Calls, callRow{k.name, way.name, round, l})
				fmt.Fprintf(os.Stderr, "  %-13s %d c=%-2d %-8s %7.0f/s p50 %6.0f p99 %6.0f us, cpu %4.0f us\n",
					k.name, round, n, way.name, l.PerSec, l.P50us, l.P99us, l.CPUus)
			}
		}
	}
	return nil
}

// step opens n callers, warms them up and lets them call.
func (w *world) step(open func(int) (caller, error), p *process, n int, d time.Duration) (load, error) {
	callers := make([]caller, 0, n)
	defer func() {
		for _, c := range callers {
			c.close()
		}
	}()
	for i := range n {
		c, err := open(i)
		if err != nil {
			return load{}, err
		}
		callers = append(callers, c)
		for k := range 3 {
			if err := echo(c, "warm", k); err != nil {
				return load{}, err
			}
		}
	}
	return runLoad(callers, d, p)
}
