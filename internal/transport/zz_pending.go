package transport

import (
	"context"
	"fmt"

	"patchbay/internal/expand"
)

type tails struct{}

func newTails() *tails  { return &tails{} }
func (t *tails) close() {}

// Spawner forks children.
type Spawner struct{}

func (f *Factory) openHTTP(ep *expand.Endpoint, _ OpenOptions) (Wire, error) {
	return nil, fmt.Errorf("transport: %s cannot be opened yet", ep.Transport)
}

func (f *Factory) openStdio(_ context.Context, ep *expand.Endpoint, _ OpenOptions) (Wire, error) {
	return f.openHTTP(ep, OpenOptions{})
}

func (f *Factory) openInferred(_ context.Context, ep *expand.Endpoint, _ OpenOptions) (Wire, error) {
	return f.openHTTP(ep, OpenOptions{})
}

func (f *Factory) openWebSocket(_ context.Context, ep *expand.Endpoint, _ OpenOptions) (Wire, error) {
	return f.openHTTP(ep, OpenOptions{})
}
