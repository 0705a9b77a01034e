package main

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

const settle = 4 * time.Second // for garbage to be collected and given back

// idle measures the memory at rest: after the start, and what one user adds who made a
// call and holds the socket, or does not.
func idle(w *world, o options, m *measured) error {
	rests := []struct {
		name string
		kind kind
		held bool
	}{
		{"memory per idle user, inbound socket held", quietKind(), true},
		{"memory per idle user, none held", quietKind(), false},
		{"memory per idle user of a server that declares list_changed, none held", kinds()[0], false},
	}
	for _, r := range rests {
		if err := w.idle(o, m, r.name, r.kind, r.held); err != nil {
			return err
		}
		w.stop()
	}
	return nil
}

func (w *world) idle(o options, m *measured, name string, k kind, held bool) error {
	if err := w.startUpstream(); err != nil {
		return err
	}
	if err := w.startHost(w.yaml(k.name, k, true), o.users+50); err != nil {
		return err
	}
	w.pause(settle)
	begin, err := w.host.anonKiB()
	if err != nil {
		return err
	}
	if held {
		m.add("anonymous memory after start, SQLite", begin/1024, "MiB", "")
	}
	first, err := w.eachOnce(k, o.users, 1, held)
	defer first.close()
	if err != nil {
		return err
	}
	w.pause(settle)
	after, err := w.host.anonKiB()
	if err != nil {
		return err
	}
	m.add(name, (after-begin)/float64(o.users), "KiB", fmt.Sprintf("%d users", o.users))
	if seen, err := w.inits(); err != nil || seen != o.users {
		return fmt.Errorf("the upstream saw %d connections of %d users (%w)", seen, o.users, err)
	}
	return nil
}

// group is callers that stay.
type group []caller

func (g group) close() {
	for _, c := range g {
		c.close()
	}
}

// eachOnce lets each of n users make one call, side by side at a time, and keeps their
// sockets when they are to be held.
func (w *world) eachOnce(k kind, n, side int, held bool) (group, error) {
	var mu sync.Mutex
	var kept group
	var failed error
	next := 0
	var wg sync.WaitGroup
	for range side {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := failed != nil || i >= n || w.ctx.Err() != nil
				mu.Unlock()
				if stop {
					return
				}
				var more []string
				if !held {
					more = []string{"Connection", "close"}
				}
				c := newRestCaller(w.hostAddr, "/api/mcp/servers/"+k.name+"/tools/echo/call", w.tokens[i], more...)
				err := echo(c, fmt.Sprintf("idle%d", i), 0)
				mu.Lock()
				if err != nil {
					failed = fmt.Errorf("user %d: %w", i, err)
				}
				if held && err == nil {
					kept = append(kept, c)
				} else {
					c.close()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return kept, errors.Join(failed, w.ctx.Err())
}

// many opens very many users' connections, without an inbound socket held, lets them
// rest, and has each answer a call again.
func many(w *world, o options, m *measured) error {
	k := quietKind()
	if err := w.startUpstream(); err != nil {
		return err
	}
	if err := w.startHost(w.yaml(k.name, k, true), o.many); err != nil {
		return err
	}
	begin := time.Now()
	if _, err := w.eachOnce(k, o.many, 16, false); err != nil {
		return err
	}
	m.add(fmt.Sprintf("%d users connect and call", o.many), time.Since(begin).Seconds(), "s", "16 at a time")
	w.pause(2 * settle)
	rest, err := w.host.anonKiB()
	if err != nil {
		return err
	}
	if _, err := w.eachOnce(k, o.many, 16, false); err != nil {
		return err
	}
	if seen, err := w.inits(); err != nil || seen != o.many {
		return fmt.Errorf("the upstream saw %d connections of %d users (%w)", seen, o.many, err)
	}
	m.add(fmt.Sprintf("anonymous memory with %d idle user connections", o.many), rest/1024, "MiB", "each called before and after the rest, on the same connection")
	return nil
}
