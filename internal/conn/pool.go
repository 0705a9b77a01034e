package conn

import (
	"context"
	"encoding/json"
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
	// Caller is whose limits a call counts for, at every level; "" for nobody's.
	Caller patchbay.UserID
}

// Options are the parts and figures of a Pool. All but the durations are required.
type Options struct {
	Opener Opener
	// Values returns what fills a target's placeholders. It is called once per connect.
	Values func(ctx context.Context, t Target) (expand.Values, error)
	// Credentials knows the tokens of those who signed in. Nil: nobody does.
	Credentials Credentials
	// Changed is told after the state behind a key changed, outside every lock. It must
	// not block. ToolsChanged likewise, when a tool list differs from the one before.
	Changed      func(Key)
	ToolsChanged func(Key, int)
	// Question answers what a server of an older version asks (elicitation/create) on a
	// connection that is one person's: params and result are MCP's own JSON. Several may
	// be asked at the same time; ctx ends when the server takes the question back. Nil
	// declines them all.
	Question func(ctx context.Context, k Key, params json.RawMessage) (json.RawMessage, error)
	Logger   *slog.Logger
	Version  string        // of this host, told to servers
	Idle     time.Duration // 0: 15 minutes
	Ping     time.Duration // 0: 15 seconds; see pings
	List     ListCaps
	// Limits returns the limits in force; it is asked at every call and connect and must
	// be quick. Nil: none.
	Limits func() Limits
}

// Bounds of a pool.
const (
	defaultIdle    = 15 * time.Minute
	defaultPing    = 15 * time.Second
	forgetAfter    = 24 * time.Hour   // an entry without a connection, unused for this long, is dropped
	maxSweep       = 30 * time.Second // how often idle connections are looked for, at most
	closeTimeout   = 5 * time.Second  // for saying goodbye to one server
	maxInstruction = 64 << 10         // bytes kept of a server's instructions
)

// Pool holds every connection of this process.
type Pool struct {
	opts   Options
	born   time.Time
	client *mcp.Client
	meta   json.RawMessage // of our own requests to servers of firstModern
	eras   eras
	shelf  shelf

	people   people
	servers  perServer
	children children
	logged   logged

	watchers  atomic.Int64 // of all users
	lastWatch atomic.Int64 // until when somebody is taken to watch, Unix nanoseconds
	fading    sync.Map     // patchbay.UserID -> time.Time: who does not watch from then on
	listeners atomic.Int64
	pulsing   atomic.Int64 // pings under way

	// life ends when Close begins to end connects under way; work counts goroutines.
	life context.Context //nolint:containedctx // the life of connects, which outlive who asked for them
	end  context.CancelCauseFunc
	work sync.WaitGroup

	// workMu makes starting a goroutine and the beginning of the end exclude each other.
	// It is taken last, under any other lock.
	workMu   sync.RWMutex
	stopping atomic.Bool

	// mu is never taken with an entry's lock held; entries' locks may be taken under it.
	// Under an entry's lock, those of people, perServer and children may be taken.
	mu      sync.RWMutex
	entries map[Key]*entry
	kept    map[Key]Target // connections to keep open, wanted or not
	lost    map[Key]Target // users' connections to open again

	sessions sync.Map // *mcp.ClientSession -> *live, for what servers send on their own
}

// New returns a pool without connections. ctx bounds the life of everything it opens.
func New(ctx context.Context, opts Options) *Pool {
	if opts.Idle == 0 {
		opts.Idle = defaultIdle
	}
	if opts.Ping == 0 {
		opts.Ping = defaultPing
	}
	opts.List = opts.List.withDefaults()
	p := &Pool{
		opts: opts, born: time.Now(), meta: modernMeta(firstModern, opts.Version),
		entries: map[Key]*entry{}, lost: map[Key]Target{},
	}
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

// clock is a time that only goes forward, at least a minute.
func (p *Pool) clock() time.Duration { return time.Minute + time.Since(p.born) }

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
