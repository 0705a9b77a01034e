package roster

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/provider"
	"patchbay/internal/provider/openai"
)

// deployment is one of Azure's with its texts expanded, but for its headers, which may
// say who asks.
func deployment(d *patchbay.Deployment, env func(string) (string, bool)) (openai.Deployment, error) {
	out := openai.Deployment{Model: d.Model, Version: d.Version, Serverless: d.Serverless}
	var err error
	if out.Name, err = expand.ProviderText(d.Name, env); err != nil {
		return out, err
	}
	base, err := expand.ProviderText(d.BaseURL, env)
	if err != nil {
		return out, err
	}
	if out.URL, err = parseBase(base); err != nil {
		return out, err
	}
	key, err := expand.ProviderText(d.Key.Reveal(), env)
	switch {
	case err != nil:
		return out, err
	case !headerSafe(key):
		return out, errors.New("its key holds characters that no key has")
	case key == "" && !d.Key.Empty():
		return out, errors.New("its key is empty")
	}
	out.Key = provider.NewKey(key)
	return out, nil
}

// deploymentsFor are the deployments with their headers for who asks.
func (k *known) deploymentsFor(v expand.Values) ([]openai.Deployment, error) {
	list := slices.Clone(k.deployments)
	for i := range list {
		header, err := expand.ProviderHeaders(&patchbay.Provider{Headers: k.Deployments[i].Headers}, v)
		if err != nil {
			return nil, err
		}
		list[i].Header = header
	}
	return list, nil
}

func (x *access) deploymentHeaders() []http.Header {
	var list []http.Header
	for i := range x.deployments {
		list = append(list, x.deployments[i].Header)
	}
	return list
}

// params are what the endpoint, and the deployment of a model, add to and drop from each
// request.
func (k *known) params(model string) patchbay.ModelParams {
	p := patchbay.ModelParams{Add: k.AddParams, Drop: k.DropParams}
	for i := range k.Deployments {
		d := &k.Deployments[i]
		if d.Model != model {
			continue
		}
		if len(d.AddParams) > 0 {
			p.Add = maps.Clone(k.AddParams)
			if p.Add == nil {
				p.Add = map[string]json.RawMessage{}
			}
			maps.Copy(p.Add, d.AddParams)
		}
		p.Drop = slices.Concat(k.DropParams, d.DropParams)
	}
	return p
}
