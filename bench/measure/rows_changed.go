package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	changes     = 20                     // of the tool list
	changePause = 150 * time.Millisecond // between them
	changeWait  = 5 * time.Second        // for an event to arrive
)

// changed measures the time from just before a server is told to change its tools until
// the event is on each of many open streams.
func changed(w *world, o options, m *measured) error {
	for _, name := range []string{"stdio", "http-events", "modern-events", "sse", "websocket"} {
		k, _ := kindOf(name)
		if err := w.changedOf(k, o, m); err != nil {
			m.Failed = append(m.Failed, fmt.Sprintf("list_changed, %s: %v", k.what, err))
			fmt.Fprintf(os.Stderr, "  %s: %v\n", name, err)
		}
		w.stop()
	}
	return nil
}

func (w *world) changedOf(k kind, o options, m *measured) error {
	if err := w.startUpstream(); err != nil {
		return err
	}
	if err := w.startHost(w.yaml("changing", k, false), o.streams+1); err != nil {
		return err
	}
	c := newRestCaller(w.hostAddr, "/api/mcp/servers/changing/tools/echo/call", w.tokens[o.streams])
	defer c.close()
	if err := echo(c, "first", 0); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	arrived := make(chan time.Time, o.streams)
	for i := range o.streams {
		if err := w.follow(ctx, w.tokens[i], arrived); err != nil {
			return fmt.Errorf("stream %d: %w", i, err)
		}
	}
	w.pause(time.Second) // the list that follows a connect is read
	for len(arrived) > 0 {
		<-arrived
	}
	touch := newRestCaller(w.hostAddr, "/api/mcp/servers/changing/tools/touch/call", w.tokens[o.streams])
	defer touch.close()
	var took []time.Duration
	for n := range changes {
		begin := time.Now()
		if _, err := touch.call([]byte(`{}`)); err != nil {
			return err
		}
		late := time.After(changeWait)
		for got := range o.streams {
			select {
			case at := <-arrived:
				took = append(took, at.Sub(begin))
			case <-late:
				return fmt.Errorf("change %d: the event came on %d of %d streams", n, got, o.streams)
			}
		}
		w.pause(changePause)
	}
	slices.Sort(took)
	m.add("list_changed to event, "+k.name, micros(quantile(took, .99))/1e3, "ms p99",
		fmt.Sprintf("p50 %.1f ms, %d streams, %d changes, the call that causes it included", micros(quantile(took, .5))/1e3, o.streams, changes))
	return nil
}

// follow opens one event stream and tells when an event about tools arrives on it.
func (w *world) follow(ctx context.Context, token string, arrived chan<- time.Time) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", w.hostAddr)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /api/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", w.hostAddr, token)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, 2<<10)
	ready := func() error {
		for {
			line, err := in.ReadString('\n')
			if err != nil || strings.HasPrefix(line, "event: ready") {
				return err
			}
			if strings.HasPrefix(line, "HTTP/1.1 ") && !strings.HasPrefix(line, "HTTP/1.1 200") {
				return fmt.Errorf("%s", line)
			}
		}
	}
	if err := ready(); err != nil {
		return err
	}
	go func() {
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if string(line) == "event: tools\n" {
				select {
				case arrived <- time.Now():
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return nil
}
