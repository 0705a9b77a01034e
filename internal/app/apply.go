package app

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/config"
	"patchbay/internal/conn"
	"patchbay/internal/registry"
)

// take puts a configuration in force: definitions are swapped as a whole, and only the
// connections of servers whose definition changed are closed.
func (a *App) take(l *config.Loaded, s *settings) {
	before := a.now.Swap(s)
	a.auth.SetRegistration(auth.Registration{
		Allowed: a.proc.AllowRegister, AllowedDomains: l.Config.Registration.AllowedDomains,
	})
	a.force.Lock()
	a.file = l.Config.Servers
	diff := a.replace()
	a.force.Unlock()
	reconnect := diff.Reconnect
	if before != nil && (before.trustEmail != s.trustEmail || !before.policy.Equal(s.policy)) {
		// What may be reached or who is whom changed: every connection is judged anew.
		reconnect = nil
		for _, srv := range a.registry.All() {
			reconnect = append(reconnect, srv.ID)
		}
		for _, srv := range diff.Removed {
			reconnect = append(reconnect, srv.ID)
		}
	}
	a.roster.Update(models(l, s))
	for _, g := range a.retired { // what its last wires have left since
		g.CloseIdle()
	}
	if before != nil {
		for _, g := range before.guards() {
			if !slices.Contains(s.guards(), g) {
				g.CloseIdle()
				a.retired = append(a.retired, g)
			}
		}
	}
	a.keepConnections()
	for _, id := range reconnect {
		a.conns.CloseServer(id)
	}
	a.state.taken(l, time.Now().UTC())
	a.bus.Publish(patchbay.Event{Kind: patchbay.EventConfig, Data: patchbay.ConfigEvent{OK: true, Path: l.Config.Path, Message: summary(diff)}})
	a.tell(l)
}

// keepConnections tells the pool which shared connections to keep open.
func (a *App) keepConnections() {
	var kept []conn.Target
	for _, srv := range a.registry.All() {
		if srv.Level == patchbay.LevelApp && srv.Startup && srv.Problem == nil {
			kept = append(kept, conn.Target{Key: conn.AppKey(srv.ID), Server: srv})
		}
	}
	a.conns.Keep(kept)
}

// tell logs where the configuration comes from and what there is to say about it.
func (a *App) tell(l *config.Loaded) {
	if l.Config.Default() {
		a.log.Info("No librechat.yaml found: running the built-in demo server. Put one beside this program, or name one with --config")
	} else {
		a.log.Info("Configuration taken", "path", l.Config.Path, "because", l.Location.Origin, "servers", len(l.Config.Servers))
	}
	levels := map[config.Severity]slog.Level{
		config.SeverityError: slog.LevelError, config.SeverityWarning: slog.LevelWarn,
		config.SeverityInfo: slog.LevelInfo, config.SeverityNote: slog.LevelDebug, // notes are for `check`
	}
	for _, f := range l.Config.Findings {
		level := levels[f.Severity]
		if f.Server != "" && f.Severity == config.SeverityInfo {
			level = slog.LevelDebug // advice about a server is for `check` too
		}
		a.log.Log(context.Background(), level, "Configuration", "finding", f.String())
	}
}

// update takes what the watcher read, or keeps what runs and says why.
func (a *App) update(u config.Update) {
	err := u.Err
	var next *settings
	if err == nil {
		next, err = newSettings(a.now.Load(), u.Loaded.Config, u.Loaded.Env, a.proc)
	}
	if err != nil {
		a.state.refused(u.Loaded, err)
		a.log.Error("Configuration refused, the one before stays in force", "error", err)
		path := a.state.ConfigState().Path
		a.bus.Publish(patchbay.Event{Kind: patchbay.EventConfig, Data: patchbay.ConfigEvent{Path: path, Message: err.Error()}})
		return
	}
	a.take(u.Loaded, next)
	if len(u.Restart) > 0 {
		a.log.Warn("These settings changed and count after a restart only", "needs", strings.Join(u.Restart, ", "))
	}
}

// summary says what a new configuration changed.
func summary(d registry.Diff) string {
	names := func(what string, servers []*patchbay.Server) string {
		if len(servers) == 0 {
			return ""
		}
		var list []string
		for _, s := range servers {
			list = append(list, s.Name)
		}
		return what + ": " + strings.Join(list, ", ") + ". "
	}
	s := strings.TrimSpace(names("Added", d.Added) + names("Changed", d.Changed) + names("Removed", d.Removed))
	if s == "" {
		return "No server changed."
	}
	return s
}
