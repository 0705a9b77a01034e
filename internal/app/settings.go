package app

import (
	"context"
	"slices"
	"sync/atomic"

	"patchbay"
	"patchbay/internal/api"
	"patchbay/internal/chat"
	"patchbay/internal/config"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/roster"
	"patchbay/internal/servers"
	"patchbay/internal/vault"
)

// settings is what a configuration says beside its servers, as the running parts read
// it: one value, swapped when a new configuration is taken.
type settings struct {
	env        *config.Env
	trustEmail bool
	public     bool // mcpSettings.publicUrl
	policy     netguard.Policy
	guard      *netguard.Guard
	limits     conn.Limits
	people     servers.Policy // what people may do with servers of their own
	chats      *chat.Config
	site       api.Site
	// models is the guard of model APIs: guard, unless people may give private addresses
	// of their own there (endpoints.allowedAddresses).
	models       *netguard.Guard
	modelsPolicy netguard.Policy
}

// newSettings builds the parts of a configuration that are not servers. A guard whose
// policy is the same as before goes on, with the connections that it keeps: one of its
// own for each saved file would leave those of all before it lying about.
func newSettings(before *settings, cfg *config.Config, env *config.Env, proc config.Process) (*settings, error) {
	policy := netguard.Policy{
		AllowedDomains:   cfg.Settings.AllowedDomains,
		AllowedAddresses: cfg.Settings.AllowedAddresses,
		Strict:           cfg.Settings.Strict,
		Proxy:            proc.Proxy,
		NoProxy:          proc.NoProxy,
	}
	next := &settings{
		env: env, trustEmail: cfg.Registration.TrustEmail, public: cfg.Settings.PublicURL,
		policy: policy, limits: conn.Limits(cfg.Settings.Limits), people: peopleMay(cfg),
		chats: chatsAre(cfg), site: siteOf(cfg),
	}
	next.modelsPolicy = policy
	next.modelsPolicy.AllowedAddresses = slices.Concat(policy.AllowedAddresses, cfg.ModelAddresses)
	var err error
	if before != nil && before.policy.Equal(policy) {
		next.guard = before.guard
	} else if next.guard, err = netguard.New(policy); err != nil {
		return nil, err
	}
	switch {
	case next.modelsPolicy.Equal(policy):
		next.models = next.guard
	case before != nil && before.models != before.guard && before.modelsPolicy.Equal(next.modelsPolicy):
		next.models = before.models
	default:
		next.models, err = netguard.New(next.modelsPolicy)
	}
	return next, err
}

// guards are the guards of s, each once.
func (s *settings) guards() []*netguard.Guard {
	if s.models == s.guard {
		return []*netguard.Guard{s.guard}
	}
	return []*netguard.Guard{s.guard, s.models}
}

// models is what a configuration says of models.
func models(l *config.Loaded, s *settings) roster.Config {
	return roster.Config{
		Providers: l.Config.Providers, Specs: l.Config.ModelSpecs.List, Enforce: l.Config.ModelSpecs.Enforce,
		Env: s.env.SecretLookup, TrustEmail: s.trustEmail, Guard: s.models,
	}
}

// values fills the placeholders of a connection that is being opened.
type values struct {
	now   *atomic.Pointer[settings]
	vault *vault.Vault
}

// of returns the values for t. At app level there is no user, so no user's data.
func (v values) of(ctx context.Context, t conn.Target) (expand.Values, error) {
	s := v.now.Load()
	out := expand.Values{
		Env: s.env.Lookup, TrustEmail: s.trustEmail,
		Body: t.Body, HasBody: t.Key.Level() == patchbay.LevelRun,
	}
	if t.Key.Level() == patchbay.LevelApp {
		return out, nil
	}
	out.User = t.User
	if len(expand.UserVarsNeeded(t.Server)) == 0 {
		return out, nil // most definitions: no query, and nothing to keep for each user
	}
	vars, err := v.vault.Vars(ctx, t.Key.User(), t.Server.ID)
	if err != nil {
		return expand.Values{}, err
	}
	out.Vars = vars
	return out, nil
}

// peopleMay is what the configuration lets people do with servers of their own.
func peopleMay(cfg *config.Config) servers.Policy {
	m := cfg.Interface.MCPServers
	return servers.Policy{AllowStdio: cfg.Settings.AllowStdioFromAPI, Create: m.Create, Share: m.Share, Public: m.Public}
}
