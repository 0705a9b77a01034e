package roster

import (
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/provider/bedrock"
	"patchbay/internal/provider/openai"
	"patchbay/internal/vault"
)

// Config is what is in force until the next Update.
type Config struct {
	Providers []*patchbay.Provider // in the order they are shown
	Specs     []patchbay.ModelSpec
	Enforce   bool // modelSpecs.enforce
	// Env reads the environment, secrets from files included. It may be called
	// concurrently. Nil: nothing is set.
	Env        func(name string) (string, bool)
	TrustEmail bool // registration.trustEmail
	// Guard is the way out. Whoever replaces it closes what it keeps idle.
	Guard *netguard.Guard
}

// Options build a Service.
type Options struct {
	Vault  *vault.Vault
	Config Config
	Logger *slog.Logger     // nil: nothing is logged
	Now    func() time.Time // nil: time.Now
}

// Service answers for models.
type Service struct {
	vault *vault.Vault
	log   *slog.Logger
	now   func() time.Time
	state atomic.Pointer[state]
	lists lists
}

// New returns a service with a configuration in force.
func New(o Options) (*Service, error) {
	if o.Vault == nil || o.Config.Guard == nil {
		return nil, errors.New("roster: needs a vault and a guard")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{vault: o.Vault, log: o.Logger, now: o.Now, lists: newLists(o.Now)}
	s.Update(o.Config)
	return s, nil
}

// Update puts a configuration in force. Lists of models are asked for anew.
func (s *Service) Update(cfg Config) {
	if cfg.Env == nil {
		cfg.Env = func(string) (string, bool) { return "", false }
	}
	st := &state{cfg: cfg, byName: make(map[string]*known, len(cfg.Providers)), clients: newClients(cfg.Guard)}
	for _, p := range cfg.Providers {
		k := resolve(p, cfg.Env)
		st.providers = append(st.providers, k)
		st.byName[p.Name] = k
	}
	s.state.Store(st)
	s.lists.clear()
}

// Specs returns the model specs in their order, and whether nothing else may be chosen.
// Whoever takes a request enforces that; Choose does not know where a choice comes from.
func (s *Service) Specs(patchbay.Actor) (specs []patchbay.ModelSpec, enforce bool) {
	st := s.state.Load()
	return slices.Clone(st.cfg.Specs), st.cfg.Enforce
}

// state is one configuration in force; but for its clients it is never changed.
type state struct {
	cfg       Config
	providers []*known
	byName    map[string]*known
	clients   *clients
}

// known is a provider with what the environment says of it.
type known struct {
	*patchbay.Provider
	key patchbay.Secret // the operator's, expanded
	url *url.URL        // nil with UserURL
	// deployments are Azure's, their texts expanded but for headers.
	deployments []openai.Deployment
	// unavailable is why nobody can use it, a sentence; code goes with it.
	unavailable string
	code        patchbay.Code
}

// The vendors' own addresses.
const (
	openAIURL    = "https://api.openai.com/v1"
	anthropicURL = "https://api.anthropic.com"
	googleURL    = "https://generativelanguage.googleapis.com"
)

func resolve(p *patchbay.Provider, env func(string) (string, bool)) *known {
	k := &known{Provider: p}
	refuse := func(code patchbay.Code, why string) *known {
		k.code, k.unavailable = code, why
		return k
	}
	base := p.BaseURL
	switch p.Kind {
	case patchbay.ProviderOpenAI:
		base = firstOf(base, openAIURL)
	case patchbay.ProviderAnthropic:
		base = firstOf(base, anthropicURL)
	case patchbay.ProviderGoogle:
		base = firstOf(base, googleURL)
	case patchbay.ProviderBedrock:
		if base == "" && p.Region != "" {
			base = bedrock.URLOf(p.Region)
		}
	case patchbay.ProviderAzure:
		if p.Problem == nil && len(p.Deployments) > 0 {
			base = p.Deployments[0].BaseURL // each is asked at its own
		}
	case patchbay.ProviderCustom:
	default:
		return refuse(patchbay.CodeNotImplemented, p.DisplayName()+" cannot be used yet: this version has no adapter for it.")
	}
	if p.Problem != nil && p.Problem.Reason == patchbay.ReasonEnvMissing {
		return refuse(patchbay.CodeUnavailable, p.DisplayName()+" cannot be used: "+p.Problem.Message+". An administrator can set it.")
	}
	if p.Problem != nil {
		return refuse(patchbay.CodeUnavailable, "The configuration of "+p.DisplayName()+" has a mistake: "+p.Problem.Message+". An administrator can correct it.")
	}
	mistake := func(what string, err error) *known {
		return refuse(patchbay.CodeUnavailable, "The "+what+" of "+p.DisplayName()+" cannot be used: "+err.Error()+". An administrator can correct it.")
	}
	if !p.UserURL {
		text, err := expand.ProviderText(base, env)
		if err == nil {
			k.url, err = parseBase(text)
		}
		if err != nil {
			return mistake("address", err)
		}
	}
	for i := range p.Deployments {
		d, err := deployment(&p.Deployments[i], env)
		if err != nil {
			return mistake("deployment "+p.Deployments[i].Model, err)
		}
		k.deployments = append(k.deployments, d)
	}
	if p.KeySource == patchbay.KeyOperator {
		text, err := expand.ProviderText(p.Key.Reveal(), env)
		if err == nil && !headerSafe(text) {
			err = errors.New("it holds characters that no key has")
		}
		if err == nil && text == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			return mistake("key", err)
		}
		k.key = patchbay.NewSecret(text)
	}
	return k
}

// parseBase reads an address. Its error holds no part of it.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("it must begin with http:// or https://")
	}
	if u.User != nil || u.Fragment != "" {
		return nil, errors.New("it must not hold a user name, a password or a # part")
	}
	return u, nil
}

// headerSafe reports whether a key can be sent in a header.
func headerSafe(text string) bool {
	for i := range len(text) {
		if text[i] < 0x21 || text[i] > 0x7e {
			return false
		}
	}
	return true
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
