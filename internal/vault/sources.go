package vault

import (
	"context"
	"slices"
	"sync"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/store"
)

// sources holds the credentials in memory, by user first. The host's own are under "".
type sources struct {
	maxUsers int

	mu sync.Mutex
	m  map[patchbay.UserID][]*Source // few each; a map would cost twenty times as much
}

// of returns the credential of one user at one server, nil when it is not held. The
// caller holds the lock.
func (s *sources) of(user patchbay.UserID, server patchbay.ServerID) *Source {
	for _, one := range s.m[user] {
		if one.server == server {
			return one
		}
	}
	return nil
}

// Source returns where the token of a connection to server comes from; nil when signing in
// has nothing to do with it. user is nil at app level. It is asked for at each connect: a
// credential of a destination that the definition no longer has is dropped here, before
// anything is sent. Errors are *patchbay.ConnectError.
func (v *Vault) Source(ctx context.Context, user *patchbay.User, server *patchbay.Server) (*Source, error) {
	own := expand.OwnName(server)
	if !expand.MaySignIn(server) || user == nil && !own {
		return nil, nil //nolint:nilnil // no sign-in is no error
	}
	id := patchbay.UserID("")
	if user != nil {
		id = user.ID
	}
	s := v.sourceOf(id, server.ID)
	old := s.asked.Swap(&asker{user: user, server: server})
	if own {
		s.renewOwn(old)
		return s, nil
	}
	row, g, err := s.read(ctx)
	if err != nil {
		return nil, s.storeFailed(err)
	}
	if g == nil {
		return s, nil
	}
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	if !client.Bound(g.Binding) {
		_ = s.drop(ctx, row) // its error says what the server's 401 is about to say
	}
	return s, nil
}

// sourceOf returns the source of a credential, with nothing known of it when it is new.
func (v *Vault) sourceOf(user patchbay.UserID, server patchbay.ServerID) *Source {
	v.sources.mu.Lock()
	defer v.sources.mu.Unlock()
	if s := v.sources.of(user, server); s != nil {
		return s
	}
	s := &Source{vault: v, user: user, server: server}
	s.now.Store(v.unread)
	servers, known := v.sources.m[user]
	switch {
	case !known:
		makeRoom(v.sources.m, v.sources.maxUsers)
	case len(servers) >= maxServers:
		servers = slices.Delete(servers, 0, 1) // it is read again when it is needed
	}
	v.sources.m[user] = append(servers, s)
	return s
}

// source is sourceOf with what the store says.
func (v *Vault) source(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (*Source, error) {
	s := v.sourceOf(user, server)
	read := s.now.Load().read
	if !read.IsZero() && (!v.store.Shared() || v.now().Sub(read) < foreignFor) {
		return s, nil
	}
	if s.machine() {
		return s, nil
	}
	return s, s.load(ctx)
}

// load puts what the store says in force.
func (s *Source) load(ctx context.Context) error {
	_, _, err := s.read(ctx)
	if err != nil {
		return s.storeFailed(err)
	}
	return nil
}

// read returns what the store has and puts it in force, unless something was changed here
// since. The grant is nil when there is none, or it is over.
func (s *Source) read(ctx context.Context) (*store.OAuthToken, *Grant, error) {
	s.mu.Lock()
	turn := s.turn
	s.mu.Unlock()
	row, g, err := s.vault.readGrant(ctx, s.user, s.server)
	state := TokenExpired
	if patchbay.CodeOf(err) == patchbay.CodeNotFound {
		state, err = TokenNone, nil
	}
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != turn {
		return row, g, nil
	}
	switch h := s.now.Load(); {
	case g == nil:
		s.set(s.heldNothing(state))
	case h.token == g.Token.Access && h.info.State == TokenLive && h.info.ExpiresAt.Equal(g.Token.ExpiresAt):
		again := *h // keeps its jitter
		again.read = s.vault.now()
		s.set(&again)
	default:
		s.set(s.heldGrant(g, row.UpdatedAt))
	}
	return row, g, nil
}

// dropSources forgets what is in memory of a user.
func (v *Vault) dropSources(user patchbay.UserID) {
	v.sources.mu.Lock()
	servers := v.sources.m[user]
	delete(v.sources.m, user)
	v.sources.mu.Unlock()
	for _, s := range servers {
		s.forget()
	}
}

// dropServerSources forgets what is in memory of a server.
func (v *Vault) dropServerSources(server patchbay.ServerID) {
	v.sources.mu.Lock()
	var gone []*Source
	for user, servers := range v.sources.m {
		if s := v.sources.of(user, server); s != nil {
			gone = append(gone, s)
			v.sources.m[user] = slices.DeleteFunc(servers, func(other *Source) bool { return other == s })
		}
	}
	v.sources.mu.Unlock()
	for _, s := range gone {
		s.forget()
	}
}

// forget takes the token out of memory: who still holds the source has none any more.
func (s *Source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	s.set(s.heldNothing(TokenNone))
}
