package chat

import (
	"context"
	"strconv"
	"strings"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/store"
)

// AgentFilter narrows a list of agents.
type AgentFilter struct {
	Search string // part of name or description
	After  string
	Limit  int
}

// AgentParts is an agent as one actor sees it.
type AgentParts struct {
	Agent       *patchbay.Agent
	Permissions patchbay.Permission
	Author      string                // the owner's name
	Missing     []patchbay.AgentTools // what it names, and the actor has not got
}

// errNoAgent is the one wording for an agent that is not there or may not be seen.
func errNoAgent() *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeNotFound, "There is no such agent.")
}

// acl is what decides about people beside grants.
func (s *Service) acl() acl.Options {
	if s.o.ACL == nil {
		return acl.Options{}
	}
	return s.o.ACL()
}

// AuthoriseAgent returns an agent on which the actor has all of p, and all that they have.
// Without VIEW it is not there; without the rest it is forbidden.
func (s *Service) AuthoriseAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, p patchbay.Permission) (*patchbay.Agent, patchbay.Permission, error) {
	agent, err := s.o.Store.Agent(ctx, id)
	if err != nil {
		if patchbay.CodeOf(err) == patchbay.CodeNotFound {
			err = errNoAgent()
		}
		return nil, 0, err
	}
	grants, err := s.o.Store.Grants(ctx, store.GrantAgent, string(id))
	if err != nil {
		return nil, 0, err
	}
	has := s.acl().Permissions(a, grants, agent.Owner)
	switch {
	case has&patchbay.PermView == 0:
		return nil, 0, errNoAgent()
	case has&p != p:
		return nil, 0, patchbay.Errorf(patchbay.CodeForbidden, "You may not do this with this agent. You lack %s.", p&^has)
	}
	return agent, has, nil
}

// granteesOf are those that grants to an actor can name.
func granteesOf(u *patchbay.User, groups []string) []patchbay.Grantee {
	grantees := []patchbay.Grantee{
		{Kind: patchbay.GranteeEveryone},
		{Kind: patchbay.GranteeRole, Name: string(u.Role)},
		{Kind: patchbay.GranteeUser, Name: string(u.ID)},
	}
	for _, name := range groups {
		grantees = append(grantees, patchbay.Grantee{Kind: patchbay.GranteeGroup, Name: name})
	}
	return grantees
}

// Agents lists the agents that the actor may VIEW, newest first; next is where the list
// goes on.
func (s *Service) Agents(ctx context.Context, a patchbay.Actor, f AgentFilter) (list []AgentParts, next string, err error) {
	user, err := personOf(a)
	if err != nil {
		return nil, "", err
	}
	agents, next, err := s.o.Store.Agents(ctx, store.AgentFilter{
		Owner: user, Grantees: granteesOf(a.User, s.acl().Groups.Of(user)), Search: f.Search, After: f.After, Limit: f.Limit,
	})
	if err != nil {
		return nil, "", err
	}
	seen := s.viewer(a)
	for _, agent := range agents {
		grants, err := s.o.Store.Grants(ctx, store.GrantAgent, string(agent.ID))
		if err != nil {
			return nil, "", err
		}
		has := s.acl().Permissions(a, grants, agent.Owner)
		if has&patchbay.PermView == 0 {
			continue
		}
		parts, err := seen.parts(ctx, agent, has)
		if err != nil {
			return nil, "", err
		}
		list = append(list, *parts)
	}
	return list, next, nil
}

// Agent returns an agent that the actor may VIEW.
func (s *Service) Agent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) (*AgentParts, error) {
	if _, err := personOf(a); err != nil {
		return nil, err
	}
	agent, has, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermView)
	if err != nil {
		return nil, err
	}
	return s.viewer(a).parts(ctx, agent, has)
}

