package conn

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/transport"
)

// Opener opens the wire of an expanded definition. Open may be called concurrently;
// cancelling ctx ends the opening, not the wire. The caller closes the wire.
type Opener interface {
	Open(ctx context.Context, ep *expand.Endpoint, o transport.OpenOptions) (transport.Wire, error)
}

// Target is a connection that somebody wants: its key, the definition as the registry
// holds it now, and what fills the definition's placeholders.
type Target struct {
	Key    Key
	Server *patchbay.Server
	User   *patchbay.User // nil at app level
	Body   patchbay.CallBody
}

// Options are the parts and figures of a Pool. All but the durations are required.
type Options struct {
	Opener Opener
	// Values returns what fills a target's placeholders. It is called once per connect.
	Values func(ctx context.Context, t Target) (expand.Values, error)
	// Changed is told after the state behind a key changed, outside every lock. It must
	// not block. ToolsChanged likewise, when a tool list differs from the one before.
	Changed      func(Key)
	ToolsChanged func(Key, int)
	Logger       *slog.Logger
	Version      string        // of this host, told to servers
	Idle         time.Duration // 0: 15 minutes
	List         ListCaps
}

// Bounds of a pool.
const (
	defaultIdle    = 15 * time.Minute
	forgetAfter    = 24 * time.Hour   // an entry without a connection, unused for this long, is dropped
	maxSweep       = 30 * time.Second // how often idle connections are looked for, at most
	closeTimeout   = 5 * time.Second  // for saying goodbye to one server
	maxInstruction = 64 << 10         // bytes kept of a server's instructions
)

// Pool holds every connection of this process.
type Pool struct {
	opts   Options
	client *mcp.Client
	eras   eras

	// life ends when Close begins to end connects under way; work counts goroutines.
	life context.Context
	end  context.CancelCauseFunc
	work sync.WaitGroup

	// workMu makes starting a goroutine and the beginning of the end exclude each other.
	// It is taken last, under any other lock.
	workMu   sync.RWMutex
	stopping atomic.Bool

	// mu is never taken with an entry's lock held; entries' locks may be taken under it.
	mu      sync.RWMutex
	entries map[Key]*entry
	kept    map[Key]Target // connections to keep open, wanted or not

	sessions sync.Map // *mcp.ClientSession -> *live, for what servers send on their own
}

// New returns a pool without connections. ctx bounds the life of everything it opens.
func New(ctx context.Context, opts Options) *Pool {
	if opts.Idle == 0 {
		opts.Idle = defaultIdle
	}
	opts.List = opts.List.withDefaults()
	p := &Pool{opts: opts, entries: map[Key]*entry{}}
	p.life, p.end = context.WithCancelCause(ctx)
	p.client = p.newClient()
	return p
}

// entryOf returns the entry of a key, made when there is none.
func (p *Pool) entryOf(k Key) (*entry, error) {
	if p.stopping.Load() {
		return nil, errStopping
	}
	p.mu.RLock()
	e := p.entries[k]
	p.mu.RUnlock()
	if e != nil {
		return e, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e = p.entries[k]
	if e == nil {
		e = &entry{key: k}
		p.entries[k] = e
	}
	return e, nil
}

// peek returns the entry of a key, or nil.
func (p *Pool) peek(k Key) *entry {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.entries[k]
}

// matching returns the entries whose key satisfies want.
func (p *Pool) matching(want func(Key) bool) []*entry {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var found []*entry
	for k, e := range p.entries {
		if want(k) {
			found = append(found, e)
		}
	}
	return found
}

// spawn runs f in a goroutine that Close waits for. It reports false, and does not
// run f, when the pool is stopping.
func (p *Pool) spawn(f func()) bool {
	p.workMu.RLock()
	defer p.workMu.RUnlock()
	if p.stopping.Load() {
		return false
	}
	p.work.Go(f)
	return true
}

func (p *Pool) changed(k Key) {
	if p.opts.Changed != nil {
		p.opts.Changed(k)
	}
}

// Counts returns how many connections are open, by level.
func (p *Pool) Counts() map[patchbay.Level]int {
	counts := map[patchbay.Level]int{patchbay.LevelApp: 0, patchbay.LevelUser: 0, patchbay.LevelRun: 0}
	p.sessions.Range(func(_, l any) bool {
		counts[l.(*live).entry.key.level]++
		return true
	})
	return counts
}
