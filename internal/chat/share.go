package chat

import (
	"context"

	"patchbay"
	"patchbay/internal/servers"
	"patchbay/internal/store"
)

// Grants judges new grants; *servers.Service does, and documents the method.
type Grants interface {
	Judge(ctx context.Context, p servers.Policy, a patchbay.Actor, held patchbay.Permission, before, after []patchbay.Grant) ([]patchbay.Grant, error)
}

// agentPolicy lets whoever holds SHARE on an agent share it with anybody: it lends nobody
// a permission or a credential, since it runs with those of the person in front of it.
func agentPolicy() servers.Policy { return servers.Policy{Share: true, Public: true} }

// AgentAccess returns the grants of an agent on which the actor has SHARE, and its owner.
func (s *Service) AgentAccess(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) ([]patchbay.Grant, patchbay.UserID, error) {
	agent, _, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermShare)
	if err != nil {
		return nil, "", err
	}
	grants, err := s.o.Store.Grants(ctx, store.GrantAgent, string(id))
	return grants, agent.Owner, err
}

// SetAgentAccess replaces the grants of an agent on which the actor has SHARE, as far as
// they may give and take them. Runs that began with it go on to their next question to
// the model.
func (s *Service) SetAgentAccess(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, grants []patchbay.Grant) ([]patchbay.Grant, patchbay.UserID, error) {
	if s.o.Grants == nil {
		return nil, "", patchbay.Errorf(patchbay.CodeNotImplemented, "Agents cannot be shared here.")
	}
	agent, held, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermShare)
	if err != nil {
		return nil, "", err
	}
	before, err := s.o.Store.Grants(ctx, store.GrantAgent, string(id))
	if err != nil {
		return nil, "", err
	}
	grants, err = s.o.Grants.Judge(ctx, agentPolicy(), a, held, before, grants)
	if err != nil {
		return nil, "", err
	}
	return grants, agent.Owner, s.o.Store.PutGrants(ctx, store.GrantAgent, string(id), grants)
}
