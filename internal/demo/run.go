package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
)

// Options says how to serve.
type Options struct {
	// Listen is HOST:PORT for the network transports; an empty host is 127.0.0.1, an
	// empty Listen is 127.0.0.1 and a free port.
	Listen string
	// Transport defaults to stdio, or to streamable-http when Listen is given.
	Transport patchbay.Transport
	// Stdin and Stdout carry the messages of stdio.
	Stdin  io.Reader
	Stdout io.Writer
	// Stderr gets the one line that says where a network transport listens.
	Stderr io.Writer
	// Version is shown as the server's version.
	Version string
	// Ready, when set, is called once with the URL a network transport is reached at.
	Ready func(url string)
}

// Run serves until the client closes its end (stdio) or ctx is done, which is not an
// error. On stdio it writes nothing but protocol messages to Stdout.
func Run(ctx context.Context, o Options) error {
	t := o.Transport
	if t == "" {
		t = patchbay.TransportStdio
		if o.Listen != "" {
			t = patchbay.TransportHTTP
		}
	}
	var err error
	switch {
	case t == patchbay.TransportStdio && o.Listen != "":
		return errors.New("demo: --listen needs --transport streamable-http, sse or websocket")
	case t == patchbay.TransportStdio:
		err = runStdio(ctx, o)
	case t == patchbay.TransportHTTP, t == "http", t == patchbay.TransportSSE, t == patchbay.TransportWebSocket:
		err = runHTTP(ctx, t, o)
	default:
		return fmt.Errorf("demo: transport %q is not known; use stdio, streamable-http, sse or websocket", t)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("demo: serve %s: %w", t, err)
	}
	return nil
}

func runStdio(ctx context.Context, o Options) error {
	if o.Stdin == nil || o.Stdout == nil {
		return errors.New("standard input and output are missing")
	}
	err := newServer(o.Version).Run(ctx, &mcp.IOTransport{Reader: readCloser(o.Stdin), Writer: writeNopCloser{o.Stdout}})
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.EPIPE) {
		return nil // the client left while something was still being said
	}
	return err
}

// readCloser keeps a real Close, which ends a pending read of a pipe when ctx is done.
func readCloser(r io.Reader) io.ReadCloser {
	if rc, ok := r.(io.ReadCloser); ok {
		return rc
	}
	return io.NopCloser(r)
}

type writeNopCloser struct{ io.Writer }

// Close does nothing: the output belongs to the caller of Run.
func (writeNopCloser) Close() error { return nil }
