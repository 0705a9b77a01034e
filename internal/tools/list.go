package tools

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"patchbay"
	"patchbay/internal/conn"
)

// maxOpening is how many connections one listing opens at the same time.
const maxOpening = 16

// Filter narrows a listing.
type Filter struct {
	Server  string // name; empty: every server the actor may use
	Connect bool   // open what is not open and needs no person
	// Run and Body are of the run that wants the list, for servers at run level.
	Run  string
	Body patchbay.CallBody
}

// Entry is one tool of an actor's catalogue.
type Entry struct {
	Tool   patchbay.Tool
	Server string // name
	Key    string // tool_mcp_server
	Stale  bool   // the last known list of a server that is not connected
}

// List returns the tools that the actor can use: those of connected servers and the
// last known ones of others, sorted by server, in the server's order. With
// Filter.Connect a server that cannot be opened is left out, unless it was named.
func (s *Service) List(ctx context.Context, a patchbay.Actor, f Filter) ([]Entry, error) {
	if f.Connect && !a.Has(patchbay.ScopeToolsCall) {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This token may not open connections: it lacks the scope %s. List without connecting, or use another token.", patchbay.ScopeToolsCall)
	}
	if a.Has(patchbay.ScopeServersRead) {
		a.Scopes = nil // reading the list of what one may use takes no more than this scope
	}
	servers := []*patchbay.Server{}
	if f.Server != "" {
		srv, err := s.registry.Authorise(a, f.Server, patchbay.PermUse)
		if err != nil {
			return nil, err
		}
		servers = append(servers, srv)
	} else {
		servers = s.registry.Visible(a, patchbay.PermUse)
	}
	if f.Connect {
		if err := s.openAll(ctx, a, servers, f); err != nil {
			return nil, err
		}
	}
	entries := []Entry{}
	for _, srv := range servers {
		t, err := target(a, srv, f.Body, f.Run)
		if err != nil {
			continue // bad definition, or a server that needs a person: it has no tools to show
		}
		list, stale, _ := s.conns.Tools(t.Key)
		for _, tool := range list {
			if srv.Tools.Allows(tool.Name) {
				entries = append(entries, Entry{Tool: tool, Server: srv.Name, Key: patchbay.ToolKey(tool.Name, srv.Name), Stale: stale})
			}
		}
	}
	return entries, nil
}

// openAll opens servers and reads their lists. It returns the first failure of one that
// was named; otherwise failures are what statuses are for.
func (s *Service) openAll(ctx context.Context, a patchbay.Actor, servers []*patchbay.Server, f Filter) error {
	var g errgroup.Group
	g.SetLimit(maxOpening)
	var mu sync.Mutex
	var first error
	for _, srv := range servers {
		g.Go(func() error {
			t, err := target(a, srv, f.Body, f.Run)
			if err == nil && srv.Level == patchbay.LevelRun {
				err = checkBody(srv, f.Body)
			}
			if err == nil {
				_, err = s.conns.ListTools(ctx, t)
				if own, ok := s.ownTarget(a, t, err); ok {
					_, err = s.conns.ListTools(ctx, own)
				}
			}
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
			}
			return nil
		})
	}
	_ = g.Wait() // the functions report through first
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if f.Server != "" {
		return first
	}
	return nil
}

// EndRun closes the connection that a run has to a server at run level.
func (s *Service) EndRun(user patchbay.UserID, run string, server patchbay.ServerID) {
	s.conns.CloseKey(conn.RunKey(user, run, server))
}
