package api

import (
	"context"
	"testing"

	"patchbay"
	"patchbay/internal/chat"
)

// v1Roster has models for everybody; a provider without a key is not ready.
type v1Roster struct {
	modelService
	specs ModelSpecs
}

// modelService is Models under a name that is not that of one of its methods.
type modelService interface{ Models }

func (r *v1Roster) Specs(context.Context, patchbay.Actor) (ModelSpecs, error) { return r.specs, nil }

func (r *v1Roster) Providers(context.Context, patchbay.Actor) ([]Provider, error) {
	return []Provider{{Name: "box", Models: []string{"small", "maker/large"}, Ready: true}, {Name: "locked", Models: []string{"x"}}}, nil
}

// v1Agents has an agent of Ann's, which Bob may see and not run.
type v1AgentList struct{ agentService }

func (v1AgentList) Agents(_ context.Context, a patchbay.Actor, f chat.AgentFilter) ([]chat.AgentParts, string, error) {
	parts := chat.AgentParts{Agent: &patchbay.Agent{ID: "a1", Name: "Ann's", CreatedAt: jan(1)}, Permissions: patchbay.PermView}
	if a.ID() == ann.ID {
		parts.Permissions |= patchbay.PermUse
	}
	if f.After == "" {
		return []chat.AgentParts{parts}, "more", nil
	}
	return nil, "", nil
}

func TestV1Models(t *testing.T) {
	roster := &v1Roster{}
	w := newWorld(t, func(o *Options) { o.Models, o.Agents = roster, v1AgentList{} })
	const models = `{"id":"box/small","object":"model","created":0,"owned_by":"box","name":"small"},{"id":"box/maker/large","object":"model","created":0,"owned_by":"box","name":"maker/large"}`
	const agent = `{"id":"agent/a1","object":"model","created":1767261600,"owned_by":"patchbay","name":"Ann's"}`
	wantJSON(t, w.request(t, "GET", "/v1/models", tokAnn, ""), 200, `{"object":"list","data":[`+agent+`,`+models+`]}`)
	wantJSON(t, w.request(t, "GET", "/v1/models", tokBob, ""), 200, `{"object":"list","data":[`+models+`]}`)
	roster.specs = ModelSpecs{Enforce: true, List: []ModelSpec{{Name: "careful", Label: "Careful"}}}
	wantJSON(t, w.request(t, "GET", "/v1/models", tokAnn, ""), 200, `{"object":"list","data":[{"id":"spec/careful","object":"model","created":0,"owned_by":"patchbay","name":"Careful"}]}`)
}
