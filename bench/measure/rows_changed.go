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
	changes     = 10                     // of the tool list, in a round
	changePause = 150 * time.Millisecond // between them
	changeWait  = 5 * time.Second        // for an event to arrive
)

// changed measures the time from just before a server is told to change its tools until
// the event is on each of many open streams.
func changed(w *world, o options, m *measured) error {
	for _, name := range []string{"stdio", "http-events", "modern-events", "sse", "websocket"} {
		if w.ctx.Err() != nil {
			return context.Cause(w.ctx)
		}
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
	var p50, p99, cpu []float64 // milliseconds, a round each
	for range o.rounds {
		before := w.host.cpu()
		took, err := w.changeAll(touch, arrived, o.streams)
		if err != nil {
			return err
		}
		slices.Sort(took)
		p50 = append(p50, micros(quantile(took, .5))/1e3)
		p99 = append(p99, micros(quantile(took, .99))/1e3)
		cpu = append(cpu, micros(w.host.cpu()-before)/1e3/changes)
	}
	m.add("list_changed to event, "+k.name, median(p99), "ms p99",
		fmt.Sprintf("%d rounds: %s; p50 %.1f ms, %d streams, %d changes a round, the call that causes it included; %.1f ms of processor time a change",
			o.rounds, list(p99), median(p50), o.streams, changes, median(cpu)))
	return nil
}

// changeAll makes the server change its tools a few times, and returns how long each
// change took to each stream.
func (w *world) changeAll(touch caller, arrived <-chan time.Time, streams int) (took []time.Duration, err error) {
	for n := range changes {
		begin := time.Now()
		if _, err := touch.call([]byte(`{}`)); err != nil {
			return nil, err
		}
		late := time.After(changeWait)
		for got := range streams {
			select {
			case at := <-arrived:
				took = append(took, at.Sub(begin))
			case <-w.ctx.Done():
				return nil, context.Cause(w.ctx)
			case <-late:
				return nil, fmt.Errorf("change %d: the event came on %d of %d streams", n, got, streams)
			}
		}
		w.pause(changePause)
	}
	return took, nil
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
