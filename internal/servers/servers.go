// Package servers keeps the servers that people make: who may create, change, delete and
// share one, what a change of it means for secrets, and the groups they are shared with.
//
// It owns the rows of such servers and their sealing, merging an edit into a definition,
// and who may be given what. It does not own the parsing of definitions (config), the
// permission rule (acl), which definitions are in force (registry), people's credentials
// (vault) or connections (conn). Rows are the truth: other processes read them again when
// their version moves. A Service is safe for concurrent use.
package servers

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/config"
	"patchbay/internal/seal"
	"patchbay/internal/store"
)

// Policy is what the configuration says about servers that people make.
type Policy struct {
	AllowStdio bool // `mcpSettings.allowStdioFromApi`
	// Create, Share and Public are role permissions (`interface.mcpServers`): who may make
	// servers, share them at all, and share them with everyone. An ADMIN always may.
	Create, Share, Public bool
}

// Vault keeps people's credentials at servers.
type Vault interface {
	// DeleteServer forgets what every person has given for a server, and our
	// registrations for it.
	DeleteServer(ctx context.Context, server patchbay.ServerID) error
}

// Options are the parts of a Service. All are required.
type Options struct {
	Store  *store.Store
	Box    *seal.Box
	Vault  Vault
	Policy func() Policy
	// Taken reports whether the configuration file has a server of this name.
	Taken func(name string) bool
	// Check judges an address that a person wrote, before it is stored; connecting judges
	// it again.
	Check func(u *url.URL) error
	// Changed is called after rows changed and before the one who changed them is answered:
	// it puts them in force.
	Changed func(ctx context.Context) error
	Logger  *slog.Logger
	Now     func() time.Time
}

// Service makes, changes and shares servers.
type Service struct {
	o Options

	mu      sync.Mutex // of an edit: two of this process take turns
	version int64      // of the rows that All has read last
}

// New checks the options.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Box == nil || o.Vault == nil || o.Policy == nil || o.Taken == nil || o.Check == nil ||
		o.Changed == nil || o.Logger == nil || o.Now == nil {
		return nil, errors.New("servers: every option is required")
	}
	return &Service{o: o}, nil
}

// Set is what the rows say now.
type Set struct {
	Servers []*patchbay.Server
	Groups  *acl.Groups
	Version int64
}

// All reads every server and membership. A row that cannot be read is left out and logged;
// it stays where it is.
func (s *Service) All(ctx context.Context) (*Set, error) {
	version, err := s.o.Store.ServersVersion(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.o.Store.Servers(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := s.memberships(ctx)
	if err != nil {
		return nil, err
	}
	set := &Set{Groups: groups, Version: version}
	for _, row := range rows {
		def, err := s.definition(row)
		if err != nil {
			s.o.Logger.ErrorContext(ctx, "A server that a person made cannot be read and is left out", "server", row.Name, "error", err)
			continue
		}
		set.Servers = append(set.Servers, def)
	}
	return set, nil
}

// memberships says who is in which group, by id and by name: grants name groups by id,
// the configuration file by name.
func (s *Service) memberships(ctx context.Context) (*acl.Groups, error) {
	groups, err := s.o.Store.Groups(ctx)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	names := make(map[string]string, len(groups))
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	of, err := s.o.Store.Memberships(ctx)
	if err != nil {
		return nil, err
	}
	for user, ids := range of {
		for _, id := range ids {
			of[user] = append(of[user], names[id])
		}
	}
	return acl.NewGroups(of), nil
}

// definition opens a row.
func (s *Service) definition(row *store.Server) (*patchbay.Server, error) {
	body, err := s.o.Box.Open(row.Sealed, place(row.ID))
	if err != nil {
		return nil, err
	}
	def, fields, err := config.ParseDefinition(body, config.DefinitionOptions{AllowStdio: true})
	if err != nil {
		return nil, err
	}
	if len(fields) > 0 {
		return nil, errors.New("servers: a stored definition is not valid any more: " + fields[0].Path + " " + fields[0].Message)
	}
	if def.Transport == patchbay.TransportStdio && !s.o.Policy().AllowStdio {
		def.Problem = &patchbay.Problem{
			Reason:  patchbay.ReasonBlocked,
			Message: "Programs may not be started by servers that people made. An administrator can set mcpSettings.allowStdioFromApi.",
		}
	}
	def.ID, def.Name, def.Author, def.Version = row.ID, row.Name, row.Author, row.Version
	def.Grants, def.CreatedAt, def.UpdatedAt = row.Grants, row.CreatedAt, row.UpdatedAt
	def.Startup = false // ten thousand people's servers are opened when they are used
	def.Hash = config.Hash(def, nil)
	return def, nil
}

// place binds a sealed definition to its row.
func place(id patchbay.ServerID) string { return seal.Data("server", "", string(id), "definition") }

// Run puts the rows in force again when another process changed them, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	if !s.o.Store.Shared() {
		return nil
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		version, err := s.o.Store.ServersVersion(ctx)
		if err != nil || !s.behind(version) {
			continue // the database is away: what is in force stays
		}
		if err := s.o.Changed(ctx); err != nil && ctx.Err() == nil {
			s.o.Logger.ErrorContext(ctx, "Servers that people made could not be read again", "error", err)
		}
	}
}

// followEvery is how late a change in another process is noticed at most (design,
// decision 10).
const followEvery = 2 * time.Second

func (s *Service) behind(version int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return version != s.version
}

// InForce notes which version of the rows is in force now.
func (s *Service) InForce(version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}
