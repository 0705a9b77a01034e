package transport

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
)

// Guard is the way out, as netguard gives it.
type Guard interface {
	// Follower returns a RoundTripper that judges every hop and follows redirects by
	// the guard's rules. Called once per wire.
	Follower(netguard.ClientOptions) http.RoundTripper
	// RoundTripper is the same without redirects.
	RoundTripper(netguard.ClientOptions) http.RoundTripper
}

var _ Guard = (*netguard.Guard)(nil)

// DefaultMaxMessage is the cap on one message when Options name none.
const DefaultMaxMessage = 16 << 20

// Options are what every wire of a factory shares.
type Options struct {
	// Guard returns the guard in force: each wire asks once, when it is opened.
	Guard func() Guard
	// Spawner forks the children of stdio; nil refuses stdio.
	Spawner *Spawner
	Logger  *slog.Logger
	// MaxMessage caps one message of a server, in bytes: a line, an event, a frame, a
	// body. 0 means DefaultMaxMessage.
	MaxMessage int
	// Stderr takes the lines of children with `stderr: inherit`; nil throws them away.
	// It is written to by one goroutine per child, a line at a time.
	Stderr io.Writer
	// UserAgent of HTTP requests; "patchbay" and the version when empty.
	UserAgent string
}

// OpenOptions are of one wire.
type OpenOptions struct {
	Server string // the server's name, for logs and lines of stderr
	// Token returns the bearer token of the moment, "" for none. It only reads memory:
	// it is asked before every request. Nil for none ever.
	Token func() string
}

// Factory opens wires.
type Factory struct {
	opts   Options
	tails  *tails
	common *commonHeader
}

// NewFactory returns a factory. It starts nothing.
func NewFactory(o Options) (*Factory, error) {
	if o.Guard == nil {
		return nil, fmt.Errorf("transport: a factory needs a guard")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	if o.UserAgent == "" {
		o.UserAgent = "patchbay/" + patchbay.Version
	}
	return &Factory{opts: o, tails: newTails(), common: newCommonHeader(o.UserAgent)}, nil
}

// Close ends what the factory keeps for its wires. Wires are closed before.
func (f *Factory) Close() { f.tails.close() }

// Open opens a wire to the endpoint, within ctx, whose end afterwards means nothing to
// the wire. For streamable HTTP nothing is sent until the SDK writes. Errors: a
// *netguard.BlockedError, *netguard.TLSError, *AuthError, *HTTPError, *CommandError,
// *ExitError, *ProtocolError, or what the network said.
func (f *Factory) Open(ctx context.Context, ep *expand.Endpoint, o OpenOptions) (Wire, error) {
	switch ep.Transport {
	case patchbay.TransportHTTP:
		return f.openHTTP(ep, o)
	case patchbay.TransportStdio:
		return f.openStdio(ep, o)
	case patchbay.TransportSSE:
		return f.openInferred(ctx, ep, o)
	case patchbay.TransportWebSocket:
		return f.openWebSocket(ctx, ep, o)
	}
	return nil, fmt.Errorf("transport: %q is not a transport", ep.Transport)
}
