package api

import (
	"context"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
)

type listUsersInput struct {
	Caller caller
	PageInput
	Search string `query:"search" maxLength:"320" doc:"In e-mail, name and username"`
}

type usersOutput struct{ Body page[userView] }

func (s *Server) listUsers(ctx context.Context, in *listUsersInput) (*usersOutput, error) {
	users, next, err := s.o.Accounts.ListUsers(ctx, in.Caller.actor, store.UserFilter{Search: in.Search, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := page[userView]{Data: make([]userView, len(users))}
	for i, u := range users {
		out.Data[i] = viewUser(u)
	}
	if next != "" {
		out.HasMore, out.After = true, &next
	}
	return &usersOutput{out}, nil
}

type addUserInput struct {
	Caller caller
	Body   struct {
		Email    string        `json:"email" minLength:"3" maxLength:"320"`
		Name     string        `json:"name,omitempty" maxLength:"200"`
		Username string        `json:"username,omitempty" maxLength:"100"`
		Role     patchbay.Role `json:"role,omitempty" enum:"ADMIN,USER"`
		Password string        `json:"password" maxLength:"1024"`
	}
}

func (s *Server) addUser(ctx context.Context, in *addUserInput) (*userOutput, error) {
	b := &in.Body
	u, err := s.o.Accounts.AddUser(ctx, in.Caller.actor, auth.Account{Email: b.Email, Name: b.Name, Username: b.Username, Password: b.Password}, b.Role)
	if err != nil {
		return nil, err
	}
	return &userOutput{viewUser(u)}, nil
}

type changeUserInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
	Body   struct {
		Role     *patchbay.Role `json:"role,omitempty" enum:"ADMIN,USER"`
		Disabled *bool          `json:"disabled,omitempty"`
	}
}

// changeUser changes the role, then whether the account is disabled.
func (s *Server) changeUser(ctx context.Context, in *changeUserInput) (*doneOutput, error) {
	id := patchbay.UserID(in.ID)
	if in.Body.Role != nil {
		if err := s.o.Accounts.SetRole(ctx, in.Caller.actor, id, *in.Body.Role); err != nil {
			return nil, err
		}
	}
	if in.Body.Disabled != nil {
		if err := s.o.Accounts.SetDisabled(ctx, in.Caller.actor, id, *in.Body.Disabled); err != nil {
			return nil, err
		}
	}
	return done(), nil
}
