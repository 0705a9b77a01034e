package app

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/api"
	"patchbay/internal/conn"
	"patchbay/internal/doctor"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/registry"
	"patchbay/internal/servers"
	"patchbay/internal/store"
)

// buildServers builds what keeps the servers that people make, and reads them.
func (a *App) buildServers(ctx context.Context) error {
	var err error
	a.servers, err = servers.New(servers.Options{
		Store: a.store, Box: a.box, Vault: a.vault, Logger: a.log, Now: time.Now,
		Policy: func() servers.Policy { return a.now.Load().people },
		Taken:  func(name string) bool { return a.fromFile(name) },
		Check: func(u *url.URL) error {
			return a.now.Load().guard.Check(u, patchbay.TrustPerson, nil)
		},
		Changed: a.takeServers,
	})
	if err != nil {
		return err
	}
	a.made, err = a.servers.All(ctx)
	if err == nil {
		a.servers.InForce(a.made.Version)
	}
	return err
}

// fromFile reports whether the configuration file has a server of this name.
func (a *App) fromFile(name string) bool {
	a.force.Lock()
	defer a.force.Unlock()
	return slices.ContainsFunc(a.file, func(s *patchbay.Server) bool { return s.Name == name })
}

// takeServers reads the servers that people made again and puts them in force.
func (a *App) takeServers(ctx context.Context) error {
	a.force.Lock()
	made, err := a.servers.All(ctx)
	if err != nil {
		a.force.Unlock()
		return err
	}
	a.made = made
	diff := a.replace()
	a.force.Unlock()
	a.servers.InForce(made.Version)
	for _, id := range diff.Reconnect {
		a.conns.CloseServer(id)
	}
	a.bus.Publish(patchbay.Event{Kind: patchbay.EventServers, Data: patchbay.ServersEvent{}})
	return nil
}

// replace puts the file's servers and those that people made in force together. Of two
// with one name the file's counts; the other waits until the name is free again. The
// caller holds a.force.
func (a *App) replace() registry.Diff {
	all := slices.Clone(a.file)
	names := make(map[string]bool, len(all))
	for _, s := range all {
		names[s.Name] = true
	}
	rules := registry.Rules{TrustEmail: a.now.Load().trustEmail}
	if a.made != nil {
		rules.Groups = a.made.Groups
		for _, s := range a.made.Servers {
			if names[s.Name] {
				a.log.Warn("A server that a person made is hidden by one of the configuration file", "server", s.Name)
				continue
			}
			all = append(all, s)
		}
	}
	return a.registry.Replace(all, rules)
}

// trial tries definitions that nobody has saved: over connections of their own, which end
// with the trial.
type trial struct{ a *App }

var _ api.Trial = trial{}

// Try walks through a definition on behalf of the actor, who may make it.
func (t trial) Try(ctx context.Context, actor patchbay.Actor, def *patchbay.Server, base string) (*doctor.Report, error) {
	def.ID = patchbay.ServerID("trial/" + store.NewID())
	if def.Name == "" {
		def.Name = "trial"
	}
	def.Level = patchbay.LevelUser
	key := conn.UserKey(actor.ID(), def.ID)
	defer t.a.conns.CloseKey(key)
	d, err := doctor.New(doctor.Options{
		Values: values{now: &t.a.now, vault: t.a.vault}.of, Guard: func() *netguard.Guard { return t.a.now.Load().guard },
		Tokens: t.a.vault, Facts: t.a.conns,
		Connect: func(ctx context.Context, actor patchbay.Actor, def *patchbay.Server) error {
			target := conn.Target{Key: key, Server: def, User: actor.User, Caller: actor.ID()}
			if err := t.a.conns.Connect(ctx, target); err != nil {
				return err
			}
			_, err := t.a.conns.ListTools(ctx, target)
			var ce *patchbay.ConnectError
			if errors.As(err, &ce) {
				return err
			}
			return nil // a list that cannot be had is told by the facts
		},
		Client: func(ctx context.Context, user *patchbay.User, server *patchbay.Server, base string, observe func(oauth.Step)) (*oauth.Client, error) {
			return t.a.clients().Client(ctx, user, server, t.a.flows.Address(server, base), observe)
		},
	})
	if err != nil {
		return nil, err
	}
	report, err := d.Examine(ctx, actor, def, strings.TrimRight(base, "/"))
	if report != nil && report.Action == patchbay.ActionInitialize {
		report.Action = patchbay.ActionNone
	}
	return report, err
}
