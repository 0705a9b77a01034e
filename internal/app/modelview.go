package app

import (
	"context"

	"patchbay"
	"patchbay/internal/api"
	"patchbay/internal/roster"
	"patchbay/internal/vault"
)

// modelView serves the API's view of models and keys.
type modelView struct {
	roster *roster.Service
	vault  *vault.Vault
}

var _ api.Models = modelView{}

// Providers lists what can be asked.
func (m modelView) Providers(ctx context.Context, a patchbay.Actor) ([]api.Provider, error) {
	list, err := m.roster.Providers(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make([]api.Provider, len(list))
	for i, p := range list {
		out[i] = api.Provider{
			Name: p.Name, Title: p.Label, Kind: p.Kind, IconURL: p.IconURL, Fixed: p.Fixed, Tools: p.Tools == nil || *p.Tools,
			UserKey: p.UserKey, UserURL: p.UserURL, KeySet: p.KeySet, Ready: p.Unavailable == "", Problem: p.Unavailable,
		}
		if out[i].Problem == "" {
			out[i].Problem = p.Problem
		}
		for _, model := range p.Models {
			out[i].Models = append(out[i].Models, model.ID)
		}
		if len(p.Models) > 0 {
			out[i].Default = p.Models[0].ID
		}
	}
	return out, nil
}

// Specs are what the operator prepared.
func (m modelView) Specs(_ context.Context, a patchbay.Actor) (api.ModelSpecs, error) {
	specs, enforce := m.roster.Specs(a)
	out := api.ModelSpecs{Enforce: enforce, List: make([]api.ModelSpec, len(specs))}
	for i, s := range specs {
		out.List[i] = api.ModelSpec{
			Name: s.Name, Label: s.Label, Description: s.Description, IconURL: s.IconURL, Group: s.Group, Greeting: s.Greeting, Default: s.Default,
			Settings: patchbay.ChatSettings{
				Agent: patchbay.AgentID(s.Agent), Spec: s.Name, Provider: s.Provider, Model: s.Model, Servers: s.MCPServers,
				Instructions: s.Instructions, Params: s.Params,
			},
		}
	}
	return out, nil
}

// Keys says which keys a person has given.
func (m modelView) Keys(ctx context.Context, a patchbay.Actor) ([]api.ModelKey, error) {
	if a.User == nil {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "A key belongs to a person. Act as a user.")
	}
	flags, err := m.vault.ModelKeys(ctx, a.ID())
	if err != nil {
		return nil, err
	}
	out := make([]api.ModelKey, 0, len(flags))
	for name, f := range flags {
		out = append(out, api.ModelKey{Name: name, BaseURL: f.HasURL, ExpiresAt: f.ExpiresAt, UpdatedAt: f.UpdatedAt})
	}
	return out, nil
}

// SetKey keeps a person's key.
func (m modelView) SetKey(ctx context.Context, a patchbay.Actor, k api.NewModelKey) error {
	return m.roster.SetKey(ctx, a, k.Name, roster.Key{Secret: patchbay.NewSecret(k.Value), BaseURL: k.BaseURL, ExpiresAt: k.ExpiresAt})
}

// DeleteKey erases a person's key.
func (m modelView) DeleteKey(ctx context.Context, a patchbay.Actor, name string) error {
	return m.roster.DeleteKey(ctx, a, name)
}
