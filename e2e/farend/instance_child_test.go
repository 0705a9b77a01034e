package farend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"syscall"
	"time"

	"go.uber.org/goleak"

	"patchbay/internal/app"
)

// setup is what an instance is started with.
type setup struct {
	Config  string `json:",omitempty"` // --config
	Data    string
	WorkDir string
	Home    string
	Gauge   string // unix socket that tells the process's figures
}

// interrupted ends when the process is asked to.
func interrupted() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx
}

// runInstance is `patchbay serve` without its command line. It fails when goroutines are
// left at the end.
func runInstance(arg string) int {
	var s setup
	if err := json.Unmarshal([]byte(arg), &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	leaks := goleak.IgnoreCurrent()
	if err := serveInstance(s); err != nil {
		fmt.Fprintln(os.Stderr, "instance:", err)
		return 1
	}
	err := goleak.Find(leaks,
		goleak.IgnoreTopFunction("os/signal.loop"),
		goleak.IgnoreTopFunction("os/signal.signal_recv"), // the runtime's own, for good
		goleak.IgnoreAnyFunction("os/signal.loop"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "instance: goroutines were left:", err)
		return 1
	}
	return 0
}

func serveInstance(s setup) (err error) {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	g, err := startGauge(s.Gauge)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	ctx, cancel := context.WithCancel(interrupted())
	defer cancel()
	a, err := app.New(ctx, app.Options{
		ConfigFlag: s.Config, Listen: "127.0.0.1:0", DataDir: s.Data, Version: "test",
		Environ: os.Environ(), WorkDir: s.WorkDir, Home: s.Home, Program: executable,
		Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	err = a.Run(ctx)
	return errors.Join(err, a.Close())
}

// figures are what a process says of itself.
type figures struct {
	Goroutines int    // those of connections that wait for a next request left out
	Idle       int    // such connections: a descriptor each, closed after a minute or two
	Held       uint64 // bytes the Go runtime has from the system now
	Peak       uint64 // the most it had since the last mark
}

// gauge serves a process's figures on a unix socket, and looks at its memory often
// enough to see a peak. It counts what Go itself holds: the race detector's own memory
// is many times that.
type gauge struct {
	server *http.Server
	stop   chan struct{}
	done   sync.WaitGroup
	mu     sync.Mutex
	peak   uint64
}

func startGauge(path string) (*gauge, error) {
	ln, err := new(net.ListenConfig).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	g := &gauge{stop: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /figures", func(w http.ResponseWriter, _ *http.Request) {
		now := held()
		g.mu.Lock()
		g.peak = max(g.peak, now)
		f := figures{Held: now, Peak: g.peak}
		g.mu.Unlock()
		f.Goroutines, f.Idle = busy()
		_ = json.NewEncoder(w).Encode(f) // who asked is gone
	})
	mux.HandleFunc("POST /mark", func(http.ResponseWriter, *http.Request) {
		debug.FreeOSMemory()
		g.mu.Lock()
		g.peak = held()
		g.mu.Unlock()
	})
	mux.HandleFunc("GET /stacks", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(stacks()) // who asked is gone
	})
	g.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	g.server.SetKeepAlivesEnabled(false) // connections are no part of the figures
	g.done.Go(func() { _ = g.server.Serve(ln) })
	g.done.Go(g.watch)
	return g, nil
}

func (g *gauge) watch() {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-g.stop:
			return
		case <-tick.C:
		}
		now := held()
		g.mu.Lock()
		g.peak = max(g.peak, now)
		g.mu.Unlock()
	}
}

func (g *gauge) close() error {
	close(g.stop)
	err := g.server.Close()
	g.done.Wait()
	return err
}

func stacks() []byte {
	buf := make([]byte, 4<<20)
	return buf[:runtime.Stack(buf, true)]
}

// busy counts goroutines without those of HTTP connections, in and out, on which nothing
// is under way, and these connections.
func busy() (goroutines, idle int) {
	for stack := range bytes.SplitSeq(stacks(), []byte("\n\n")) {
		goroutines++
		if !bytes.Contains(stack, []byte("bufio.(*Reader).Peek")) {
			continue
		}
		switch {
		case bytes.Contains(stack, []byte("net/http.(*persistConn).readLoop")):
			idle++
			goroutines -= 2 // and its writeLoop
		case bytes.Contains(stack, []byte("net/http.(*conn).serve")):
			idle++
			goroutines--
		}
	}
	return goroutines, idle
}

// held is what the Go runtime has from the system, less what it gave back.
func held() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}
