// Package registry owns the server definitions that are in force: those of the
// configuration file and those that people made. It answers who may see and use which
// server, and tells what a new set of definitions changes.
//
// It does not own where definitions come from (config, store), connections (conn) or
// the permission rule (acl). Readers take a snapshot without a lock; Replace builds a
// new one and swaps it. Everything is safe for concurrent use.
package registry

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/expand"
)

// Registry holds the definitions in force.
type Registry struct {
	mu  sync.Mutex // serialises Replace
	now atomic.Pointer[snapshot]
}

// snapshot is one set of definitions. It is never changed once published.
type snapshot struct {
	byName map[string]*entry
	byID   map[patchbay.ServerID]*entry
	sorted []*entry // by name
	acl    acl.Options
	signIn map[patchbay.ServerID]string // Hash of definitions that turned out to want people to sign in
}

type entry struct {
	server *patchbay.Server
	grants []patchbay.Grant
}

// Rules are what decides about people beside the definitions' own grants.
type Rules struct {
	TrustEmail bool        // `registration.trustEmail`
	Groups     *acl.Groups // nil: there are none
}

// Diff says what a Replace changed. A definition is changed when anything of it is;
// Reconnect lists those whose connections are no longer right.
type Diff struct {
	Added, Changed, Removed []*patchbay.Server
	Reconnect               []patchbay.ServerID // changed or removed, with another Hash
}

// Empty reports whether nothing changed.
func (d Diff) Empty() bool { return len(d.Added)+len(d.Changed)+len(d.Removed) == 0 }

// New returns a registry without servers.
func New() *Registry {
	r := &Registry{}
	r.now.Store(&snapshot{byName: map[string]*entry{}, byID: map[patchbay.ServerID]*entry{}})
	return r
}

// Replace puts a set of definitions in force, with what follows from each filled in.
// Names and ids are unique in it; the caller must not change what the pointers lead to.
func (r *Registry) Replace(servers []*patchbay.Server, rules Rules) Diff {
	next := &snapshot{
		byName: make(map[string]*entry, len(servers)),
		byID:   make(map[patchbay.ServerID]*entry, len(servers)),
		sorted: make([]*entry, 0, len(servers)),
		acl:    acl.Options{TrustEmail: rules.TrustEmail, Groups: rules.Groups},
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	learned := r.now.Load().signIn
	for _, s := range servers {
		in := *s
		in.Level, in.BodyFields = expand.LevelOf(s), expand.BodyFields(s)
		if hash, ok := learned[s.ID]; ok && hash == s.Hash {
			signedIn(&in)
			next.learn(s.ID, hash)
		}
		e := &entry{server: &in, grants: s.Grants}
		if s.Source == patchbay.SourceYAML {
			e.grants = acl.GrantsOf(s.Access)
		}
		next.byName[s.Name], next.byID[s.ID] = e, e
		next.sorted = append(next.sorted, e)
	}
	slices.SortFunc(next.sorted, func(a, b *entry) int { return strings.Compare(a.server.Name, b.server.Name) })
	return diff(r.now.Swap(next), next)
}

// SignInNeeded notes that a server which says nothing of it wants each person to sign in:
// from now on, as long as its definition stays, each has a connection of their own. It
// reports whether that is news; it is not for a definition that decides for itself.
func (r *Registry) SignInNeeded(id patchbay.ServerID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.now.Load()
	e, ok := old.byID[id]
	if !ok || e.server.Level != patchbay.LevelApp || e.server.ForcedLevel != "" || e.server.RequiresOAuth != nil || e.server.OAuth != nil {
		return false
	}
	in := *e.server
	signedIn(&in)
	changed := &entry{server: &in, grants: e.grants}
	next := &snapshot{byName: maps.Clone(old.byName), byID: maps.Clone(old.byID), sorted: slices.Clone(old.sorted), acl: old.acl, signIn: maps.Clone(old.signIn)}
	next.learn(id, in.Hash)
	next.byName[in.Name], next.byID[id] = changed, changed
	next.sorted[slices.Index(next.sorted, e)] = changed
	r.now.Store(next)
	return true
}

// signedIn makes a definition one that people sign in to.
func signedIn(s *patchbay.Server) {
	if s.Level == patchbay.LevelApp {
		s.Level = patchbay.LevelUser
	}
	yes := true
	s.RequiresOAuth = &yes
}

func (s *snapshot) learn(id patchbay.ServerID, hash string) {
	if s.signIn == nil {
		s.signIn = map[patchbay.ServerID]string{}
	}
	s.signIn[id] = hash
}

// Options returns what decides about people now, for other things that are shared.
func (r *Registry) Options() acl.Options { return r.now.Load().acl }

// All returns every definition, sorted by name, whoever may see it.
func (r *Registry) All() []*patchbay.Server {
	sorted := r.now.Load().sorted
	all := make([]*patchbay.Server, len(sorted))
	for i, e := range sorted {
		all[i] = e.server
	}
	return all
}

// ByID returns the definition with an id, whoever may see it.
func (r *Registry) ByID(id patchbay.ServerID) (*patchbay.Server, bool) {
	e, ok := r.now.Load().byID[id]
	if !ok {
		return nil, false
	}
	return e.server, true
}

// Visible returns the definitions on which the actor has all of p, sorted by name.
func (r *Registry) Visible(a patchbay.Actor, p patchbay.Permission) []*patchbay.Server {
	snap := r.now.Load()
	var visible []*patchbay.Server
	for _, e := range snap.sorted {
		if snap.acl.May(a, p, e.grants, e.server.Author) {
			visible = append(visible, e.server)
		}
	}
	return visible
}

// Permissions returns what the actor may do with a server; none for one that is not
// in force any more.
func (r *Registry) Permissions(a patchbay.Actor, s *patchbay.Server) patchbay.Permission {
	snap := r.now.Load()
	e, ok := snap.byID[s.ID]
	if !ok {
		return 0
	}
	return snap.acl.Permissions(a, e.grants, e.server.Author)
}

// Authorise returns the server called name when the actor has all of p on it. Without
// VIEW the error is the same as for a name that does not exist.
func (r *Registry) Authorise(a patchbay.Actor, name string, p patchbay.Permission) (*patchbay.Server, error) {
	snap := r.now.Load()
	e, ok := snap.byName[name]
	if !ok {
		return nil, patchbay.NotFound(name)
	}
	return snap.authorise(a, e, p)
}

// AuthoriseID is Authorise by id.
func (r *Registry) AuthoriseID(a patchbay.Actor, id patchbay.ServerID, p patchbay.Permission) (*patchbay.Server, error) {
	snap := r.now.Load()
	e, ok := snap.byID[id]
	if !ok {
		return nil, patchbay.NotFound(strings.TrimPrefix(string(id), "yaml/"))
	}
	return snap.authorise(a, e, p)
}

func (s *snapshot) authorise(a patchbay.Actor, e *entry, p patchbay.Permission) (*patchbay.Server, error) {
	has := s.acl.Permissions(a, e.grants, e.server.Author)
	if has&patchbay.PermView == 0 {
		return nil, patchbay.NotFound(e.server.Name)
	}
	if missing := p &^ has; missing != 0 {
		return nil, patchbay.Errorf(patchbay.CodeForbidden,
			"You may not do this with MCP server '%s': you lack %s. Ask an administrator for it.", e.server.Name, missing)
	}
	return e.server, nil
}
