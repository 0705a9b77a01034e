package api

import (
	"context"
	"fmt"
	"slices"

	"patchbay"
	"patchbay/internal/httpkit"
	"patchbay/internal/servers"
)

// grantView is what one grantee may do.
type grantView struct {
	Kind        patchbay.GranteeKind `json:"kind" enum:"user,group,role,everyone"`
	ID          string               `json:"id,omitempty" maxLength:"100" doc:"Of the user or the group; the name of the role"`
	Permissions []string             `json:"permissions" maxItems:"5" doc:"Of VIEW, USE, EDIT, DELETE, SHARE; each of the others implies VIEW"`
	Name        string               `json:"name,omitempty" maxLength:"400" readOnly:"true" doc:"Of the person or the group; not read in a request"`
	Email       string               `json:"email,omitempty" maxLength:"400" readOnly:"true" doc:"Of the person; not read in a request"`
}

type accessBody struct {
	Owner     *patchbay.UserID `json:"owner,omitempty" readOnly:"true"`
	OwnerName string           `json:"ownerName,omitempty" readOnly:"true"`
	Grants    []grantView      `json:"grants" required:"false" maxItems:"1000"`
}

type accessOutput struct{ Body accessBody }

// viewAccess shows grants, with names where they are kept.
func (s *Server) viewAccess(ctx context.Context, owner patchbay.UserID, grants []patchbay.Grant) (*accessOutput, error) {
	grantees := make([]patchbay.Grantee, len(grants), len(grants)+1)
	for i, g := range grants {
		grantees[i] = g.Grantee
	}
	owning := patchbay.Grantee{Kind: patchbay.GranteeUser, Name: string(owner)}
	var names map[patchbay.Grantee]servers.Known
	if s.o.Made != nil {
		var err error
		if names, err = s.o.Made.Names(ctx, append(grantees, owning)); err != nil {
			return nil, err
		}
	}
	out := &accessOutput{accessBody{Grants: make([]grantView, len(grants))}}
	if owner != "" {
		out.Body.Owner, out.Body.OwnerName = &owner, names[owning].Name
	}
	for i, g := range grants {
		known := names[g.Grantee]
		out.Body.Grants[i] = grantView{g.Grantee.Kind, g.Grantee.Name, g.Permissions.Names(), known.Name, known.Email}
	}
	return out, nil
}

func (s *Server) getAccess(ctx context.Context, in *oneServerInput) (*accessOutput, error) {
	made, err := s.editable(in.Caller.server)
	if err != nil {
		return nil, err
	}
	grants, owner, err := made.Access(ctx, in.Caller.actor, in.Caller.server)
	if err != nil {
		return nil, err
	}
	return s.viewAccess(ctx, owner, grants)
}

type putAccessInput struct {
	Caller caller
	Name   string `path:"serverName"`
	Body   accessBody
}

func (s *Server) putAccess(ctx context.Context, in *putAccessInput) (*accessOutput, error) {
	made, err := s.editable(in.Caller.server)
	if err != nil {
		return nil, err
	}
	grants, err := grantsOf(in.Body.Grants)
	if err != nil {
		return nil, err
	}
	grants, err = made.SetAccess(ctx, in.Caller.actor, in.Caller.server, grants)
	if err != nil {
		return nil, err
	}
	return s.viewAccess(ctx, in.Caller.server.Author, grants)
}

func (s *Server) getAgentAccess(ctx context.Context, in *idInput) (*accessOutput, error) {
	grants, owner, err := s.o.Agents.AgentAccess(ctx, in.Caller.actor, patchbay.AgentID(in.ID))
	if err != nil {
		return nil, err
	}
	return s.viewAccess(ctx, owner, grants)
}

type putAgentAccessInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   accessBody
}

func (s *Server) putAgentAccess(ctx context.Context, in *putAgentAccessInput) (*accessOutput, error) {
	grants, err := grantsOf(in.Body.Grants)
	if err != nil {
		return nil, err
	}
	grants, owner, err := s.o.Agents.SetAgentAccess(ctx, in.Caller.actor, patchbay.AgentID(in.ID), grants)
	if err != nil {
		return nil, err
	}
	return s.viewAccess(ctx, owner, grants)
}

// grantsOf reads grants as they are written.
func grantsOf(views []grantView) ([]patchbay.Grant, error) {
	out := make([]patchbay.Grant, len(views))
	for i, v := range views {
		g := patchbay.Grant{Grantee: patchbay.Grantee{Kind: v.Kind, Name: v.ID}}
		for _, name := range v.Permissions {
			p := permissionOf(name)
			if p == 0 {
				return nil, httpkit.Invalid(fmt.Sprintf("grants[%d].permissions", i), "must be of VIEW, USE, EDIT, DELETE, SHARE")
			}
			g.Permissions |= p
		}
		out[i] = g
	}
	return out, nil
}

func permissionOf(name string) patchbay.Permission {
	all := []patchbay.Permission{patchbay.PermView, patchbay.PermUse, patchbay.PermEdit, patchbay.PermDelete, patchbay.PermShare}
	if i := slices.IndexFunc(all, func(p patchbay.Permission) bool { return p.String() == name }); i >= 0 {
		return all[i]
	}
	return 0
}
