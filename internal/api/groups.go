package api

import (
	"context"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

type groupView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Members   int        `json:"members"`
	CreatedAt *time.Time `json:"createdAt"`
}

func viewGroup(g *store.Group) groupView {
	return groupView{g.ID, g.Name, g.Members, utc(g.CreatedAt)}
}

type listGroupsInput struct {
	Caller caller
	PageInput
	Search string `query:"search" maxLength:"100" doc:"In the name"`
}

type groupsOutput struct{ Body page[groupView] }

func (s *Server) listGroups(ctx context.Context, in *listGroupsInput) (*groupsOutput, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	all, err := made.Groups(ctx)
	if err != nil {
		return nil, err
	}
	found := []groupView{}
	search := strings.ToLower(in.Search)
	for _, g := range all {
		if strings.Contains(strings.ToLower(g.Name), search) {
			found = append(found, viewGroup(g))
		}
	}
	p, err := pageOf(found, func(g groupView) string { return g.Name }, in.PageInput)
	return &groupsOutput{p}, err
}

type groupBody struct {
	Name string `json:"name" minLength:"1" maxLength:"200"`
}

type createGroupInput struct {
	Caller caller
	Body   groupBody
}

type groupOutput struct{ Body groupView }

func (s *Server) createGroup(ctx context.Context, in *createGroupInput) (*groupOutput, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	g, err := made.CreateGroup(ctx, in.Caller.actor, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &groupOutput{viewGroup(g)}, nil
}

type groupInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
}

type renameGroupInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   groupBody
}

func (s *Server) renameGroup(ctx context.Context, in *renameGroupInput) (*struct{}, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	return nil, made.RenameGroup(ctx, in.Caller.actor, in.ID, in.Body.Name)
}

func (s *Server) deleteGroup(ctx context.Context, in *groupInput) (*struct{}, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	return nil, made.DeleteGroup(ctx, in.Caller.actor, in.ID)
}

type listMembersInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	PageInput
}

func (s *Server) listMembers(ctx context.Context, in *listMembersInput) (*usersOutput, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	after, err := decodeAfter(in.After)
	if err != nil {
		return nil, err
	}
	users, err := made.Members(ctx, in.Caller.actor, in.ID, patchbay.UserID(after), in.Limit+1)
	if err != nil {
		return nil, err
	}
	views := make([]userView, len(users))
	for i, u := range users {
		views[i] = viewUser(u)
	}
	return &usersOutput{firstOf(views, func(u userView) string { return string(u.ID) }, in.Limit)}, nil
}

type memberInput struct {
	Caller caller
	ID     string          `path:"id" maxLength:"100"`
	User   patchbay.UserID `path:"user" maxLength:"100"`
}

func (s *Server) addMember(ctx context.Context, in *memberInput) (*struct{}, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	return nil, made.AddMember(ctx, in.Caller.actor, in.ID, in.User)
}

func (s *Server) removeMember(ctx context.Context, in *memberInput) (*struct{}, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	return nil, made.RemoveMember(ctx, in.Caller.actor, in.ID, in.User)
}
