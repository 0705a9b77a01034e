package app

import (
	"context"

	"patchbay/internal/api"
	"patchbay/internal/config"
)

// site tells what the pages before a login need to know.
type site struct{ a *App }

var _ api.Sites = site{}

// Site answers from memory, but for whether there is an administrator.
func (s site) Site(ctx context.Context) (api.Site, error) {
	token, err := s.a.auth.SetupToken(ctx)
	if err != nil {
		return api.Site{}, err
	}
	out := s.a.now.Load().site
	out.RegistrationEnabled, out.SetupNeeded = s.a.proc.AllowRegister, token != ""
	out.Version, out.AppTitle = s.a.opts.Version, "patchbay"
	return out, nil
}

// siteOf is what a configuration says of the site.
func siteOf(cfg *config.Config) api.Site {
	i := cfg.Interface
	return api.Site{
		CustomWelcome: i.CustomWelcome,
		Interface: api.SiteInterface{
			ModelSelect: i.ModelSelect, Parameters: i.Parameters, Presets: i.Presets, Agents: i.Agents, MCPServers: api.SiteMCP(i.MCPServers),
			PrivacyPolicy: api.SiteLink(i.PrivacyPolicy), TermsOfService: api.SiteLink(i.TermsOfService),
		},
	}
}
