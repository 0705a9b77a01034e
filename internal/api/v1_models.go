package api

import (
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

// What names of models begin with that are none of a provider's.
const (
	v1Agent = "agent/"
	v1Spec  = "spec/"
)

type v1Model struct {
	ID      string `json:"id" doc:"agent/ID, spec/NAME or PROVIDER/MODEL"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
	Name    string `json:"name" doc:"For people"`
}

type v1ModelList struct {
	Object string    `json:"object"`
	Data   []v1Model `json:"data"`
}

// v1Models lists what the actor may name as a model. Where the operator lets people choose
// from a list alone, it is that list.
func (s *Server) v1Models(w http.ResponseWriter, r *http.Request, c *caller) {
	list, err := s.v1Choices(r, c)
	if err != nil {
		s.failV1(w, err)
		return
	}
	httpkit.WriteJSON(w, http.StatusOK, v1ModelList{"list", list})
}

func (s *Server) v1Choices(r *http.Request, c *caller) ([]v1Model, error) {
	specs, err := s.o.Models.Specs(r.Context(), c.actor)
	if err != nil {
		return nil, err
	}
	list := []v1Model{}
	for _, m := range specs.List {
		list = append(list, v1Model{v1Spec + m.Name, "model", 0, "patchbay", m.Label})
	}
	if specs.Enforce && len(specs.List) > 0 {
		return list, nil
	}
	if list, err = s.v1Agents(r, c, list); err != nil {
		return nil, err
	}
	providers, err := s.o.Models.Providers(r.Context(), c.actor)
	if err != nil {
		return nil, err
	}
	for _, p := range providers {
		if !p.Ready {
			continue
		}
		for _, m := range p.Models {
			list = append(list, v1Model{p.Name + "/" + m, "model", 0, p.Name, m})
		}
	}
	return list, nil
}

// v1Agents adds the agents that the actor may run.
func (s *Server) v1Agents(r *http.Request, c *caller, list []v1Model) ([]v1Model, error) {
	if s.o.Agents == nil {
		return list, nil
	}
	f := chat.AgentFilter{Limit: 100}
	for {
		agents, next, err := s.o.Agents.Agents(r.Context(), c.actor, f)
		if err != nil {
			return nil, err
		}
		for _, a := range agents {
			if a.Permissions&patchbay.PermUse != 0 {
				list = append(list, v1Model{v1Agent + string(a.Agent.ID), "model", unix(a.Agent.CreatedAt), "patchbay", a.Agent.Name})
			}
		}
		if next == "" {
			return list, nil
		}
		f.After = next
	}
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func documentV1Models(op *huma.Operation, schemas huma.Registry) {
	op.Responses["200"] = &huma.Response{
		Description: "Agents that you may run, what the operator prepared, and the models of the providers that can be asked.",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[v1ModelList](), true, "")}},
	}
}
