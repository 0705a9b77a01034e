package app

import (
	"context"
	"runtime"
	"runtime/debug"
	gauges "runtime/metrics"
	"time"
)

// Bounds of what counts as rest.
const (
	restEvery   = time.Second
	restQuiet   = 256 << 10 // bytes allocated within one restEvery: a heartbeat, no call
	restGarbage = 2 << 20   // bytes allocated since the last collection of ours: worth one
)

// rest gives memory back when nobody calls any more. Go collects when the heap has doubled
// and shrinks stacks when it collects, so that without this an instance at rest keeps the
// garbage and the deep stacks of its last busy minute until the next one.
func rest(ctx context.Context) error {
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	sample := []gauges.Sample{{Name: "/gc/heap/allocs:bytes"}}
	allocated := func() uint64 {
		gauges.Read(sample)
		return sample[0].Value.Uint64()
	}
	idle := idleness{collected: allocated()}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !idle.begins(allocated()) {
			continue
		}
		runtime.GC()         // a stack loses half of itself in a collection
		debug.FreeOSMemory() // collects again, and gives back
		idle.collected = allocated()
	}
}

// idleness watches the bytes allocated so far.
type idleness struct {
	seen      uint64 // a moment ago
	collected uint64 // at our last collection
}

// begins reports whether it is quiet now and there is something to collect.
func (i *idleness) begins(allocated uint64) bool {
	quiet := allocated-i.seen < restQuiet
	i.seen = allocated
	return quiet && allocated-i.collected > restGarbage
}
