package agent

import (
	"context"

	"patchbay"
)

// Model answers requests: one model API, with the key of the one who asks. It may be
// used by many goroutines at once, and is called once per step.
type Model interface {
	// Stream asks and hands each delta to yield, in order, from the goroutine that called
	// it. It returns nil when the message is complete, else a *patchbay.ModelError, or
	// ctx's error when ctx ended; what was yielded before stays valid. It retries by
	// itself, but only before the first delta. When ctx ends it returns at once, and
	// nothing is yielded after it has returned.
	Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error
}
