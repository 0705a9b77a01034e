package roster

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/expand"
)

// Chosen is a model that an actor may ask.
type Chosen struct {
	Provider string
	Model    string
	Stream   agent.Model // with the key of who may use it; for this actor only
	Tools    bool        // whether it takes tools
	// TitleModel titles the conversation, at TitleProvider; empty: no model does.
	TitleModel    string
	TitleProvider string
	Params        patchbay.ModelParams // what the endpoint adds to and drops from each request; see With
	Window        int                  // tokens that it reads at most; 0: not known
}

// With returns the settings of a conversation or spec together with the endpoint's own,
// which are applied last.
func (c *Chosen) With(p patchbay.ModelParams) patchbay.ModelParams {
	if len(c.Params.Add) > 0 {
		add := maps.Clone(p.Add)
		if add == nil {
			add = make(map[string]json.RawMessage, len(c.Params.Add))
		}
		maps.Copy(add, c.Params.Add)
		p.Add = add
	}
	p.Drop = slices.Concat(p.Drop, c.Params.Drop)
	return p
}

// Choose returns a model of a provider for a. An empty model is the provider's first.
// Errors are *patchbay.Error: not_found, model_key_missing, model_key_expired, invalid
// for a model that is not in a fixed list, unavailable or not_implemented for a provider
// that nobody can use.
func (s *Service) Choose(ctx context.Context, a patchbay.Actor, name, model string) (Chosen, error) {
	st := s.state.Load()
	k, err := st.find(name)
	if err != nil {
		return Chosen{}, err
	}
	x, err := s.access(ctx, st, k, a)
	if err != nil {
		return Chosen{}, err
	}
	if model, err = s.settle(ctx, st, x, model); err != nil {
		return Chosen{}, err
	}
	api, err := st.clients.model(x)
	if err != nil {
		return Chosen{}, fmt.Errorf("roster: choose %s: %w", name, err)
	}
	c := Chosen{
		Provider: k.Name, Model: model, Stream: api, Tools: k.Tools == nil || *k.Tools,
		Params: k.params(model),
		Window: window(model),
	}
	if !k.NoTitles {
		c.TitleModel, c.TitleProvider = k.TitleModel, firstOf(k.TitleProvider, k.Name)
		if c.TitleModel == "" || c.TitleModel == "current_model" {
			c.TitleModel, c.TitleProvider = model, k.Name
		}
	}
	return c, nil
}

// find returns a provider by its name.
func (st *state) find(name string) (*known, error) {
	if k, ok := st.byName[name]; ok {
		return k, nil
	}
	names := make([]string, 0, len(st.byName))
	for n := range st.byName {
		names = append(names, n)
	}
	switch best := expand.Nearest(name, names); {
	case len(names) == 0:
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "No model provider is configured. An administrator can set OPENAI_API_KEY or ANTHROPIC_API_KEY, or write one into `endpoints`.")
	case best != "":
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such model provider. Did you mean '%s'?", best)
	}
	return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no such model provider. Choose one of the list.")
}

// settle checks the name of a model, or finds one.
func (s *Service) settle(ctx context.Context, st *state, x *access, model string) (string, error) {
	k := x.provider
	invalid := func(format string, args ...any) error {
		e := patchbay.Errorf(patchbay.CodeInvalid, format, args...)
		e.Fields = []patchbay.FieldError{{Path: "body.model", Message: "must be a model of this provider"}}
		return e
	}
	if model == "" {
		if len(k.Models) > 0 {
			return k.Models[0].ID, nil
		}
		models, err := s.list(ctx, st, x)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return "", invalid("Name a model of %s. %s", k.DisplayName(), s.whyNoList(x, err))
		case len(models) == 0:
			return "", invalid("%s offers no models.", k.DisplayName())
		}
		return models[0].ID, nil
	}
	if !validModel(model) {
		return "", invalid("The name of the model must be one line of at most %d bytes.", maxModelName)
	}
	if !k.Fetch && len(k.Models) > 0 && !slices.ContainsFunc(k.Models, func(m patchbay.ModelInfo) bool { return m.ID == model }) {
		names := make([]string, len(k.Models))
		for i, m := range k.Models {
			names[i] = m.ID
		}
		if best := expand.Nearest(model, names); best != "" {
			return "", invalid("%s does not offer this model. Did you mean '%s'?", k.DisplayName(), best)
		}
		return "", invalid("%s does not offer this model. Choose one of its list.", k.DisplayName())
	}
	return model, nil
}
