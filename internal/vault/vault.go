// Package vault keeps each person's credentials for each server: the values of user
// variables, the tokens of sign-ins, and our registrations at issuers. It owns sealing
// and opening them, their cache, renewing tokens, and telling who must reconnect; it does
// not own the rows (store), the key (seal), the exchange with an issuer (oauth), signing
// in (flow), nor which variables a server declares (the caller checks).
//
// A Vault is safe for concurrent use. Its caches are keyed by user first, so that no
// entry can belong to two people, and hold nothing that is not in the store, but for
// tokens that the host gets in its own name. Of all goroutines and processes one at a
// time renews a token, holding a lease in the store; it runs in a goroutine that Close
// waits for, and begins only when somebody uses the token.
package vault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/seal"
	"patchbay/internal/store"
)

// Bounds of what is kept. A value is a token, a key or a small document.
const (
	MaxValue = 64 << 10 // bytes of one value
	MaxName  = 256      // bytes of one name
	MaxVars  = 64       // variables of one user at one server
)

const kindVar = "var"

// Options build a Vault.
type Options struct {
	Store *store.Store
	Box   *seal.Box
	// OnChange is called after a user's variables at a server have changed and are
	// durable, once per change, from the goroutine that made it and holding no lock:
	// that user's connection to that server, and no other, has to be made anew.
	OnChange func(user patchbay.UserID, server patchbay.ServerID)
	// OnToken is called when what TokenInfo says of a user's sign-in at a server changed.
	// It is called under a lock and must neither block nor call the vault.
	OnToken func(user patchbay.UserID, server patchbay.ServerID)
	// Clients returns the wire side of a definition, its placeholders filled with what is
	// the user's (nil: nobody's); an error is a *patchbay.ConnectError. It may be called
	// concurrently. Nil: nobody signs in.
	Clients func(ctx context.Context, user *patchbay.User, s *patchbay.Server) (Client, error)
	// Logger gets a line for each step of a renewal. Nil: nothing is logged.
	Logger *slog.Logger
	// MaxUsers bounds the users in the cache; 0 means 4096.
	MaxUsers int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Vault gives out and takes in credentials.
type Vault struct {
	store    *store.Store
	box      *seal.Box
	onChange func(patchbay.UserID, patchbay.ServerID)
	now      func() time.Time
	cache    cache

	onToken func(patchbay.UserID, patchbay.ServerID)
	clients func(context.Context, *patchbay.User, *patchbay.Server) (Client, error)
	log     *slog.Logger
	process string // this vault, in the owners of leases
	sources sources
	unread  *held // what every source knows at first
	nothing *held // and once it was read that there is no token, while nobody else can bring one

	workMu sync.Mutex // makes starting a goroutine and Close exclude each other
	closed bool
	work   sync.WaitGroup
}

// New returns a Vault.
func New(o Options) (*Vault, error) {
	if o.Store == nil || o.Box == nil {
		return nil, errors.New("vault: needs a store and a box")
	}
	if o.OnChange == nil {
		o.OnChange = func(patchbay.UserID, patchbay.ServerID) {}
	}
	if o.MaxUsers <= 0 {
		o.MaxUsers = 4096
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OnToken == nil {
		o.OnToken = func(patchbay.UserID, patchbay.ServerID) {}
	}
	if o.Clients == nil {
		o.Clients = noClients
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	v := &Vault{
		store: o.Store, box: o.Box, onChange: o.OnChange, now: o.Now,
		onToken: o.OnToken, clients: o.Clients, log: o.Logger, process: store.NewID(),
		sources: sources{maxUsers: o.MaxUsers, m: make(map[patchbay.UserID][]*Source)},
	}
	v.unread = &held{end: never, info: TokenInfo{State: TokenNone}}
	v.nothing = &held{due: never, end: never, read: o.Now(), info: TokenInfo{State: TokenNone}}
	v.cache = newCache(o.MaxUsers, o.Store.Shared(), o.Now)
	return v, nil
}

// Close begins no renewal any more and waits for those under way: what an issuer gave
// exists nowhere else until it is stored.
func (v *Vault) Close() {
	v.workMu.Lock()
	v.closed = true
	v.workMu.Unlock()
	v.work.Wait()
}

// spawn runs f in a goroutine that Close waits for; false, without running it, after
// Close.
func (v *Vault) spawn(f func()) bool {
	v.workMu.Lock()
	defer v.workMu.Unlock()
	if v.closed {
		return false
	}
	v.work.Go(f)
	return true
}

// changedToken tells that a sign-in is another.
func (v *Vault) changedToken(user patchbay.UserID, server patchbay.ServerID) { v.onToken(user, server) }

// Forget drops what is in memory of a user: for an account that changed or is gone.
func (v *Vault) Forget(user patchbay.UserID) {
	v.cache.dropUser(user)
	v.dropSources(user)
}

// DeleteServer erases everybody's credentials at a server that is gone or that now
// leads elsewhere. It does not call OnChange: the server's connections end anyway.
func (v *Vault) DeleteServer(ctx context.Context, server patchbay.ServerID) error {
	err := errors.Join(v.store.DeleteServerCredentials(ctx, server), v.store.DeleteServerOAuth(ctx, server))
	v.cache.dropServer(server)
	v.dropServerSources(server)
	if err != nil {
		return fmt.Errorf("vault: delete credentials of %s: %w", server, err)
	}
	return nil
}

// place is the associated data of one value: it opens in its own row only.
func place(user patchbay.UserID, server patchbay.ServerID, kind, name string) string {
	return seal.Data("credentials", string(user), string(server), kind, name)
}
