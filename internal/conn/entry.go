package conn

import (
	"sync"
	"time"

	"patchbay"
)

// entry is what the pool keeps for one key: the live connection or the attempt to get
// one, and what is known when there is neither.
type entry struct {
	key Key

	mu       sync.Mutex
	live     *live
	attempt  *attempt
	breaker  breaker
	phase    patchbay.Phase
	since    time.Time
	err      *patchbay.ConnectError
	failure  *patchbay.ConnectError // the last failure in a row that the log told of
	protocol string
	tools    toolList
	used     time.Time // last time somebody wanted it
	tried    time.Time // last attempt in the background
	quiet    time.Time // the server asked not to be called before this
	cuts     cuts      // how long what was cut off had lasted
	diary    diary     // for who looks after the server
	held     bool      // it holds a place of its user's and its server's
	owner    *person   // whose place it is
	gone     bool      // removed from the pool: a late attempt must not revive it
}

// set moves the entry to a phase. The caller holds e.mu.
func (e *entry) set(phase patchbay.Phase, err *patchbay.ConnectError) {
	if e.phase != phase || err != nil {
		e.since = time.Now()
	}
	e.phase, e.err = phase, err
	if text := saying(phase, err); text != "" {
		e.diary.note(time.Now(), text)
	}
}

// Facts is what the pool knows of a key, for status.
type Facts struct {
	Phase           patchbay.Phase
	Err             *patchbay.ConnectError
	Since           time.Time
	ToolCount       int
	ToolsKnown      bool
	ProtocolVersion string
	Instructions    string
}

// Facts returns what is known of a key. It never waits for I/O.
func (p *Pool) Facts(k Key) Facts {
	e := p.peek(k)
	if e == nil {
		return Facts{}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f := Facts{
		Phase: e.phase, Err: e.err, Since: e.since, ProtocolVersion: e.protocol,
		ToolCount: len(e.tools.list), ToolsKnown: e.tools.known,
	}
	if e.attempt != nil {
		f.Phase, f.Err = patchbay.PhaseConnecting, nil
	}
	if e.live != nil {
		f.Instructions = e.live.instructions
	}
	return f
}
