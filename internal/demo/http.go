package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
)

// Bounds of the network server.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	sessionIdle   = 30 * time.Minute
	stopTimeout   = 2 * time.Second
	maxBody       = 4 << 20
)

// runHTTP listens and serves one network transport until ctx is done.
func runHTTP(ctx context.Context, t patchbay.Transport, o Options) error {
	addr, err := listenAddr(o.Listen)
	if err != nil {
		return err
	}
	server := newServer(o.Version)
	defer closeSessions(server)
	path, handler, url := "/mcp", http.Handler(nil), "http"
	switch t {
	case patchbay.TransportSSE:
		path, handler = "/sse", sseHandler(server)
	case patchbay.TransportWebSocket:
		path, handler, url = "/ws", websocketHandler(server), "ws"
	default:
		handler = streamableHandler(server)
	}
	mux := http.NewServeMux()
	mux.Handle(path, handler)

	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	url = fmt.Sprintf("%s://%s%s", url, ln.Addr(), path)
	if o.Stderr != nil {
		fmt.Fprintf(o.Stderr, "demo server (%s) listens on %s\n", t, url)
	}
	if o.Ready != nil {
		o.Ready(url)
	}
	// Requests end with the run: an SSE or websocket request lasts as long as its
	// client, and would hold up the stop.
	base, cancel := context.WithCancel(ctx)
	var requests sync.WaitGroup
	defer requests.Wait()
	defer cancel()
	srv := &http.Server{
		Handler:           counted(&requests, guard(mux)),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	closeSessions(server)
	// ctx is over already; the stop has a short time of its own.
	stopCtx, stopCancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer stopCancel()
	if err := srv.Shutdown(stopCtx); err != nil {
		err = errors.Join(err, srv.Close())
		<-served
		return err
	}
	<-served
	return nil
}

// listenAddr fills what is missing: without a host only this machine can connect.
func listenAddr(listen string) (string, error) {
	if listen == "" {
		return "127.0.0.1:0", nil
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("--listen %q is not HOST:PORT", listen)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// counted counts requests while they run, because Shutdown does not wait for one that
// became a websocket.
func counted(running *sync.WaitGroup, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		next.ServeHTTP(w, r)
	})
}

// sseHandler serves the transport of 2024-11-05.
func sseHandler(server *mcp.Server) http.Handler {
	return mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.SSEOptions{MaxRequestBodyBytes: maxBody, DisableLocalhostProtection: true})
}

func closeSessions(server *mcp.Server) {
	for ss := range server.Sessions() {
		// A session that is closed already has nothing more to say.
		_ = ss.Close()
	}
}
