package api

import (
	"context"
	"fmt"
	"time"
)

type providersOutput struct{ Body page[Provider] }

// listProviders lists what can be asked, in the operator's order.
func (s *Server) listProviders(ctx context.Context, in *listInput) (*providersOutput, error) {
	list, err := s.o.Models.Providers(ctx, in.Caller.actor)
	if err != nil {
		return nil, err
	}
	type placed struct {
		key string
		Provider
	}
	all := make([]placed, len(list))
	for i, p := range list {
		p.Models = append([]string{}, p.Models...)
		all[i] = placed{fmt.Sprintf("%08d", i), p}
	}
	found, err := pageOf(all, func(p placed) string { return p.key }, in.PageInput)
	if err != nil {
		return nil, err
	}
	out := page[Provider]{Data: make([]Provider, len(found.Data)), HasMore: found.HasMore, After: found.After}
	for i, p := range found.Data {
		out.Data[i] = p.Provider
	}
	return &providersOutput{out}, nil
}

type modelsOutput struct {
	Body map[string][]string
}

// listModels is LibreChat's list: the models of each provider, by its name.
func (s *Server) listModels(ctx context.Context, in *callerInput) (*modelsOutput, error) {
	list, err := s.o.Models.Providers(ctx, in.Caller.actor)
	if err != nil {
		return nil, err
	}
	out := &modelsOutput{Body: make(map[string][]string, len(list))}
	for _, p := range list {
		out.Body[p.Name] = append([]string{}, p.Models...)
	}
	return out, nil
}

type specView struct {
	Name        string       `json:"name"`
	Label       string       `json:"label"`
	Description string       `json:"description,omitempty"`
	IconURL     string       `json:"iconURL,omitempty"`
	Group       string       `json:"group,omitempty"`
	Greeting    string       `json:"greeting,omitempty"`
	Default     bool         `json:"default" doc:"Chosen for a new conversation"`
	Settings    chatSettings `json:"settings" doc:"What it stands for; send its name as spec"`
}

type specsOutput struct {
	Body struct {
		Enforce bool       `json:"enforce" doc:"Nothing else may be chosen"`
		List    []specView `json:"list"`
	}
}

func (s *Server) listSpecs(ctx context.Context, in *callerInput) (*specsOutput, error) {
	specs, err := s.o.Models.Specs(ctx, in.Caller.actor)
	if err != nil {
		return nil, err
	}
	out := &specsOutput{}
	out.Body.Enforce, out.Body.List = specs.Enforce, make([]specView, len(specs.List))
	for i, m := range specs.List {
		out.Body.List[i] = specView{
			Name: m.Name, Label: m.Label, Description: m.Description, IconURL: m.IconURL, Group: m.Group,
			Greeting: m.Greeting, Default: m.Default, Settings: viewSettings(m.Settings),
		}
	}
	return out, nil
}

type keyView struct {
	Name      string     `json:"name" doc:"The provider's"`
	BaseURL   bool       `json:"baseURL" doc:"An address was given"`
	ExpiresAt *time.Time `json:"expiresAt" doc:"null: never"`
	UpdatedAt *time.Time `json:"updatedAt"`
}

type keysOutput struct{ Body page[keyView] }

// listKeys says which keys a person has given; never what they are.
func (s *Server) listKeys(ctx context.Context, in *listInput) (*keysOutput, error) {
	keys, err := s.o.Models.Keys(ctx, in.Caller.actor)
	if err != nil {
		return nil, err
	}
	views := make([]keyView, len(keys))
	for i, k := range keys {
		views[i] = keyView{k.Name, k.BaseURL, utc(k.ExpiresAt), utc(k.UpdatedAt)}
	}
	name := func(v keyView) string { return v.Name }
	p, err := pageOf(byID(views, name), name, in.PageInput)
	return &keysOutput{p}, err
}

type putKeyInput struct {
	Caller caller
	Body   struct {
		Name      string     `json:"name" minLength:"1" maxLength:"256" doc:"The provider's"`
		Value     string     `json:"value,omitempty" maxLength:"8192" doc:"The key; it is sealed and never shown again"`
		BaseURL   string     `json:"baseURL,omitempty" maxLength:"2048" doc:"Where the provider lets people give the address"`
		ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Without it, never"`
	}
}

func (s *Server) putKey(ctx context.Context, in *putKeyInput) (*doneOutput, error) {
	k := NewModelKey{Name: in.Body.Name, Value: in.Body.Value, BaseURL: in.Body.BaseURL}
	if in.Body.ExpiresAt != nil {
		k.ExpiresAt = *in.Body.ExpiresAt
	}
	if err := s.o.Models.SetKey(ctx, in.Caller.actor, k); err != nil {
		return nil, err
	}
	return done(), nil
}

type keyInput struct {
	Caller caller
	Name   string `path:"name" maxLength:"256"`
}

func (s *Server) deleteKey(ctx context.Context, in *keyInput) (*doneOutput, error) {
	if err := s.o.Models.DeleteKey(ctx, in.Caller.actor, in.Name); err != nil {
		return nil, err
	}
	return done(), nil
}
