package vault

import (
	"sync"
	"time"

	"patchbay"
)

// values are the opened variables of one user at one server; never changed once made.
type values struct {
	vars   map[string]string
	broken []string // names whose value does not open
}

// freshFor is how long an entry may be believed while other processes can change the
// rows.
const freshFor = 2 * time.Second

// maxServers bounds the servers per user in the cache.
const maxServers = 256

// cache holds opened values, by user first.
type cache struct {
	maxUsers int
	expires  bool
	now      func() time.Time

	mu    sync.Mutex
	turn  uint64 // moves with every drop
	users map[patchbay.UserID]map[patchbay.ServerID]entry
}

type entry struct {
	values *values
	read   time.Time
}

func newCache(maxUsers int, expires bool, now func() time.Time) cache {
	return cache{maxUsers: maxUsers, expires: expires, now: now, users: make(map[patchbay.UserID]map[patchbay.ServerID]entry)}
}

func (c *cache) get(user patchbay.UserID, server patchbay.ServerID) (*values, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.users[user][server]
	if !ok || (c.expires && c.now().Sub(e.read) >= freshFor) {
		return nil, false
	}
	return e.values, true
}

// begin is called before the rows are read, and its answer handed to put.
func (c *cache) begin() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turn
}

// put keeps what was read, unless something was dropped since begin: then what was
// read may be older than that change.
func (c *cache) put(user patchbay.UserID, server patchbay.ServerID, v *values, turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn != turn {
		return
	}
	servers := c.users[user]
	if servers == nil {
		makeRoom(c.users, c.maxUsers)
		servers = make(map[patchbay.ServerID]entry)
		c.users[user] = servers
	}
	makeRoom(servers, maxServers)
	servers[server] = entry{values: v, read: c.now()}
}

// makeRoom drops some entry of a full map. Which one does not matter: it is read
// again when it is needed.
func makeRoom[K comparable, V any](m map[K]V, most int) {
	for k := range m {
		if len(m) < most {
			return
		}
		delete(m, k)
	}
}

func (c *cache) drop(user patchbay.UserID, server patchbay.ServerID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	delete(c.users[user], server)
}

func (c *cache) dropUser(user patchbay.UserID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	delete(c.users, user)
}

func (c *cache) dropServer(server patchbay.ServerID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	for _, servers := range c.users {
		delete(servers, server)
	}
}
