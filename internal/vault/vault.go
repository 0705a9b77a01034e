// Package vault keeps each person's credentials for each server: now the values of
// user variables, later tokens and registrations. It owns sealing and opening them,
// their cache, and telling who must reconnect; it does not own the rows (store), the
// key (seal), nor which variables a server declares (the caller checks).
//
// A Vault is safe for concurrent use. Its cache is keyed by user first, so that no
// entry can belong to two people, and holds nothing that is not in the store.
package vault

import (
	"context"
	"errors"
	"fmt"
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
	v := &Vault{store: o.Store, box: o.Box, onChange: o.OnChange, now: o.Now}
	v.cache = newCache(o.MaxUsers, o.Store.Shared(), o.Now)
	return v, nil
}

// Forget drops what the cache holds of a user: for an account that changed or is gone.
func (v *Vault) Forget(user patchbay.UserID) { v.cache.dropUser(user) }

// DeleteServer erases everybody's credentials at a server that is gone or that now
// leads elsewhere. It does not call OnChange: the server's connections end anyway.
func (v *Vault) DeleteServer(ctx context.Context, server patchbay.ServerID) error {
	err := v.store.DeleteServerCredentials(ctx, server)
	v.cache.dropServer(server)
	if err != nil {
		return fmt.Errorf("vault: delete credentials of %s: %w", server, err)
	}
	return nil
}

// place is the associated data of one value: it opens in its own row only.
func place(user patchbay.UserID, server patchbay.ServerID, kind, name string) string {
	return seal.Data("credentials", string(user), string(server), kind, name)
}
