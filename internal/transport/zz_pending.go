package transport

import (
	"context"
	"fmt"

	"patchbay/internal/expand"
)

func (f *Factory) pending(ep *expand.Endpoint) (Wire, error) {
	return nil, fmt.Errorf("transport: %s cannot be opened yet", ep.Transport)
}

func (f *Factory) openInferred(_ context.Context, ep *expand.Endpoint, _ OpenOptions) (Wire, error) {
	return f.pending(ep)
}

func (f *Factory) openWebSocket(_ context.Context, ep *expand.Endpoint, _ OpenOptions) (Wire, error) {
	return f.pending(ep)
}