// CreateAgent makes an agent of the actor's own. Id, owner, version and times are filled.
func (s *Service) CreateAgent(ctx context.Context, a patchbay.Actor, agent *patchbay.Agent) (*AgentParts, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, err
	}
	if a.Scopes != nil && acl.Permissions(a, nil, user)&patchbay.PermEdit == 0 {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "This token may not make agents. Use one without scopes.")
	}
	next := *agent
	next.ID, next.Owner, next.CreatedAt = "", user, s.o.Now()
	next.UpdatedAt = next.CreatedAt
	if err := s.checkAgent(ctx, user, &next); err != nil {
		return nil, err
	}
	if err := s.o.Store.CreateAgent(ctx, &next); err != nil {
		return nil, err
	}
	return s.viewer(a).parts(ctx, &next, acl.Permissions(a, nil, user))
}

// ChangeAgent stores what change makes of an agent on which the actor has EDIT. version is
// the one that the actor has seen; when it is another by now the error has CodeStale. 0
// takes any.
func (s *Service) ChangeAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, version int, change func(*patchbay.Agent) error) (*AgentParts, error) {
	if _, err := personOf(a); err != nil {
		return nil, err
	}
	agent, has, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermEdit)
	if err != nil {
		return nil, err
	}
	if version == 0 {
		version = agent.Version
	}
	was := *agent
	if err := change(agent); err != nil {
		return nil, err
	}
	agent.ID, agent.Owner, agent.CreatedAt, agent.UpdatedAt = was.ID, was.Owner, was.CreatedAt, s.o.Now()
	if err := s.checkAgent(ctx, was.Owner, agent); err != nil {
		return nil, err
	}
	if err := s.o.Store.SaveAgent(ctx, agent, version); err != nil {
		return nil, err
	}
	return s.viewer(a).parts(ctx, agent, has)
}

// DeleteAgent removes an agent on which the actor has DELETE. Conversations with it stay,
// and cannot go on with it; a run that is under way ends before its model is asked again,
// and says why.
func (s *Service) DeleteAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) error {
	if _, _, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermDelete); err != nil {
		return err
	}
	return s.o.Store.DeleteAgent(ctx, id)
}

// DuplicateAgent makes an agent of the actor's own out of one that they may USE. What it
// may do is decided anew: nothing of the author's permissions goes with it.
func (s *Service) DuplicateAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID) (*AgentParts, error) {
	if _, err := personOf(a); err != nil {
		return nil, err
	}
	agent, _, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermUse)
	if err != nil {
		return nil, err
	}
	agent.Name = clipName(agent.Name, maxAgentName-len(copySuffix)) + copySuffix
	if agent.Owner != a.ID() {
		agent.Icon = "" // a file of the author's
	}
	return s.CreateAgent(ctx, a, agent)
}

const copySuffix = " (copy)"

// AgentVersions lists what an agent was, newest first; the first is what it is. It takes
// EDIT. next is where the list goes on.
func (s *Service) AgentVersions(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, after string, limit int) (list []*patchbay.Agent, next string, err error) {
	if _, _, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermEdit); err != nil {
		return nil, "", err
	}
	from := 0
	if after != "" {
		if from, err = strconv.Atoi(after); err != nil || from < 1 {
			return nil, "", patchbay.Errorf(patchbay.CodeBadRequest, "This page of the list is not known. Start again with the first one.")
		}
	}
	list, below, err := s.o.Store.AgentVersions(ctx, id, from, limit)
	if below > 0 {
		next = strconv.Itoa(below)
	}
	return list, next, err
}

// RevertAgent makes an agent what it was in a version, as a new version.
func (s *Service) RevertAgent(ctx context.Context, a patchbay.Actor, id patchbay.AgentID, version int) (*AgentParts, error) {
	if _, _, err := s.AuthoriseAgent(ctx, a, id, patchbay.PermEdit); err != nil {
		return nil, err
	}
	old, err := s.o.Store.AgentVersion(ctx, id, version)
	if err != nil {
		return nil, err
	}
	return s.ChangeAgent(ctx, a, id, 0, func(now *patchbay.Agent) error {
		*now = *old
		if now.Icon != "" {
			if _, err := s.o.Store.Attachment(ctx, now.Owner, now.Icon); err != nil {
				now.Icon = "" // it was deleted since
			}
		}
		return nil
	})
}

// clipName keeps whole characters of a name.
func clipName(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
